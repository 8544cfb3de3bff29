"""Does one side refuse, by a condition, what the other writes? Shown by an event, proven by the text, or left open.

**Replay**: the candidate reads what the older revision wrote, and producers of the older revision take the candidate
up. An event that passes the conditions with which the older revision writes must pass the candidate's, in either mode;
what the older revision's own readers refuse is nothing new for the candidate's readers.

**Consumers**: the older revision reads what the candidate writes. An event that passes the conditions with which the
candidate writes must pass those with which the older one reads, unless the older revision's own producers could write
it just as well.

A condition that both sides have is left alone while the schema is the same. Under another schema events are tried, and
where none is refused the matter rests. Conditions of other types than CEL are for those who brought them.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from moorings_compat.cel.engine import ENGINE, CannotRun
from moorings_compat.cel.expressions import SKIPPED, Expression
from moorings_compat.cel.values import Size
from moorings_compat.conditions.clauses import CEL, CEL_FIELD, Clause, Mode, clauses_of, transforms
from moorings_compat.conditions.compiling import compiled
from moorings_compat.conditions.events.port import Event, Events, View
from moorings_compat.conditions.events.table import events_of
from moorings_compat.conditions.implication import follows
from moorings_compat.conditions.literals import literals_of
from moorings_compat.conditions.trials import trials
from moorings_compat.contracts import Contract
from moorings_compat.errors import BudgetSpent
from moorings_compat.field_tags import Tags
from moorings_compat.findings import Finding, Severity, Witness
from moorings_compat.levels import Promise
from moorings_compat.limits import Budget
from moorings_compat.policies import Policy
from moorings_compat.schema import Schema

_STEPS_OF_A_TRIAL = 60
_MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Side:
    """One revision: its schema, and the contract that its clients keep."""

    schema: Schema
    contract: Contract


def compare_conditions(
    candidate: Side, older: Side, promise: Promise, policy: Policy, budget: Budget, event: str = ""
) -> Iterable[Finding]:
    """Find the conditions that break *promise*; both sides have one format. *event* names Protobuf's message."""
    backward = promise is Promise.REPLAY_SAFE
    question = _replay(candidate, older) if backward else _consumers(candidate, older)
    if not question.asked:
        return ()
    reader, writer = (candidate, older) if backward else (older, candidate)
    return _Search(question, reader, writer, policy, budget, event).findings(backward=backward)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A clause that may refuse too much; where it is settled, only an event that shows it counts."""

    clause: Clause
    settled: bool
    known_as: str
    """The expression that the other side has under its name; empty where it has none."""


@dataclass(frozen=True, slots=True)
class _Question:
    """Clauses that may refuse, and those that events pass as they are written, or would have failed before."""

    asked: tuple[_Asked, ...]
    writes: tuple[Clause, ...]
    """The writer's own conditions on produce."""
    excused: tuple[Clause, ...]
    """For replay, the older revision's on consume; for consumers, its on produce."""
    opaque: bool
    """Whether something that is not evaluated here has a say: transformations, rules about fields, other types."""


def _replay(candidate: Side, older: Side) -> _Question:
    ours, theirs = clauses_of(candidate.contract), clauses_of(older.contract)
    asked = []
    for clause in _judged(ours):
        same = [one for one in theirs if one.says_what(clause)]
        known = any(one.mode in (clause.mode, Mode.WRITE) for one in same)
        if known and candidate.schema == older.schema:
            continue
        asked.append(_Asked(clause, known, _named(clause, theirs)))
    writes, excused = _of(theirs, Mode.WRITE), _of(theirs, Mode.READ)
    return _Question(tuple(asked), writes, excused, _is_opaque(writes, candidate, older))


