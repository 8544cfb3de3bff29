"""Commands that wait to be written. Writers of one process wait for each other, and whose turn it is takes along those
that wait: a sync of the disk costs as much for ten entries as for one.

Each command is still decided on a state that holds all before it, has an entry of its own, and an answer of its own.
"""

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from moorings_registry.callers import Caller
from moorings_registry.commands import Command, Decision, Outcome, RegisterSchema
from moorings_registry.entries import Entry
from moorings_registry.errors import Refusal
from moorings_registry.state import Reads, State
from moorings_registry.tracing import current

T = TypeVar("T")

log = structlog.get_logger("moorings.service")

LARGEST_GROUP = 32
LARGEST_BATCH_BYTES = 2_000_000
"""No command is added to a batch that has more."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A command that needs no entry."""

    outcome: Outcome
    state: State
    is_final: bool = False
    """It was answered before, whatever the ledger holds beyond the state."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A command that is refused, without an entry."""

    refusal: Refusal
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """A command that has to be written."""

    state: State
    """What it was decided on."""
    decision: Decision
    provenance: dict[str, Any] | None
    reads: Reads | None = None
    """What it went by, where that was noted."""
    ends: str = ""
    """The moment at which a grant of the caller ends, or a waiver that it used, as entries have it; empty for none."""


@dataclass(frozen=True, slots=True)
class Written:
    """A command whose entry is in the batch."""

    decision: Decision
    state: State
    """Right after its entry."""
    is_final: bool = False


Reached = Answered | Refused | Decided


class Batch:
    """What a group of commands came to, each decided after those before it."""

    def __init__(self, base: State) -> None:
        self.base = base
        self.state = base
        """After all entries so far."""
        self.entries: list[Entry] = []
        self.size_bytes = 0
        self.reached: list[tuple[Waiting, Answered | Refused | Written]] = []

    def has_room(self, entry: Entry, most_bytes: int) -> bool:
        """Whether the lines, with a line feed between two, have at most *most_bytes* with *entry*."""
        return self.size_bytes + len(entry.to_line()) <= most_bytes

    def add(self, entry: Entry, state: State) -> None:
        """Add the next entry, which leads to *state*."""
        self.entries.append(entry)
        self.size_bytes += len(entry.to_line()) + 1
        self.state = state


class Waiting:
    """A command that was not answered yet; any thread may settle it, in the context of the one that asked."""

    def __init__(self, command: Command, caller: Caller) -> None:
        self.command = command
        self.caller = caller
        self.considered: Decided | None = None
        """What it came to on a state that may not be the newest by now."""
        self.since = time.monotonic()
        self.is_traced = current() is not None
        self.races = 0
        """How often it was decided again, since another writer was first."""
        self._context = copy_context()
        self._answer: tuple[Outcome, State] | None = None
        self._error: BaseException | None = None
        self._asleep = threading.Lock()
        """Held until there is an answer, or the turn is this command's: its thread waits for nothing else."""
        self._asleep.acquire()

    @property
    def is_open(self) -> bool:
        """Whether there is no answer yet."""
        return self._answer is None and self._error is None

    @property
    def may_join(self) -> bool:
        """Whether it may be decided after others that are not durable yet: it changes nobody's rights."""
        return isinstance(self.command, RegisterSchema)

    def run(self, work: Callable[[], T]) -> T:
        """Do *work* in the context of the thread that asked: log lines and metrics know its request."""
        return self._context.run(work)

    def answer(self, answer: tuple[Outcome, State]) -> None:
        """Settle it."""
        self._answer = answer
        self.wake()

    def fail(self, error: BaseException) -> None:
        """Settle it with an error, which is raised to whoever asked."""
        self._error = error
        self.wake()

    def sleep(self) -> None:
        """Wait to be woken."""
        self._asleep.acquire()

    def wake(self) -> None:
        """Let its thread go on."""
        with contextlib.suppress(RuntimeError):  # it is awake
            self._asleep.release()

    @property
    def is_awake(self) -> bool:
        return not self._asleep.locked()

    def result(self) -> tuple[Outcome, State]:
        """The answer; an error is raised."""
        if self._error is not None:
            raise self._error
        assert self._answer is not None
        return self._answer


class WriteQueue:
    """Settles what waits, in the order in which it came; safe from any thread.

    One thread at a time has the turn. It settles a group, wakes those whose commands were in it, and hands the turn to
    the thread that waits longest. Nobody queues for a lock: each is woken once, for its own answer or its own turn.
    """

    def __init__(self, settle: Callable[[list[Waiting]], None]) -> None:
        """*settle* answers a group, its first command at least; one thread at a time calls it."""
        self._settle = settle
        self._waiting: deque[Waiting] = deque()
        self._lock = threading.Lock()
        """For the two below it, for a moment."""
        self._has_turn = False
        """Whether some thread has the turn."""

    def __len__(self) -> int:
        """How many commands wait for somebody to take them along."""
        return len(self._waiting)

    def settle(self, waiting: Waiting) -> tuple[Outcome, State]:
        """Wait until *waiting* is settled, by this thread or by another; its result."""
        if waiting.is_open:
            if not self._join(waiting):
                self._await(waiting)
            if waiting.is_open:
                self._take_turn(waiting)
        return waiting.result()

    def _join(self, waiting: Waiting) -> bool:
        """Queue up; whether the turn was nobody's, and is this thread's now."""
        with self._lock:
            self._waiting.append(waiting)
            was_free, self._has_turn = not self._has_turn, True
            return was_free

    def _await(self, waiting: Waiting) -> None:
        """Wait for an answer, or for the turn. A thread that is interrupted leaves the queue."""
        try:
            waiting.sleep()
        except BaseException as error:
            if self._leave(waiting, error):
                self._hand_on()
            raise

    def _take_turn(self, waiting: Waiting) -> None:
        try:
            while waiting.is_open:
                self._settle_group()
        except BaseException as error:
            self._leave(waiting, error)
            raise
        finally:
            self._hand_on()

    def _leave(self, waiting: Waiting, error: BaseException) -> bool:
        """Settle *waiting* for a thread that was interrupted; whether it was woken to take the turn."""
        with self._lock:
            has_turn = waiting.is_open and waiting.is_awake
            waiting.fail(error)  # whoever settles it now does not put it back
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            return has_turn

    def _hand_on(self) -> None:
        """Hand the turn to whoever waits longest, if anybody does."""
        with self._lock:
            self._has_turn = bool(self._waiting)
            if self._waiting:
                self._waiting[0].wake()

    def _settle_group(self) -> None:
        group = self._next_group()
        try:
            self._settle(group)
        except Exception as error:
            log.exception("group_failed")
            for one in group:
                if one.is_open:
                    one.fail(error)
        finally:
            self._put_back(one for one in group if one.is_open)

    def _next_group(self) -> list[Waiting]:
        """What waits longest, and what right behind it may be settled with it."""
        with self._lock:
            group = [self._waiting.popleft()]
            keys = {group[0].caller.key}
            while group[0].may_join and self._waiting and len(group) < LARGEST_GROUP:
                next_one = self._waiting[0]
                key = next_one.caller.key
                if not next_one.may_join or (key and key in keys):  # the answer to a key is read from the ledger
                    break
                keys.add(key)
                group.append(self._waiting.popleft())
            return group

    def _put_back(self, left: Iterable[Waiting]) -> None:
        with self._lock:
            self._waiting.extendleft(reversed(list(left)))
