"""Brings a JSON text up to a new value: what is equal keeps the very text that its author wrote.

>>> updated_json('{ "a": [1,2],\\n  "b": 3 }', {"a": [1, 2], "b": 4})
'{ "a": [1,2],\\n  "b": 4 }'
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_NAMED = ("name", "$id", "title")
"""Members by which an item of a list is found again where others were added before it."""


def updated_json(before: str, value: Any) -> str:
    """Return *before* with *value* in place of what it says; for a text that is not JSON, *value* indented by 2."""
    try:
        node = _read(before, _skip(before, 0))
    except (ValueError, RecursionError):
        return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    writer = _Writer(before)
    return before[: node.start] + writer.text(value, node, _indent_at(before, node.start)) + before[node.end :]


@dataclass(frozen=True, slots=True)
class _Node:
    """A value with its place in the text; *inside* has the members of an object by key, or the items of a list."""

    value: Any
    start: int
    end: int
    inside: "Mapping[str, _Node] | Sequence[_Node]" = ()


def _read(text: str, start: int) -> _Node:
    value, end = _DECODER.raw_decode(text, start)
    if isinstance(value, dict):
        return _Node(value, start, end, dict(_members(text, start + 1, end - 1)))
    if isinstance(value, list):
        return _Node(value, start, end, list(_items(text, start + 1, end - 1)))
    return _Node(value, start, end)


def _members(text: str, place: int, end: int) -> Iterator[tuple[str, _Node]]:
    place = _skip(text, place)
    while place < end:
        key, place = _DECODER.raw_decode(text, place)
        node = _read(text, _skip(text, _skip(text, place) + 1))
        yield key, node
        place = _skip(text, _skip(text, node.end) + 1)


def _items(text: str, place: int, end: int) -> Iterator[_Node]:
    place = _skip(text, place)
    while place < end:
        node = _read(text, place)
        yield node
        place = _skip(text, _skip(text, node.end) + 1)


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


class _Writer:
    """Writes values in the style of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        indents = (len(one) - len(one.lstrip(" ")) for one in text.splitlines())
        self._step = " " * min((indent for indent in indents if indent), default=2)

    def text(self, value: Any, node: _Node | None, indent: str) -> str:
        """Write *value* in place of *node*, on a line that begins with *indent*."""
        if node is None:
            return json.dumps(value, ensure_ascii=False)
        if _equal(node.value, value):
            return self._text[node.start : node.end]
        if isinstance(value, dict) and isinstance(node.inside, Mapping):
            parts = [
                (f"{json.dumps(key, ensure_ascii=False)}: ", one, node.inside.get(key)) for key, one in value.items()
            ]
            return self._container(parts, node, indent, "{}")
        if isinstance(value, list) and isinstance(node.inside, Sequence) and isinstance(node.value, list):
            return self._container([("", *pair) for pair in _paired(value, node.inside)], node, indent, "[]")
        return json.dumps(value, ensure_ascii=False)

    def _container(self, parts: Sequence[tuple[str, Any, _Node | None]], node: _Node, indent: str, marks: str) -> str:
        """Write members or items as the container had them: on a line each, or on one."""
        written = self._text[node.start : node.end]
        if not parts:
            return marks
        if re.match(r".[ \t]*\r?\n", written):
            inner = self._inner_indent(node, indent)
            lines = [f"{inner}{key}{self.text(one, known, inner)}" for key, one, known in parts]
            return f"{marks[0]}\n" + ",\n".join(lines) + f"\n{indent}{marks[1]}"
        pad = " " if written[1:2] == " " else ""
        return (
            marks[0]
            + pad
            + ", ".join(f"{key}{self.text(one, known, indent)}" for key, one, known in parts)
            + pad
            + marks[1]
        )

    def _inner_indent(self, node: _Node, indent: str) -> str:
        """Return the indent of what is inside *node*: that of its first line."""
        first = re.match(r".[ \t]*\r?\n([ \t]*)(?=[^\s\]}])", self._text[node.start : node.end])
        return first[1] if first else indent + self._step


def _paired(items: Sequence[Any], nodes: Sequence[_Node]) -> Iterator[tuple[Any, _Node | None]]:
    """Find for each item of a list the text that it had: that of an equal one, else of one with its name, else any."""
    left = list(nodes)
    for place, item in enumerate(items):
        known = next((one for one in left if _equal(one.value, item)), None) or next(
            (one for one in left if _name(item) is not None and _name(one.value) == _name(item)), None
        )
        if known is None and _name(item) is None and place < len(nodes) and nodes[place] in left:
            known = nodes[place]
        if known is not None:
            left.remove(known)
        yield item, known


def _name(value: Any) -> Any:
    return next((value[key] for key in _NAMED if key in value), None) if isinstance(value, dict) else None


def _equal(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: 1 is not 1.0, and not true."""
    return bool(one == other) and json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _indent_at(text: str, place: int) -> str:
    line = text[text.rfind("\n", 0, place) + 1 : place]
    return line[: len(line) - len(line.lstrip())]
