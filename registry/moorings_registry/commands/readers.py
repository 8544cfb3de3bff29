"""Who reads an event, what a change does to them, and for whom it is held back."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from moorings_compat import Comparison, Finding, Policy, Promise, Report, Schema, Severity, Witness
from moorings_compat.consumer_rules import BROKEN, RULES, STILL_READ, TEST_FAILED
from moorings_compat.fields import FieldTree, field_tree, find, path_of
from moorings_compat.impact import OPAQUE, Change, EvidenceKind, Impact, ImpactStatus, Reads
from moorings_compat.rules import Rule
from moorings_registry.names import Subject
from moorings_registry.policy import owning_domains
from moorings_registry.state import ContractTest, HeldReader, State

DECLARED, OBSERVED = "declared", "observed"
CLAIMED, PRINCIPAL = "claimed", "principal"
MOST_HELD = 50
"""Readers that one refusal names."""
_CAPACITY = 500
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class ObservedReader:
    """An application that was observed to read a major, and when last."""

    application: str
    """Empty: further applications, which had no room of their own."""
    revision: str
    last_seen: str
    reported_by: str = ""
    """The caller who signed in to report it."""


Observe = Callable[[Subject, int], Sequence[ObservedReader]]
"""Who was observed to read a major of an event."""


def nobody_observed(_event: Subject, _major: int) -> Sequence[ObservedReader]:
    """Observe nobody: for a registry without counts of usage."""
    return ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads a major of an event."""

    application: str
    team: str
    environment: str
    source: str
    """`DECLARED` or `OBSERVED`; who does both is declared, with the moment in `last_seen`."""
    reads: Reads
    expired: bool = False
    renewed_at: str = ""
    last_seen: str = ""
    revision: str = ""
    tests: tuple[ContractTest, ...] = ()
    identity: str = CLAIMED
    """`PRINCIPAL` where a caller who signed in holds the name, or reported under it; else `CLAIMED`."""
    reported_by: str = ""
    """The caller who signed in to report it; empty where nobody did."""


@dataclass(frozen=True, slots=True)
class ReaderImpact:
    """What a change does to one reader."""

    reader: Reader
    impact: Impact


def readers_of(state: State, subject: Subject, major: int, observe: Observe, now: str) -> tuple[Reader, ...]:
    """Everybody who reads *major*: those who declare it by name, then those who are only observed."""
    seen = {one.application: one for one in observe(subject, major)}
    found = []
    for consumer, read in sorted(state.consumers_of(subject, major), key=lambda one: one[0].application):
        observed = seen.pop(consumer.application, None)
        found.append(
            Reader(
                application=consumer.application,
                team=consumer.team,
                environment=consumer.environment,
                source=DECLARED,
                reads=read.reads,
                expired=consumer.is_expired(now),
                renewed_at=consumer.renewed_at,
                last_seen=observed.last_seen if observed else "",
                revision=observed.revision if observed else "",
                tests=read.tests,
                identity=PRINCIPAL if consumer.application in state.holders else CLAIMED,
                reported_by=observed.reported_by if observed else "",
            )
        )
    for name in sorted(seen):
        one = seen[name]
        found.append(
            Reader(
                name,
                "",
                "",
                OBSERVED,
                OPAQUE,
                last_seen=one.last_seen,
                revision=one.revision,
                identity=PRINCIPAL if one.reported_by else CLAIMED,
                reported_by=one.reported_by,
            )
        )
    return tuple(found)


class ChangeMemory:
    """Changes between definitions, kept while they are asked for; safe from any thread.

    What a change does to fields depends on the two definitions and the policy alone.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Any, ...], Change] = OrderedDict()
        self._lock = Lock()

    def change(
        self, old: tuple[str, Schema], new: tuple[str, Schema], policy: Policy, event: str, resolved_in: tuple[str, int]
    ) -> Change:
        """The change from one (guid, schema) to another."""
        key = (old[0], new[0], policy, event, resolved_in)
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                kept = self._kept[key] = Change(old[1], new[1], event=event, policy=policy)
            self._kept.move_to_end(key)
            while len(self._kept) > _CAPACITY:
                self._kept.popitem(last=False)
        return kept


def impacts_on(change: Change, readers: Iterable[Reader]) -> tuple[ReaderImpact, ...]:
    """What *change* does to each of *readers*, those whom it does most to first."""
    order = list(ImpactStatus)
    found = (ReaderImpact(one, change.impact(one.reads)) for one in readers)
    return tuple(sorted(found, key=lambda one: (order.index(one.impact.status), one.reader.application)))


def held_readers(state: State, subject: Subject, impacts: Iterable[ReaderImpact]) -> tuple[HeldReader, ...]:
    """Those for whom a change is held back; nobody outside the registered domains, which alone keep promises."""
    if not owning_domains(state, subject):
        return ()
    held = [row for one in impacts if one.impact.holds for row in _held(one)]
    return tuple(held[:MOST_HELD])


def _held(one: ReaderImpact) -> Iterator[HeldReader]:
    reader, impact = one.reader, one.impact
    name = reader.application or "further applications"
    for evidence in impact.evidence[:_SHOWN]:
        removed = evidence.kind is EvidenceKind.FIELD_REMOVED
        failed = evidence.kind is EvidenceKind.TEST_FAILED
        shows = impact.status is ImpactStatus.BROKEN and evidence.payload and not removed
        rule = STILL_READ if removed else TEST_FAILED if failed else BROKEN
        if removed:
            how = "reads" if reader.reads.known else "may read"
            message = f"{name} {how} {evidence.path or 'the event'}, which is removed"
        elif failed or shows:
            message = f"{name} is broken: {evidence.message}"
        else:
            continue
        about = (reader.application, reader.team, reader.source)
        yield HeldReader(*about, rule.code, evidence.path, message, evidence.payload)


def with_held(report: Report, newest: int, held: Sequence[HeldReader], older: Schema, event: str) -> Report:
    """Add to *report* what holds the change back, as findings about version *newest*, which is *older*."""
    if not held:
        return report
    root = field_tree(older, event)
    findings = tuple(_finding(one, root) for one in held)
    comparisons = list(report.comparisons)
    for index, one in enumerate(comparisons):
        if one.version == newest and one.promise is Promise.CONSUMERS_SAFE:
            comparisons[index] = replace(one, findings=one.findings + findings)
            return replace(report, comparisons=tuple(comparisons))
    return replace(report, comparisons=(Comparison(newest, Promise.CONSUMERS_SAFE, findings), *comparisons))


_RULES: dict[str, Rule] = {rule.code: rule for rule in RULES}


def _finding(one: HeldReader, root: FieldTree) -> Finding:
    rule = _RULES[one.rule]
    place = find(root, path_of(one.path))
    about = f"{one.application or 'further applications'}" + (f" of team {one.team}" if one.team else "")
    witness = Witness(one.payload, f"{one.source} by {one.application}", one.message) if one.payload else None
    return Finding(
        rule=rule.code,
        severity=Severity.BREAK,
        reader_path=place.pointer if place is not None else "",
        writer_path="",
        reader_has=f"read by {about}",
        writer_has="",
        message=f"{one.message} ({one.source}{', team ' + one.team if one.team else ''}).",
        advice=rule.fix,
        witness=witness,
    )
