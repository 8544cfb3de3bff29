"""Forks: what must not be half-way through anything when the process is copied.

A lock held by another thread stays locked for ever in the child, and SQLite keeps its file locks in process memory, so
a connection that crosses a fork corrupts its file (sqlite.org/howtocorrupt.html, section 2.6). Engines that watch are
paused before every fork, in the thread that forks, and resumed afterwards, in parent and child alike.
"""

import os
from threading import RLock
from typing import Protocol
from weakref import WeakSet


class Forkable(Protocol):
    """Something that can be paused for a fork."""

    def before_fork(self) -> None:
        """Pause: hold every lock, and close what a child must not inherit."""

    def after_fork(self) -> None:
        """Resume, in the parent or in the child."""


_watched: WeakSet[Forkable] = WeakSet()
_resting: list[Forkable] = []
_one_at_a_time = RLock()


def watch(engine: Forkable) -> None:
    """Pause *engine* before each fork, for as long as it lives."""
    _watched.add(engine)


def _before() -> None:
    _one_at_a_time.acquire()
    for engine in list(_watched):
        engine.before_fork()
        _resting.append(engine)


def _after() -> None:
    while _resting:
        _resting.pop().after_fork()
    _one_at_a_time.release()


os.register_at_fork(before=_before, after_in_parent=_after, after_in_child=_after)
