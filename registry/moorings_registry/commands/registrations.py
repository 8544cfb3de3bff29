"""Registering a schema: into the current major, into one that is named, or opening the next."""

from dataclasses import asdict, dataclass, replace

from moorings_compat import Level, Problem
from moorings_registry.commands.assessment import (
    NEXT,
    Assessment,
    Placement,
    assess,
    check_again,
    compared_schemas,
    placement_for,
)
from moorings_registry.commands.candidate import (
    Candidate,
    Draft,
    find_by_text,
    find_version,
    read_candidate,
    read_imported,
)
from moorings_registry.commands.contracts import require_conditions_compile
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.commands.declarations import require_declared_fields
from moorings_registry.commands.draft_defaults import complete, require_fields_allowed, under_contract
from moorings_registry.commands.imports import import_into
from moorings_registry.commands.migrations import require_mappings_fit
from moorings_registry.commands.registration_facts import definition, registered
from moorings_registry.commands.tag_changes import UNCHANGED, TagChanges, tagged
from moorings_registry.commands.topic_names import require_name_free
from moorings_registry.commands.type_naming import require_type_name
from moorings_registry.errors import (
    LifecycleInvalid,
    MajorRetired,
    OperationNotPermitted,
    SchemaIncompatible,
    SchemaInvalid,
    SchemaUnreadable,
)
from moorings_registry.event_rules import require_name
from moorings_registry.facts import (
    ChangeHeldBack,
    Fact,
    MajorLifecycleChanged,
    SchemaRefused,
    SchemaRegistered,
    VersionsPermanentlyDeleted,
    WaiverUsed,
)
from moorings_registry.lifecycle import as_served, instead
from moorings_registry.modes import is_importing, require_subjects_in, require_writable
from moorings_registry.names import Subject
from moorings_registry.policy import owning_domains, policy_record
from moorings_registry.schema_contents.metadata import require_nothing_secret
from moorings_registry.state import (
    STRONG,
    CheckRecord,
    MajorState,
    Reads,
    State,
    SubjectState,
    Version,
    Waiver,
    WaiverKind,
    refusal_key,
)
from moorings_registry.waivers import open_waiver

MATCH_LATEST = -1
"""In place of a version number: of what is there already, only the latest version counts."""


@dataclass(frozen=True, slots=True)
class RegisterSchema:
    """Accept a definition under a subject; one that it already has keeps its version."""

    subject: Subject
    draft: Draft
    major: int | str | None = None
    """A number, ``next``, or None for the current major."""
    id: int | None = None
    """The id to register under; only while the subject takes imports."""
    version: int | None = None
    """The number to register under: any while the subject takes imports, else the next one; or `MATCH_LATEST`."""
    force: bool = False
    """Do not compare; only outside the domains, which keep their promises."""
    opens_draft: bool = False
    """Whether the major that this opens begins as a draft."""
    tags: TagChanges = UNCHANGED
    whole: bool = False
    """Whether the draft has all metadata and rules that there are to be: none means none, and nothing is inherited."""
    fields_checked: bool = True
    """Whether the fields that the event's declaration names are looked for now; see `DeclareEvent`."""
    mappings_checked: bool = True
    """Whether mappings from and to the major are held against the schema now."""


