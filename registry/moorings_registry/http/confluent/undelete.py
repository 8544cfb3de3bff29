"""Undeleting what was soft-deleted; no other registry of this API has it."""

from moorings_registry.commands import RestoreSubject, RestoreVersion
from moorings_registry.errors import (
    OperationNotPermitted,
    SchemaIncompatible,
    SubjectInvalid,
    SubjectNotFound,
    VersionInvalid,
    VersionNotFound,
)
from moorings_registry.http.confluent.answer import Answer
from moorings_registry.http.confluent.answer_shapes import INTEGER, INTEGERS
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.confluent.scoping import subject_meant
from moorings_registry.http.requests import current_caller, current_registry, current_state
from moorings_registry.version_selectors import read_version, selector


def undelete_subject(subject: str) -> Answer:
    """Restore every soft-deleted version of a subject under its number; the answer lists them."""
    command = RestoreSubject(subject_meant(current_state(), subject))
    outcome, state = current_registry().execute(command, current_caller())
    return Answer(list(outcome.versions), written=state)


def undelete_version(subject: str, version: str) -> Answer:
    """Restore a soft-deleted version under its number; an active one stays as it is."""
    number = read_version(version)
    command = RestoreVersion(subject_meant(current_state(), subject), selector(number))
    outcome, state = current_registry().execute(command, current_caller())
    return Answer(outcome.versions[0], written=state)


_NOTE = "An addition: what was soft-deleted is restored under its number and its id, unless it was deleted permanently."

ROUTES = (
    Route(
        "POST",
        "/subjects/<subject>/undelete",
        "undeleteSubject",
        undelete_subject,
        INTEGERS,
        errors=(SubjectInvalid, SubjectNotFound, SchemaIncompatible, OperationNotPermitted),
        note=_NOTE,
    ),
    Route(
        "POST",
        "/subjects/<subject>/versions/<version>/undelete",
        "undeleteVersion",
        undelete_version,
        INTEGER,
        errors=(
            SubjectInvalid,
            SubjectNotFound,
            VersionInvalid,
            VersionNotFound,
            SchemaIncompatible,
            OperationNotPermitted,
        ),
    ),
)
