"""One character in a pattern of ECMA-262, written as an escape; and the place that is read, with its groups.

Source: ECMA-262, 16th edition, sections 22.2.1 (CharacterEscape) and B.1.2 (IdentityEscape, LegacyOctalEscapeSequence).
"""

import re
from dataclasses import dataclass, field

from moorings_compat.json_schema.patterns.pattern_cursor import PatternCursor

HIGH, LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
"""The two halves of surrogate pairs."""
_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_SYNTAX = frozenset("^$\\.*+?()[]{}|/")
_LAST = 0x10FFFF
_HEX = frozenset("0123456789abcdefABCDEF")
_OCTAL = re.compile(r"[0-3][0-7]{0,2}|[4-7][0-7]?")
_BRACED = re.compile(r"\{([0-9A-Fa-f]{1,8})\}")
_OPENINGS = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\((\?<(?![=!])([^>]*)>|(?!\?))", re.DOTALL)


class NotEcma(Exception):
    """A construct that the grammar does not have."""

    def __init__(self, construct: str, at: int, reason: str) -> None:
        super().__init__(f"{construct} at character {at + 1}: {reason}")


@dataclass(slots=True)
class _Groups:
    """The groups of a pattern, which may be referred to before they are written."""

    names: dict[str, list[int]] = field(default_factory=dict)
    count: int = 0


class EcmaCursor(PatternCursor):
    """A place in a pattern, which is read with the flag ``u``, or by Annex B."""

    def __init__(self, pattern: str, *, annex_b: bool) -> None:
        super().__init__(pattern)
        self.annex_b = annex_b
        self.changed = False
        """Whether something that was read has to be put in other words."""
        self.groups = _groups_of(pattern)


def read_character(cursor: EcmaCursor, start: int, *, in_class: bool) -> int:
    """Read an escape of one code point; `at` is behind the backslash."""
    char = cursor.peek()
    cursor.at += 1
    if char in _CONTROLS:
        return _CONTROLS[char]
    if char == "c" and cursor.peek().isalpha() and cursor.peek().isascii():
        cursor.at += 1
        cursor.changed = True  # the engine mistakes it where it has to step back
        return ord(cursor.pattern[cursor.at - 1]) % 32
    if char == "0" and not cursor.peek().isdecimal():
        cursor.changed = True
        return 0
    if char == "x" and (code := _hexadecimal(cursor, 2)) is not None:
        return code
    if char == "u" and (code := _code_unit(cursor)) is not None:
        return code
    if char in _SYNTAX:
        return ord(char)
    return _identity(cursor, start, char, in_class=in_class)


def _identity(cursor: EcmaCursor, start: int, char: str, *, in_class: bool) -> int:
    """Read what stands for itself behind a backslash: anything by Annex B.

    With the flag ``u`` nothing does but signs of syntax; other signs are let through, as validators do. Where a
    group has a name, ``\\k`` is a reference or nothing.
    """
    if char.isascii() and char and not char.isalnum():
        return ord(char)
    if not cursor.annex_b or not char or (char == "k" and cursor.groups.names):
        raise NotEcma(cursor.pattern[start : cursor.at], start, "no escape of ECMA-262")
    cursor.changed = True
    if char in "01234567":
        found = _OCTAL.match(cursor.pattern, cursor.at - 1)
        assert found is not None
        cursor.at = found.end()
        return int(found[0], 8)
    if char == "c":
        if in_class and cursor.peek() and (cursor.peek().isdecimal() or cursor.peek() == "_"):
            cursor.at += 1
            return ord(cursor.pattern[cursor.at - 1]) % 32
        cursor.at -= 1
        return 0x5C
    return ord(char)


def _code_unit(cursor: EcmaCursor) -> int | None:
    if cursor.peek() == "{" and not cursor.annex_b:
        found = _BRACED.match(cursor.pattern, cursor.at)
        if found is None or int(found[1], 16) > _LAST:
            return None
        cursor.at = found.end()
        return int(found[1], 16)
    code = _hexadecimal(cursor, 4)
    if code in HIGH and cursor.pattern.startswith("\\u", cursor.at):
        before = cursor.at
        cursor.at += 2
        low = _hexadecimal(cursor, 4)
        if code is not None and low is not None and low in LOW:
            cursor.changed = True
            return 0x10000 + ((code - HIGH[0]) << 10) + (low - LOW[0])
        cursor.at = before
    return code


def _hexadecimal(cursor: EcmaCursor, length: int) -> int | None:
    digits = cursor.pattern[cursor.at : cursor.at + length]
    if len(digits) != length or not _HEX.issuperset(digits):
        return None
    cursor.at += length
    return int(digits, 16)


def _groups_of(pattern: str) -> _Groups:
    groups = _Groups()
    for found in _OPENINGS.finditer(pattern):
        if found[1] is not None:
            groups.count += 1
            if found[2] is not None:
                groups.names.setdefault(found[2], []).append(groups.count)
    return groups
