"""ECMA-262 regular expressions: judged by the grammar, and written in the few constructs that every engine has.

JSON Schema asks for patterns of ECMA-262, with the flag ``u`` since draft 2019-09. A pattern is read by the grammar of
that flag, which is how validators build patterns of every draft. One that is not of that grammar, in a draft that knows
no such flag, is read by Annex B, which takes what browsers always took: ``\\Z`` is the letter Z there. Either way a
pattern speaks of code points. Texts in JSON have no halves of surrogate pairs, so a class loses its surrogates, and one
by itself matches nothing.

>>> read_ecma("[^]\\0").text
'[\\s\\S]\\x00'

Source: ECMA-262, 16th edition, sections 22.2.1 (Patterns) and B.1.2 (Regular Expressions Patterns).
"""

import re
from dataclasses import dataclass

from moorings_compat.json_schema.patterns.ecma_characters import HIGH, LOW, EcmaCursor, NotEcma, read_character

ANY = r"[\s\S]"
NOTHING = r"[^\s\S]"
DOT = r"[^\u{A}\u{D}\u{2028}\u{2029}]"
"""Anything but the line terminators, which are four (section 12.3)."""
ONE_OR_MORE = "{1,}?"
"""A repetition that the validator never mistakes; being lazy changes where a match ends, not whether there is one."""
_WORD = r"0-9A-Za-z_"
_SPACE = r"\u{9}-\u{D}\u{20}\u{A0}\u{1680}\u{2000}-\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}\u{FEFF}"
_NOT_WORD = r"\u{0}-\u{2F}\u{3A}-\u{40}\u{5B}-\u{5E}\u{60}\u{7B}-\u{D7FF}\u{E000}-\u{10FFFF}"
_NOT_DIGIT = r"\u{0}-\u{2F}\u{3A}-\u{D7FF}\u{E000}-\u{10FFFF}"
_NOT_SPACE = (
    r"\u{0}-\u{8}\u{E}-\u{1F}\u{21}-\u{9F}\u{A1}-\u{167F}\u{1681}-\u{1FFF}\u{200B}-\u{2027}\u{202A}-\u{202E}"
    r"\u{2030}-\u{205E}\u{2060}-\u{2FFF}\u{3001}-\u{D7FF}\u{E000}-\u{FEFE}\u{FF00}-\u{10FFFF}"
)
_MEMBERS = {"d": "0-9", "D": _NOT_DIGIT, "w": _WORD, "W": _NOT_WORD, "s": _SPACE, "S": _NOT_SPACE}
"""The members of the classes with a letter, in ASCII as the specification has it for digits and words."""
_AT_A_BOUNDARY = f"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))"
_AT_NO_BOUNDARY = f"(?:(?<=[{_WORD}])(?=[{_WORD}])|(?<![{_WORD}])(?![{_WORD}]))"
_STEPS_BACK = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|(\(\?(?:[=!]|<[=!]))", re.DOTALL)
_BOUNDS = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_PLUS = re.compile(r"\+|\{1,\}")
_EXACT = re.compile(r"\{(\d+)\}\??")
_NAME = re.compile(r"<([^>]*)>")
_MODIFIERS = re.compile(r"\?([ims]*)(?:-([ims]*))?:")


@dataclass(frozen=True, slots=True)
class EcmaPattern:
    """A pattern in other words: for an engine, and for the model of regular languages."""

    text: str
    """What the engine gets; the pattern itself unless something in it means another thing to the engine, or nothing."""
    modelled: str
    """The same with word boundaries as they were, which the model knows and engines take for Unicode's."""
    not_run: str = ""
    """Why no engine can be handed it, where that is so: a construct that cannot be put in other words."""
    properties: tuple[tuple[str, int], ...] = ()
    """The classes of Unicode's, and where they stand: which there are is for the engine to say."""


def read_ecma(pattern: str, *, annex_b: bool = False) -> EcmaPattern:
    """Read *pattern* by the grammar with the flag ``u``, or without it and with Annex B.

    Raises:
        NotEcma: with the construct, its place and the reason.
    """
    reader = _Reader(pattern, annex_b=annex_b)
    text = reader.disjunction()
    if reader.at < len(pattern):
        raise NotEcma(reader.peek(), reader.at, "no group to close")
    reader.check_references()
    properties = tuple(reader.properties)
    if not reader.changed:
        return EcmaPattern(pattern, pattern, reader.not_run, properties)
    bounded = text.replace(_EDGE, _AT_A_BOUNDARY).replace(_NO_EDGE, _AT_NO_BOUNDARY)
    modelled = text.replace(_EDGE, r"\b").replace(_NO_EDGE, r"\B")
    return EcmaPattern(bounded, modelled, reader.not_run, properties)


_EDGE, _NO_EDGE = "\ue000b\ue001", "\ue000B\ue001"
"""Stand for boundaries while a pattern is read; characters of private use are always written as escapes."""


class _Reader(EcmaCursor):
    """Recursive descent over the pattern; each method returns what it read in other words."""

    def __init__(self, pattern: str, *, annex_b: bool) -> None:
        super().__init__(pattern, annex_b=annex_b)
        self.not_run = ""
        self.properties: list[tuple[str, int]] = []
        self._alternatives: list[tuple[int, int]] = []
        """The disjunctions around this place, by where they begin, and which alternative of each it is in."""
        self._named_in: dict[str, list[dict[int, int]]] = {}
        self._length: int | None = 0
        """The characters that what was read last takes; None where that varies."""
        self._looks = 0
        """The boundaries, look-aheads and look-behinds so far."""
        self._named: list[tuple[str, int]] = []
        self._numbered: list[tuple[int, int]] = []
        edges = re.search(r"\\[bB]", pattern) is not None
        self._repeats_often = len(_PLUS.findall(pattern)) > 1
        # An engine that steps back takes \w and \d for Unicode's classes, so such a pattern gets them spelled out.
        self._spelled_out = edges or any(match[1] for match in _STEPS_BACK.finditer(pattern))

    def disjunction(self) -> str:
        begin = self.at
        parts: list[str] = []
        lengths: set[int | None] = set()
        while not parts or self.taken("|"):
            self._alternatives.append((begin, len(parts)))
            parts.append(self._alternative())
            lengths.add(self._length)
            self._alternatives.pop()
        self._length = lengths.pop() if len(lengths) == 1 else None
        return "|".join(parts)

    def check_references(self) -> None:
        """Refuse references to groups that are nowhere.

        Raises:
            NotEcma
        """
        for name, at in self._named:
            if name not in self.groups.names:
                raise NotEcma(f"\\k<{name}>", at, "no group of that name")
        for number, at in self._numbered:
            if number > self.groups.count:
                raise NotEcma(f"\\{number}", at, "no group of that number")

    def _alternative(self) -> str:
        terms: list[str] = []
        length: int | None = 0
        while self.peek() not in {"", "|", ")"}:
            terms.append(self._term())
            length = None if length is None or self._length is None else length + self._length
        self._length = length
        return "".join(terms)

    def _term(self) -> str:
        start = self.at
        self._length = 1
        atom, can_repeat = self._atom()
        bounds = self._quantifier()
        if bounds and self._length:
            exact = _EXACT.fullmatch(bounds)
            self._length = self._length * int(exact[1]) if exact else None
        if not bounds:
            return atom
        if not can_repeat:
            raise NotEcma(self.pattern[start : self.at], start, "an assertion cannot be repeated")
        if can_repeat is _LOOK_AHEAD:  # one time is as good as many, and none matches always
            self.changed = True
            return atom if bounds.startswith(("+", "{")) and not bounds.startswith("{0") else ""
        if _STARTS_QUANTIFIER.match(self.pattern, self.at):
            raise NotEcma(bounds + self.peek(), self.at - len(bounds), "nothing to repeat")
        if self._repeats_often and _PLUS.match(bounds):
            self.changed = True
            return atom + ONE_OR_MORE
        return atom + bounds

    def _quantifier(self) -> str:
        start = self.at
        if self.peek() and self.peek() in "*+?":
            self.at += 1
        elif found := _BOUNDS.match(self.pattern, self.at):
            if found[3] and int(found[3]) < int(found[1]):
                raise NotEcma(found[0], self.at, "the numbers are out of order")
            self.at = found.end()
        else:
            return ""
        self.taken("?")
        return self.pattern[start : self.at]

    def _atom(self) -> tuple[str, object]:
        """Read an atom or an assertion; the second value says whether it can be repeated."""
        start, char = self.at, self.peek()
        self.at += 1
        if char in "^$":
            self._length = 0
            return char, False
        if char == "(":
            return self._group(start)
        if char == "[":
            return self._class(start), True
        if char == "\\":
            return self._escape(start)
        repeating = _STARTS_QUANTIFIER.match(self.pattern, start)
        if repeating:
            raise NotEcma(repeating[0], start, "nothing to repeat")
        if char in "{}]":
            if not self.annex_b:
                raise NotEcma(char, start, f"write \\{char} for the character itself")
            self.changed = True
            return f"\\{char}", True
        if char == ".":
            self.changed = True
            return DOT, True
        return char if char not in _EDGE + _NO_EDGE or char.isascii() else _written(ord(char)), True

    def _group(self, start: int) -> tuple[str, object]:
        opening = "("
        repeats: object = True
        if self.taken("?=") or self.taken("?!"):
            opening, repeats = f"(?{self.pattern[self.at - 1]}", _LOOK_AHEAD if self.annex_b else False
        elif self.taken("?<=") or self.taken("?<!"):
            opening, repeats = f"(?<{self.pattern[self.at - 1]}", False
        elif self.taken("?:"):
            opening = "(?:"
        elif self.pattern.startswith("?<", self.at):
            opening = self._name_of_group(start)
        elif found := _MODIFIERS.match(self.pattern, self.at):
            opening = self._modified(found)
        elif self.peek() == "?":
            raise NotEcma(self.pattern[start : start + 4], start, "no group of ECMA-262 begins like this")
        looks = self._looks
        inner = self.disjunction()
        if not self.taken(")"):
            raise NotEcma("(", start, "the group is not closed")
        if opening.endswith(("=", "!")):
            self._looked(start, opening, inside=self._looks > looks)
        return f"{opening}{inner})", repeats

    def _looked(self, start: int, opening: str, *, inside: bool) -> None:
        """Note a look-ahead or look-behind that was read, with others *inside* or not."""
        if inside and self._length is None and opening.startswith("(?<"):
            group = self.pattern[start : self.at]
            self.not_run = f"{group} looks around within a look-behind of varying length, which the validator mistakes"
        self._looks += 1
        self._length = 0

    def _name_of_group(self, start: int) -> str:
        found = _NAME.match(self.pattern, self.at + 1)
        if found is None or not _is_group_name(found[1]):
            raise NotEcma(self.pattern[start : start + 4], start, "the group has no valid name")
        self.at = found.end()
        if len(self.groups.names.get(found[1], ())) == 1:
            return self.pattern[start : self.at]
        here = dict(self._alternatives)
        for other in self._named_in.setdefault(found[1], []):
            if all(other.get(begin, index) == index for begin, index in here.items()):
                raise NotEcma(self.pattern[start : self.at], start, "another group that can match too has the name")
        self._named_in[found[1]].append(here)
        self.changed = True
        return "("

    def _modified(self, found: re.Match[str]) -> str:
        added, removed = found[1], found[2]
        letters = added + (removed or "")
        if len(set(letters)) < len(letters) or not letters:
            raise NotEcma(f"({found[0]}", self.at - 1, "each modifier can be named once")
        self.not_run = f"({found[0]} changes how a part of the pattern is read, which the validator cannot do"
        self.at = found.end()
        return f"({found[0]}"

    def _class(self, start: int) -> str:
        negated = self.taken("^")
        before, self.changed = self.changed, False
        members: list[str] = []
        while not self.taken("]"):
            if not self.peek():
                raise NotEcma("[", start, "the class is not closed")
            members.append(self._member_or_range())
        inner, rewritten = "".join(members), self.changed
        self.changed |= before
        if not inner:
            self.changed = True
            return ANY if negated else NOTHING
        if not rewritten:
            return self.pattern[start : self.at]
        return f"[{'^' if negated else ''}{inner}]"

    def _member_or_range(self) -> str:
        start = self.at
        low = self._member()
        if self.peek() != "-" or self.pattern.startswith("-]", self.at) or self.at + 1 >= len(self.pattern):
            return low if isinstance(low, str) else self._points(low, low, start)
        self.at += 1
        high = self._member()
        if isinstance(low, int) and isinstance(high, int):
            if high < low:
                raise NotEcma(self.pattern[start : self.at], start, "the range is out of order")
            return self._points(low, high, start)
        if not self.annex_b:
            raise NotEcma(self.pattern[start : self.at], start, "a class cannot be the end of a range")
        self.changed = True
        return "".join(one if isinstance(one, str) else _written(one) for one in (low, 0x2D, high))

    def _points(self, low: int, high: int, start: int) -> str:
        """Write a range of code points without its surrogates."""
        if high < HIGH[0] or low > LOW[-1]:
            plain = self.pattern[start : self.at]
            return plain if plain[:1] not in "[&-~^" and "\\" not in plain and high < 0xE000 else _range(low, high)
        self.changed = True
        below = _range(low, HIGH[0] - 1) if low < HIGH[0] else ""
        return below + (_range(LOW[-1] + 1, high) if high > LOW[-1] else "")

    def _member(self) -> int | str:
        """Read one member of a class: a code point, or the members of a class with a letter."""
        start, char = self.at, self.peek()
        self.at += 1
        if not char:
            raise NotEcma("[", start, "the class is not closed")
        if char != "\\":
            return ord(char)
        letter = self.peek()
        if letter in _MEMBERS and letter:
            self.at += 1
            self.changed |= self._spelled_out
            return _MEMBERS[letter]
        if letter in ("p", "P") and (named := self._property()):
            return named
        if self.taken("b"):
            self.changed = True
            return 8
        if self.taken("-"):
            return 0x2D
        return read_character(self, start, in_class=True)

    def _escape(self, start: int) -> tuple[str, object]:
        letter = self.peek()
        if not letter:
            raise NotEcma("\\", start, "nothing follows it")
        if letter in "bB":
            self.at += 1
            self.changed = True
            self._looks += 1
            self._length = 0
            return _EDGE if letter == "b" else _NO_EDGE, False
        if letter in _MEMBERS:
            self.at += 1
            if not self._spelled_out:
                return f"\\{letter}", True
            self.changed = True
            return f"[{_MEMBERS[letter]}]", True
        if letter in "pP" and (named := self._property()):
            return named, True
        if letter == "k" and (not self.annex_b or self.groups.names):
            return self._named_reference(start), True
        if letter in "123456789" and (number := self._reference(start)):
            return f"(?:\\{number})" if self.changed else f"\\{number}", True
        point = read_character(self, start, in_class=False)
        plain = self.pattern[start : self.at]
        if point in HIGH or point in LOW:
            self.changed = True
            return NOTHING, True
        return plain if not self.changed else _written(point), True

    def _property(self) -> str | None:
        """Read a class of Unicode's; None where Annex B takes the letter for itself."""
        found = _PROPERTY.match(self.pattern, self.at)
        if found is None:
            if self.annex_b:
                return None
            raise NotEcma(self.pattern[self.at - 1 : self.at + 2], self.at - 1, "the class has no name in braces")
        self.properties.append((f"\\{found[0]}", self.at - 1))
        self.at = found.end()
        return f"\\{found[0]}"

    def _named_reference(self, start: int) -> str:
        found = _NAME.match(self.pattern, self.at + 1)
        if found is None:
            raise NotEcma("\\k", start, "a reference is written \\k<name>")
        self.at = found.end()
        self._named.append((found[1], start))
        self._length = None
        numbers = self.groups.names.get(found[1], [0])
        self.changed = True
        if len(numbers) > 1:
            self.not_run = f"\\k<{found[1]}> refers to several groups, which the validator cannot do"
        return f"(?:\\{numbers[0]})"

    def _reference(self, start: int) -> int:
        """Read a reference by number; 0 where Annex B has an octal number or a digit there."""
        found = _DECIMAL.match(self.pattern, self.at)
        assert found is not None
        number = int(found[0][:9])
        if self.annex_b and number > self.groups.count:
            return 0
        self.at = found.end()
        self._numbered.append((number, start))
        self._length = None
        return number


_LOOK_AHEAD = object()
"""Marks what Annex B lets be repeated although it takes no character."""
_STARTS_QUANTIFIER = re.compile(r"[*+?]|\{\d+(?:,\d*)?\}")
_PROPERTY = re.compile(r"[pP]\{[A-Za-z_0-9]+(?:=[A-Za-z_0-9]+)?\}")
_DECIMAL = re.compile(r"[1-9]\d*", re.ASCII)


def _is_group_name(name: str) -> bool:
    return bool(name) and name.replace("$", "_").isidentifier()


def _range(low: int, high: int) -> str:
    return _written(low) if low == high else f"{_written(low)}-{_written(high)}"


def _written(point: int) -> str:
    """Write one code point so that it means itself inside a class and outside."""
    return chr(point) if chr(point).isalnum() and point < 0x80 else f"\\u{{{point:X}}}"
