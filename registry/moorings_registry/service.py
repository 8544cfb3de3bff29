"""The service: follows the ledger, answers from the state, and has commands written."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import structlog

from moorings_compat import Level
from moorings_registry.access import Verb
from moorings_registry.access_counts import AccessCounts
from moorings_registry.authorization import Authorization, GrantedAuthorization
from moorings_registry.bases import BaseFolder
from moorings_registry.callers import Caller
from moorings_registry.callers_commands import CallersCommands
from moorings_registry.commands import (
    Assessment,
    Candidate,
    CheckObserver,
    Command,
    Dependencies,
    Draft,
    NoObserver,
    ObservedReader,
    Outcome,
    ReportMemory,
    as_compared,
    assess,
    placement_for,
    prepare,
    read_candidate,
    require_not_retired,
    simulate,
)
from moorings_registry.entries import GENESIS, Entry, Head, moment_text
from moorings_registry.errors import (
    LedgerHistoryLost,
    LedgerTooNew,
    LedgerUnavailable,
    PositionAhead,
    Refusal,
)
from moorings_registry.ledger import HistoryLost, Ledger, LedgerError, follow
from moorings_registry.ledger import errors as ledger_errors
from moorings_registry.ledger_observer import LedgerObserver, NoLedgerObserver
from moorings_registry.log_ids import background_pass
from moorings_registry.names import Subject
from moorings_registry.node_position import NodePosition
from moorings_registry.principals import LOCAL_PRINCIPAL, Principal
from moorings_registry.registry_events import RecentEntries
from moorings_registry.schema_cache import SchemaCache
from moorings_registry.search import SearchIndex
from moorings_registry.settings import Settings
from moorings_registry.side_stores import SideStores
from moorings_registry.state import State, apply
from moorings_registry.usage_counts import CONSUME
from moorings_registry.write_loop import WriteLoop, tell_of_checks

PAUSE_S = 0.5
"""Seconds for which readers do not retry a ledger that was unavailable."""

_BETWEEN_LOOKS_S = 0.02
"""Seconds that the thread which follows others rests after each look, so that entries in a row are read together, and
the ledger is seldom asked for one that is still being synced. Requests do not wait for it: they read what their node
has acknowledged by themselves."""

log = structlog.get_logger("moorings.service")


def utc_now() -> datetime:
    return datetime.now(UTC)


class Registry:
    """The service: answers every query from a `State`, and turns commands into entries of the ledger."""

    def __init__(
        self,
        ledger: Ledger,
        settings: Settings | None = None,
        *,
        node_position: NodePosition | None = None,
        stores: SideStores | None = None,
        observer: CheckObserver | None = None,
        ledger_observer: LedgerObserver | None = None,
        clock: Callable[[], datetime] = utc_now,
        authorization: Authorization | None = None,
        access_path: Path | None = None,
        bases: BaseFolder | None = None,
    ) -> None:
        self.ledger = ledger
        self.bases = bases
        self.settings = settings or Settings()
        self.dependencies = Dependencies(
            self.settings,
            SchemaCache(self.settings.limits),
            ReportMemory(self.settings.check_steps, observer=observer),
            lambda: moment_text(clock()),
            observe=self._observe,
        )
        stores = stores or SideStores()
        self.drift, self.drift_days, self.usage = stores.drift, stores.drift_days, stores.usage
        self.kept_checks, self.exports, self.webhooks = stores.kept_checks, stores.exports, stores.webhooks
        self.search_index = SearchIndex()
        self.recent = RecentEntries(self.entries)
        self._identity = ""
        self._node_position = node_position or NodePosition()
        self._clock = clock
        self._state = State()
        self.access_counts = AccessCounts(access_path, self.dependencies.now)
        self.authorization = authorization or GrantedAuthorization(lambda: self._state, self.dependencies.now)
        self._commands = CallersCommands(self.authorization, self.access_counts, self.dependencies)
        self._applying = threading.Lock()
        self._away_since: float | None = None
        """When the ledger was unavailable last, on the clock of `time.monotonic`; None while it is available."""
        self._followed_to = 0
        """The position that was announced when the thread that follows others last looked."""
        self._is_history_lost = False
        """Whether the ledger holds another history than the one that was read from it, since it was looked at last."""
        self._away_from = 0.0
        """When that began, on the same clock."""
        self._observer = observer or NoObserver()
        self._ledger_observer = ledger_observer or NoLedgerObserver()
        self._writes = WriteLoop(
            self,
            self._node_position,
            self._commands,
            self.authorization,
            self.dependencies,
            self._observer,
            self._ledger_observer,
        )

    def now(self) -> datetime:
        """The time that entries are recorded with."""
        return self._clock()

    def _observe(self, subject: Subject, major: int) -> list[ObservedReader]:
        """Those who were observed to read a major; of several revisions, the one seen last.

        Raises:
            UsageUnavailable
        """
        found: dict[str, ObservedReader] = {}
        for one in self.usage.of(subject, self._clock()):
            if one.used.direction == CONSUME and one.used.major in (0, major):
                found.setdefault(
                    one.application, ObservedReader(one.application, one.used.revision, one.last_seen, one.reported_by)
                )
        return list(found.values())

    # Reading

    @property
    def state(self) -> State:
        """The state with everything that this node has acknowledged.

        While the ledger is unavailable, this is the last known state.
        """
        if self.is_behind:
            with contextlib.suppress(LedgerUnavailable):
                self.catch_up(self._node_position.position)
        return self._state

    @property
    def known(self) -> State:
        """The state as this process has it, without asking anybody else."""
        return self._state

    @property
    def is_behind(self) -> bool:
        """Whether this node has acknowledged more than `known` holds, and asking the ledger for it may help now."""
        return self._node_position.position > self._state.position and not self._was_just_away()

    @property
    def announced(self) -> int:
        """The newest position that this node knows of, applied here or not: costs nothing to ask."""
        return max(self._state.position, self._node_position.position)

    def begin_from_base(self) -> None:
        """Take the state of the newest base, if one is beyond the known state; what follows it is still to come."""
        if self.bases is not None:
            with self._applying:
                base = self.bases.newest_state(after=self._state.position)
                if base is not None:
                    log.info("begun_from_base", position=base.position)
                    self._state = base

    def catch_up(self, needed: int | None = None) -> State:
        """Read and apply what the ledger has beyond the known state.

        Whoever has *needed* no more than a position takes the state of another thread that has come there meanwhile.

        Raises:
            LedgerUnavailable: it cannot be read now.
            LedgerHistoryLost: it went back, or another history took its place.
            LedgerTooNew: from some entry on, as a newer release wrote that. What precedes it is applied.
        """
        with self._applying:
            state, acknowledged = self._state, self._node_position.position
            if needed is not None and state.position >= needed:
                return state
            try:
                newest: list[Entry] = []
                newer = apply(state, _noting_last(self._following(state), newest))
                if newer.position < acknowledged:
                    # This process may be too young to have read what another worker of the node has acknowledged.
                    raise HistoryLost(Head(acknowledged, "?"), Head(newer.position, newer.digest))
            except ledger_errors.LedgerTooNew as error:
                self._note_unreadable("ledger_too_new", error)
                if error.position > state.position + 1:
                    self._state = apply(state, islice(self._following(state), error.position - 1 - state.position))
                raise LedgerTooNew(error.position, error.why) from error
            except LedgerError as error:
                self._note_unreadable("ledger_unavailable", error)
                if isinstance(error, HistoryLost):
                    self._is_history_lost = True
                    raise LedgerHistoryLost from error
                raise LedgerUnavailable("The ledger cannot be read right now") from error
            self._is_history_lost = False
            if self._away_since is not None:
                log.info("ledger_back", position=newer.position)
                self._away_since = None
                self._ledger_observer.back()
            self._state = newer
        if newest and state.position:  # the first load is not a delay
            self._ledger_observer.followed(
                max(0.0, (self._clock() - datetime.fromisoformat(newest[0].recorded_at)).total_seconds())
            )
        return newer

    def _following(self, state: State) -> Iterator[Entry]:
        return follow(self.ledger, Head(state.position, state.digest))

    def advance(self, base: State, state: State) -> None:
        """Take *state*, which was written after *base*, unless a thread has come further; tell the other workers."""
        with self._applying:
            if self._state is base:
                self._state = state
        self._node_position.announce(state.position)

    def history_lost(self) -> LedgerHistoryLost:
        """Note that the ledger holds another history than the one that was read from it; the error that says so."""
        self._is_history_lost = True
        return LedgerHistoryLost()

    def _note_unreadable(self, event: str, error: LedgerError) -> None:
        """Note that the ledger could not be read, and log it where that is news."""
        if self._away_since is None:
            log.warning(event, cause=str(error), position=self._state.position)
            self._away_from = time.monotonic()
        self._away_since = time.monotonic()
        self._ledger_observer.failed("read", error.code)
        self._ledger_observer.away(self.away_s)

    @property
    def away_s(self) -> float:
        """For how many seconds this process has been unable to read the ledger; 0 while it can."""
        return 0.0 if self._away_since is None else time.monotonic() - self._away_from

    def _was_just_away(self) -> bool:
        """Whether the ledger was unavailable a moment ago, so that not every reader waits for it."""
        away_since = self._away_since
        return away_since is not None and time.monotonic() - away_since < PAUSE_S

    def require_writable(self) -> None:
        """Pass when the ledger can be written, as far as it was tried of late; see `WriteProbe`.

        Raises:
            LedgerUnavailable: it cannot; says why, without paths and addresses.
        """
        error = self._writes.probe.failure()
        if error is not None:
            raise LedgerUnavailable(f"the ledger cannot be written: {error}")

    def state_at_least(self, position: int) -> State:
        """The state at *position* or later, with everything that this node has acknowledged.

        Raises:
            PositionAhead: the ledger itself has not come so far.
            LedgerUnavailable: it cannot be read now.
        """
        state = self.state  # the position may be older than what another worker of the node has acknowledged
        if state.position < position:
            state = self.catch_up()
        if state.position < position:
            raise PositionAhead(position, state.position)
        return state

    def state_of(self, position: int) -> State:
        """Rebuild the state as it was right after the entry at *position*, from the nearest base before it.

        Raises:
            LedgerUnavailable: the ledger cannot be read now.
        """
        base = self.bases.newest_state(at_most=position) if self.bases else None
        begun = base or State()
        return apply(begun, islice(self.entries(begun.position), position - begun.position))

    def keep_up(self, stop: threading.Event, timeout_s: float = 1.0) -> None:
        """Follow other nodes until *stop* is set; meant for a thread of its own."""
        while not stop.is_set():
            with background_pass("keep-up"):
                try:
                    pause_s = self._follow_others(timeout_s)
                except Exception:
                    # No file can be opened, say. Whatever it was, the node would follow nobody ever again.
                    log.exception("following_failed")
                    pause_s = timeout_s
            if pause_s:
                stop.wait(pause_s)

    def _follow_others(self, timeout_s: float) -> float:
        """Wait for news and apply them; seconds to rest before the next time."""
        announced = self.announced
        if announced > self._followed_to and self._away_since is None:
            # This node is writing, and each write follows all that is in the ledger: there is no need to ask it.
            self._followed_to = announced
            if not self._writes.is_settling:
                with contextlib.suppress(LedgerUnavailable):
                    self.catch_up(announced)
            return _BETWEEN_LOOKS_S
        try:
            has_news = self.ledger.wait(self._state.position, timeout_s)
        except LedgerError:
            # Read it anyway: this says whether it is away, and since when, though nobody asks for anything.
            with contextlib.suppress(LedgerUnavailable):
                self.catch_up()
            return timeout_s
        # What this process itself is writing need not be read again; its writer reads what it lacks.
        if has_news and self._writes.is_settling:
            return _BETWEEN_LOOKS_S
        if has_news or self._away_since is not None:
            try:
                self.catch_up()
            except LedgerUnavailable:
                return timeout_s
            self._followed_to = self.announced
        return _BETWEEN_LOOKS_S if has_news else 0.0

    # Checking

    def read_candidate(self, state: State, subject: Subject, draft: Draft) -> Candidate:
        """Parse a draft as it would be registered under *subject*; what is wrong with it is raised."""
        return read_candidate(state, as_compared(state, subject, draft), subject, self.dependencies.schema_cache)

    def assess(
        self, state: State, subject: Subject, draft: Draft, major: int | str | None = None, level: Level | None = None
    ) -> tuple[Candidate, Assessment]:
        """Check a draft as registering would, and leave no trace."""
        candidate = prepare(state, subject, draft, self.dependencies.schema_cache, inherits=major is None)
        if major is None:
            require_not_retired(state, subject, draft, candidate, self.dependencies)
        place = placement_for(state, subject, candidate, major)
        return candidate, assess(state, subject, candidate, place, self.dependencies, level=level)

    # Writing

    def execute(self, command: Command, caller: Caller) -> tuple[Outcome, State]:
        """Do what *command* asks; the outcome, and a state that shows it, as the caller may see it.

        Durable when this returns. The same idempotency key with the same request gives the first answer again.

        Raises:
            Refusal: one of the catalogue, with nothing stored except where the refusal itself is worth recording.
        """
        outcome, state = self._writes.execute(command, caller)
        return outcome, self.authorization.visible(state, caller.principal)

    def require_permitted(self, command: Command, principal: Principal) -> None:
        """Pass, or refuse a command to whoever lacks a permission for something that it touches.

        `execute` asks by itself; this is for commands that are not executed, or not yet.

        Raises:
            NotAllowed, SignInNeeded
            AssociationNotFound, DomainNotFound, WaiverNotFound: it is about something that the caller does not see.
        """
        self._commands.meant(self.state, command, principal)

    def denial(self, state: State, principal: Principal, verb: Verb, target: str) -> Refusal:
        """The refusal of a caller who lacks *verb* on *target*; see `CallersCommands.denial`."""
        return self._commands.denial(state, principal, verb, target)

    def rehearse(self, state: State, command: Command, principal: Principal = LOCAL_PRINCIPAL) -> Outcome:
        """What *command* of *principal* would come to on *state*, as `execute` decides it; leaves no trace.

        Raises:
            Refusal: the one that `execute` would raise.
        """
        try:
            decision = self._commands.decide(state, command, principal)
        except Refusal as refusal:
            tell_of_checks(refusal, self._observer.rehearsal)
            raise
        if decision.refusal is not None:
            refused = decision.refusal(0)
            tell_of_checks(refused, self._observer.rehearsal)
            raise refused
        then = simulate(state, decision.facts)
        for record in then.checks_of(state.position + 1):
            self._observer.rehearsal(then.definitions[record.guid].format, record.verdict, record.subject)
        return decision.outcome

    def entries(self, after: int) -> Iterator[Entry]:
        """Read the ledger's entries that follow position *after*, oldest first.

        Raises:
            LedgerUnavailable: it cannot be read now.
            LedgerHistoryLost: they are not those that the state was made of.
        """
        if self._is_history_lost:
            raise LedgerHistoryLost
        try:
            yield from self.ledger.read(after)
        except ledger_errors.LedgerTooNew as error:
            raise LedgerTooNew(error.position, error.why) from error
        except LedgerError as error:
            raise LedgerUnavailable("The ledger cannot be read right now") from error

    def identity(self) -> str:
        """What tells this registry from every other one: the digest of its first entry; zeros before there is one.

        Raises:
            LedgerUnavailable: the ledger cannot be read now.
        """
        if not self._identity and self._state.position:
            self._identity = self.entry(1).digest
        return self._identity or GENESIS

    def entry(self, position: int) -> Entry:
        """Read one entry of the ledger.

        Raises:
            PositionAhead: there is none yet.
            LedgerUnavailable: the ledger cannot be read now.
        """
        for entry in self.entries(position - 1):
            return entry
        raise PositionAhead(position, self._state.position)


def _noting_last(entries: Iterable[Entry], last: list[Entry]) -> Iterator[Entry]:
    """Pass entries on, and keep the newest of them as the only item of *last*."""
    for entry in entries:
        last[:] = (entry,)
        yield entry
