"""Finds the line of a key in a TOML text, which `tomllib` does not give."""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

Keys = tuple[str | int, ...]
"""The way to a value: names of tables and keys, and from 0 the place in an array of tables."""

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_KEY}(?:\s*\.\s*{_KEY})*"
_HEADER = re.compile(rf"\s*(?P<open>\[\[?)\s*(?P<keys>{_DOTTED})\s*\]")
_ASSIGNMENT = re.compile(rf"\s*(?P<keys>{_DOTTED})\s*=(?P<value>.*)")
_QUOTES = ('"""', "'''")


def lines_of(text: str) -> dict[Keys, int]:
    """Return the line, from 1, of every table and key that begins a line; inline tables count as one value."""
    found: dict[Keys, int] = {}
    counts: dict[Keys, int] = {}
    table: Keys = ()
    for number, line in _lines_outside_texts(text):
        header = _HEADER.match(line)
        if header is not None:
            table = _within_arrays(_keys(header["keys"]), counts)
            if header["open"] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            found.setdefault(table, number)
            continue
        assignment = _ASSIGNMENT.match(line)
        if assignment is not None:
            found.setdefault((*table, *_keys(assignment["keys"])), number)
    return found


def line_of(lines: dict[Keys, int], keys: Keys) -> int:
    """Return the line of *keys*, or of the nearest table around it; 1 where the text has neither.

    A table that only its parts make, as ``[[migration.step]]`` does, is where the first of them is.
    """
    while keys:
        begins = [line for one, line in lines.items() if one[: len(keys)] == keys]
        if begins:
            return min(begins)
        keys = keys[:-1]
    return 1


def _lines_outside_texts(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line that does not begin inside a text of several lines."""
    open_quotes = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not open_quotes:
            yield number, line
        for quotes in _QUOTES if not open_quotes else (open_quotes,):
            if line.count(quotes) % 2:
                open_quotes = "" if open_quotes else quotes
                break


def _within_arrays(keys: Keys, counts: dict[Keys, int]) -> Keys:
    """Put the place of the current table of each array into the way to a table that is inside it."""
    way: Keys = ()
    for key in keys[:-1]:
        way = (*way, key)
        if way in counts:
            way = (*way, counts[way])
    return (*way, *keys[-1:])


def _keys(text: str) -> Keys:
    """Split a dotted key as TOML does."""
    found: Any = tomllib.loads(f"{text} = 0")
    keys: list[str] = []
    while isinstance(found, dict):
        ((key, found),) = found.items()
        keys.append(key)
    return tuple(keys)
