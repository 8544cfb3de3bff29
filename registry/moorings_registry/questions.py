"""Questions about consumers, each answered yes, no or unknown, with reasons and the next step.

Absence of data is not safety: where nobody is known to read an event, nobody knows whether it is safe to change.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from moorings_compat import Problem
from moorings_compat.fields import Path, field_tree, find, nearest, path_of, pointer_of
from moorings_compat.fields.paths import PathInvalid
from moorings_compat.fields.tree import walk
from moorings_compat.impact import ImpactStatus, overlapping
from moorings_registry.commands import (
    DECLARED,
    Draft,
    Reader,
    ReaderImpact,
    impacts_of,
    nobody_observed,
    parsed,
    prepare,
    readers_of,
)
from moorings_registry.drift import KEPT_DAYS
from moorings_registry.entries import moment_text
from moorings_registry.errors import ConsumerNotFound, MajorUnknown, RequestInvalid, SubjectNotFound, UsageUnavailable
from moorings_registry.event_rules import declaration_of
from moorings_registry.names import Subject
from moorings_registry.observed_load import ObservedLoad, departures, rate_text
from moorings_registry.retirement import blockers
from moorings_registry.service import Registry
from moorings_registry.state import Consumer, DeclaredRead, MajorState, State, Version
from moorings_registry.usage import known_use, last_read


class Said(StrEnum):
    """The answer to a question."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason; `code` never changes its meaning."""

    code: str
    message: str
    application: str = ""
    team: str = ""
    path: str = ""
    evidence: str = ""
    """A payload, or the moment of an observation."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with its reasons and the next step."""

    question: str
    answer: Said
    reasons: tuple[Reason, ...]
    next_step: str


def newest_of(state: State, subject: Subject, major: int | None) -> Version:
    """The newest active revision of a major; of the current one where *major* is None.

    Raises:
        SubjectNotFound, MajorUnknown
    """
    held = state.subject(subject)
    if held is None or held.latest is None:
        raise SubjectNotFound(subject)
    wanted = held.current_major if major is None else major
    versions = held.of_major(wanted)
    if not versions:
        raise MajorUnknown(subject, wanted, max(held.majors))
    return versions[-1]


def readers_at(registry: Registry, state: State, subject: Subject, major: int) -> tuple[Reader, ...]:
    """Everybody who reads a major.

    Raises:
        UsageUnavailable
    """
    dependencies = registry.dependencies
    return readers_of(state, subject, major, dependencies.observe, dependencies.now())


def known_readers(registry: Registry, state: State, subject: Subject, major: int) -> tuple[Reader, ...]:
    """Everybody who reads a major; while the counts of usage cannot be read, those alone who declare it."""
    try:
        return readers_at(registry, state, subject, major)
    except UsageUnavailable:
        return readers_of(state, subject, major, nobody_observed, registry.dependencies.now())


def readers_of_field(readers: Iterable[Reader], path: Path) -> list[Reader]:
    """Those of *readers* who read *path*, or may read it."""
    return [one for one in readers if overlapping(one.reads.paths, path)]


def who_reads(registry: Registry, state: State, version: Version, pointer: str) -> Answered:
    """Who reads a field of an event, or the event at all.

    Raises:
        RequestInvalid: no such field.
        UsageUnavailable
    """
    path = _known_path(registry, state, version, pointer)
    readers = readers_at(registry, state, version.subject, version.major)
    reasons = tuple(_reads(one, pointer) for one in readers_of_field(readers, path))
    before = tuple(_read_before(registry, version, {one.application for one in readers}))
    question = f"who reads {pointer or 'any field'} of {version.subject} {version.major}"
    if any(one.code != "MAY_READ" for one in reasons):
        return Answered(question, Said.YES, (*reasons, *before), "Ask the teams listed before the field changes.")
    if reasons or not readers:
        return Answered(question, Said.UNKNOWN, (*(reasons or (_NOBODY,)), *before), _DECLARE)
    return Answered(question, Said.NO, before, "Nobody who declares what it reads needs to be asked.")


