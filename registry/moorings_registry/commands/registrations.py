"""Registering a schema: into the current major, into one that is named, or opening the next."""

from dataclasses import dataclass

from moorings_compat import Verdict
from moorings_registry.commands.assessment import NEXT, Assessment, assess, check_again, place_for
from moorings_registry.commands.candidate import Candidate, Draft, find_version, read_candidate
from moorings_registry.commands.decision import Decision, Outcome, Tools
from moorings_registry.errors import SchemaIncompatible
from moorings_registry.facts import Fact, SchemaRefused, SchemaRegistered, VersionsPermanentlyDeleted
from moorings_registry.names import Subject
from moorings_registry.policy import policy_record, require_name, require_writable
from moorings_registry.state import CheckRecord, State, SubjectState, Version, refusal_key


@dataclass(frozen=True, slots=True)
class RegisterSchema:
    """Accept a definition under a subject; one that it already has keeps its version."""

    subject: Subject
    draft: Draft
    major: int | str | None = None
    """A number, ``next``, or None for the current major."""


def register_schema(state: State, command: RegisterSchema, tools: Tools) -> Decision:
    """Decide a registration.

    Raises:
        NameRefused, MajorUnknown, MajorRetiredRefusal, OperationNotPermitted, and what `read_candidate` raises.
    """
    subject = command.subject
    candidate = read_candidate(state, command.draft, subject, tools.library)
    held = state.subject(subject)
    known = _already_there(state, held, candidate, command.major, tools) if held else None
    if known is not None:
        return Decision((), Outcome(subject=str(subject), versions=(known.number,)))
    require_writable(state, subject)
    require_name(state, subject, tools.settings)
    place = place_for(state, subject, candidate, command.major)
    assessed = assess(state, subject, candidate, place, tools)
    if assessed.report.verdict is not Verdict.COMPATIBLE:
        return _refused(state, subject, candidate, assessed)
    return _accepted(state, subject, candidate, assessed, held)


def refused_before(state: State, record: CheckRecord, tools: Tools) -> SchemaIncompatible:
    """The refusal that *record* remembers, told again.

    Raises:
        ReferenceNotFound: what it referred to is gone for good.
    """
    again = check_again(state, record, tools)
    return SchemaIncompatible(record.subject, again.report, again.labels, record.id)


def _already_there(
    state: State, held: SubjectState, candidate: Candidate, major: int | str | None, tools: Tools
) -> Version | None:
    """The version to hand back instead of adding one; in a named major, only one of that major will do."""
    found = find_version(state, held, candidate, tools.library)
    if found is None or major is None:
        return found
    wanted = held.newest_major if major == NEXT else int(major)
    return find_version(state, held, candidate, tools.library, major=wanted)


def _refused(state: State, subject: Subject, candidate: Candidate, assessed: Assessment) -> Decision:
    labels = {one.number: one.label for one in assessed.place.older}
    level, major = str(assessed.level), assessed.place.major
    policy = policy_record(assessed.policy)

    def refusal(position: int) -> SchemaIncompatible:
        return SchemaIncompatible(subject, assessed.report, labels, position)

    outcome = Outcome(subject=str(subject))
    key = refusal_key(subject, candidate.guid, major, level, policy, assessed.against)
    recorded = state.refused.get(key)
    if recorded is not None:
        raise refusal(recorded)
    fact = SchemaRefused(
        subject=str(subject),
        guid=candidate.guid,
        major=major,
        level=level,
        verdict=str(assessed.report.verdict),
        rules=sorted({one.rule for one in assessed.report.findings}),
        compared=assessed.compared,
        policy=policy,
    )
    return Decision((*_definition(state, candidate), fact), outcome, refusal)


def _accepted(
    state: State, subject: Subject, candidate: Candidate, assessed: Assessment, held: SubjectState | None
) -> Decision:
    number = held.last_number + 1 if held else 1
    context = subject.context
    id = state.id_of.get((context, candidate.guid)) or state.last_id.get(context, 0) + 1
    registered = SchemaRegistered(
        subject=str(subject),
        version=number,
        id=id,
        guid=candidate.guid,
        major=assessed.place.major,
        revision=assessed.place.revision,
        group=assessed.place.group,
        level=str(assessed.level),
        compared=assessed.compared,
        policy=policy_record(assessed.policy),
    )
    replaced = _replaced(state, held, candidate) if held else ()
    outcome = Outcome(subject=str(subject), versions=(number,), created=True)
    return Decision((*_definition(state, candidate), registered, *replaced), outcome)


def _definition(state: State, candidate: Candidate) -> tuple[Fact, ...]:
    return () if candidate.guid in state.definitions else (candidate.defined(),)


def _replaced(state: State, held: SubjectState, candidate: Candidate) -> tuple[Fact, ...]:
    """Soft-deleted versions of the same definition give way to the new one, unless something refers to them."""
    old = [
        one.number
        for one in held.versions
        if one.deleted and one.guid == candidate.guid and (held.subject, one.number) not in state.referrers
    ]
    return (VersionsPermanentlyDeleted(str(held.subject), old),) if old else ()
