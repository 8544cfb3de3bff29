"""The write loop: catch up, decide, append, apply.

Every node and every worker process may write. A decision is reached against a state, and its entry is appended only if
the ledger still ends where that state does; otherwise somebody was first, and the decision is reached again.
"""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path

import structlog

from moorings_compat import Format, Level
from moorings_registry import facts, tracing
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
    PutContracts,
    RegisterSchema,
    ReportMemory,
    answered_before,
    as_compared,
    assess,
    decided_on,
    outcome_of,
    placement_for,
    prepare,
    read_candidate,
    refused_before,
    require_not_retired,
    simulate,
)
from moorings_registry.drift import DriftStore, MemoryDrift
from moorings_registry.entries import GENESIS, Entry, EntryTooLarge, Head, moment_text, require_fitting
from moorings_registry.errors import (
    Contention,
    ContractsRefused,
    IdempotencyKeyReused,
    LedgerHistoryLost,
    LedgerTooNew,
    LedgerUnavailable,
    MetadataInvalid,
    PositionAhead,
    Refusal,
    SchemaIncompatible,
    SchemaLimitExceeded,
    VersionNotFound,
)
from moorings_registry.export_statuses import ExportStatuses
from moorings_registry.kept_checks import KeptCheckStore, MemoryKeptChecks
from moorings_registry.ledger import FailedWrites, HeadMoved, HistoryLost, Ledger, LedgerError, WriteProbe, follow
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
from moorings_registry.state import State, apply, watched
from moorings_registry.usage_counts import CONSUME, Usage
from moorings_registry.waivers import end_of_used
from moorings_registry.webhook_progress import WebhookProgress
from moorings_registry.write_queue import (
    LARGEST_BATCH_BYTES,
    Answered,
    Batch,
    Decided,
    Reached,
    Refused,
    Waiting,
    WriteQueue,
    Written,
)

