"""Schema text in colours: Pygments' tokens line by line, as classes, since a strict policy forbids inline styles."""

from collections.abc import Iterable, Sequence
from functools import cache

from markupsafe import Markup
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES, Token, _TokenType

from moorings_compat import Format
from moorings_registry.web.invisible_characters import seen

LARGEST_CHARACTERS = 300_000
"""Longer texts are shown plain: colours cost a second per megabyte."""

Piece = tuple[str, str]
"""The short class of a token, and its text."""

_LANGUAGES = {Format.AVRO: "json", Format.JSON: "json", Format.PROTOBUF: "protobuf"}


def tokens(lines: Sequence[str], format: Format) -> list[list[Piece]]:
    """Split each of *lines* into tokens; a token never spans two lines."""
    if sum(map(len, lines)) > LARGEST_CHARACTERS:
        return [[("", line)] for line in lines]
    lexer: Lexer = get_lexer_by_name(_LANGUAGES[format], stripnl=False, ensurenl=False)  # imported when it is needed
    split: list[list[Piece]] = [[]]
    for kind, text in lexer.get_tokens("\n".join(lines)):
        for at, piece in enumerate(text.split("\n")):
            if at:
                split.append([])
            if piece:
                split[-1].append((_css_class(kind), piece))
    return split


def markup(line: Iterable[Piece], changed: Sequence[tuple[int, int]] = ()) -> Markup:
    """Write one line as HTML; the ranges *changed*, in characters, stand out."""
    # Written as plain strings: `Markup.format` costs ten times as much, and `seen` has escaped what is put in.
    written: list[str] = []
    start = 0
    for css_class, text in line:
        for piece, stands_out in _cut(text, start, changed) if changed else ((text, False),):
            shown = f"<b>{seen(piece)}</b>" if stands_out else str(seen(piece))
            written.append(f'<span class="{css_class}">{shown}</span>' if css_class else shown)
        start += len(text)
    return Markup("".join(written))  # noqa: S704


def _cut(text: str, start: int, changed: Sequence[tuple[int, int]]) -> Iterable[tuple[str, bool]]:
    """Cut a token that begins at *start* where it enters or leaves a range."""
    at = 0
    for first, end in changed:
        low, high = max(first - start, at), min(end - start, len(text))
        if low >= high:
            continue
        if low > at:
            yield text[at:low], False
        yield text[low:high], True
        at = high
    if at < len(text):
        yield text[at:], False


@cache
def _css_class(kind: _TokenType) -> str:
    """The short name of a token's type, or of the nearest one above that has one; plain text needs none."""
    nearest = next((one for one in reversed(kind.split()) if one in STANDARD_TYPES), Token)
    css_class = STANDARD_TYPES[nearest]
    return "" if css_class in ("p", "w") else css_class
