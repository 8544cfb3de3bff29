"""Finds positions in a text: line and column of a JSON Pointer, or of a compiler's ``line 3, column 7``."""

import json
import re
from collections.abc import Iterator

_SPOKEN = re.compile(r"line (\d+)(?:, column (\d+))?")
_TOKEN = re.compile(r'[ \t\r\n]*(?:("(?:[^"\\]|\\.)*")|([{}\[\]:,])|([^\s{}\[\]:,"]+))')


def position_of(text: str, place: str) -> tuple[int, int]:
    """Return line and column, from 1, of *place* in *text*; those of the nearest parent if it does not exist.

    (1, 1) for a pointer into a text that is not JSON, or into another text, and for an empty place.
    """
    spoken = _SPOKEN.fullmatch(place)
    if spoken:
        return int(spoken[1]), int(spoken[2] or 1)
    wanted = place if place.startswith("/") else ""  # NAME#POINTER is a place in a referenced schema
    best = -1
    offset = 0
    for pointer, start in _values(text):
        if (wanted == pointer or wanted.startswith(pointer + "/")) and len(pointer) > best:
            best, offset = len(pointer), start
            if pointer == wanted:
                break
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def _values(text: str) -> Iterator[tuple[str, int]]:
    """Yield the pointer and the offset of every value of a JSON text, up to the first syntax error; in one pass."""
    open_places: list[tuple[str, bool, int]] = []  # pointer, whether an object, how many items before this one
    pointer, expecting = "", "value"
    for match in _TOKEN.finditer(text):
        string, mark, _ = match.groups()
        start = match.start(match.lastindex or 0)
        if expecting == "key" and string:
            above = open_places[-1][0]
            pointer = f"{above}/{_escaped(string)}"
            expecting = "colon"
        elif mark in ("{", "["):
            yield pointer, start
            open_places.append((pointer, mark == "{", 0))
            expecting = "key" if mark == "{" else "value"
            pointer = f"{pointer}/0" if mark == "[" else pointer
        elif mark in ("}", "]") and open_places:
            pointer = open_places.pop()[0]
            expecting = "comma"
        elif mark == "," and open_places:
            above, is_object, count = open_places.pop()
            open_places.append((above, is_object, count + 1))
            expecting = "key" if is_object else "value"
            pointer = above if is_object else f"{above}/{count + 1}"
        elif mark == ":":
            expecting = "value"
        elif mark is None and expecting == "value":
            yield pointer, start
            expecting = "comma"
        else:
            return


def _escaped(literal: str) -> str:
    try:
        key = str(json.loads(literal))
    except ValueError:
        key = literal[1:-1]
    return key.replace("~", "~0").replace("/", "~1")
