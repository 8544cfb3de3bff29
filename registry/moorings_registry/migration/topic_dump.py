"""Reading a dump of the topic that Confluent's registry and its kin keep everything in: ``_schemas``.

One JSON object a line, oldest first: ``{"key": {...}, "value": {...}}``, either of them perhaps a string that holds the
JSON, as consumers print it; ``payload`` will do for ``value``. Later records win, and a null value takes back what its
key said.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO

import orjson

from moorings_registry.migration.imported import (
    ImportedRegistry,
    ImportedVersion,
    Json,
    Place,
    SourceUnreadable,
    read_mode,
    read_own_settings,
    read_version,
)
from moorings_registry.names import REGISTRY_SCOPE, is_qualified, split_qualified

LONGEST_LINE_BYTES = 64 * 1024 * 1024
_SILENT = ("NOOP", "CONTEXT")
"""Records that hold nothing to take over: a context is there through its subjects."""


def read_topic_dump(stream: BinaryIO, unread: list[str] | None = None) -> ImportedRegistry:
    """Read a dump from its first record to its last.

    With *unread*, what is not such a record is said there, and the rest is read nevertheless.

    Raises:
        SourceUnreadable: a line is not such a record; says which.
    """
    replay = _Replay()
    for number, line in enumerate(_lines(stream), 1):
        try:
            if len(line) > LONGEST_LINE_BYTES:
                raise SourceUnreadable(f"line {number}: longer than {LONGEST_LINE_BYTES} bytes")
            if line.strip():
                replay.take(line, f"line {number}")
        except SourceUnreadable as error:
            if unread is None:
                raise
            unread.append(str(error))
    return replay.finish()


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield each line; of one that is too long, as much as shows that."""
    while line := stream.readline(LONGEST_LINE_BYTES + 1):
        yield line
        while len(line) > LONGEST_LINE_BYTES and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE_BYTES + 1)


class _Replay:
    """What the topic says so far."""

    def __init__(self) -> None:
        self._versions: dict[Place, ImportedVersion] = {}
        self._configs: dict[str, Json] = {}
        self._modes: dict[str, str] = {}
        self._unknown: Counter[str] = Counter()
        self._readers: dict[str, Callable[[Json, Any, str], None]] = {
            "SCHEMA": self._schema,
            "CONFIG": self._config,
            "MODE": self._mode,
            "DELETE_SUBJECT": self._delete_subject,
            "CLEAR_SUBJECT": self._clear_subject,
        }

    def take(self, line: bytes, where: str) -> None:
        record = _json(line, where)
        if not isinstance(record, dict) or "key" not in record or not ("value" in record or "payload" in record):
            raise SourceUnreadable(f"{where}: not an object with key and value")
        key = _unpacked(record["key"], f"{where}, key")
        value = _unpacked(record["value"] if "value" in record else record["payload"], f"{where}, value")
        if not isinstance(key, dict) or not isinstance(key.get("keytype"), str):
            raise SourceUnreadable(f"{where}: the key has no keytype")
        if value is not None and not isinstance(value, dict):
            raise SourceUnreadable(f"{where}: the value is neither an object nor null")
        kind = key["keytype"]
        if kind in self._readers:
            self._readers[kind](key, value, where)
        elif kind not in _SILENT:
            self._unknown[kind] += 1

    def finish(self) -> ImportedRegistry:
        left_out = (f"records of the kind {kind}: {count}" for kind, count in sorted(self._unknown.items()))
        return ImportedRegistry(tuple(self._versions.values()), self._configs, self._modes, tuple(left_out))

    def _schema(self, key: Json, value: Any, where: str) -> None:
        place = (_subject(key, where), _version(key, where))
        if value is None:
            self._versions.pop(place, None)
            return
        version = read_version({"subject": place[0], "version": place[1], **value}, where)
        if version.place != place:
            raise SourceUnreadable(f"{where}: the key names {place[0]} version {place[1]}, the value {version.label}")
        self._versions[place] = version

    def _config(self, key: Json, value: Any, where: str) -> None:
        scope = _scope(key)
        if value is None:
            self._configs.pop(scope, None)
        else:
            self._configs[scope] = read_own_settings(value, where)

    def _mode(self, key: Json, value: Any, where: str) -> None:
        scope = _scope(key)
        if value is None:
            self._modes.pop(scope, None)
        else:
            self._modes[scope] = read_mode(value, where)

    def _delete_subject(self, key: Json, value: Any, where: str) -> None:
        """Every version up to the one that is named was soft-deleted."""
        if value is None:
            return
        subject, last = _subject(key, where), _version(value, where)
        for place, version in self._versions.items():
            if place[0] == subject and place[1] <= last:
                self._versions[place] = replace(version, deleted=True)

    def _clear_subject(self, key: Json, value: Any, where: str) -> None:
        """What was soft-deleted in a subject, a context or everywhere was permanently deleted."""
        if value is None:
            return
        scope = _scope(key)
        for place, version in list(self._versions.items()):
            if version.deleted and _lies_in(place[0], scope):
                del self._versions[place]


def _lies_in(subject: str, scope: str) -> bool:
    if scope == REGISTRY_SCOPE.key or subject == scope:
        return True
    context, name = split_qualified(scope)
    return is_qualified(scope) and not name and split_qualified(subject)[0] == context


def _scope(key: Json) -> str:
    subject = key.get("subject")
    return subject if isinstance(subject, str) else REGISTRY_SCOPE.key


def _subject(content: Json, where: str) -> str:
    subject = content.get("subject")
    if not isinstance(subject, str):
        raise SourceUnreadable(f"{where}: has no subject")
    return subject


def _version(content: Json, where: str) -> int:
    version = content.get("version")
    if type(version) is not int:
        raise SourceUnreadable(f"{where}: has no version")
    return version


def _unpacked(part: Any, where: str) -> Any:
    if isinstance(part, str):
        return _json(part, where) if part else None
    return part


def _json(text: bytes | str, where: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise SourceUnreadable(f"{where}: not JSON ({error.msg})") from None
