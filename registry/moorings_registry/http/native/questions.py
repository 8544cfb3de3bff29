"""Questions about consumers, answered yes, no or unknown."""

from typing import Any

from moorings_compat import Problem
from moorings_registry.errors import (
    BodyUnreadable,
    CompilerUnavailable,
    ConsumerNotFound,
    MajorUnknown,
    RequestInvalid,
    SubjectInvalid,
    SubjectNotFound,
    UsageUnavailable,
)
from moorings_registry.http.native.blueprint import READING_A_SCHEMA, Answer, NativeBlueprint
from moorings_registry.http.native.consumer_shapes import (
    AnsweredShape,
    BreakBody,
    DeployQuery,
    EventQuery,
    FieldQuery,
    OnlyEventQuery,
    RetireQuery,
)
from moorings_registry.http.native.drafts import read_draft, subject_meant
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.questions import (
    as_expected,
    can_change,
    can_deploy,
    can_drop,
    can_retire,
    newest_of,
    unused_fields,
    who_reads,
)
from moorings_registry.state import State

questions = NativeBlueprint(
    "questions", __name__, url_prefix="/v1/questions", description="Questions about consumers: yes, no or unknown."
)
_OF_EVENT = (SubjectInvalid, SubjectNotFound, MajorUnknown, UsageUnavailable, CompilerUnavailable)


@questions.get("/who-reads")
@questions.operation("whoReads", *_OF_EVENT)
@questions.arguments(FieldQuery, location="query")
@questions.response(200, AnsweredShape)
def ask_who_reads(query: dict[str, Any]) -> Answer:
    """Ask who reads a field of an event, or, without `path`, the event at all."""

    def find(state: State) -> Answer:
        version = newest_of(state, subject_meant(state, query["event"]), query["major"])
        return who_reads(current_registry(), state, version, query["path"])

    return consult(find)


@questions.get("/unused-fields")
@questions.operation("unusedFields", *_OF_EVENT)
@questions.arguments(EventQuery, location="query")
@questions.response(200, AnsweredShape)
def ask_unused_fields(query: dict[str, Any]) -> Answer:
    """Ask which fields of an event nobody reads."""

    def find(state: State) -> Answer:
        version = newest_of(state, subject_meant(state, query["event"]), query["major"])
        return unused_fields(current_registry(), state, version)

    return consult(find)


@questions.get("/as-expected")
@questions.operation("asExpected", SubjectInvalid, SubjectNotFound, UsageUnavailable)
@questions.arguments(OnlyEventQuery, location="query")
@questions.response(200, AnsweredShape)
def ask_as_expected(query: dict[str, Any]) -> Answer:
    """Ask whether an event keeps to the rate and the size that it is planned for, by what clients sampled."""
    return consult(lambda state: as_expected(current_registry(), state, subject_meant(state, query["event"])))


@questions.post("/can-break")
@questions.operation("canBreak", *_OF_EVENT, BodyUnreadable, *READING_A_SCHEMA)
@questions.arguments(BreakBody)
@questions.response(200, AnsweredShape)
def ask_can_break(body: dict[str, Any]) -> Answer:
    """Ask whether fields may be dropped from an event, or its schema changed, without harm to those who read it."""
    if bool(body["drop"]) is (body["change"] is not None):
        raise RequestInvalid("Not one of drop and change alone", [Problem("/drop", "give either drop or change")])

    def find(state: State) -> Answer:
        version = newest_of(state, subject_meant(state, body["event"]), body["major"])
        if body["change"] is None:
            return can_drop(current_registry(), state, version, body["drop"])
        return can_change(current_registry(), state, version, read_draft(body["change"]))

    return consult(find)


@questions.get("/can-retire")
@questions.operation("canRetire", *_OF_EVENT)
@questions.arguments(RetireQuery, location="query")
@questions.response(200, AnsweredShape)
def ask_can_retire(query: dict[str, Any]) -> Answer:
    """Ask whether a major may be retired, and who keeps it from that."""
    return consult(
        lambda state: can_retire(current_registry(), state, subject_meant(state, query["event"]), query["major"])
    )


@questions.get("/can-deploy")
@questions.operation("canDeploy", ConsumerNotFound, CompilerUnavailable)
@questions.arguments(DeployQuery, location="query")
@questions.response(200, AnsweredShape)
def ask_can_deploy(query: dict[str, Any]) -> Answer:
    """Ask whether a version of an application finds all that it declares to read."""
    asked = (query["application"], query["version"], query["environment"])
    return consult(lambda state: can_deploy(current_registry(), state, *asked))
