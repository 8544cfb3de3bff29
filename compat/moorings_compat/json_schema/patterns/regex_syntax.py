"""ECMA 262 regular expressions as a tree, as far as they describe regular languages.

Other patterns (back-references) and rare constructs (look-behind, anchors in odd places) raise `Unsupported`: only the
real engine decides about such a pattern. It has approximations: the rough one shows where to look for strings, the
wide and the narrow one prove that there are none. Patterns are read as `engine_patterns` has them.
Sources: ECMA-262, section 22.2.1; JSON Schema Validation 2020-12, section 6.3.3 (patterns are not anchored).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, TypeVar

from moorings_compat.json_schema.patterns.code_points import LAST, Ranges, inverted, joined, unicode_class
from moorings_compat.json_schema.patterns.pattern_cursor import PatternCursor

_Read = TypeVar("_Read")


class Unsupported(Exception):
    """The pattern uses something that is not modelled here."""


@dataclass(frozen=True, slots=True)
class Chars:
    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Alternation:
    parts: "tuple[Tree, ...]"


@dataclass(frozen=True, slots=True)
class Repeat:
    part: "Tree"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Start:
    pass


@dataclass(frozen=True, slots=True)
class End:
    pass


@dataclass(frozen=True, slots=True)
class Ahead:
    part: "Tree"
    positive: bool


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where a word begins or ends; if not `positive`, where none does."""

    positive: bool


Tree: TypeAlias = Chars | Sequence | Alternation | Repeat | Start | End | Ahead | Boundary


