"""How exporters fare: one worker of a node exports, and every other one is asked about it.

That is news of the moment, not history, so it does not belong into the ledger: it stands in a small file for each
exporter, in the folder of this run, and goes with it.
"""

import hashlib
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from moorings_registry.state import Exporter

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
    """The run that this tells of: `Exporter.begun`."""


class ExportStatuses:
    """The statuses of this node's exporters; safe from any thread and process."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep them in *folder*; without one, in this process."""
        self._folder = folder
        self._kept: dict[str, ExportStatus] = {}

    def put(self, name: str, status: ExportStatus) -> None:
        """Tell the node about an exporter; only one thread of the node does."""
        if self._folder is None:
            self._kept[name] = status
            return
        path = self._path(self._folder, name)
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(asdict(status)))
        fresh.replace(path)  # at once: nobody reads half of it

    def of(self, exporter: Exporter) -> ExportStatus:
        """How *exporter* fares."""
        told = self._read(exporter.name)
        if told is None or told.begun != exporter.begun:
            told = ExportStatus(STARTING, exporter.advanced, 0, begun=exporter.begun)
        return ExportStatus(PAUSED, told.offset, told.ts, "", told.begun) if exporter.paused else told

    def _read(self, name: str) -> ExportStatus | None:
        if self._folder is None:
            return self._kept.get(name)
        try:
            return ExportStatus(**orjson.loads(self._path(self._folder, name).read_bytes()))
        except FileNotFoundError:
            return None

    @staticmethod
    def _path(folder: Path, name: str) -> Path:
        return folder / "exporters" / hashlib.sha256(name.encode()).hexdigest()[:32]


def now_ms() -> int:
    """Milliseconds since 1970."""
    return int(time.time() * 1000)
