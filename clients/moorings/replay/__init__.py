"""Replay: runs an archive of events through a reader, to find out which of them it can read."""

from moorings.replay.items import Archive, ArchiveUnreadable
from moorings.replay.opening import KINDS, open_archive
from moorings.replay.replay_reader import ReplayReader
from moorings.replay.replay_run import Replay, ReplayResult
from moorings.replay.reports import About, replay_json, replay_markdown
from moorings.replay.state_file import StateFile, Task
from moorings.replay.tally import Tally

__all__ = [
    "KINDS",
    "About",
    "Archive",
    "ArchiveUnreadable",
    "Replay",
    "ReplayReader",
    "ReplayResult",
    "StateFile",
    "Tally",
    "Task",
    "open_archive",
    "replay_json",
    "replay_markdown",
]
