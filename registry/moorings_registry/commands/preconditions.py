"""What has to hold before a write: what it was decided on (RFC 9110, 13.1.1), and that what it changes is there."""

from moorings_registry.errors import MajorUnknown, StateChanged, SubjectNotFound
from moorings_registry.etags import event_etag
from moorings_registry.modes import require_writable
from moorings_registry.names import Subject
from moorings_registry.state import State, SubjectState

ANY = "*"
"""In place of etags: whatever there is, as long as there is something."""

Expected = tuple[str, ...] | None
"""The etags of which one has to hold; None where the write does not say."""


def require_match(expected: Expected, etag: str) -> None:
    """Pass, or refuse a write that was decided on another state.

    Raises:
        StateChanged
    """
    if expected is None or etag in expected or (ANY in expected and etag):
        return
    raise StateChanged(etag)


def major_to_change(state: State, subject: Subject, major: int, expected: Expected) -> SubjectState:
    """The subject of a major that a command changes something about.

    Raises:
        SubjectNotFound, MajorUnknown
        OperationNotPermitted: the subject is read-only.
        StateChanged: none of the *expected* etags (`etags.event_etag`) holds.
    """
    held = state.subject(subject)
    if held is None:
        raise SubjectNotFound(subject)
    require_writable(state, subject)
    require_match(expected, event_etag(state, subject))
    if major not in held.majors:
        raise MajorUnknown(subject, major, max(held.majors))
    return held