def register_schema(state: State, command: RegisterSchema, dependencies: Dependencies) -> Decision:
    """Decide a registration.

    Raises:
        ContextHoldsSettings, FieldReserved,
        NameRefused, KindRefused, TopicTaken, TypeNameRefused, DeclaredFieldMissing, MajorUnknown, MajorRetired,
        OperationNotPermitted, IdMismatch, LifecycleInvalid, MigrationUnfit, and what `read_candidate`, `complete` and
        `tagged` raise.
    """
    subject = command.subject
    require_subjects_in(subject.context)
    draft = tagged(state, subject, complete(state, subject, command.draft), command.tags, dependencies)
    if is_importing(state, subject):
        candidate = read_imported(state, draft, subject, dependencies.schema_cache)
        return import_into(state, subject, candidate, command.id, command.version, dependencies)
    found = _known_or_new(state, command, draft, dependencies)
    if isinstance(found, Version):
        return Decision((), Outcome(subject=str(subject), versions=(found.number,)))
    candidate = found
    require_writable(state, subject)
    require_name(state, subject, dependencies.settings)
    require_name_free(state, subject, dependencies)
    require_nothing_secret(candidate.metadata)
    require_fields_allowed(state, subject, candidate)
    require_conditions_compile(state, subject, candidate)
    _require_shareable(state, subject, candidate)
    if command.id is not None:
        raise OperationNotPermitted(f"Subject {subject} is not in import mode")
    number = require_next(state.history(subject), command.version)
    place = placement_for(state, subject, candidate, command.major)
    begins = _begun_as_draft(state, command, place)
    is_of_their_format = all(state.definitions[one.guid].format is candidate.schema.format for one in place.older)
    if is_of_their_format:  # else the format is what is wrong, and not what a schema of another one does not have
        _require_declared(state, command, candidate, place, dependencies)
    assessed = assess(state, subject, candidate, place, dependencies, level=_forced_level(state, command))
    waiver = None if assessed.report.passes else _waiver_for(state, subject, candidate, place, dependencies)
    if waiver is None and not assessed.report.passes:
        return refused(state, subject, candidate, assessed, dependencies)
    if not is_of_their_format:
        _require_declared(state, command, candidate, place, dependencies)
    _require_mappings_fit(state, command, candidate, place, dependencies)
    accepted = _accepted(state, subject, candidate, assessed, number)
    if waiver is None and not begins:
        return accepted
    lets = () if waiver is None else (_waived(waiver, subject, number, assessed),)
    return replace(accepted, facts=(*lets, *accepted.facts, *begins))


def _require_declared(
    state: State, command: RegisterSchema, candidate: Candidate, place: Placement, dependencies: Dependencies
) -> None:
    """Pass, or refuse a schema without the fields and the name that its event and its domain ask for.

    Raises:
        DeclaredFieldMissing, TypeNameRefused
    """
    if command.fields_checked:
        require_declared_fields(state, command.subject, candidate, place.major)
    require_type_name(state, command.subject, candidate, place, dependencies)


def _waiver_for(
    state: State, subject: Subject, candidate: Candidate, place: Placement, dependencies: Dependencies
) -> Waiver | None:
    domain, now = subject.domain or "", dependencies.now()
    return open_waiver(state, WaiverKind.FINDING, domain, now, subject=subject, major=place.major, guid=candidate.guid)


def _known_or_new(
    state: State, command: RegisterSchema, draft: Draft, dependencies: Dependencies
) -> Version | Candidate:
    """The version that *draft* is already, else what it would be registered as."""
    subject, cache = command.subject, dependencies.schema_cache
    try:
        candidate = read_candidate(state, draft, subject, cache)
    except (SchemaInvalid, SchemaUnreadable):
        standing = _there_by_text(state, command)
        if standing is None:
            raise
        return standing
    known = None if command.whole else _already_there(state, candidate, command, dependencies)
    if known is None:
        contracted = under_contract(state, subject, draft, inherits=command.major is None and not command.whole)
        if contracted != draft:
            candidate = read_candidate(state, contracted, subject, cache)
        if contracted != draft or command.whole:
            known = _already_there(state, candidate, command, dependencies)
    return known or candidate


def _require_mappings_fit(
    state: State, command: RegisterSchema, candidate: Candidate, place: Placement, dependencies: Dependencies
) -> None:
    if command.mappings_checked:
        require_mappings_fit(state, command.subject, candidate.schema, place.major, dependencies)


def _begun_as_draft(state: State, command: RegisterSchema, place: Placement) -> tuple[MajorLifecycleChanged, ...]:
    """The fact that the major is a draft, where the registration opens one.

    Raises:
        LifecycleInvalid: the major is open, and not a draft.
    """
    if not command.opens_draft:
        return ()
    held = state.history(command.subject)
    if held is not None and place.major in held.revisions:
        life = held.life(place.major)
        if life.state is MajorState.DRAFT:
            return ()
        message = f"major {place.major} is {life.state}: only a major that the registration opens begins as a draft"
        raise LifecycleInvalid(f"Major {place.major} of '{command.subject}' is open", [Problem("/state", message)])
    return (MajorLifecycleChanged(str(command.subject), place.major, MajorState.DRAFT),)


