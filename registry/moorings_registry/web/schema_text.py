"""Schema texts laid out for people: lines, and which line a JSON Pointer leads to.

JSON is stored as one line; here it gets line breaks, except where an object that holds no other fits on one:

    {
      "type": "record",
      "fields": [
        {"name": "note", "type": ["null", "string"], "default": null}
      ]
    }

Numbers keep the digits that they were written with. Protobuf source is shown as it is.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moorings_compat import Format
from moorings_compat.json_text import pointer

_WIDTH = 92
"""Characters that one line takes."""
_LINE = re.compile(r"line (\d+)")

# The keys that say what something is, in the order that people write them; the rest follow by name.
_KEY_ORDER = (
    "$schema", "$id", "$ref", "title", "name", "namespace", "description", "doc", "type", "logicalType", "aliases",
)  # fmt: skip
_RANKS = {key: rank for rank, key in enumerate(_KEY_ORDER)}


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A text as lines, and for each place of it its first line."""

    lines: tuple[str, ...]
    places: Mapping[str, int]
    """JSON Pointer to line, both from the root on; lines count from 0. Empty for Protobuf."""

    def line_of(self, path: str) -> int | None:
        """The line that *path* leads to, or the nearest line above it; None where it leads nowhere."""
        stated = _LINE.search(path)
        if stated:
            line = int(stated[1]) - 1
            return line if 0 <= line < len(self.lines) else None
        while path and path not in self.places:
            path = path.rpartition("/")[0]
        return self.places.get(path)


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


def lay_out(text: str, format: Format, *, ordered: bool = False) -> LaidOut:
    """Break *text* into lines; with *ordered*, keys are in one order for all schemas, so that texts compare."""
    if format is Format.PROTOBUF:
        return LaidOut(tuple(text.splitlines()) or ("",), {})
    value = json.loads(text, parse_int=_Number, parse_float=_Number)
    printer = _Printer(_by_rank if ordered else lambda members: members)
    printer.write("", value, "", "", "")
    return LaidOut(tuple(printer.lines), printer.places)


Members = Iterable[tuple[str, Any]]


def _by_rank(members: Members) -> Members:
    return sorted(members, key=lambda member: (_RANKS.get(member[0], len(_RANKS)), member[0]))


class _Printer:
    """Writes a value line by line. Its depth is bounded by what `parse` accepts."""

    def __init__(self, order: Callable[[Members], Members]) -> None:
        self.lines: list[str] = []
        self.places: dict[str, int] = {}
        self._order = order

    def write(self, path: str, value: Any, indent: str, before: str, after: str) -> None:
        """Add *value*, which is at *path*, between the texts *before* and *after*."""
        line = self._one_line(value, _WIDTH - len(indent) - len(before))
        if line is not None:
            self._place(path, value)
            self.lines.append(f"{indent}{before}{line}{after}")
            return
        self.places[path] = len(self.lines)
        named = isinstance(value, dict)
        opening, closing = "{}" if named else "[]"
        self.lines.append(f"{indent}{before}{opening}")
        members = list(self._members(value))
        for at, (key, inner) in enumerate(members):
            comma = "," if at < len(members) - 1 else ""
            self.write(path + pointer(key), inner, indent + "  ", f"{_text(key)}: " if named else "", comma)
        self.lines.append(f"{indent}{closing}{after}")

    def _members(self, value: Any) -> Members:
        """The members of an object in order, those of a list by their numbers, none of anything else."""
        if isinstance(value, dict):
            return self._order(value.items())
        return ((str(at), one) for at, one in enumerate(value)) if isinstance(value, list) else ()

    def _one_line(self, value: Any, width: int, depth: int = 0) -> str | None:
        """*value* in at most *width* characters; None where it is longer, or an object holds another."""
        if not isinstance(value, dict | list):
            text = _scalar(value)
            return text if len(text) <= width or depth == 0 else None
        if (depth and isinstance(value, dict) and value) or len(value) > width:
            return None
        parts: list[str] = []
        for key, inner in self._members(value):
            part = self._one_line(inner, width, depth + 1)
            if part is None:
                return None
            parts.append(f"{_text(key)}: {part}" if isinstance(value, dict) else part)
            width -= len(parts[-1]) + 2
            if width < 0:
                return None
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        return f"{opening}{', '.join(parts)}{closing}"

    def _place(self, path: str, value: Any) -> None:
        """Note that *value* and all that it holds are on the line that comes next."""
        self.places[path] = len(self.lines)
        for key, inner in self._members(value):
            self._place(path + pointer(key), inner)


def _scalar(value: Any) -> str:
    return str(value) if isinstance(value, _Number) else _text(value)


_text = json.JSONEncoder(ensure_ascii=False).encode
