"""Checks without registering."""

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import g

from moorings_compat import Finding, Report
from moorings_registry.commands import assess_against, require_fields_allowed, under_contract
from moorings_registry.errors import (
    FieldReserved,
    MajorRetired,
    MetadataInvalid,
    ReferenceNotFound,
    RuleSetInvalid,
    SchemaInvalid,
    SchemaLimitExceeded,
    SubjectInvalid,
    VersionInvalid,
    VersionNotFound,
)
from moorings_registry.http.check_metrics import count_check
from moorings_registry.http.confluent.answer import Answer
from moorings_registry.http.confluent.answer_shapes import VerdictShape
from moorings_registry.http.confluent.body_shapes import DraftBody, draft_of
from moorings_registry.http.confluent.query_shapes import CheckQuery
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import retired_reason, served_subject, subject_meant
from moorings_registry.http.lifecycle_headers import names_major
from moorings_registry.http.older_clients import is_older
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.state import State, Version
from moorings_registry.version_selectors import LATEST, pick_version, read_version

SHOWN_CHARACTERS = 1_000
"""Of an old schema's text, in a message."""


def check_all(subject: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Check a schema as registering it would: against the versions that the level asks for."""
    draft = draft_of(body, normalize=query["normalize"])

    def check(state: State) -> Answer:
        meant = subject_meant(state, subject)
        try:
            _, assessed = current_registry().assess(state, meant, draft)
        except (MajorRetired, FieldReserved) as refusal:
            return _refused(refusal.code, str(refusal), verbose=query["verbose"])
        count_check(current_registry(), assessed.report.format, assessed.report.verdict, meant)
        names_major(state, meant, assessed.place.major)
        older = {one.number: one for one in assessed.place.older}
        return _verdict(state, assessed.report, older, verbose=query["verbose"])

    return consult(check)


def check_one(subject: str, version: str, query: Mapping[str, Any], body: Mapping[str, Any]) -> Answer:
    """Check a schema against one version; any schema passes against `latest` of a subject that does not exist yet."""
    number = read_version(version)
    draft = draft_of(body, normalize=query["normalize"])

    def check(state: State) -> Answer:
        meant = subject_meant(state, subject)
        registry = current_registry()
        candidate = registry.read_candidate(state, meant, under_contract(state, meant, draft, inherits=True))
        try:
            require_fields_allowed(state, meant, candidate)
        except FieldReserved as reserved:
            return _refused(reserved.code, str(reserved), verbose=query["verbose"])
        held = served_subject(state, meant)
        reason = retired_reason(state, meant, number)
        if reason:
            return _refused(MajorRetired.code, reason, verbose=query["verbose"])
        if held is None or (number == LATEST and held.latest is None):
            if number == LATEST:
                return Answer({"is_compatible": True})
            raise VersionNotFound(number)
        against = pick_version(held, number, deleted=False)
        names_major(state, meant, against.major)
        report = assess_against(state, meant, candidate, against, registry.dependencies)
        count_check(registry, report.format, report.verdict, meant)
        return _verdict(state, report, {against.number: against}, verbose=query["verbose"])

    return consult(check)


def _refused(code: str, reason: str, *, verbose: bool) -> Answer:
    """Say no because of a retired major or a reserved name, and why, with `verbose` or, to newer clients, without."""
    messages = {"messages": [_message(errorType=code, description=reason)]}
    return Answer({"is_compatible": False, **(messages if verbose or not is_older(g.entered.request.headers) else {})})


def _verdict(state: State, report: Report, versions: dict[int, Version], *, verbose: bool) -> Answer:
    compatible = report.passes
    messages = {"messages": [] if compatible else _messages(state, report, versions)} if verbose else {}
    return Answer({"is_compatible": compatible, **messages})


def _messages(state: State, report: Report, versions: dict[int, Version]) -> list[str]:
    """Every finding of every version that the schema is not compatible with, each with its number and its text."""
    messages: list[str] = []
    for number in dict.fromkeys(one.version for one in report.failing):
        for comparison in report.failing:
            if comparison.version == number:
                messages.extend(_finding(one, comparison.promise) for one in comparison.findings)
        text = state.definitions[versions[number].guid].text
        shown = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
        messages.append(f"{{oldSchemaVersion: {number}}}")
        messages.append(f"{{oldSchema: '{shown}'}}")
    messages.append(f"{{compatibility: '{report.level}'}}")
    return messages


def _finding(finding: Finding, promise: str) -> str:
    sides = (
        f"{promise}, reader {finding.reader_path or '/'} ({finding.reader_has})"
        f", writer {finding.writer_path or '/'} ({finding.writer_has})"
    )
    description = f"{finding.message} {finding.advice}".strip()
    return _message(errorType=finding.rule, description=description, additionalInfo=sides)


def _message(**members: str) -> str:
    """A message with these members.

    Tools put quotes around names, which are the words before a colon, and read what comes out as JSON (Redpanda Console
    does). So texts are JSON strings, and have a space before a colon that follows a word.
    """
    written = (f"{name}:{json.dumps(_NAME.sub(' ', text), ensure_ascii=False)}" for name, text in members.items())
    return f"{{{', '.join(written)}}}"


_NAME = re.compile(r"(?<=\w)(?=:)", re.ASCII)
"""The place where a tool would take the word before it for a name."""

_CHECK_ERRORS = (
    SubjectInvalid,
    SchemaInvalid,
    SchemaLimitExceeded,
    ReferenceNotFound,
    MetadataInvalid,
    RuleSetInvalid,
)
_EVERY_VERSION = (
    "With `verbose`, every version that the schema is not compatible with is listed, not the first alone. "
    "A retired major is never compatible, and `messages` says why."
)

ROUTES = (
    Route(
        "POST",
        "/compatibility/subjects/<subject>/versions",
        "checkCompatibility",
        check_all,
        VerdictShape(),
        CheckQuery(),
        DraftBody(),
        errors=_CHECK_ERRORS,
        note=_EVERY_VERSION,
    ),
    Route(
        "POST",
        "/compatibility/subjects/<subject>/versions/<version>",
        "checkCompatibilityWithVersion",
        check_one,
        VerdictShape(),
        CheckQuery(),
        DraftBody(),
        errors=(*_CHECK_ERRORS, VersionInvalid, VersionNotFound),
    ),
)
