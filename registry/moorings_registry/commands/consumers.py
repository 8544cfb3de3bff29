"""Consumers: what an application declares to read, and where it is deployed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moorings_compat import Problem
from moorings_compat.fields import Path, covers, field_tree, nearest, path_of, pointer_of
from moorings_compat.fields.internal import internal_paths
from moorings_compat.fields.paths import PathInvalid
from moorings_compat.fields.tree import Places
from moorings_compat.impact import FieldUse, Use
from moorings_registry.commands.applications import claimed, is_of_team, require_held
from moorings_registry.commands.assessment import parsed
from moorings_registry.commands.contract_tests import fails_already, uncompilable
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.commands.preconditions import Expected, require_match
from moorings_registry.errors import ConsumerInvalid, ConsumerNotFound, ConsumerOfAnotherTeam, SubjectInvalid
from moorings_registry.etags import consumer_etag
from moorings_registry.facts import ApplicationDeployed, ConsumerDeclared, ConsumerWithdrawn
from moorings_registry.modes import require_settable
from moorings_registry.names import REGISTRY_SCOPE, Subject
from moorings_registry.policy import comparison_policy, owning_domains
from moorings_registry.state import Consumer, DeclaredRead, State, Version

AT_MOST_RENEWED_EVERY = timedelta(days=1)
"""A declaration that is pushed again within this time is not recorded again."""


@dataclass(frozen=True, slots=True)
class PutConsumer:
    """Declare what an application reads, or renew the declaration: the whole of it."""

    application: str
    team: str
    contact: str
    environment: str
    version: str
    reads: tuple[Mapping[str, Any], ...]
    """In the form of `facts.ConsumerDeclared`."""
    expected: Expected = None
    """The etags (`etags.consumer_etag`) of which one has to hold."""


@dataclass(frozen=True, slots=True)
class WithdrawConsumer:
    """Declare that an application reads nothing any more."""

    application: str
    expected: Expected = None


@dataclass(frozen=True, slots=True)
class RecordDeployment:
    """Record which version of an application runs in an environment."""

    application: str
    environment: str
    version: str


def put_consumer(state: State, command: PutConsumer, dependencies: Dependencies) -> Decision:
    """Decide a declaration; the same again within a day changes nothing.

    Raises:
        ApplicationOfOthers: the caller does not hold the application.
        ConsumerOfAnotherTeam: another team has an application of this name.
        ConsumerInvalid: an unknown event, major or field, or one that is internal to its domain; says where.
        StateChanged: the declaration is not as the caller has read it.
        OperationNotPermitted: the registry is read-only.
    """
    claim = claimed(state, command.application, dependencies)
    known = state.consumers.get(command.application)
    if known is not None and known.team != command.team:
        raise ConsumerOfAnotherTeam(command.application, known.team)
    require_match(command.expected, consumer_etag(state, command.application))
    problems = [
        problem
        for index, read in enumerate(command.reads)
        for problem in _problems(state, command, f"/reads/{index}", read, dependencies)
    ]
    problems += _twice(command.reads)
    if problems:
        raise ConsumerInvalid(f"The declaration of '{command.application}' cannot be accepted", problems)
    fact = ConsumerDeclared(
        application=command.application,
        team=command.team,
        contact=command.contact,
        environment=command.environment,
        version=command.version,
        reads=list(command.reads),
    )
    if known is not None and _is_fresh(known, fact, dependencies.now()):
        return Decision((), Outcome())
    require_settable(state, REGISTRY_SCOPE)
    return Decision((*claim, fact), Outcome(created=known is None))


def withdraw_consumer(state: State, command: WithdrawConsumer, dependencies: Dependencies) -> Decision:
    """Decide that an application reads nothing any more.

    Raises:
        ConsumerNotFound, ApplicationOfOthers, StateChanged, OperationNotPermitted
    """
    if command.application not in state.consumers:
        raise ConsumerNotFound(command.application)
    require_held(state, command.application, dependencies)
    require_match(command.expected, consumer_etag(state, command.application))
    require_settable(state, REGISTRY_SCOPE)
    return Decision((ConsumerWithdrawn(command.application),), Outcome())


def record_deployment(state: State, command: RecordDeployment, dependencies: Dependencies) -> Decision:
    """Decide that a version runs in an environment; one that is known to run there is nothing new.

    Raises:
        ApplicationOfOthers: the caller does not hold the application.
        OperationNotPermitted: the registry is read-only.
    """
    claim = claimed(state, command.application, dependencies)
    known = state.deployments.get((command.application, command.environment))
    if known is not None and known.version == command.version:
        return Decision((), Outcome())
    require_settable(state, REGISTRY_SCOPE)
    fact = ApplicationDeployed(command.application, command.environment, command.version)
    return Decision((*claim, fact), Outcome())


def reads_of(consumer: Consumer) -> list[dict[str, Any]]:
    """Write what a consumer reads in the form of `facts.ConsumerDeclared`."""
    return [_read_value(one) for one in consumer.reads]


def _read_value(read: DeclaredRead) -> dict[str, Any]:
    fields = read.reads.fields if read.reads.known else ()
    return {
        "event": str(read.event),
        "major": read.major,
        "fields": [{"path": pointer_of(one.path), "use": str(one.use)} for one in fields],
        "tests": [{"name": one.name, "event": one.event, "assertion": one.assertion} for one in read.tests],
    }


def _is_fresh(known: Consumer, fact: ConsumerDeclared, now: str) -> bool:
    same = (known.contact, known.environment, known.version) == (fact.contact, fact.environment, fact.version)
    age = datetime.fromisoformat(now) - datetime.fromisoformat(known.renewed_at)
    return same and reads_of(known) == fact.reads and age < AT_MOST_RENEWED_EVERY


def _twice(reads: tuple[Mapping[str, Any], ...]) -> Iterator[Problem]:
    seen: set[tuple[str, int]] = set()
    for index, read in enumerate(reads):
        named = (read["event"], read["major"])
        if named in seen:
            yield Problem(f"/reads/{index}", f"major {named[1]} of {named[0]} is declared twice")
        seen.add(named)


def _problems(
    state: State, command: PutConsumer, where: str, read: Mapping[str, Any], dependencies: Dependencies
) -> Iterator[Problem]:
    version = _version(state, read)
    if isinstance(version, str):
        place = "major" if version.startswith("major") else "event"
        yield Problem(f"{where}/{place}", version)
        return
    schema = parsed(state, version, dependencies)
    places = Places(field_tree(schema, version.subject.of_event.name))
    owners = owning_domains(state, version.subject)
    outside = bool(owners) and not is_of_team(state, owners, command.team, dependencies)
    metadata = state.definitions[version.guid].metadata
    asks = outside and bool(read["fields"])
    internal = internal_paths(schema, version.subject.of_event.name, metadata) if asks else ()
    for index, field in enumerate(read["fields"]):
        problem = _field_problem(places, field, internal, owners[0].name if owners else "")
        if problem:
            yield Problem(f"{where}/fields/{index}", problem)
    for index, test in enumerate(read["tests"]):
        at = f"{where}/tests/{index}"
        problems = list(uncompilable(at, test["event"], test["assertion"]))
        yield from problems
        if not problems:
            policy = comparison_policy(state, version.subject, version.major)
            failed = fails_already(test, schema, version.subject.of_event.name, policy)
            if failed:
                yield Problem(at, f"the test fails on revision {version.label}: {failed}")


def _version(state: State, read: Mapping[str, Any]) -> Version | str:
    """The newest revision of the major that is read; or what is wrong with it."""
    try:
        subject = Subject.parse(read["event"])
    except SubjectInvalid:
        return "not the name of an event"
    held = state.subject(subject)
    if held is None or held.latest is None:
        return "the registry has no event of this name"
    versions = held.of_major(read["major"])
    if not versions:
        majors = ", ".join(str(one) for one in held.majors)
        return f"major {read['major']} of {subject} is unknown; known: {majors}"
    return versions[-1]


def _field_problem(places: Places, field: Mapping[str, Any], internal: Sequence[Path], domain: str) -> str:
    """Say what is wrong with one declared field; empty for nothing. *internal* is what only *domain* may read."""
    try:
        use = FieldUse(path_of(field["path"]), Use(field["use"]))
    except PathInvalid as error:
        return str(error)
    place = places.find(use.path)
    if place is None:
        close = nearest(places.root, use.path)
        return f"{field['path']} is not a field of the event" + (f"; did you mean {close}?" if close else "")
    if use.use is Use.EXHAUSTIVE and not place.symbols:
        return f"{field['path']} is not an enumeration, so it cannot be exhaustive"
    read = next((one for one in internal if covers(one, use.path) or covers(use.path, one)), None)
    return "" if read is None else f"{pointer_of(read)} is internal to domain {domain}"
