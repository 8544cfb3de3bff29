"""Questions about those who read events, as forms that need no script: each answered yes, no or unknown."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import nsmallest

from flask import Response
from markupsafe import Markup

from moorings_compat.fields import field_paths, pointer_of
from moorings_registry.commands import parsed
from moorings_registry.errors import (
    CompilerUnavailable,
    MajorUnknown,
    Refusal,
    RequestInvalid,
    SchemaUnreadable,
    SubjectInvalid,
    SubjectNotFound,
)
from moorings_registry.http.native.drafts import subject_meant
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.http.statuses import STATUSES
from moorings_registry.lifecycle import DAY
from moorings_registry.names import is_within
from moorings_registry.questions import (
    Answered,
    as_expected,
    can_deploy,
    can_drop,
    can_retire,
    newest_of,
    unused_fields,
    who_reads,
)
from moorings_registry.state import State, Version
from moorings_registry.web import query_params, time_formatting
from moorings_registry.web.faults import advice, of_events
from moorings_registry.web.invisible_characters import seen
from moorings_registry.web.rendering import page

MOST_SUGGESTED = 200
"""Events, and fields of an event, that a form suggests."""
MOST_DROPPED = 50
"""Fields that one question names."""
MOST_REASONS = 100
"""Reasons that are listed; the API has all of them."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question, as its form asks it."""

    name: str
    title: str
    lead: str
    inputs: tuple[str, ...]
    command: str
    """The same on the command line."""


QUESTIONS = (
    Question(
        "who-reads",
        "Who reads a field?",
        "Without a field: who reads the event at all.",
        ("event", "major", "path"),
        "moorings who reads EVENT /FIELD",
    ),
    Question(
        "unused-fields",
        "Which fields does nobody read?",
        "Of what is declared and observed; absence of data is not safety.",
        ("event", "major"),
        "moorings unused-fields EVENT",
    ),
    Question(
        "can-break",
        "May fields be removed?",
        "A whole changed schema is asked about on the command line, with --change FILE.",
        ("event", "major", "drop"),
        "moorings can-i break EVENT --drop /FIELD",
    ),
    Question(
        "can-retire",
        "May a major be retired?",
        "What keeps it from being retired, and until when.",
        ("event", "major"),
        "moorings can-i retire EVENT@1",
    ),
    Question(
        "as-expected",
        "Is its load as expected?",
        "Rates and sizes that clients sample, beside those that the event declares.",
        ("event",),
        "moorings as-expected EVENT",
    ),
    Question(
        "can-deploy",
        "May a version of an application be deployed?",
        "Whether it finds in the registry all that it declares to read.",
        ("application", "version", "environment"),
        "moorings can-i deploy --app A --version V --env E",
    ),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks, and what its forms are filled with."""

    question: str
    """The name of a `Question`; empty where none is asked yet."""
    domain: str
    event: str
    major: int
    """0: not said."""
    path: str
    drop: str
    application: str
    version: str
    environment: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a question has no answer, and what to do about it."""

    message: str
    fix: str
    status: int


def ask_questions() -> Response:
    """Show the questions, and the answer to the one that the address asks."""
    asked = Asked(
        query_params.choice("ask", [one.name for one in QUESTIONS]),
        query_params.text("domain"),
        query_params.text("event"),
        query_params.number("major", 0),
        query_params.text("path"),
        query_params.text("drop"),
        query_params.text("application"),
        query_params.text("version"),
        query_params.text("environment"),
    )
    return consult(lambda state: _show(state, asked))


def _show(state: State, asked: Asked) -> Response:
    answer, failure = _answer(state, asked)
    response = page(
        "questions.html",
        title="Questions",
        section="Consumers",
        state=state,
        questions=QUESTIONS,
        asked=asked,
        answer=answer,
        failure=failure,
        evidence_of=_evidence,
        most_reasons=MOST_REASONS,
        events=_events(state, asked.domain),
        fields=_fields(state, asked),
    )
    response.status_code = failure.status if failure else 200
    return response


def _answer(state: State, asked: Asked) -> tuple[Answered | None, Failure | None]:
    if not asked.question:
        return None, None
    try:
        return _ANSWERS[asked.question](state, asked), None
    except Refusal as refusal:
        fix = "Correct it above, and ask again." if isinstance(refusal, RequestInvalid) else advice(refusal)
        return None, Failure(of_events(str(refusal)).rstrip("."), fix, STATUSES[type(refusal)].native)


def _who_reads(state: State, asked: Asked) -> Answered:
    return who_reads(current_registry(), state, _version(state, asked), asked.path)


def _unused_fields(state: State, asked: Asked) -> Answered:
    return unused_fields(current_registry(), state, _version(state, asked))


def _can_break(state: State, asked: Asked) -> Answered:
    pointers = asked.drop.replace(",", " ").split()
    if not 0 < len(pointers) <= MOST_DROPPED:
        raise RequestInvalid(f"Name 1 to {MOST_DROPPED} fields to remove, such as /total")
    return can_drop(current_registry(), state, _version(state, asked), pointers)


def _can_retire(state: State, asked: Asked) -> Answered:
    subject = _version(state, asked).subject if not asked.major else subject_meant(state, _named(asked.event, "event"))
    held = state.subject(subject)
    major = asked.major or (held.majors[0] if held else 0)
    return can_retire(current_registry(), state, subject, major)


def _as_expected(state: State, asked: Asked) -> Answered:
    return as_expected(current_registry(), state, subject_meant(state, _named(asked.event, "event")))


def _can_deploy(state: State, asked: Asked) -> Answered:
    named = [_named(getattr(asked, one), one) for one in ("application", "version", "environment")]
    return can_deploy(current_registry(), state, *named)


_ANSWERS: dict[str, Callable[[State, Asked], Answered]] = {
    "who-reads": _who_reads,
    "unused-fields": _unused_fields,
    "can-break": _can_break,
    "can-retire": _can_retire,
    "as-expected": _as_expected,
    "can-deploy": _can_deploy,
}


def _version(state: State, asked: Asked) -> Version:
    return newest_of(state, subject_meant(state, _named(asked.event, "event")), asked.major or None)


def _named(text: str, what: str) -> str:
    if not text:
        raise RequestInvalid(f"The question does not name {'an' if what[0] in 'ae' else 'a'} {what}")
    return text


def _events(state: State, domain: str) -> list[str]:
    """Names of events that the forms suggest: those of *domain* and below it, else the first that there are."""
    found = (str(one) for one in state.active_names() if not domain or is_within(one.domain, domain))
    return nsmallest(MOST_SUGGESTED, found)


def _fields(state: State, asked: Asked) -> list[str]:
    """Fields of the event that is asked about; nothing where it cannot be found."""
    try:
        version = _version(state, asked)
        paths = field_paths(parsed(state, version, current_registry().dependencies), version.subject.of_event.name)
    except (RequestInvalid, SubjectInvalid, SubjectNotFound, MajorUnknown, CompilerUnavailable, SchemaUnreadable):
        return []
    return [pointer_of(one) for one in paths[:MOST_SUGGESTED]]


def _evidence(text: str) -> Markup | str:
    """A moment or a day as pages show it; other evidence as it is."""
    try:
        return time_formatting.day(text) if len(text) == DAY else time_formatting.moment(text)
    except ValueError:
        return seen(text)
