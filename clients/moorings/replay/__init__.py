"""Replay: an archive of events run through a reader, to learn which of them it could read."""

from moorings.replay.items import Archive, ArchiveUnreadable
from moorings.replay.opening import KINDS, open_archive
from moorings.replay.reading import ReplayReader
from moorings.replay.reports import About, as_json, markdown
from moorings.replay.resuming import StateFile, Task
from moorings.replay.running import Replay, Replayed
from moorings.replay.tally import Tally

__all__ = [
    "KINDS",
    "About",
    "Archive",
    "ArchiveUnreadable",
    "Replay",
    "ReplayReader",
    "Replayed",
    "StateFile",
    "Tally",
    "Task",
    "as_json",
    "markdown",
    "open_archive",
]