def _read_before(registry: Registry, version: Version, readers: AbstractSet[str]) -> Iterator[Reason]:
    """Those who read the major once, and are none of its *readers* any more: for whoever asks around."""
    recently = moment_text(registry.now() - timedelta(days=KEPT_DAYS))
    for application, moment in last_read(registry, version.subject, version.major).items():
        if application not in readers:
            name = application or "a further application"
            message = f"{name} read the event last on {moment[:10]}"
            if moment < recently:
                message += f", more than {KEPT_DAYS} days ago"
            yield Reason("READ_BEFORE", message, application, evidence=moment)


def unused_fields(registry: Registry, state: State, version: Version) -> Answered:
    """Which fields of an event nobody reads.

    Raises:
        UsageUnavailable
    """
    root = field_tree(parsed(state, version, registry.dependencies), version.subject.of_event.name)
    readers = readers_at(registry, state, version.subject, version.major)
    unused = [path for path, _ in walk(root) if not readers_of_field([one for one in readers if one.reads.known], path)]
    outermost = [one for one in unused if not any(one[: len(other)] == other and one != other for other in unused)]
    reasons = [
        Reason("UNUSED", f"nobody declares to read {pointer_of(one)}", path=pointer_of(one)) for one in outermost
    ]
    question = f"unused fields of {version.subject} {version.major}"
    opaque = [_reads(one, "") for one in readers if not one.reads.known]
    if opaque or not readers:
        return Answered(question, Said.UNKNOWN, (*(opaque or [_NOBODY]), *reasons), _DECLARE)
    if reasons:
        return Answered(
            question, Said.YES, tuple(reasons), "Deprecate these fields in their documentation, or remove them."
        )
    return Answered(question, Said.NO, (), "Every field is read; keep them.")


def as_expected(registry: Registry, state: State, subject: Subject) -> Answered:
    """Whether an event keeps to the rate and the size that it is planned for, by what clients sampled.

    Raises:
        SubjectNotFound
        UsageUnavailable
    """
    if state.subject(subject) is None and subject not in state.declarations:
        raise SubjectNotFound(subject)
    question = f"is the load of {subject} as expected"
    declared = declaration_of(state, subject)
    expected = declared.expectations if declared else None
    load = registry.usage.load_of(subject, registry.now())
    reasons = tuple(_of_load(load))
    if expected is None or (expected.peak_per_second is None and expected.largest_bytes is None):
        said = Reason("NOTHING_EXPECTED", "nobody declares which rate and size it is planned for")
        return Answered(question, Said.UNKNOWN, (said, *reasons), "Declare [expectations] in the file of the event.")
    found = tuple(Reason(one.code, one.message) for one in departures(expected, load))
    if found:
        return Answered(question, Said.NO, (*found, *reasons), "Plan for what is observed, or find out what grew.")
    if load.is_empty:
        return Answered(question, Said.UNKNOWN, (_NOT_SAMPLED,), "Give the applications that write it a name.")
    return Answered(question, Said.YES, reasons, "There is nothing to do.")


def _of_load(load: ObservedLoad) -> Iterator[Reason]:
    busiest = load.busiest_hour
    if busiest is not None:
        message = f"at least {rate_text(busiest[1])} events a second on average in the busiest hour"
        yield Reason("RATE_OBSERVED", message, evidence=f"{busiest[0]}:00:00Z")
    if load.sizes:
        share = f"half within {load.size_at(0.5):,} bytes, 99 of 100 within {load.size_at(0.99):,}"
        largest = f"; the largest of at least {load.largest:,}" if load.largest else ""
        yield Reason("SIZE_OBSERVED", f"{share}{largest}")


def can_drop(registry: Registry, state: State, version: Version, pointers: Iterable[str]) -> Answered:
    """Whether fields may be removed from an event.

    Raises:
        RequestInvalid: no such field.
        UsageUnavailable
    """
    readers = readers_at(registry, state, version.subject, version.major)
    reasons: list[Reason] = []
    named = list(pointers)
    for pointer in named:
        path = _known_path(registry, state, version, pointer)
        reasons += [_reads(one, pointer) for one in readers_of_field(readers, path)]
    question = f"can {', '.join(named)} be removed from {version.subject} {version.major}"
    if any(one.code != "MAY_READ" for one in reasons):
        return Answered(question, Said.NO, tuple(reasons), _ASK)
    if reasons or not readers:
        return Answered(question, Said.UNKNOWN, tuple(reasons) or (_NOBODY,), _DECLARE)
    return Answered(question, Said.YES, (), "Remove the fields; the check of the change decides.")


