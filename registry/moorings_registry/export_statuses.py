"""Statuses of exporters: one worker exports, and every other one has to answer for it.

A status is not history, so it is not in the ledger: it is a small file for each exporter in the folder of this run, or
a field beside the ledger where nodes on several machines share that.
"""

import hashlib
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import orjson

from moorings_registry.state import Exporter
from moorings_registry.whole_files import written_whole

STARTING, RUNNING, PAUSED, ERROR = "STARTING", "RUNNING", "PAUSED", "ERROR"


@dataclass(frozen=True, slots=True)
class ExportStatus:
    """How far an exporter has come."""

    state: str
    offset: int
    """The position up to which the target is in step."""
    ts: int
    """When that was seen, in milliseconds since 1970; 0 for never."""
    trace: str = ""
    """What went wrong."""
    begun: int = 0
    """The run that this is the status of: `Exporter.begun`."""


class StatusStore(Protocol):
    """Stores one status for each exporter; safe from any thread and process that shares it."""

    def put(self, name: str, told: bytes) -> None:
        """Store the status of exporter *name*; it may be lost."""

    def get(self, name: str) -> bytes | None:
        """The last status stored; None if there is none."""


class MemoryStatuses:
    """For this process alone."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def put(self, name: str, told: bytes) -> None:
        self._kept[name] = told

    def get(self, name: str) -> bytes | None:
        return self._kept.get(name)


class FileStatuses:
    """Small files, for the processes that share a folder."""

    def __init__(self, folder: Path) -> None:
        """Keep them in *folder*, which is made when there is something to keep."""
        self._folder = folder

    def put(self, name: str, told: bytes) -> None:
        path = self._path(name)
        path.parent.mkdir(exist_ok=True)
        with written_whole(path, durable=False) as file:  # nobody reads half of it
            file.write(told)

    def get(self, name: str) -> bytes | None:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def _path(self, name: str) -> Path:
        return self._folder / hashlib.sha256(name.encode()).hexdigest()[:32]


class ExportStatuses:
    """The statuses of exporters; safe from any thread and process."""

    def __init__(self, store: StatusStore | None = None) -> None:
        """Keep them in *store*; without one, in this process."""
        self._store = store or MemoryStatuses()

    def put(self, name: str, status: ExportStatus) -> None:
        """Publish the status of an exporter; only the worker that runs it does."""
        self._store.put(name, orjson.dumps(asdict(status)))

    def of(self, exporter: Exporter) -> ExportStatus:
        """The status of *exporter*."""
        stored = self._store.get(exporter.name)
        told = ExportStatus(**orjson.loads(stored)) if stored is not None else None
        if told is None or told.begun != exporter.begun:
            told = ExportStatus(STARTING, exporter.advanced, 0, begun=exporter.begun)
        return ExportStatus(PAUSED, told.offset, told.ts, "", told.begun) if exporter.paused else told


def now_ms() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)
