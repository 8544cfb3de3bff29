"""The write loop: decide, append, apply, answer.

Every node and every worker process may write. A decision is reached against a state, and its entry is appended only if
the ledger still ends where that state does; otherwise somebody was first, and the decision is reached again.
"""

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol

from moorings_compat import Format
from moorings_registry import facts, tracing
from moorings_registry.authorization import Authorization
from moorings_registry.callers import Caller
from moorings_registry.callers_commands import CallersCommands
from moorings_registry.commands import (
    CheckObserver,
    Command,
    Dependencies,
    Outcome,
    PutContracts,
    RegisterSchema,
    answered_before,
    decided_on,
    outcome_of,
    refused_before,
)
from moorings_registry.entries import Entry, EntryTooLarge, Head, moment_text, require_fitting
from moorings_registry.errors import (
    Contention,
    ContractsRefused,
    IdempotencyKeyReused,
    LedgerHistoryLost,
    LedgerUnavailable,
    MetadataInvalid,
    Refusal,
    SchemaIncompatible,
    SchemaLimitExceeded,
    VersionNotFound,
)
from moorings_registry.ledger import FailedWrites, HeadMoved, Ledger, LedgerError, WriteProbe
from moorings_registry.ledger_observer import LedgerObserver
from moorings_registry.names import Subject
from moorings_registry.node_position import NodePosition
from moorings_registry.state import State, apply, watched
from moorings_registry.waivers import end_of_used
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


class Node(Protocol):
    """What the loop needs of the process that follows the ledger."""

    ledger: Ledger

    @property
    def state(self) -> State:
        """The state with everything that this node has acknowledged."""

    @property
    def known(self) -> State:
        """The state as this process has it, without asking anybody else."""

    @property
    def announced(self) -> int:
        """The newest position that this node knows of, applied here or not."""

    def now(self) -> datetime:
        """The time that entries are recorded with."""

    def catch_up(self) -> State:
        """Read and apply what the ledger has beyond the known state."""

    def entries(self, after: int) -> Iterator[Entry]:
        """Read the ledger's entries that follow position *after*, oldest first."""

    def advance(self, base: State, state: State) -> None:
        """Take *state*, which was written after *base*, and tell the node's other processes."""

    def history_lost(self) -> LedgerHistoryLost:
        """Note that the ledger holds another history than the one that was read from it; the error that says so."""