ATTEMPTS = 200
"""Lost races in a row after which a writer gets `Contention`."""
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
        exports: ExportStatuses | None = None,
        drift: DriftStore | None = None,
        drift_days: DriftStore | None = None,
        kept_checks: KeptCheckStore | None = None,
        observer: CheckObserver | None = None,
        ledger_observer: LedgerObserver | None = None,
        usage: Usage | None = None,
        clock: Callable[[], datetime] = utc_now,
        authorization: Authorization | None = None,
        access_path: Path | None = None,
        webhooks: WebhookProgress | None = None,
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
        self.usage = usage or Usage(MemoryDrift())
        self.search_index = SearchIndex()
        self.exports = exports or ExportStatuses()
        self.webhooks = webhooks or WebhookProgress()
        self.recent = RecentEntries(self.entries)
        self._identity = ""
        self.drift = drift or MemoryDrift()
        self.drift_days = drift_days or MemoryDrift()
        self.kept_checks = kept_checks or MemoryKeptChecks()
        self._node_position = node_position or NodePosition()
        self._clock = clock
        self._state = State()
        self.access_counts = AccessCounts(access_path, self.dependencies.now)
        self.authorization = authorization or GrantedAuthorization(lambda: self._state, self.dependencies.now)
        self._commands = CallersCommands(self.authorization, self.access_counts, self.dependencies)
        self._applying = threading.Lock()
        self._queue = WriteQueue(self._settle)
        self._is_settling = False
        self._away_since: float | None = None
        """When the ledger was unavailable last, on the clock of `time.monotonic`; None while it is available."""
        self._is_history_lost = False
        """Whether the ledger holds another history than the one that was read from it, since it was looked at last."""
        self._away_from = 0.0
        """When that began, on the same clock."""
        self._failed_at = 0.0
        """When an entry could last not be appended, on the same clock."""
        self._observer = observer or NoObserver()
        self._ledger_observer = ledger_observer or NoLedgerObserver()
        self._write_probe = WriteProbe(ledger)
        self._failed_writes = FailedWrites()

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
        error = self._write_probe.failure()
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
        try:
            has_news = self.ledger.wait(self._state.position, timeout_s)
        except LedgerError:
            # Read it anyway: this says whether it is away, and since when, though nobody asks for anything.
            with contextlib.suppress(LedgerUnavailable):
                self.catch_up()
            return timeout_s
        # What this process itself is writing need not be read again; its writer reads what it lacks.
        if has_news and self._is_settling:
            return _BETWEEN_LOOKS_S
        if has_news or self._away_since is not None:
            try:
                self.catch_up()
            except LedgerUnavailable:
                return timeout_s
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
        waiting = Waiting(command, caller)
        self._consider(self.state, waiting)
        outcome, state = self._queue.settle(waiting)
        return outcome, self.authorization.visible(state, caller.principal)

    def _consider(self, state: State, waiting: Waiting) -> None:
        """Decide on *state* before anything is locked, since a check may take its time.

        That answers what needs no entry, where *state* is the newest.
        """
        shown, reads = watched(state) if waiting.may_join else (state, None)
        ends = self.authorization.ends(waiting.caller.principal)
        reached = self._reach(shown, waiting)
        if not isinstance(reached, Refused):
            reached = replace(reached, state=state)
        if isinstance(reached, Decided):
            moments = (ends, end_of_used(state, reached.decision.facts))
            waiting.considered = replace(reached, reads=reads, ends=min(filter(None, moments), default=""))
        elif reached.is_final or self._is_newest(state, waiting.command):
            self._answer(waiting, reached)

    def _reach(self, state: State, waiting: Waiting) -> Reached:
        """What a command comes to on *state*: an answer, or a decision that has to be written."""
        command, caller = waiting.command, waiting.caller
        try:
            command = self._commands.meant(state, command, caller.principal)
        except Refusal as refusal:
            return Refused(refusal)
        try:
            again = self._first_answer(state, command, caller)
        except Refusal as refusal:
            return Refused(refusal, is_final=True)
        if again is not None:
            return Answered(again.on(state), state, is_final=True)
        try:
            decision = self._commands.decide(state, command, caller.principal)
        except Refusal as refusal:
            return Refused(refusal)
        if not decision.facts:
            return Answered(decision.outcome.on(state), state)
        return Decided(state, decision, self._commands.provenance(state, command, caller))

    def _settle(self, group: list[Waiting]) -> None:
        """Answer a group of commands: each is decided after those before it, and they are written together.

        Its thread decides alone on its node: it is sure to succeed, and none decides for nothing while another appends.
        """
        with self._node_position.turn(), self._settling():
            for attempt in range(ATTEMPTS):
                if attempt > 3:
                    time.sleep(random.uniform(0, 0.002 * min(attempt, 20)))  # noqa: S311 - spreads writers, hides nothing
                for one in group:
                    if one.is_open and one.since < self._failed_at:  # others waited for nothing, as it would now
                        one.fail(LedgerUnavailable.writing(in_doubt=False))
                left = [one for one in group if one.is_open]
                if not left:
                    return
                try:
                    if self._settle_after(self._newest(trusting=attempt == 0), left):
                        return
                except LedgerUnavailable as unavailable:
                    for one in left:
                        one.fail(unavailable)
        for one in left:
            one.fail(Contention())

    @contextlib.contextmanager
    def _settling(self) -> Iterator[None]:
        """Say meanwhile that this process writes, and is where the ledger is when it is done."""
        self._is_settling = True
        try:
            yield
        finally:
            self._is_settling = False

    def _newest(self, *, trusting: bool) -> State:
        """The state to decide on; *trusting* that nobody on other nodes has written, which the ledger would refuse."""
        state = self._state
        return state if trusting and self._node_position.position <= state.position else self.catch_up()

    def _settle_after(self, base: State, group: list[Waiting]) -> bool:
        """Decide *group* on *base*, write, and answer; False when *base* is not the newest.

        Raises:
            LedgerUnavailable: it cannot be read now, and nothing was to be written.
        """
        batch = Batch(base)
        for one in group:
            try:
                as_before = self._as_before(batch.state, one)
                is_added = self._add(batch, one, as_before or one.run(partial(self._reach, batch.state, one)))
            except Exception as error:  # noqa: BLE001 - whatever it is, the others get answers of their own
                one.fail(error)
                continue
            if not is_added or batch.size_bytes > LARGEST_BATCH_BYTES:
                break
        if batch.entries:
            return self._write(batch)
        if not all(reached.is_final for _, reached in batch.reached) and not all(
            self._is_newest(base, one.command) for one, _ in batch.reached
        ):
            return False
        self._answer_all(batch)
        return True

    def _as_before(self, state: State, waiting: Waiting) -> Decided | None:
        """What *waiting* came to when it was considered, where it comes to the same on *state*; else None."""
        known, command = waiting.considered, waiting.command
        if known is None or (known.ends and known.ends <= self.dependencies.now()):
            return None
        if known.state is state:
            return known
        if known.reads is None or not isinstance(command, RegisterSchema):
            return None
        decision = decided_on(state, command, known.decision, known.reads)
        return replace(known, state=state, decision=decision) if decision is not None else None

    def _add(self, batch: Batch, waiting: Waiting, reached: Reached) -> bool:
        """Add what a command came to, with its entry if it has one; False where the ledger takes no more together."""
        if not isinstance(reached, Decided):
            batch.reached.append((waiting, reached))
            return True
        try:
            entry = self._entry(batch.state, reached, waiting.caller)
        except Refusal as refusal:
            batch.reached.append((waiting, Refused(refusal)))
            return True
        if batch.entries and not batch.has_room(entry, self.ledger.largest_append_bytes):
            return False
        batch.add(entry, apply(batch.state, (entry,)))
        batch.reached.append((waiting, Written(reached.decision, batch.state)))
        return True

    def _entry(self, state: State, decided: Decided, caller: Caller) -> Entry:
        """The entry that follows *state*.

        Raises:
            SchemaLimitExceeded, MetadataInvalid
        """
        try:
            entry = Entry.following(
                Head(state.position, state.digest),
                recorded_at=moment_text(self._clock()),
                actor=caller.principal.name,
                correlation_id=caller.correlation_id,
                idempotency_key=_stored_key(caller),
                facts=[facts.to_json(fact) for fact in decided.decision.facts],
                provenance=decided.provenance,
            )
            require_fitting(entry, self.ledger.largest_append_bytes)
        except EntryTooLarge as error:
            raise SchemaLimitExceeded(str(error)) from None
        except (TypeError, ValueError) as error:
            raise MetadataInvalid(f"The request contains a value that the ledger cannot store: {error}") from None
        return entry

    def _write(self, batch: Batch) -> bool:
        """Append the entries of a batch and answer its commands; False when somebody was first."""
        base = batch.base
        began = time.monotonic()
        try:
            self.ledger.append(*batch.entries, after=Head(base.position, base.digest))
        except HeadMoved:
            self._ledger_observer.race_lost()
            for one, _ in batch.reached:
                one.races += 1
            return False
        except LedgerError as error:
            waiting = [one.caller.correlation_id for one, reached in batch.reached if isinstance(reached, Written)]
            self._failed_writes.note_failed(error, base.position, waiting)
            self._ledger_observer.failed("append", error.code)
            if error.in_doubt:
                self._ledger_observer.left_in_doubt(len(batch.entries))
            self._failed_at = time.monotonic()
            self._write_probe.note_failed()
            for one, reached in batch.reached:
                in_doubt = isinstance(reached, Written) and error.in_doubt
                unavailable = LedgerUnavailable.writing(in_doubt=in_doubt)
                unavailable.__cause__ = error
                one.fail(unavailable)
            return True
        self._write_probe.note_written()
        self._failed_writes.note_written()
        seconds = time.monotonic() - began
        self._ledger_observer.appended(len(batch.entries), seconds)
        for one, reached in batch.reached:
            if one.is_traced and isinstance(reached, Written):
                one.run(partial(self._trace_append, one, reached.state.position, len(batch.entries), seconds))
        with self._applying:
            if self._state is base:
                self._state = batch.state
        self._node_position.announce(batch.state.position)
        self._answer_all(batch)
        return True

    def _trace_append(self, waiting: Waiting, position: int, entries: int, seconds: float) -> None:
        """Note in the trace of a command that its entry was appended, and remember for others what led to it."""
        tracer, span = tracing.tracer(), tracing.current()
        if tracer is not None and span is not None:
            tracer.wrote(position, span)
        told: dict[str, tracing.Value] = {
            "moorings.ledger.engine": type(self.ledger).__name__,
            "moorings.ledger.position": position,
            "moorings.ledger.group": entries,
            "moorings.ledger.races": waiting.races,
            "moorings.ledger.waited_ms": round(1000 * max(0.0, time.monotonic() - waiting.since - seconds), 3),
        }
        tracing.note("ledger append", seconds, told)

    def _answer_all(self, batch: Batch) -> None:
        for one, reached in batch.reached:
            try:
                one.run(partial(self._answer, one, reached))
            except Exception as error:  # noqa: BLE001 - its entry stands as those of the others do
                one.fail(error)

    def _answer(self, waiting: Waiting, reached: Answered | Refused | Written) -> None:
        """Settle a command with what it came to."""
        if isinstance(reached, Written):
            decision, written = reached.decision, reached.state
            if decision.refusal is not None:
                reached = Refused(decision.refusal(written.position))
            else:
                for record in written.checks_of(written.position):
                    self._observer.registration(written.definitions[record.guid].format, record.verdict, record.subject)
                reached = Answered(decision.outcome.on(written), written)
        if isinstance(reached, Answered):
            waiting.answer((reached.outcome, reached.state))
            return
        if not reached.is_final:
            _tell(reached.refusal, self._observer.registration)
        waiting.fail(reached.refusal)

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

    def _is_newest(self, state: State, command: Command | None = None) -> bool:
        """Whether *state* is all there is: a refusal, or that nothing is to be done, may be due to what it lacks.

        Raises:
            LedgerUnavailable: nobody knows now; but a schema that is registered already is found nevertheless, unless
                the ledger may have lost it, and given its id to another one.
        """
        try:
            return self.catch_up().position == state.position
        except LedgerHistoryLost:
            raise
        except LedgerUnavailable:
            if isinstance(command, RegisterSchema):
                return True
            raise

    def rehearse(self, state: State, command: Command, principal: Principal = LOCAL_PRINCIPAL) -> Outcome:
        """What *command* of *principal* would come to on *state*, as `execute` decides it; leaves no trace.

        Raises:
            Refusal: the one that `execute` would raise.
        """
        try:
            decision = self._commands.decide(state, command, principal)
        except Refusal as refusal:
            _tell(refusal, self._observer.rehearsal)
            raise
        if decision.refusal is not None:
            refused = decision.refusal(0)
            _tell(refused, self._observer.rehearsal)
            raise refused
        then = simulate(state, decision.facts)
        for record in then.checks_of(state.position + 1):
            self._observer.rehearsal(then.definitions[record.guid].format, record.verdict, record.subject)
        return decision.outcome

    def _first_answer(self, state: State, command: Command, caller: Caller) -> Outcome | None:
        """The first answer to this key; None if the key is new.

        Raises:
            IdempotencyKeyReused: it came with another request.
            SchemaIncompatible, ContractsIncompatible: that was the answer.
        """
        keyed = state.keys.get(caller.key) if caller.key else None
        if keyed is None:
            return None
        if keyed.request != caller.request_digest:
            raise IdempotencyKeyReused
        if isinstance(command, PutContracts):
            told = self._facts_of_key(caller, keyed.position)
            return answered_before(state, command, keyed.position, told, self.dependencies)
        record = state.check_at(keyed.position)
        if record is not None and not record.accepted:
            raise refused_before(state, record, self.dependencies)
        outcome = outcome_of(self._facts_of_key(caller, keyed.position))
        registered = outcome.on(state).version if outcome.created else None
        if registered is not None and registered.position != keyed.position:
            raise VersionNotFound(registered.number)  # it was deleted for ever, and its number means another schema now
        return outcome

    def _facts_of_key(self, caller: Caller, position: int) -> list[facts.Fact]:
        """The facts of the entry that a request with the caller's key led to.

        Raises:
            LedgerUnavailable: it cannot be read now.
            LedgerHistoryLost: what is at *position* is not that entry.
        """
        entry = next(self.entries(position - 1), None)
        if entry is None or entry.idempotency_key != _stored_key(caller):
            self._is_history_lost = True
            raise LedgerHistoryLost
        return [facts.from_json(stored) for stored in entry.facts]

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


def _stored_key(caller: Caller) -> str | None:
    """What an entry says of the idempotency key that its request came with."""
    return f"{caller.key}#{caller.request_digest}" if caller.key else None


def _tell(refusal: Refusal, observe: Callable[[Format, str, Subject], None]) -> None:
    """Tell of the check that led to *refusal*, or of those of its parts."""
    if isinstance(refusal, SchemaIncompatible):
        observe(refusal.report.format, refusal.report.verdict, refusal.subject)
    elif isinstance(refusal, ContractsRefused):
        for part in refusal.parts:
            _tell(part.refusal, observe)
