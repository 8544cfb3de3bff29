"""The lives of majors: setting them, what keeps one from being retired, and mappings from the major before."""

from typing import Any

from moorings_registry.commands import NO_MIGRATION, SetMajorLifecycle, SetMigration, trial_of
from moorings_registry.errors import (
    BodyUnreadable,
    CompilerUnavailable,
    LifecycleInvalid,
    MajorUnknown,
    MethodNotAllowed,
    MigrationInvalid,
    MigrationUnfit,
    OperationNotPermitted,
    RetirementBlocked,
    StateChanged,
    SubjectInvalid,
    SubjectNotFound,
    WaiverNeeded,
)
from moorings_registry.etags import event_etag
from moorings_registry.http.lifecycle_headers import names_major
from moorings_registry.http.native.blueprint import WRITING, Answer, NativeBlueprint
from moorings_registry.http.native.drafts import held_subject, subject_meant
from moorings_registry.http.native.event_answer_shapes import ShownEventShape
from moorings_registry.http.native.events import shown_event
from moorings_registry.http.native.lifecycle_shapes import (
    LifecycleBody,
    MigrationBody,
    RetirementShape,
    ShownMigrationShape,
)
from moorings_registry.http.requests import (
    consult,
    current_caller,
    current_registry,
    current_state,
    etag_header,
    expected_etags,
    position_header,
)
from moorings_registry.names import Subject
from moorings_registry.retirement import blockers, earliest
from moorings_registry.state import MajorState, State, SubjectState
from moorings_registry.usage import KnownUse, known_use

lifecycle = NativeBlueprint("lifecycle", __name__, url_prefix="/v1/events", description="Lifecycles of majors.")


@lifecycle.put("/<path:subject>/majors/<int:major>")
@lifecycle.operation(
    "putLifecycle",
    SubjectInvalid,
    SubjectNotFound,
    *WRITING,
    BodyUnreadable,
    LifecycleInvalid,
    MajorUnknown,
    MethodNotAllowed,
    OperationNotPermitted,
    CompilerUnavailable,
    RetirementBlocked,
    StateChanged,
    WaiverNeeded,
)
@lifecycle.arguments(LifecycleBody)
@lifecycle.response(200, ShownEventShape)
def put_lifecycle(body: dict[str, Any], subject: str, major: int) -> Answer:
    """Make a major a draft, active, deprecated (with the day of its sunset) or retired (it takes no new revisions)."""
    command = lifecycle_command(subject_meant(current_state(), subject), major, body, expected_etags())
    _, state = current_registry().execute(command, current_caller())
    held = state.subject(command.subject)
    if held is None:  # an answer given again, and meanwhile the event was permanently deleted
        raise SubjectNotFound(command.subject)
    names_major(state, held.subject, major)
    return shown_event(state, held), {**position_header(state), **etag_header(event_etag(state, held.subject))}


def lifecycle_command(
    subject: Subject, major: int, body: dict[str, Any], expected: tuple[str, ...] | None
) -> SetMajorLifecycle:
    """What a read `LifecycleBody` asks for; who uses the major is looked up where it is to be retired."""
    days = {name: body[name].isoformat() if body[name] else "" for name in ("since", "sunset")}
    wanted = MajorState(body["state"])
    used = known_use(current_registry(), subject, major) if wanted is MajorState.RETIRED else KnownUse(())
    return SetMajorLifecycle(
        subject,
        major,
        wanted,
        expected=expected,
        replacement=body["replacement"],
        page=body["page"],
        uses=used.uses,
        used_since=used.since,
        **days,
    )


@lifecycle.get("/<path:subject>/majors/<int:major>/retirement")
@lifecycle.operation("showRetirement", SubjectInvalid, SubjectNotFound, MajorUnknown)
@lifecycle.response(200, RetirementShape)
def show_retirement(subject: str, major: int) -> Answer:
    """Show whether a major may be retired today, and what keeps it from that."""
    used = known_use(current_registry(), subject_meant(current_state(), subject), major)
    now = current_registry().dependencies.now()

    def find(state: State) -> Answer:
        held = held_subject(state, subject, deleted=True)
        if major not in held.majors:
            raise MajorUnknown(held.subject, major, max(held.majors))
        names_major(state, held.subject, major)
        found = blockers(state, held.subject, major, used.uses, now, used_since=used.since)
        return {"allowed": not found, "earliest": earliest(found, now) or None, "blockers": found}

    return consult(find)


@lifecycle.get("/<path:subject>/majors/<int:major>/migration")
@lifecycle.operation("showMigration", SubjectInvalid, SubjectNotFound, MajorUnknown, CompilerUnavailable)
@lifecycle.response(200, ShownMigrationShape)
def show_migration(subject: str, major: int) -> Answer:
    """Show how events of the major before become events of this, or why they do not."""

    def find(state: State) -> Answer:
        held = held_subject(state, subject, deleted=True)
        if major not in held.majors:
            raise MajorUnknown(held.subject, major, max(held.majors))
        names_major(state, held.subject, major)
        return _migration(state, held, major), etag_header(event_etag(state, held.subject))

    return consult(find)


@lifecycle.put("/<path:subject>/majors/<int:major>/migration")
@lifecycle.operation(
    "putMigration",
    SubjectInvalid,
    SubjectNotFound,
    *WRITING,
    BodyUnreadable,
    CompilerUnavailable,
    MajorUnknown,
    MethodNotAllowed,
    MigrationInvalid,
    MigrationUnfit,
    OperationNotPermitted,
    StateChanged,
)
@lifecycle.arguments(MigrationBody)
@lifecycle.response(200, ShownMigrationShape)
def put_migration(body: dict[str, Any], subject: str, major: int) -> Answer:
    """Set the mapping from the major before, which is tried on made-up events, or say why there is none."""
    command = SetMigration(
        subject_meant(current_state(), subject), major, tuple(body["steps"]), body["reason"], expected_etags()
    )
    _, state = current_registry().execute(command, current_caller())
    held = state.subject(command.subject)
    if held is None:  # an answer given again, and meanwhile the event was permanently deleted
        raise SubjectNotFound(command.subject)
    names_major(state, held.subject, major)
    headers = {**position_header(state), **etag_header(event_etag(state, held.subject))}
    return _migration(state, held, major), headers


def _migration(state: State, held: SubjectState, major: int) -> dict[str, Any]:
    """What `ShownMigrationShape` writes."""
    said = held.migrations.get(major, NO_MIGRATION)
    trial = trial_of(state, held, major, current_registry().dependencies)
    tried, doubts = (trial.tried, trial.may_fail) if trial else (0, ())
    return {"steps": said.steps, "reason": said.reason, "tried": tried, "may_fail": doubts}
