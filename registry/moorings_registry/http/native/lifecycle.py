"""The lives of majors: setting them, and what keeps one from being retired."""

from typing import Any

from moorings_registry.commands import SetMajorLifecycle
from moorings_registry.errors import (
    BodyUnreadable,
    CompilerUnavailable,
    LifecycleInvalid,
    MajorUnknown,
    MethodNotAllowed,
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
from moorings_registry.http.native.events import shown_event
from moorings_registry.http.native.shapes import LifecycleBody, RetirementShape, ShownEventShape
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
from moorings_registry.state import MajorState, State
from moorings_registry.usage import uses_of

lifecycle = NativeBlueprint("lifecycle", __name__, url_prefix="/v1/events", description="The lives of majors.")


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
    uses = uses_of(current_registry(), subject, major) if wanted is MajorState.RETIRED else ()
    return SetMajorLifecycle(
        subject,
        major,
        wanted,
        expected=expected,
        replacement=body["replacement"],
        page=body["page"],
        uses=uses,
        **days,
    )


@lifecycle.get("/<path:subject>/majors/<int:major>/retirement")
@lifecycle.operation("showRetirement", SubjectInvalid, SubjectNotFound, MajorUnknown)
@lifecycle.response(200, RetirementShape)
def show_retirement(subject: str, major: int) -> Answer:
    """Show whether a major may be retired today, and what keeps it from that."""
    uses = uses_of(current_registry(), subject_meant(current_state(), subject), major)
    now = current_registry().dependencies.now()

    def find(state: State) -> Answer:
        held = held_subject(state, subject, deleted=True)
        if major not in held.majors:
            raise MajorUnknown(held.subject, major, max(held.majors))
        names_major(state, held.subject, major)
        found = blockers(state, held.subject, major, uses, now)
        return {"allowed": not found, "earliest": earliest(found, now) or None, "blockers": found}

    return consult(find)
