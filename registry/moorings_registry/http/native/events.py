"""Events: the catalogue, one event with its majors, its level, and comparisons between any two revisions."""

from typing import Any

from moorings_compat import Budget, can_read
from moorings_compat.findings import verdict_of
from moorings_registry.commands import (
    DELETION_REFUSALS,
    DeclareEvent,
    DeleteSubject,
    SetConfig,
    condition_findings,
    missing_pointers,
    unmet_revisions,
)
from moorings_registry.errors import (
    BodyUnreadable,
    CompilerUnavailable,
    DeclaredFieldMissing,
    EventInvalid,
    EventOutsideDomains,
    KindRefused,
    LevelInvalid,
    NameRefused,
    OperationNotPermitted,
    PolicyBelowFloor,
    StateChanged,
    SubjectAlreadyDeleted,
    SubjectInvalid,
    SubjectNotDeletedFirst,
    SubjectNotFound,
    TopicSubjectDiffers,
    TopicTaken,
    VersionInvalid,
    VersionNotFound,
)
from moorings_registry.etags import event_etag
from moorings_registry.event_rules import missing_parts
from moorings_registry.http.check_metrics import count_comparison
from moorings_registry.http.lifecycle_headers import names_event
from moorings_registry.http.native.answer_values import event_value
from moorings_registry.http.native.blueprint import WRITING, Answer, NativeBlueprint
from moorings_registry.http.native.check_shapes import ComparedShape, CompareQuery
from moorings_registry.http.native.domain_shapes import LevelBody, LevelShape
from moorings_registry.http.native.drafts import held_subject, known_event, subject_meant
from moorings_registry.http.native.event_answer_shapes import EventsQuery, EventsShape, ShownEventShape
from moorings_registry.http.native.event_shapes import EventBody, declaration_of_body
from moorings_registry.http.native.list_queries import PermanentQuery
from moorings_registry.http.native.reader_shapes import reader_value
from moorings_registry.http.native.version_shapes import NumbersShape
from moorings_registry.http.report_shapes import located
from moorings_registry.http.requests import (
    consult,
    current_caller,
    current_registry,
    current_state,
    etag_header,
    expected_etags,
    position_header,
)
from moorings_registry.names import Scope, Subject, is_within
from moorings_registry.policy import comparison_policy, effective_level
from moorings_registry.questions import known_readers
from moorings_registry.second_opinion import opinions_by_payload
from moorings_registry.state import State, SubjectState
from moorings_registry.version_queries import by_name, event_named, known_events, known_names
from moorings_registry.version_selectors import select_version

events = NativeBlueprint("events", __name__, url_prefix="/v1/events", description="Events and their majors.")


@events.get("")
@events.operation("listEvents")
@events.arguments(EventsQuery, location="query")
@events.response(200, EventsShape)
def list_events(query: dict[str, Any]) -> Answer:
    """List events, by name, those without a version yet too; search by domain, by part of the name, by state."""
    settings = current_registry().settings

    def find(state: State) -> Answer:
        known = (held.subject for held in known_events(state) if _has_major(held, query["state"]))
        names = known if query["state"] else known_names(state)
        found = sorted((one for one in names if _matches(one, query)), key=by_name)
        page = found[query["offset"] : query["offset"] + query["limit"]]
        return {"events": [event_value(state, event_named(state, one), settings) for one in page], "total": len(found)}

    return consult(find)


def _matches(event: Subject, query: dict[str, Any]) -> bool:
    if query["domain"] and not is_within(event.domain, query["domain"]):
        return False
    return query["q"].lower() in str(event).lower()


def _has_major(held: SubjectState, state: str) -> bool:
    return any(held.life(major).state == state for major in held.majors)


@events.get("/<path:subject>")
@events.operation("showEvent", SubjectInvalid, SubjectNotFound, CompilerUnavailable)
@events.response(200, ShownEventShape)
def show_event(subject: str) -> Answer:
    """Show one event: owner, level, majors, their revisions, and which of these do not meet today's policy."""

    def find(state: State) -> Answer:
        held = known_event(state, subject)
        names_event(state, held)
        return shown_event(state, held), etag_header(event_etag(state, held.subject))

    return consult(find)


def shown_event(state: State, held: SubjectState) -> dict[str, Any]:
    """What `ShownEventShape` writes."""
    registry = current_registry()
    unmet = unmet_revisions(state, held, registry.dependencies)
    value = event_value(state, held, registry.settings)
    majors = [{**one, "migration": held.migrations.get(one["major"])} for one in value["majors"]]
    consumers = [
        {"major": major, **reader_value(one)}
        for major in held.majors
        for one in known_readers(registry, state, held.subject, major)
    ]
    return {
        **value,
        "majors": majors,
        "unmet": unmet,
        "missing_fields": missing_pointers(state, held.subject, registry.dependencies),
        "incomplete": missing_parts(state, held.subject),
        "consumers": consumers,
    }


