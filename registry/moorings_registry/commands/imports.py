"""Registering under a given id and version: how schemas come over from another registry."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from moorings_compat import Level, Report, Verdict
from moorings_registry.commands.assessment import Assessment, placement_for
from moorings_registry.commands.candidate import Candidate, Draft, read_imported
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.commands.registration_facts import registered
from moorings_registry.errors import IdMismatch, OperationNotPermitted, WaiverNeeded
from moorings_registry.facts import SchemaAliased, WaiverUsed
from moorings_registry.names import Subject
from moorings_registry.policy import comparison_policy, owning_domains
from moorings_registry.schema_contents.metadata import require_nothing_secret
from moorings_registry.state import State, SubjectState, WaiverKind
from moorings_registry.waivers import open_waiver


@dataclass(frozen=True, slots=True)
class ImportVersion:
    """Take over a version as it stood elsewhere, whatever mode holds; an operator asks for it, no API does.

    Settings of the subject are not laid over it: it has been through those of where it comes from.
    """

    subject: Subject
    draft: Draft
    id: int
    number: int
    guids: tuple[str, ...] = ()
    """What it was called there and before, as far as that is known: messages carry those in their headers."""


def import_version(state: State, command: ImportVersion, dependencies: Dependencies) -> Decision:
    """Decide to take over a version.

    Raises:
        OperationNotPermitted: its guid there names another schema here.
        What `read_imported` and `import_schema` raise.
    """
    candidate = read_imported(state, command.draft, command.subject, dependencies.schema_cache)
    decided = import_into(state, command.subject, candidate, command.id, command.number, dependencies)
    return replace(decided, facts=(*decided.facts, *_aliases(state, candidate, command.guids)))


def import_into(
    state: State, subject: Subject, candidate: Candidate, id: int | None, number: int | None, dependencies: Dependencies
) -> Decision:
    """Decide to take over a schema; into a registered domain only under a waiver, which is noted as used.

    Raises:
        WaiverNeeded: the subject lies in a registered domain, and no waiver of kind ``import`` is open for it.
        What `import_schema` raises.
    """
    owners = owning_domains(state, subject)
    waiver = None
    if owners:
        domain = owners[0].name
        waiver = open_waiver(state, WaiverKind.IMPORT, subject.domain or domain, dependencies.now(), subject=subject)
        if waiver is None:
            raise WaiverNeeded(WaiverKind.IMPORT, domain, f"Importing into subject '{subject}'")
    decided = import_schema(state, subject, candidate, id, number)
    if waiver is None or not decided.facts:
        return decided
    used = WaiverUsed(
        waiver.id, subject.domain or waiver.domain, str(subject), decided.outcome.versions[0], Verdict.UNCHECKED, []
    )
    return replace(decided, facts=(used, *decided.facts))


def import_schema(state: State, subject: Subject, candidate: Candidate, id: int | None, number: int | None) -> Decision:
    """Decide to take over a schema as it stood elsewhere; nothing is compared. The same again is nothing new.

    Raises:
        OperationNotPermitted: no id is given, or the id or the number names something else here.
        IdMismatch: the schema has another id here.
        MetadataInvalid: it has values that are marked sensitive.
    """
    if id is None:
        raise OperationNotPermitted(f"Subject {subject} is not in read-write mode")
    context = subject.context
    if state.guid_of_id(id, context) not in (None, candidate.guid):
        raise OperationNotPermitted(f"Overwrite new schema with id {id} is not permitted.")
    known_id = state.id_of.get((context, candidate.guid))
    if known_id not in (None, id) and state.places_of(candidate.guid, context):
        raise IdMismatch(id, int(known_id or 0))
    held = state.history(subject)
    gone = state.departed.get(subject)
    if gone is not None and number is not None and any(one.number == number for one in gone.versions):
        raise OperationNotPermitted(f"Overwrite new schema with version {number} is not permitted.")
    standing = _standing(held, candidate, number)
    if standing is not None:
        return Decision((), Outcome(subject=str(subject), versions=(standing,)))
    require_nothing_secret(candidate.metadata)
    place = placement_for(state, subject, candidate, None, may_skip=True)
    policy = comparison_policy(state, subject, place.major)
    assessed = Assessment(subject, place, Level.NONE, policy, Report(candidate.schema.format, Level.NONE))
    next_number = held.last_number + 1 if held else 1
    return registered(state, subject, candidate, assessed, id=id, number=number or next_number)


def _aliases(state: State, candidate: Candidate, told: Iterable[str]) -> tuple[SchemaAliased, ...]:
    """The facts that a definition has other guids elsewhere, as far as they were not known.

    Raises:
        OperationNotPermitted: one of them names something else here.
    """
    guids = dict.fromkeys(guid for one in told if (guid := _canonical(one)) is not None)
    for guid in guids:
        if state.own_guid(guid) != candidate.guid and (guid in state.aliases or guid in state.definitions):
            raise OperationNotPermitted(f"The guid {guid} already belongs to another schema here.")
    return tuple(SchemaAliased(candidate.guid, one) for one in guids if state.own_guid(one) != candidate.guid)


def _canonical(told: str) -> str | None:
    try:
        return str(UUID(told))
    except ValueError:
        return None


def _standing(held: SubjectState | None, candidate: Candidate, number: int | None) -> int | None:
    """The number that the schema already has.

    Raises:
        OperationNotPermitted: *number* is taken by something else.
    """
    if held is None:
        return None
    if number is None:
        return next((one.number for one in reversed(held.active) if one.guid == candidate.guid), None)
    there = held.by_number(number)
    if there is not None and there.guid != candidate.guid:
        raise OperationNotPermitted(f"Overwrite new schema with version {number} is not permitted.")
    return number if there else None
