"""JSON lines: one object per line, with an event. Dead letters that this library set aside are such lines.

    {"id": "1", "payload": "AAAAAAEC...", "headers": {"__value_schema_id": "AQ..."}}    base64; headers as well
    {"id": "2", "event": {"order_id": "o-1"}, "writer": "1.0"}                          the event itself, as JSON
    {"code": "EVENT_UNREADABLE", ..., "value": "AAAA...", "headers": [["name", "base64"]]}    a dead letter

Other members are ignored. A payload without a framing, and without a header that names its schema, is unframed.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any

from moorings.errors import FramingInvalid
from moorings.integrations.records import TransportRecord, framed_value
from moorings.replay.archive_files import ArchiveFile, FileArchive
from moorings.replay.items import LARGEST_EVENT_BYTES, Content, Cursor, Damage, FramedEvent, Item, PlainEvent, Tombstone

_LONGEST_LINE_BYTES = 2 * LARGEST_EVENT_BYTES
_LONGEST_ID = 100


class JsonLines(FileArchive):
    """A file of JSON lines."""

    kind = "lines"

    def __init__(self, file: ArchiveFile) -> None:
        super().__init__(file)

    def read(self, start: Cursor | None = None) -> Iterator[Item]:
        """Yield an item for each line that is not blank."""
        byte = self._file.seek(start)
        passed = start.get("line", 0) if start is not None else 0
        number = passed if isinstance(passed, int) else 0
        found: tuple[Content, str]
        while line := self._file.file.readline(_LONGEST_LINE_BYTES):
            number += 1
            byte += len(line)
            if not line.endswith(b"\n") and len(line) == _LONGEST_LINE_BYTES:
                byte += self._skip_line()
                found = Damage(f"the line is longer than {_LONGEST_LINE_BYTES} bytes"), ""
            elif not line.strip():
                continue
            else:
                found = _content(line)
            yield Item(f"line {number}{found[1]}", found[0], {"byte": byte, "line": number}, byte)

    def _skip_line(self) -> int:
        skipped = 0
        while piece := self._file.file.readline(1024 * 1024):
            skipped += len(piece)
            if piece.endswith(b"\n"):
                break
        return skipped


def _content(line: bytes) -> tuple[Content, str]:
    """Return the content of a line, and its id or position as a suffix of its place."""
    try:
        facts = json.loads(line)
    except (ValueError, RecursionError):
        cut = "" if line.endswith(b"\n") else "; the file ends here, without the end of a line"
        return Damage(f"the line is not JSON{cut}"), ""
    if not isinstance(facts, dict):
        return Damage("the line is not a JSON object"), ""
    return _content_of(facts), _name(facts.get("id", facts.get("position")))


def _name(found: Any) -> str:
    """Show an id if it is short and printable."""
    text = str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""
    return f" ({text})" if text and len(text) <= _LONGEST_ID and text.isprintable() else ""


def _content_of(facts: dict[str, Any]) -> Content:
    if "event" in facts:
        writer = facts.get("writer", "")
        return PlainEvent(facts["event"], writer if isinstance(writer, str) else "")
    if "payload" not in facts and "value" not in facts:
        return Damage("the line has neither payload nor event")
    payload = facts["payload"] if "payload" in facts else facts["value"]
    if payload is None:
        return Tombstone()
    try:
        headers = tuple((str(name), _decoded(value)) for name, value in _pairs(facts.get("headers")))
        return FramedEvent(framed_value(TransportRecord(_decoded(payload), headers=headers)))
    except FramingInvalid:
        return Damage("a header that names a schema cannot be read")
    except (TypeError, ValueError):
        return Damage("payload or headers are not base64")


def _pairs(headers: Any) -> list[Any]:
    if headers is None:
        return []
    return list(headers.items()) if isinstance(headers, dict) else list(headers)


def _decoded(text: Any) -> bytes:
    if not isinstance(text, str):
        raise TypeError
    return base64.b64decode(text, validate=True)