class WriteLoop:
    """Turns commands into entries of the ledger; those that wait for each other are written together."""

    def __init__(
        self,
        node: Node,
        node_position: NodePosition,
        commands: CallersCommands,
        authorization: Authorization,
        dependencies: Dependencies,
        observer: CheckObserver,
        ledger_observer: LedgerObserver,
    ) -> None:
        self._node = node
        self._node_position = node_position
        self._commands = commands
        self._authorization = authorization
        self._dependencies = dependencies
        self.probe = WriteProbe(node.ledger)
        """Whether the ledger can be written, as far as it was tried of late."""
        self._failed_writes = FailedWrites()
        self._observer = observer
        self._ledger_observer = ledger_observer
        self._queue = WriteQueue(self._settle)
        self.is_settling = False
        """Whether this process is writing: what the ledger has news of may be its own."""
        self._failed_at = 0.0
        """When an entry could last not be appended, on the clock of `time.monotonic`."""

    def execute(self, command: Command, caller: Caller) -> tuple[Outcome, State]:
        """Do what *command* asks; the outcome, and a state that shows it.

        Durable when this returns.

        Raises:
            Refusal: one of the catalogue, with nothing stored except where the refusal itself is worth recording.
        """
        waiting = Waiting(command, caller)
        self._consider(self._node.state, waiting)
        return self._queue.settle(waiting)

    def _consider(self, state: State, waiting: Waiting) -> None:
        """Decide on *state* before anything is locked, since a check may take its time.

        That answers what needs no entry, where *state* is the newest.
        """
        shown, reads = watched(state) if waiting.may_join else (state, None)
        ends = self._authorization.ends(waiting.caller.principal)
        reached = self._reach(shown, waiting)
        if isinstance(reached, Answered):
            reached = replace(reached, state=state)
        if isinstance(reached, Decided):
            moments = (ends, end_of_used(state, reached.decision.facts))
            ends = min(filter(None, moments), default="")
            waiting.considered = replace(reached, state=state, reads=reads, ends=ends)
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
        self.is_settling = True
        try:
            yield
        finally:
            self.is_settling = False

    def _newest(self, *, trusting: bool) -> State:
        """The state to decide on; *trusting* that nobody on other nodes has written, which the ledger would refuse."""
        state = self._node.known
        return state if trusting and self._node.announced <= state.position else self._node.catch_up()

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
        if known is None or (known.ends and known.ends <= self._dependencies.now()):
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
        if batch.entries and not batch.has_room(entry, self._node.ledger.largest_append_bytes):
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
                recorded_at=moment_text(self._node.now()),
                actor=caller.principal.name,
                correlation_id=caller.correlation_id,
                idempotency_key=_stored_key(caller),
                facts=[facts.to_json(fact) for fact in decided.decision.facts],
                provenance=decided.provenance,
            )
            require_fitting(entry, self._node.ledger.largest_append_bytes)
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
            self._node.ledger.append(*batch.entries, after=Head(base.position, base.digest))
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
            self.probe.note_failed()
            for one, reached in batch.reached:
                in_doubt = isinstance(reached, Written) and error.in_doubt
                unavailable = LedgerUnavailable.writing(in_doubt=in_doubt)
                unavailable.__cause__ = error
                one.fail(unavailable)
            return True
        self.probe.note_written()
        self._failed_writes.note_written()
        seconds = time.monotonic() - began
        self._ledger_observer.appended(len(batch.entries), seconds)
        for one, reached in batch.reached:
            if one.is_traced and isinstance(reached, Written):
                one.run(partial(self._trace_append, one, reached.state.position, len(batch.entries), seconds))
        self._node.advance(base, batch.state)
        self._answer_all(batch)
        return True

    def _trace_append(self, waiting: Waiting, position: int, entries: int, seconds: float) -> None:
        """Note in the trace of a command that its entry was appended, and remember for others what led to it."""
        tracer, span = tracing.tracer(), tracing.current()
        if tracer is not None and span is not None:
            tracer.wrote(position, span)
        told: dict[str, tracing.Value] = {
            "moorings.ledger.engine": type(self._node.ledger).__name__,
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
            tell_of_checks(reached.refusal, self._observer.registration)
        waiting.fail(reached.refusal)

    def _is_newest(self, state: State, command: Command | None = None) -> bool:
        """Whether *state* is all there is: a refusal, or that nothing is to be done, may be due to what it lacks.

        Raises:
            LedgerUnavailable: nobody knows now; but a schema that is registered already is found nevertheless, unless
                the ledger may have lost it, and given its id to another one.
        """
        try:
            return self._node.catch_up().position == state.position
        except LedgerHistoryLost:
            raise
        except LedgerUnavailable:
            if isinstance(command, RegisterSchema):
                return True
            raise

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
            return answered_before(state, command, keyed.position, told, self._dependencies)
        record = state.check_at(keyed.position)
        if record is not None and not record.accepted:
            raise refused_before(state, record, self._dependencies)
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
        entry = next(self._node.entries(position - 1), None)
        if entry is None or entry.idempotency_key != _stored_key(caller):
            raise self._node.history_lost()
        return [facts.from_json(stored) for stored in entry.facts]


def _stored_key(caller: Caller) -> str | None:
    """What an entry says of the idempotency key that its request came with."""
    return f"{caller.key}#{caller.request_digest}" if caller.key else None


def tell_of_checks(refusal: Refusal, observe: Callable[[Format, str, Subject], None]) -> None:
    """Tell of the check that led to *refusal*, or of those of its parts."""
    if isinstance(refusal, SchemaIncompatible):
        observe(refusal.report.format, refusal.report.verdict, refusal.subject)
    elif isinstance(refusal, ContractsRefused):
        for part in refusal.parts:
            tell_of_checks(part.refusal, observe)