DIGIT: Ranges = ((48, 57),)
WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
SPACE: Ranges = joined(
    [
        *((9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029)),
        *((0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
    ]
)
NOT_NEWLINE: Ranges = inverted(((10, 10),))
"""What the dot means to the validators: anything but a line feed."""

_CLASSES = {
    "d": DIGIT,
    "D": inverted(DIGIT),
    "w": WORD,
    "W": inverted(WORD),
    "s": SPACE,
    "S": inverted(SPACE),
}
_CONTROLS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "0": 0}
_MOST_REPEATS = 100_000
"""Counts beyond this are left to the engine."""


class Approximation(Enum):
    """How to treat what is not modelled: look-behind."""

    EXACT = "exact"
    """Not at all: the pattern is unsupported."""
    ROUGH = "rough"
    """As nearly as can be: says where to look, and proves nothing."""
    WIDE = "wide"
    """So that all that the pattern matches is matched, and perhaps more."""
    NARROW = "narrow"
    """So that nothing is matched that the pattern does not match."""

    @property
    def opposite(self) -> "Approximation":
        return {Approximation.WIDE: Approximation.NARROW, Approximation.NARROW: Approximation.WIDE}.get(self, self)


def parse_regex(pattern: str, approximation: Approximation = Approximation.EXACT) -> Tree:
    """Read *pattern*.

    Raises:
        Unsupported: it is not modelled here, or it is not a regular expression.
    """
    reader = _Reader(pattern, approximation)
    tree = reader.choice()
    if reader.at < len(pattern):
        raise Unsupported(pattern)
    return tree


class _Reader(PatternCursor):
    """Recursive descent over the pattern; `at` is the next character."""

    def __init__(self, pattern: str, approximation: Approximation) -> None:
        super().__init__(pattern)
        self.approximation = approximation

    def take(self) -> str:
        char = self.peek()
        if not char:
            raise Unsupported(self.pattern)
        self.at += 1
        return char

    def choice(self) -> Tree:
        parts = [self.sequence()]
        while self.taken("|"):
            parts.append(self.sequence())
        return parts[0] if len(parts) == 1 else Alternation(tuple(parts))

    def sequence(self) -> Tree:
        parts: list[Tree] = []
        while self.peek() not in {"", "|", ")"}:
            parts.append(self.repeated(self.one()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def repeated(self, part: Tree) -> Tree:
        bounds = self.bounds()
        if bounds is None:
            return part
        if isinstance(part, Start | End | Ahead | Boundary):
            raise Unsupported(self.pattern)
        self.taken("?")  # a lazy repetition matches the same strings
        return Repeat(part, *bounds)

    def bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.taken(sign):
                return bounds
        if not self.taken("{"):
            return None
        least = self.number()
        most: int | None = least
        if self.taken(","):
            most = None if self.peek() == "}" else self.number()
        if not self.taken("}") or (most is not None and most < least):
            raise Unsupported(self.pattern)
        return least, most

    def number(self) -> int:
        digits = ""
        while self.peek().isdecimal() and self.peek().isascii():
            digits += self.take()
        if not digits or int(digits[:6]) > _MOST_REPEATS or len(digits) > 6:
            raise Unsupported(self.pattern)
        return int(digits)

    def one(self) -> Tree:
        char = self.take()
        if char == "(":
            return self.group()
        if char == "[":
            return Chars(self.bracket())
        if char == ".":
            return Chars(NOT_NEWLINE)
        if char == "^":
            return Start()
        if char == "$":
            return End()
        if char == "\\":
            if self.peek() in ("b", "B"):
                return Boundary(self.take() == "b")
            return Chars(self.escape(within_class=False))
        if char in "*+?{":
            raise Unsupported(self.pattern)
        return Chars(((ord(char), ord(char)),))

    def left_out(self) -> Tree:
        """Replace a condition that is not modelled."""
        if self.approximation is Approximation.EXACT:
            raise Unsupported(self.pattern)
        return Chars(()) if self.approximation is Approximation.NARROW else Sequence(())

    def group(self) -> Tree:
        ahead: bool | None = None
        if self.taken("?=") or self.taken("?!"):
            ahead = self.pattern[self.at - 1] == "="
        elif self.taken("?<=") or self.taken("?<!"):
            return self.look_behind()
        elif self.taken("?<"):
            while self.take() != ">":
                pass
        elif not self.taken("?:") and self.peek() == "?":
            raise Unsupported(self.pattern)
        inner = self.opposed(self.choice) if ahead is False else self.choice()
        if not self.taken(")"):
            raise Unsupported(self.pattern)
        return inner if ahead is None else Ahead(inner, ahead)

    def opposed(self, read: Callable[[], _Read]) -> _Read:
        """Parse what is negated with the opposite approximation: a narrow part makes the whole wide."""
        self.approximation = self.approximation.opposite
        found = read()
        self.approximation = self.approximation.opposite
        return found

    def look_behind(self) -> Tree:
        """A condition on what comes before: left out."""
        self.choice()
        if not self.taken(")"):
            raise Unsupported(self.pattern)
        return self.left_out()

    def bracket(self) -> Ranges:
        negated = self.taken("^")
        return inverted(self.opposed(self.members)) if negated else self.members()

    def members(self) -> Ranges:
        ranges: list[tuple[int, int]] = []
        while not self.taken("]"):
            low = self.member()
            if self.pattern.startswith("-", self.at) and not self.pattern.startswith("-]", self.at):
                self.at += 1
                high = self.member()
                if not (_single(low) and _single(high)) or low[0][0] > high[0][0]:
                    raise Unsupported(self.pattern)
                ranges.append((low[0][0], high[0][0]))
            else:
                ranges.extend(low)
        return joined(ranges)

    def member(self) -> Ranges:
        char = self.take()
        return self.escape(within_class=True) if char == "\\" else ((ord(char), ord(char)),)

    def escape(self, *, within_class: bool) -> Ranges:
        char = self.take()
        if char in _CLASSES:
            return _CLASSES[char]
        if char in _CONTROLS and not (char == "0" and self.peek().isdecimal()):
            code = _CONTROLS[char]
        elif char == "b" and within_class:
            code = 8
        elif char == "c" and self.peek().isalpha() and self.peek().isascii():
            code = ord(self.take()) % 32
        elif char == "x":
            code = self.hexadecimal(2)
        elif char == "u":
            code = self.unicode_escape()
        elif char in ("p", "P"):
            return self.property_class(negated=char == "P")
        elif char.isalnum():
            raise Unsupported(self.pattern)
        else:
            code = ord(char)
        return ((code, code),)

    def property_class(self, *, negated: bool) -> Ranges:
        """A class of Unicode's, as the engine has it."""
        end = self.pattern.find("}", self.at)
        if not self.taken("{") or end < 0:
            raise Unsupported(self.pattern)
        ranges = unicode_class(self.pattern[self.at : end])
        self.at = end + 1
        if ranges is None:
            raise Unsupported(self.pattern)
        return inverted(ranges) if negated else ranges

    def unicode_escape(self) -> int:
        if not self.taken("{"):
            return self.hexadecimal(4)
        end = self.pattern.find("}", self.at)
        if end < 0:
            raise Unsupported(self.pattern)
        code = self.hexadecimal(end - self.at)
        self.at = end + 1
        return code

    def hexadecimal(self, length: int) -> int:
        digits = self.pattern[self.at : self.at + length]
        if len(digits) != length or not digits or not set(digits) <= set("0123456789abcdefABCDEF"):
            raise Unsupported(self.pattern)
        self.at += length
        code = int(digits, 16)
        if code > LAST or 0xD800 <= code <= 0xDFFF:
            raise Unsupported(self.pattern)
        return code


def _single(ranges: Ranges) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]
