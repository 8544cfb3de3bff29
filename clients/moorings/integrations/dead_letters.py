"""Dead letters: messages that could not be read, kept whole with the reason, to be read again later.

A dead letter keeps the bytes, the key and all headers as received. The reason is in headers of its own,
``moorings-dead-...``; it names codes, versions and JSON Pointers, never a value of the event.
"""

import asyncio
import base64
import json
import os
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moorings.errors import DeadLetterInvalid, EventUnreadable, MooringsError, WriterUnknown
from moorings.integrations.records import TransportRecord

_PREFIX = "moorings-dead-"
_LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a message could not be read. What is unknown is empty."""

    code: str
    """The stable code of the error: ``EVENT_UNREADABLE``, ``WRITER_UNKNOWN``, ``FRAMING_INVALID``, ..."""
    text: str
    subject: str
    writer: str
    """The writer's version, ``2.1``, or the id or guid of its schema."""
    reader: str
    path: str
    """A JSON Pointer to the first place that could not be read."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that could not be read; `at` is when it was set aside (ISO 8601, UTC)."""

    record: TransportRecord
    reason: Reason
    at: str

    def headers(self) -> list[tuple[str, bytes]]:
        """Return the message's own headers, then those of the reason."""
        said = {
            **{name: text for name, text in asdict(self.reason).items() if text},
            "place": self.record.place,
            "position": self.record.position,
            "at": self.at,
        }
        if self.record.partition is not None:
            said["partition"] = str(self.record.partition)
        own = [(name, value) for name, value in self.record.headers if not name.startswith(_PREFIX)]
        return own + [(_PREFIX + name, text.encode("utf-8", "replace")) for name, text in said.items()]


SetAside = Callable[[DeadLetter], object]
"""Where dead letters go: returns once the letter is stored, and raises if it cannot be."""

AsyncSetAside = Callable[[DeadLetter], Awaitable[object]]
"""The same for asyncio."""


def dead_letter(record: TransportRecord, error: MooringsError, *, subject: str = "", reader: str = "") -> DeadLetter:
    """Make the dead letter of *record*; *subject* and *reader* are used if *error* does not have them."""
    writer = error.writer if isinstance(error, WriterUnknown) else getattr(error, "writer_version", "")
    reason = Reason(
        code=error.code,
        text=str(error)[:_LONGEST_REASON],
        subject=str(getattr(error, "subject", subject)),
        writer=writer,
        reader=str(getattr(error, "reader_version", reader)),
        path=error.path if isinstance(error, EventUnreadable) else "",
    )
    return DeadLetter(record, reason, datetime.now(UTC).isoformat(timespec="milliseconds"))


def read_dead_letter(record: TransportRecord) -> DeadLetter:
    """Read a dead letter from where a sink stored it: the message as first received, and the reason.

    Raises:
        DeadLetterInvalid: the record was not set aside by this library.
    """
    said = {
        name.removeprefix(_PREFIX): value.decode("utf-8", "replace")
        for name, value in record.headers
        if name.startswith(_PREFIX)
    }
    if "code" not in said:
        raise DeadLetterInvalid("the message has no header moorings-dead-code")
    own = tuple((name, value) for name, value in record.headers if not name.startswith(_PREFIX))
    partition = said.get("partition", "")
    first = replace(
        record,
        headers=own,
        place=said.get("place", ""),
        partition=int(partition) if partition.isdecimal() and len(partition) < 10 else None,
        position=said.get("position", ""),
    )
    facts = {name: said.get(name, "") for name in Reason.__slots__}
    return DeadLetter(first, Reason(**facts), said.get("at", ""))


class JsonLinesSink:
    """Appends dead letters to a file that only its owner can read, one JSON object per line; safe from any thread."""

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()

    def __call__(self, letter: DeadLetter) -> None:
        """Append *letter*; it is on disk when this returns."""
        line = json.dumps(_to_json(letter), separators=(",", ":")).encode() + b"\n"
        with self._lock:
            handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                _write(handle, line if _ends_a_line(handle) else b"\n" + line)
                os.fsync(handle)
            finally:
                os.close(handle)


def in_thread(set_aside: SetAside) -> AsyncSetAside:
    """Turn a blocking sink, such as a file, into one for asyncio."""

    async def write(letter: DeadLetter) -> None:
        await asyncio.to_thread(set_aside, letter)

    return write


def read_json_lines(
    path: Path | str, on_damage: Callable[[DeadLetterInvalid], object] | None = None
) -> Iterator[DeadLetter]:
    """Yield the dead letters that a file has now, oldest first; lines that are added in the meantime are ignored.

    Raises:
        DeadLetterInvalid: a line is not a dead letter. *on_damage* gets the error instead, and the next line is read.
    """
    with Path(path).open("rb") as lines:
        left_bytes = os.fstat(lines.fileno()).st_size
        for number, line in enumerate(lines, start=1):
            if left_bytes <= 0:
                return
            left_bytes -= len(line)
            if not line.strip():
                continue
            try:
                letter = _from_line(line, f"{path}, line {number}")
            except DeadLetterInvalid as damage:
                if on_damage is None:
                    raise
                on_damage(damage)
            else:
                yield letter


def _ends_a_line(handle: int) -> bool:
    """Say whether a file ends with a line break; it does not if the disk was full while a letter was written."""
    if os.fstat(handle).st_size == 0:
        return True
    os.lseek(handle, -1, os.SEEK_END)
    return os.read(handle, 1) == b"\n"


def _write(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


def _to_json(letter: DeadLetter) -> dict[str, Any]:
    record = letter.record
    return {
        **asdict(letter.reason),
        "at": letter.at,
        "place": record.place,
        "partition": record.partition,
        "position": record.position,
        "headers": [[name, _to_base64(value)] for name, value in record.headers],
        "key": _to_base64(record.key),
        "value": _to_base64(record.value),
    }


def _from_line(line: bytes, where: str) -> DeadLetter:
    try:
        facts = json.loads(line)
        reason = Reason(**{name: _required_text(facts[name]) for name in Reason.__slots__})
        return DeadLetter(_record_from_json(facts), reason, _required_text(facts["at"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        pass  # raised outside: the cause quotes the line
    raise DeadLetterInvalid(f"{where} is not a dead letter")


def _record_from_json(facts: Mapping[str, Any]) -> TransportRecord:
    partition = facts["partition"]
    if partition is not None and type(partition) is not int:
        raise TypeError("partition")
    return TransportRecord(
        value=_from_base64(facts["value"]),
        key=_from_base64(facts["key"]),
        headers=tuple((_required_text(name), _from_base64(value) or b"") for name, value in facts["headers"]),
        place=_required_text(facts["place"]),
        partition=partition,
        position=_required_text(facts["position"]),
    )


def _required_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("text")
    return value


def _to_base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")


def _from_base64(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)