def can_change(registry: Registry, state: State, version: Version, draft: Draft) -> Answered:
    """Whether a changed schema leaves everybody who reads the event unaffected.

    Raises:
        UsageUnavailable, and what `prepare` raises of the draft.
    """
    candidate = prepare(state, version.subject, draft, registry.dependencies.schema_cache, inherits=False)
    impacts = impacts_of(state, version, candidate, registry.dependencies)
    question = f"can {version.subject} {version.major} change like this"
    reasons = tuple(_impact_reason(one) for one in impacts if one.impact.status is not ImpactStatus.UNAFFECTED)
    if any(one.impact.status is ImpactStatus.BROKEN or one.impact.holds for one in impacts if one.reader.reads.known):
        return Answered(question, Said.NO, reasons, _ASK)
    if not impacts:
        return Answered(question, Said.UNKNOWN, (_NOBODY,), _DECLARE)
    if any(one.impact.status is ImpactStatus.UNKNOWN for one in impacts):
        return Answered(question, Said.UNKNOWN, reasons, _DECLARE)
    return Answered(question, Said.YES, reasons, "Register the change; the teams listed have to act on it.")


def can_retire(registry: Registry, state: State, subject: Subject, major: int) -> Answered:
    """Whether a major may be retired.

    Raises:
        SubjectNotFound, MajorUnknown
    """
    held = state.subject(subject)
    if held is None or major not in held.majors:
        raise SubjectNotFound(subject) if held is None else MajorUnknown(subject, major, max(held.majors))
    question = f"can major {major} of {subject} be retired"
    if held.life(major).state is MajorState.RETIRED:
        return Answered(
            question, Said.YES, (Reason("RETIRED", f"Major {major} is retired"),), "There is nothing to do."
        )
    used = known_use(registry, subject, major)
    found = blockers(state, subject, major, used.uses, registry.dependencies.now(), used_since=used.since)
    reasons = tuple(Reason(one.code, one.message, evidence=one.until) for one in found)
    if any(one.code != "USE_UNKNOWN" for one in reasons):
        return Answered(question, Said.NO, reasons, _before_retiring({one.code for one in reasons}))
    if reasons:
        return Answered(question, Said.UNKNOWN, reasons, "Ask again once use is known, or retire it under a waiver.")
    return Answered(question, Said.YES, (), "Retire the major.")


def _before_retiring(blocking: set[str]) -> str:
    """What to do first about what keeps a major from being retired."""
    if blocking & {"NOT_DEPRECATED", "SUNSET_MISSING"}:
        return "Deprecate the major with a sunset, so that everybody who uses it hears of it."
    if "ARCHIVE_UNMAPPED" in blocking:
        return "Register a mapping to the next major, so that archived events can be read as it."
    if blocking & {"DECLARED_CONSUMER", "IN_USE", "REFERRED_TO"}:
        return "Ask those listed to move to the next major."
    return "Ask again after the day that is listed."


def can_deploy(registry: Registry, state: State, application: str, version: str, environment: str) -> Answered:
    """Whether a version of an application finds in the registry all that it declares to read.

    Raises:
        ConsumerNotFound: the application declares nothing.
    """
    consumer = state.consumers.get(application)
    if consumer is None:
        raise ConsumerNotFound(application)
    reasons = [reason for read in consumer.reads for reason in _read_problems(registry, state, read)]
    question = f"can {application} {version} be deployed to {environment}"
    if reasons:
        return Answered(question, Said.NO, tuple(reasons), "Fix what the application reads, and declare it again.")
    doubts = tuple(_doubts(registry, consumer, version, environment))
    if doubts:
        return Answered(question, Said.UNKNOWN, doubts, f"Push the declaration of {application} {version}.")
    running = state.deployments.get((application, environment))
    known = (Reason("RUNNING", f"{running.version} runs in {environment}", application),) if running else ()
    command = f"moorings deployed --app {application} --version {version} --env {environment}"
    return Answered(question, Said.YES, known, f"Deploy it, and record it with {command}.")


