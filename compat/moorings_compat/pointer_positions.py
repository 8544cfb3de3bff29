"""From a JSON Pointer to a line and a column: where an editor should open the text of a finding."""

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Position:
    """A position in a text, both counted from 1; the column in characters."""

    line: int
    column: int


def locate(text: str, pointer: str) -> Position | None:
    """Find where the value that *pointer* (RFC 6901) names begins in *text*, which is JSON.

    A member is found at its key, because people look for the key. None if there is no such value; one linear pass,
    whatever the nesting.
    """
    offset = _offsets(text, [pointer]).get(pointer)
    return None if offset is None else _Lines(text).position(offset)


def locate_nearest(text: str, pointers: Iterable[str]) -> dict[str, Position]:
    """Find where each of *pointers* leads in *text*, or the nearest value around it that there is.

    Pointers into other texts (``NAME#/fields/0``) are left out. One linear pass for all of them together.
    """
    wanted = [one for one in dict.fromkeys(pointers) if not one or one.startswith("/")]
    offsets = _offsets(text, [above for pointer in wanted for above in enclosing(pointer)])
    lines = _Lines(text)
    found: dict[str, Position] = {}
    for pointer in wanted:
        offset = next((offsets[above] for above in enclosing(pointer) if above in offsets), 0)
        found[pointer] = lines.position(offset)
    return found


def enclosing(pointer: str) -> Iterator[str]:
    """Yield *pointer* and the pointers to all that encloses it, from the inside out."""
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]
    yield ""


class _Lines:
    """Where the lines of a text begin."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def position(self, offset: int) -> Position:
        line = bisect_right(self._starts, offset)
        return Position(line, offset - self._starts[line - 1] + 1)


class _PointerStep:
    """A step of the pointers that are looked for: the pointer that ends here, if any, and the steps that follow."""

    __slots__ = ("pointer", "steps")

    def __init__(self) -> None:
        self.pointer: str | None = None
        self.steps: dict[str, _PointerStep] = {}


@dataclass(slots=True)
class _Container:
    """An array or object being passed through."""

    wanted: _PointerStep | None
    """The steps that are looked for inside it."""
    index: int = 0
    """In an array, the item that comes next."""
    is_object: bool = False
    key_expected: bool = False
    key_offset: int = 0
    key: str = ""

    def inner(self) -> _PointerStep | None:
        """Return the steps that are looked for at the next member or item."""
        if self.wanted is None or not self.wanted.steps:
            return None
        return self.wanted.steps.get(self.key if self.is_object else str(self.index))


def _tree(pointers: Iterable[str]) -> _PointerStep:
    root = _PointerStep()
    for pointer in pointers:
        at = root
        for step in pointer.split("/")[1:]:
            at = at.steps.setdefault(step.replace("~1", "/").replace("~0", "~"), _PointerStep())
        at.pointer = pointer
    return root


def _offsets(text: str, pointers: Iterable[str]) -> dict[str, int]:
    """Return where each of *pointers* begins in *text*; a pointer that leads nowhere is left out."""
    found: dict[str, int] = {}
    stack: list[_Container] = []
    root = _tree(pointers)
    for match in _TOKEN.finditer(text):
        word = match.group()
        inside = stack[-1] if stack else None
        if word in "]}":
            if stack:
                stack.pop()
        elif word == "," and inside:
            inside.index += 1
            inside.key_expected = inside.is_object
        elif inside and inside.key_expected and word != ":":
            inside.key, inside.key_offset, inside.key_expected = _unquoted(word), match.start(), False
        elif word not in ",:":
            wanted = inside.inner() if inside else root
            if wanted is not None and wanted.pointer is not None:
                found.setdefault(wanted.pointer, inside.key_offset if inside and inside.is_object else match.start())
            if word in "[{":
                stack.append(_Container(wanted, is_object=word == "{", key_expected=word == "{"))
    return found


def _unquoted(word: str) -> str:
    try:
        return str(json.loads(word))
    except ValueError:
        return word
