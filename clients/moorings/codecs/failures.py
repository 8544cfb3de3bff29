"""How codecs report failures to the contract handle, which adds subject and versions to the errors.

Each codec has a short path, `at_once`, which handles what is valid and raises one of `SLOW_PATH` for anything else; and
a long one, which finds out what is wrong. The short paths are plain functions, so that a handle makes a single call.
"""

import struct
from collections.abc import Callable, Sequence

from moorings.errors import EventInvalid, EventUnreadable
from moorings.violations import Violation

SLOW_PATH = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError, struct.error)


class Refused(ValueError):
    """The short path does not handle this; the long one does, or says why not. Holds nothing of the event."""


class Invalid(Exception):
    """An event does not fit the schema that it is to be written with."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__(f"{len(violations)} violations")
        self.violations = tuple(violations)


class Mismatch(Exception):
    """Bytes cannot be read with the given schemas; `path` is a JSON Pointer, as far as known."""

    def __init__(self, path: str, reason: str, violations: Sequence[Violation] = ()) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason
        self.violations = tuple(violations)


MakeInvalid = Callable[[tuple[Violation, ...]], EventInvalid]
"""Makes the contract's error about an event that is not written."""
MakeUnreadable = Callable[[bytes, Mismatch], EventUnreadable]
"""Makes the contract's error about bytes that are not read."""