def _doubts(registry: Registry, consumer: Consumer, version: str, environment: str) -> Iterator[Reason]:
    name, team = consumer.application, consumer.team
    if consumer.version and consumer.version != version:
        message = f"the declaration was made for {consumer.version}, not for {version}"
        yield Reason("DECLARED_FOR_ANOTHER_VERSION", message, name, team)
    if consumer.environment and consumer.environment != environment:
        message = f"the declaration was made for {consumer.environment}, not for {environment}"
        yield Reason("DECLARED_FOR_ANOTHER_ENVIRONMENT", message, name, team)
    if consumer.is_expired(registry.dependencies.now()):
        yield Reason("DECLARATION_EXPIRED", f"the declaration was last renewed at {consumer.renewed_at}", name, team)
    for read in consumer.reads:
        if not read.reads.known:
            message = f"it does not declare which fields of {read.event} it reads"
            yield Reason("FIELDS_NOT_DECLARED", message, name, team)


def _read_problems(registry: Registry, state: State, read: DeclaredRead) -> Iterator[Reason]:
    held = state.subject(read.event)
    versions = held.of_major(read.major) if held else ()
    if held is None or not versions:
        yield Reason("MAJOR_GONE", f"major {read.major} of {read.event} has no active version")
        return
    life = held.life(read.major)
    if life.state is MajorState.RETIRED:
        yield Reason("MAJOR_RETIRED", f"major {read.major} of {read.event} is retired")
    if life.sunset and date.fromisoformat(life.sunset) < registry.now().date():
        yield Reason("SUNSET_PASSED", f"the sunset of major {read.major} of {read.event} was on {life.sunset}")
    root = field_tree(parsed(state, versions[-1], registry.dependencies), read.event.event)
    for use in read.reads.fields:
        if find(root, use.path) is None:
            pointer = pointer_of(use.path)
            yield Reason("FIELD_GONE", f"revision {versions[-1].label} of {read.event} has no {pointer}", path=pointer)


def _known_path(registry: Registry, state: State, version: Version, pointer: str) -> Path:
    try:
        path = path_of(pointer)
    except PathInvalid as error:
        raise RequestInvalid(f"The path is invalid: {error}", [Problem("/path", str(error))]) from None
    root = field_tree(parsed(state, version, registry.dependencies), version.subject.of_event.name)
    if find(root, path) is None:
        close = nearest(root, path)
        message = f"{pointer[:200]} is not a field of {version.subject} {version.label}"
        message += f"; did you mean {close}?" if close else ""
        raise RequestInvalid(message, [Problem("/path", message)])
    return path


def _reads(reader: Reader, pointer: str) -> Reason:
    name = reader.application or "a further application"
    what = pointer or "the event"
    if not reader.reads.known:
        message = f"{name} reads the event and does not declare which fields"
        return Reason("MAY_READ", message, reader.application, reader.team, pointer, reader.last_seen)
    if reader.expired:
        message = f"{name} declares to read {what}, and has not renewed that since {reader.renewed_at[:10]}"
        return Reason("READS_EXPIRED", message, reader.application, reader.team, pointer, reader.renewed_at)
    message = f"{name} declares to read {what}"
    return Reason("READS", message, reader.application, reader.team, pointer, reader.last_seen or reader.renewed_at)


def _impact_reason(one: ReaderImpact) -> Reason:
    first = one.impact.evidence[0] if one.impact.evidence else None
    name = one.reader.application or "a further application"
    message = f"{name} is {one.impact.status}" + (f": {first.message}" if first else "")
    path = first.path if first else ""
    code = str(one.impact.status).upper()
    return Reason(code, message, one.reader.application, one.reader.team, path, one.impact.payload)


def is_declared(reader: Reader) -> bool:
    """Whether a reader says itself what it reads."""
    return reader.source == DECLARED


_NOBODY = Reason("NOBODY_KNOWN", "nobody declares to read this event, and nobody was observed to")
_NOT_SAMPLED = Reason("NOT_SAMPLED", "no client has reported rates or sizes of it in the last 30 days")
_DECLARE = "Ask those who read the event to declare what they read: moorings consumers push."
_ASK = "Ask the teams listed to stop reading it first, or start the next major."