def _consumers(candidate: Side, older: Side) -> _Question:
    ours, theirs = clauses_of(candidate.contract), clauses_of(older.contract)
    writes, protected = _of(ours, Mode.WRITE), _of(theirs, Mode.WRITE)
    asked = []
    for clause in _judged(_of(theirs, Mode.READ)) if protected else ():
        kept = any(one.says_what(clause) for one in writes)
        if kept and candidate.schema == older.schema:
            continue
        settled = kept or not any(one.says_what(clause) for one in protected)
        asked.append(_Asked(clause, settled, _named(clause, ours)))
    return _Question(tuple(asked), writes, protected, _is_opaque(writes, candidate, older))


def _judged(clauses: Iterable[Clause]) -> Iterator[Clause]:
    return (one for one in clauses if one.type in (CEL, CEL_FIELD))


def _of(clauses: Iterable[Clause], mode: Mode) -> tuple[Clause, ...]:
    return tuple(one for one in clauses if one.mode is mode)


def _named(clause: Clause, others: Iterable[Clause]) -> str:
    return next((one.expr for one in others if one.name == clause.name), "")


def _is_opaque(writes: Iterable[Clause], *sides: Side) -> bool:
    return any(one.type not in (CEL, CEL_FIELD) for one in writes) or any(transforms(one.contract) for one in sides)


class _Search:
    """The search for events that answer one question."""

    def __init__(
        self, question: _Question, reader: Side, writer: Side, policy: Policy, budget: Budget, event: str
    ) -> None:
        self._question = question
        self._sides = (reader.schema, writer.schema)
        self._policy = policy
        self._budget = budget
        self._event = event
        self._shown: dict[Clause, tuple[Event, str]] = {}

    def findings(self, *, backward: bool) -> Iterator[Finding]:
        """Yield one finding for each rule, by the first of its clauses that has one."""
        question = self._question
        tried = [one.clause for one in question.asked if _expression(one.clause) is not None]
        if tried and not question.opaque and all(_expression(one) for one in question.writes):
            with suppress(BudgetSpent):
                self._try(tried, backward=backward)
        named: set[str] = set()
        for asked in sorted(question.asked, key=lambda one: one.clause not in self._shown):
            found = self._finding(asked, backward=backward)
            if found is not None and asked.clause.name not in named:
                named.add(asked.clause.name)
                yield found

    def _try(self, clauses: list[Clause], *, backward: bool) -> None:
        """Note for each of *clauses* the first event that it wrongly refuses."""
        every = (*clauses, *self._question.writes)
        events = self._events()
        left = dict.fromkeys(clauses)
        about_fields = any(one.type == CEL_FIELD for one in every)
        literals = literals_of((one.expr for one in every), every_field=about_fields)
        for choices in trials(events.sites(literals)):
            self._budget.spend(_STEPS_OF_A_TRIAL)
            event = events.event(choices)
            if event is None or any(_refusal(one, event.written) for one in self._question.writes):
                continue
            for clause in tuple(left):
                refusal = _refusal(clause, event.read)
                if refusal and self._is_new(clause, event, backward=backward):
                    self._shown[clause] = (event, refusal)
                    del left[clause]
            if not left:
                return

    def _is_new(self, clause: Clause, event: Event, *, backward: bool) -> bool:
        """Tell whether the older revision alone would not have come to that."""
        if not backward:
            return any(_refusal(one, event.read) for one in self._question.excused)
        return clause.mode is Mode.WRITE or not any(_refusal(one, event.written) for one in self._question.excused)

    def _events(self) -> Events:
        reader, writer = self._sides
        return events_of(reader, writer, self._event, self._policy, self._budget)

    def _finding(self, asked: _Asked, *, backward: bool) -> Finding | None:
        clause = asked.clause
        if clause in self._shown:
            event, refusal = self._shown[clause]
            return _break(asked, Witness(event.payload, ENGINE, refusal, event.encoded), backward=backward)
        if asked.settled or (_expression(clause) is not None and not clause.when and self._is_proven(clause)):
            return None
        return _undecided(asked, backward=backward)

    def _is_proven(self, clause: Clause) -> bool:
        known = [*self._question.writes]
        if clause.mode is Mode.READ and self._question.asked:
            known += [one for one in self._question.excused if one.mode is Mode.READ]
        alike = [one.expr for one in known if one.says_like(clause)]
        return not self._question.opaque and follows(clause.expr, alike)