@events.put("/<name:subject>")  # without slashes: else a PUT of any address below an event would declare one
@events.operation(
    "putEvent",
    SubjectInvalid,
    *WRITING,
    BodyUnreadable,
    CompilerUnavailable,
    DeclaredFieldMissing,
    EventInvalid,
    EventOutsideDomains,
    KindRefused,
    NameRefused,
    OperationNotPermitted,
    StateChanged,
    TopicSubjectDiffers,
    TopicTaken,
)
@events.arguments(EventBody)
@events.response(200, ShownEventShape)
def put_event(body: dict[str, Any], subject: str) -> Answer:
    """Declare what an event is, before or after its first version; the same again changes nothing."""
    command = DeclareEvent(subject_meant(current_state(), subject), declaration_of_body(body), expected_etags())
    _, state = current_registry().execute(command, current_caller())
    value = shown_event(state, known_event(state, str(command.subject)))
    return value, {**position_header(state), **etag_header(event_etag(state, command.subject))}


@events.delete("/<path:subject>")
@events.operation(
    "deleteEvent",
    SubjectInvalid,
    SubjectNotFound,
    *WRITING,
    SubjectAlreadyDeleted,
    SubjectNotDeletedFirst,
    *DELETION_REFUSALS,
)
@events.arguments(PermanentQuery, location="query")
@events.response(200, NumbersShape)
def delete_event(query: dict[str, Any], subject: str) -> Answer:
    """Soft-delete every version of an event; with `permanent`, permanently delete what is soft-deleted."""
    command = DeleteSubject(subject_meant(current_state(), subject), query["permanent"], query["reason"])
    outcome, state = current_registry().execute(command, current_caller())
    return {"versions": outcome.versions}, position_header(state)


@events.get("/<path:subject>/compare")
@events.operation(
    "compareVersions", SubjectInvalid, SubjectNotFound, VersionInvalid, VersionNotFound, CompilerUnavailable
)
@events.arguments(CompareQuery, location="query")
@events.response(200, ComparedShape)
def compare(query: dict[str, Any], subject: str) -> Answer:
    """Find where a reader's version and a writer's are incompatible, with witnesses."""

    def find(state: State) -> Answer:
        registry = current_registry()
        held = held_subject(state, subject)
        reader, writer = (select_version(held, query[side]) for side in ("reader", "writer"))
        read, written = (
            registry.dependencies.schema_cache.schema(state, state.definitions[one.guid], held.subject.context)
            for one in (reader, writer)
        )
        budget = Budget(registry.settings.check_steps)
        policy = comparison_policy(state, held.subject, reader.major)
        findings = can_read(read, written, policy, budget)
        findings += condition_findings(state, reader, writer, registry.dependencies, budget)
        count_comparison(registry, read.format, verdict_of(findings), held.subject)
        opinions = opinions_by_payload(findings, read, written, policy)
        return {
            "reader": reader.label,
            "writer": writer.label,
            "verdict": verdict_of(findings),
            "findings": [located(one, opinions.get(one.witness.payload) if one.witness else None) for one in findings],
        }

    return consult(find)


@events.get("/<path:subject>/level")
@events.operation("showLevel", SubjectInvalid)
@events.response(200, LevelShape)
def show_level(subject: str) -> Answer:
    """Show the compatibility level that holds for an event, and the one set on itself."""

    def find(state: State) -> Answer:
        meant = subject_meant(state, subject)
        return _level(state, meant), etag_header(event_etag(state, meant))

    return consult(find)


@events.put("/<path:subject>/level")
@events.operation(
    "putLevel",
    SubjectInvalid,
    *WRITING,
    BodyUnreadable,
    LevelInvalid,
    OperationNotPermitted,
    PolicyBelowFloor,
    StateChanged,
)
@events.arguments(LevelBody)
@events.response(200, LevelShape)
def put_level(body: dict[str, Any], subject: str) -> Answer:
    """Set an event's own compatibility level; null takes it back."""
    meant = subject_meant(current_state(), subject)
    command = SetConfig(Scope.of(meant), {"compatibility": body["level"]}, expected_etags())
    _, state = current_registry().execute(command, current_caller())
    return _level(state, meant), {**position_header(state), **etag_header(event_etag(state, meant))}


def _level(state: State, subject: Subject) -> dict[str, Any]:
    own = state.configs.get(str(subject), {}).get("compatibility")
    return {"level": str(effective_level(state, subject, current_registry().settings)), "own": own}