def _waived(waiver: Waiver, subject: Subject, number: int, assessed: Assessment) -> WaiverUsed:
    """The fact that lets the registration that follows it break the revisions before it."""
    return WaiverUsed(
        waiver.id,
        subject.domain or waiver.domain,
        str(subject),
        number,
        str(assessed.report.verdict),
        list(assessed.report.rules),
    )


def refused_before(state: State, record: CheckRecord, dependencies: Dependencies) -> SchemaIncompatible:
    """The refusal that *record* remembers, told again.

    Raises:
        ReferenceNotFound: what it referred to is permanently deleted.
    """
    again = check_again(state, record, dependencies)
    return SchemaIncompatible(record.subject, again.report, again.labels, record.id, again.compared)


def _already_there(
    state: State, candidate: Candidate, command: RegisterSchema, dependencies: Dependencies
) -> Version | None:
    """The version to hand back instead of adding one; in a named major, only one of that major will do.

    Raises:
        MajorRetired: no major is named, and the schema is one of a retired major alone.
    """
    held = state.subject(command.subject)
    if held is None:
        return None
    if command.major is None:
        served = as_served(held)
        found = find_version(state, served, candidate, dependencies.schema_cache)
        if found is None and served is not held:
            _refuse_if_retired(state, held, candidate, dependencies)
        elif command.version == MATCH_LATEST:
            return found if found is served.latest else None
        return found
    wanted = held.newest_major if command.major == NEXT else int(command.major)
    return find_version(state, held, candidate, dependencies.schema_cache, major=wanted, whole=command.whole)


def _there_by_text(state: State, command: RegisterSchema) -> Version | None:
    """The version that has the text of the command, which is not valid here, or not any more; None for a new one."""
    held = state.subject(command.subject)
    if held is None or command.major == NEXT or command.whole:
        return None
    if command.major is not None:
        return find_by_text(state, held, command.draft, major=int(command.major))
    served = as_served(held)
    found = find_by_text(state, served, command.draft)
    return found if command.version != MATCH_LATEST or found is served.latest else None


def require_not_retired(
    state: State, subject: Subject, draft: Draft, candidate: Candidate, dependencies: Dependencies
) -> None:
    """Pass, or refuse to check a schema that only a retired major has, as sent or as it would be registered.

    Raises:
        MajorRetired
    """
    held = state.subject(subject)
    if held is None or as_served(held) is held:
        return
    sent = read_candidate(state, complete(state, subject, draft), subject, dependencies.schema_cache)
    for one in (sent, candidate):
        if find_version(state, as_served(held), one, dependencies.schema_cache) is not None:
            return
        _refuse_if_retired(state, held, one, dependencies)


def _refuse_if_retired(state: State, held: SubjectState, candidate: Candidate, dependencies: Dependencies) -> None:
    """Refuse a schema that a retired major has, since who writes with it has to learn of it.

    Raises:
        MajorRetired
    """
    found = find_version(state, held, candidate, dependencies.schema_cache)
    if found is not None:
        raise MajorRetired(held.subject, found.major, instead(state, held.subject, found.major))


def _require_shareable(state: State, subject: Subject, candidate: Candidate) -> None:
    """Pass, or refuse to refer to what belongs to a resource alone.

    Raises:
        SchemaInvalid: a referenced subject is strongly associated.
    """
    for one in candidate.references:
        target = Subject.parse(one.subject, context=subject.context)
        if target != subject and any(kept.lifecycle == STRONG for kept in state.associations_of_subject(target)):
            raise SchemaInvalid(
                f"the reference {one.name} points to {target}, which is strongly associated with one resource",
                [Problem("/references", f"{target} is strongly associated with one resource")],
            )


def require_next(held: SubjectState | None, number: int | None) -> int:
    """The number of the version to be, which *number* has to be if it is given.

    Raises:
        SchemaInvalid: it is another one.
    """
    following = held.last_number + 1 if held else 1
    if number not in (None, MATCH_LATEST, following):
        raise SchemaInvalid(f"the next version is {following}, not {number}", [Problem("/version", "not the next")])
    return following


