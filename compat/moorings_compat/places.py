"""From a JSON Pointer to a line and a column: where an editor should open the text that a finding speaks of."""

import json
import re
from dataclasses import dataclass

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a text, both counted from 1; the column in characters."""

    line: int
    column: int


def locate(text: str, pointer: str) -> Place | None:
    """Find where the value that *pointer* (RFC 6901) names begins in *text*, which is JSON.

    A member is found at its key, since that is what a reader looks for. None when there is no such value; one linear
    pass, whatever the nesting.
    """
    wanted = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    offset = _offset(text, wanted)
    if offset is None:
        return None
    line = text.count("\n", 0, offset) + 1
    return Place(line, offset - (text.rfind("\n", 0, offset) + 1) + 1)


@dataclass(slots=True)
class _Container:
    """An array or object being passed through."""

    matches: bool
    """Whether the path to it is the beginning of the wanted one."""
    index: int = 0
    """In an array, the item that comes next."""
    is_object: bool = False
    key_expected: bool = False
    key_offset: int = 0
    key: str = ""


def _offset(text: str, wanted: list[str]) -> int | None:
    stack: list[_Container] = []
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
            matches = _step_matches(inside, wanted, len(stack))
            if matches and len(stack) == len(wanted):
                return inside.key_offset if inside and inside.is_object else match.start()
            if word in "[{":
                stack.append(_Container(matches, is_object=word == "{", key_expected=word == "{"))
    return None


def _step_matches(inside: _Container | None, wanted: list[str], depth: int) -> bool:
    if inside is None:
        return True
    if not inside.matches or depth > len(wanted):
        return False
    step = inside.key if inside.is_object else str(inside.index)
    return step == wanted[depth - 1]


def _unquoted(word: str) -> str:
    try:
        return str(json.loads(word))
    except ValueError:
        return word
