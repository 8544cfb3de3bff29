"""Characters that change what people see without being seen: shown by their code point instead.

A name or a schema may hold marks that turn the direction of the text around them ("Trojan source"), or that take no
room at all. They are legal, so they are kept; but nobody should approve a schema that reads differently than it is.
"""

import re

from markupsafe import Markup, escape

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)


def seen(text: str) -> Markup:
    """Escape *text* for a page, with every unseen character written as its code point."""
    if not _UNSEEN.search(text):
        return escape(text)
    pieces = [Markup()]
    rest = 0
    for match in _UNSEEN.finditer(text):
        pieces += (escape(text[rest : match.start()]), _mark(match.group()))
        rest = match.end()
    return Markup().join((*pieces, escape(text[rest:])))


def spoken(text: str) -> Markup:
    """Write a sentence as `seen` does, and what is between backticks in it as code."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return seen(text)
    return Markup().join(
        Markup("<code>{}</code>").format(seen(piece)) if index % 2 else seen(piece)
        for index, piece in enumerate(pieces)
    )


def plain(text: str) -> str:
    """Write unseen characters as their code points where no markup is possible, in a title."""
    return _UNSEEN.sub(lambda match: _code(match.group()), text)


def name(text: object) -> Markup:
    """Write a name that somebody chose so that its letters cannot disturb the text around them."""
    return Markup("<bdi>{}</bdi>").format(seen(str(text)))


def _mark(character: str) -> Markup:
    return Markup('<span class="unseen" title="an invisible character">{}</span>').format(_code(character))


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"