def _forced_level(state: State, command: RegisterSchema) -> Level | None:
    """The level that *force* asks for; None for the one that holds.

    Raises:
        OperationNotPermitted: a domain owns the subject, and keeps its promises.
    """
    if not command.force:
        return None
    owners = owning_domains(state, command.subject)
    if owners:
        raise OperationNotPermitted(
            f"Domain '{owners[0].name}' keeps its promises, so `force` is not allowed for {command.subject}: "
            "open the next major"
        )
    return Level.NONE


def refused(
    state: State, subject: Subject, candidate: Candidate, assessed: Assessment, dependencies: Dependencies
) -> Decision:
    """Decide to record the refusal that *assessed* came to.

    Raises:
        SchemaIncompatible: the same one is recorded already.
    """
    labels = {one.number: one.label for one in assessed.place.older}
    level, major = str(assessed.level), assessed.place.major
    policy = policy_record(assessed.policy)

    def refusal(position: int) -> SchemaIncompatible:
        compared = compared_schemas(state, candidate, assessed, dependencies)
        return SchemaIncompatible(subject, assessed.report, labels, position, compared)

    outcome = Outcome(subject=str(subject))
    key = refusal_key(subject, candidate.guid, major, level, policy, assessed.against, assessed.held)
    recorded = state.refused.get(key)
    if recorded is not None:
        raise refusal(recorded)
    fact = SchemaRefused(
        subject=str(subject),
        guid=candidate.guid,
        major=major,
        level=level,
        verdict=str(assessed.report.verdict),
        rules=list(assessed.report.rules),
        compared=assessed.compared,
        policy=policy,
    )
    facts = (*definition(state, candidate), *_held_back(subject, candidate, assessed), fact)
    return Decision(facts, outcome, refusal)


def _held_back(subject: Subject, candidate: Candidate, assessed: Assessment) -> tuple[Fact, ...]:
    """The fact that names those for whom a change is held back: usage passes, and the report stays what it was."""
    if not assessed.held:
        return ()
    return (ChangeHeldBack(str(subject), candidate.guid, [asdict(one) for one in assessed.held]),)


def _accepted(state: State, subject: Subject, candidate: Candidate, assessed: Assessment, number: int) -> Decision:
    id = _id_in(state, subject.context, candidate.guid)
    decision = registered(state, subject, candidate, assessed, id=id, number=number)
    gone = _replaced(state, subject, candidate)
    return replace(decision, facts=(*decision.facts, *gone)) if gone else decision


def _id_in(state: State, context: str, guid: str) -> int:
    """The id that a definition has in a context, or gets."""
    return state.id_of.get((context, guid)) or state.last_id.get(context, 0) + 1


def decided_on(state: State, command: RegisterSchema, before: Decision, reads: Reads) -> Decision | None:
    """What *command* comes to on *state*, from what it came to *before*; None where that has to be decided again.

    *reads* is what the earlier decision went by. If *state* says the same there, only an id that was drawn may be
    another one, as others may have taken it; one that the command names stays. What the clock may have ended meanwhile
    is in no state, and is for the caller to look at.
    """
    context = command.subject.context
    if not reads.hold_on(state, but=(("last_id", context),)):
        return None
    if command.id is not None:
        return before
    told = tuple(
        replace(fact, id=_id_in(state, context, fact.guid)) if isinstance(fact, SchemaRegistered) else fact
        for fact in before.facts
    )
    return Decision(told, before.outcome, before.refusal)


def _replaced(state: State, subject: Subject, candidate: Candidate) -> tuple[Fact, ...]:
    """Soft-deleted versions of the same definition give way to the new one, unless something refers to them.

    In a registered domain they stay: a major answers for every revision that it accepted.
    """
    held = state.subject(subject)
    if held is None or owning_domains(state, subject):
        return ()
    old = [
        one.number
        for one in held.versions
        if one.deleted and one.guid == candidate.guid and (subject, one.number) not in state.referrers
    ]
    return (VersionsPermanentlyDeleted(str(subject), old),) if old else ()
