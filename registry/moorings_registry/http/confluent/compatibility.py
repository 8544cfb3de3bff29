"""Checks without registering."""

from flask import Response

from moorings_compat import Report
from moorings_registry.commands import assess_against, under_contract
from moorings_registry.errors import (
    MetadataInvalid,
    ReferenceNotFound,
    RuleSetInvalid,
    SchemaInvalid,
    SchemaLimitExceeded,
    SubjectInvalid,
    VersionInvalid,
    VersionNotFound,
)
from moorings_registry.http.confluent.answers import Json, answer
from moorings_registry.http.confluent.bodies import read_draft, read_object
from moorings_registry.http.confluent.parameters import NORMALIZE, VERBOSE
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import subject_meant
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.state import State, Version
from moorings_registry.version_selectors import LATEST, pick_version, read_version

SHOWN_CHARACTERS = 1_000
"""Of an old schema's text, in a message."""


def check_all(subject: str) -> Response:
    """Check a schema as registering it would: against the versions that the level asks for."""
    draft = read_draft(read_object(), normalize=NORMALIZE.value)

    def check(state: State) -> Response:
        _, assessed = current_registry().assess(state, subject_meant(state, subject), draft)
        return _verdict(state, assessed.report, {one.number: one for one in assessed.place.older})

    return consult(check)


def check_one(subject: str, version: str) -> Response:
    """Check a schema against one version; `latest` of a subject that does not exist yet fits anything."""
    number = read_version(version)
    draft = read_draft(read_object(), normalize=NORMALIZE.value)

    def check(state: State) -> Response:
        meant = subject_meant(state, subject)
        registry = current_registry()
        candidate = registry.read_candidate(state, meant, under_contract(state, meant, draft, inherits=True))
        held = state.subject(meant)
        if held is None or (number == LATEST and held.latest is None):
            if number == LATEST:
                return answer({"is_compatible": True})
            raise VersionNotFound(number)
        against = pick_version(held, number, deleted=False)
        report = assess_against(state, meant, candidate, against, registry.dependencies)
        return _verdict(state, report, {against.number: against})

    return consult(check)


def _verdict(state: State, report: Report, versions: dict[int, Version]) -> Response:
    fits = report.passes
    content: Json = {"is_compatible": fits}
    if VERBOSE.value:
        content["messages"] = [] if fits else _messages(state, report, versions)
    return answer(content)


def _messages(state: State, report: Report, versions: dict[int, Version]) -> list[str]:
    """Every finding of every version that stands in the way, each version with its number and its text."""
    messages: list[str] = []
    for number in dict.fromkeys(one.version for one in report.failing):
        for comparison in report.failing:
            if comparison.version == number:
                messages.extend(
                    f"{{errorType:'{one.rule}', description:'{one.message} {one.advice}', "
                    f"additionalInfo:'{comparison.promise}, reader {one.reader_path or '/'}: {one.reader_has}, "
                    f"writer {one.writer_path or '/'}: {one.writer_has}'}}"
                    for one in comparison.findings
                )
        text = state.definitions[versions[number].guid].text
        shown = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
        messages.append(f"{{oldSchemaVersion: {number}}}")
        messages.append(f"{{oldSchema: '{shown}'}}")
    messages.append(f"{{compatibility: '{report.level}'}}")
    return messages


_ERRORS = (
    SubjectInvalid,
    SchemaInvalid,
    SchemaLimitExceeded,
    ReferenceNotFound,
    MetadataInvalid,
    RuleSetInvalid,
)
_EVERY_VERSION = "With `verbose`, every version that stands in the way is told, not the first alone."

ROUTES = (
    Route(
        "POST",
        "/compatibility/subjects/<subject>/versions",
        check_all,
        (NORMALIZE, VERBOSE),
        _ERRORS,
        _EVERY_VERSION,
    ),
    Route(
        "POST",
        "/compatibility/subjects/<subject>/versions/<version>",
        check_one,
        (NORMALIZE, VERBOSE),
        (*_ERRORS, VersionInvalid, VersionNotFound),
    ),
)