def _expression(clause: Clause) -> Expression | None:
    """Return what can be evaluated here: an expression that compiles, and asks for no time."""
    found = compiled(clause.expr) if clause.type in (CEL, CEL_FIELD) else None
    return found if isinstance(found, Expression) and "now" not in found.words else None


def _refusal(clause: Clause, view: View) -> str:
    """Say how *clause* refuses an event; empty where it does not."""
    expression = _expression(clause)
    if expression is None:
        return ""
    said = f"condition {clause.name}: {_short(clause.expr)}"
    broken = _broken_field(clause, expression, view) if clause.type == CEL_FIELD else _broken(expression, view)
    if (broken is None) is not clause.when:
        return ""
    return f"{said} is true" if broken is None else f"{said}{broken}"


def _broken(expression: Expression, view: View) -> str | None:
    """Say how an event does not satisfy an expression; None where it does."""
    return _outcome(expression, {"message": view.message}, view.size)


def _broken_field(clause: Clause, expression: Expression, view: View) -> str | None:
    """Say how some field does not satisfy a rule about fields; None where all do."""
    given = Tags({"tags": clause.field_tags})
    for one in view.fields():
        tags = given.of(one.full_name, one.tags)
        if clause.tags and clause.tags.isdisjoint(tags):
            continue
        variables = {
            "value": one.value,
            "name": one.name,
            "fullName": one.full_name,
            "typeName": one.type_name,
            "tags": sorted(tags),
            "message": one.record,
        }
        broken = _outcome(expression, variables, view.size)
        if broken is not None:
            return f"{broken} for {one.full_name}"
    return None


def _outcome(expression: Expression, variables: Mapping[str, Any], size: Size) -> str | None:
    try:
        found = expression.run(variables, size)
    except CannotRun as error:
        return f": {error.reason}"
    return None if found is SKIPPED or found is True else " is not true"


def _break(asked: _Asked, witness: Witness, *, backward: bool) -> Finding:
    clause = asked.clause
    if not backward:
        code, message = (
            "RULE_CONDITION_LOST",
            f"readers' condition {clause.name} refuses an event that the writer's allow",
        )
        advice = "Keep the condition for mode WRITE, or start the next major."
    else:
        code = "RULE_CONDITION_NARROWED" if asked.known_as else "RULE_CONDITION_ADDED"
        message = f"condition {clause.name} refuses an event that the writer's conditions allow"
        advice = "Let the condition hold for older events too, or start the next major."
    return _row(code, Severity.BREAK, asked, message, advice, witness)


def _undecided(asked: _Asked, *, backward: bool) -> Finding:
    clause = asked.clause
    about = "is new, or is not what it was" if backward else "does not protect readers as it did"
    reason = "no made-up event shows that it refuses one, and nothing proves that it never does"
    found = compiled(clause.expr)
    if isinstance(found, str):
        reason = found
    elif "now" in found.words:
        reason = "it depends on the time"
    message = f"condition {clause.name} {about}: {reason}"
    advice = "Keep its text, write it so that it plainly follows from the older one, or start the next major."
    return _row("RULE_CONDITION_UNDECIDED", Severity.UNDECIDED, asked, message, advice, None)


def _row(code: str, severity: Severity, asked: _Asked, message: str, advice: str, witness: Witness | None) -> Finding:
    return Finding(
        rule=code,
        severity=severity,
        reader_path="",
        writer_path="",
        reader_has=_short(asked.clause.expr),
        writer_has=_short(asked.known_as) or "no condition of that name",
        message=f"{message}.",
        advice=advice,
        witness=witness,
    )


def _short(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 3]}..."
