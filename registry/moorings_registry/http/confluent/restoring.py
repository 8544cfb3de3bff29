"""Undeleting what was soft-deleted; no other registry of this API has it."""

from flask import Response

from moorings_registry.commands import RestoreSubject, RestoreVersion
from moorings_registry.errors import (
    OperationNotPermitted,
    SubjectInvalid,
    SubjectNotFound,
    VersionInvalid,
    VersionNotFound,
)
from moorings_registry.http.confluent.answers import answer
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import subject_meant
from moorings_registry.http.requests import current_caller, current_registry, current_state, wrote
from moorings_registry.version_selectors import read_version, selector


def undelete_subject(subject: str) -> Response:
    """Bring every soft-deleted version of a subject back under its number; those that came back are answered."""
    command = RestoreSubject(subject_meant(current_state(), subject))
    outcome, state = current_registry().execute(command, current_caller())
    return wrote(answer(list(outcome.versions)), state)


def undelete_version(subject: str, version: str) -> Response:
    """Bring a soft-deleted version back under its number; one that is active stays as it is."""
    number = read_version(version)
    command = RestoreVersion(subject_meant(current_state(), subject), selector(number))
    outcome, state = current_registry().execute(command, current_caller())
    return wrote(answer(outcome.versions[0]), state)


_NOTE = "An addition: what was soft-deleted comes back under its number and its id, as long as it is not gone for good."

ROUTES = (
    Route(
        "POST",
        "/subjects/<subject>/undelete",
        undelete_subject,
        (),
        (SubjectInvalid, SubjectNotFound, OperationNotPermitted),
        _NOTE,
    ),
    Route(
        "POST",
        "/subjects/<subject>/versions/<version>/undelete",
        undelete_version,
        (),
        (SubjectInvalid, SubjectNotFound, VersionInvalid, VersionNotFound, OperationNotPermitted),
    ),
)
