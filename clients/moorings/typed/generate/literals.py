"""Python literals and documentation as text, quoted as `ruff format` does it."""

import inspect
import textwrap
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(text: str) -> str:
    """Write a text as a literal: double quotes, unless single ones need fewer escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(f"\\{one}" if one == quote else _escaped_character(one) for one in text) + quote


def _escaped_character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def literal(value: Any) -> str:
    """Write a plain value of an event: a number, text, bytes, date, decimal or UUID."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bytes):
        return _bytes(value)
    if isinstance(value, float) and value - value != 0.0:
        return f'float("{value}")'
    if isinstance(value, Decimal):
        return f'Decimal("{value}")'
    if isinstance(value, UUID):
        return f'UUID("{value}")'
    if isinstance(value, datetime | date | time | timedelta):
        return _clock(value)
    return repr(value).replace("e+", "e")


def _bytes(value: bytes) -> str:
    text = value.decode("latin-1")
    quote = "'" if text.count('"') > text.count("'") else '"'
    parts = (
        f"\\{one}" if one == quote else _escaped_character(one) if one.isascii() else f"\\x{ord(one):02x}"
        for one in text
    )
    return f"b{quote}{''.join(parts)}{quote}"


def _clock(value: datetime | date | time | timedelta) -> str:
    if isinstance(value, datetime) and value.tzinfo is not None:
        zone = "tzinfo=dt.UTC"
        return f"dt.{repr(value.replace(tzinfo=None)).partition('.')[2][:-1]}, {zone})"
    return f"dt.{repr(value).partition('.')[2]}"


def documentation(doc: str, width: int) -> list[str]:
    """Write a docstring; nothing for an empty one. *width* is the rest of the line."""
    lines = [part for line in _clean(doc).split("\n") for part in _wrapped(line, width)]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    if not lines:
        return []
    space = " " if lines[0].endswith('"') else ""
    if len(lines) == 1:
        return [f'"""{lines[0]}{space}"""']
    return [f'"""{lines[0]}', *lines[1:], '"""']


def _clean(doc: str) -> str:
    text = doc.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    text = inspect.cleandoc(text)
    return "".join(one if one == "\n" else _escaped_character(one) for one in text).replace('"""', '\\"\\"\\"')


def _wrapped(line: str, width: int) -> Sequence[str]:
    """Wrap one line, its indentation kept; a word longer than a line stays whole."""
    line = line.rstrip()
    lead = line[: len(line) - len(line.lstrip())]
    return textwrap.wrap(
        line,
        max(width - 6, 20),
        subsequent_indent=lead,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [""]


def comment(text: str, width: int) -> list[str]:
    """Write a comment."""
    return textwrap.wrap(
        _clean(text).replace("\n", " "),
        max(width, 20),
        initial_indent="# ",
        subsequent_indent="# ",
        break_long_words=False,
        break_on_hyphens=False,
    )
