"""Does one condition plainly follow from others? A small proof by the text, which says no where it cannot tell.

A condition is taken apart at `&&`, and each part at `||`. A part follows from an equal one, and a comparison of a path
with a constant from a stricter comparison of the same path. The constant `true` follows from anything.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from moorings_compat.conditions.literals import number

_COMPARISON = re.compile(
    r"(?P<path>[A-Za-z_][\w.]*(?:\.size\(\)|\(message[\w.]*\))?)(?P<sign>>=|<=|==|!=|>|<)"
    r"(?P<value>-?\d+(?:\.\d+)?|'[^'\\]*'|\"[^\"\\]*\")"
)
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_LONGEST = 4_000
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class _Comparison:
    path: str
    sign: str
    value: int | float | str


def follows(condition: str, known: Sequence[str]) -> bool:
    """Tell whether *condition* is true of whatever all of *known* are true of."""
    if ";" in condition or len(condition) + sum(map(len, known)) > _LONGEST:
        return False
    facts = [_plain(one) for one in known if ";" not in one]
    parts = _parts(_plain(condition), "&&")
    return all(part == "true" or any(_implies(fact, part) for fact in facts) for part in parts)


def _implies(fact: str, part: str) -> bool:
    if fact == part:
        return True
    if len(options := _parts(fact, "||")) > 1:
        return all(_implies(option, part) for option in options)
    if len(parts := _parts(part, "&&")) > 1:
        return all(_implies(fact, one) for one in parts)
    if len(facts := _parts(fact, "&&")) > 1:
        return any(_implies(one, part) for one in facts)
    if len(options := _parts(part, "||")) > 1:
        return any(_implies(fact, one) for one in options)
    ours, theirs = _comparison(fact), _comparison(part)
    if (
        ours is None
        or theirs is None
        or ours.path != theirs.path
        or isinstance(ours.value, str) != isinstance(theirs.value, str)
    ):
        return False
    return _is_stricter(ours, theirs)


def _is_stricter(ours: _Comparison, theirs: _Comparison) -> bool:
    """Tell whether every value that satisfies *ours* satisfies *theirs*."""
    mine, other = ours.value, theirs.value
    below, equal, above = mine < other, mine == other, mine > other  # type: ignore[operator] # both are of one kind
    table = {
        "==": {"==": equal, "!=": not equal, ">": above, ">=": above or equal, "<": below, "<=": below or equal},
        ">": {">": above or equal, ">=": above or equal, "!=": above or equal},
        ">=": {">": above, ">=": above or equal, "!=": above},
        "<": {"<": below or equal, "<=": below or equal, "!=": below or equal},
        "<=": {"<": below, "<=": below or equal, "!=": below},
        "!=": {"!=": equal},
    }
    return table[ours.sign].get(theirs.sign, False)


def _comparison(part: str) -> _Comparison | None:
    found = _COMPARISON.fullmatch(part)
    if found is None:
        return None
    value = found["value"]
    return _Comparison(found["path"], found["sign"], value[1:-1] if value[0] in "'\"" else number(value))


def _plain(text: str) -> str:
    """Take out white space that is not inside a text, except between words, which then match nothing."""
    pieces, last = [], 0
    for found in _QUOTED.finditer(text):
        pieces += [_squeezed(text[last : found.start()]), found[0]]
        last = found.end()
    return _without_brackets("".join((*pieces, _squeezed(text[last:]))))


def _squeezed(text: str) -> str:
    return re.sub(r"(?<=\w)\s+(?=\w)", "\0", text).replace(" ", "").replace("\0", " ") if _SPACE.search(text) else text


def _parts(text: str, sign: str) -> list[str]:
    """Take *text* apart at *sign* outside brackets and texts; one part alone where a looser sign is around."""
    if sign == "&&" and len(_split(text, "||")) > 1:
        return [text]
    if len(_split(text, "?")) > 1:
        return [text]
    return [_without_brackets(one) for one in _split(text, sign)]


def _split(text: str, sign: str) -> list[str]:
    parts, depth, start, at = [], 0, 0, 0
    while at < len(text):
        quoted = _QUOTED.match(text, at)
        if quoted:
            at = quoted.end()
            continue
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if depth == 0 and text.startswith(sign, at):
            parts.append(text[start:at])
            at = start = at + len(sign)
            continue
        at += 1
    return [*parts, text[start:]]


def _without_brackets(text: str) -> str:
    while text.startswith("(") and text.endswith(")") and _closes_last(text):
        text = text[1:-1]
    return text


def _closes_last(text: str) -> bool:
    """Tell whether the bracket that opens *text* is closed by the last one."""
    depth, at = 0, 0
    while at < len(text):
        quoted = _QUOTED.match(text, at)
        if quoted:
            at = quoted.end()
            continue
        depth += (text[at] == "(") - (text[at] == ")")
        at += 1
        if depth == 0:
            return at == len(text)
    return False
