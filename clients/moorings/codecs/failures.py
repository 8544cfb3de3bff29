"""How codecs report to the contract handle, which knows the subject and the versions that the errors name.

Each codec has a short path, `at_once`, which takes what is right and raises one of `SLOW_PATH` for anything else; and
a long one, which says what is wrong. The short paths are plain functions, so that a handle pays for one call.
"""

import struct
from collections.abc import Callable, Sequence

from moorings.errors import EventInvalid, EventUnreadable
from moorings.violations import Violation

SLOW_PATH = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError, struct.error)


class Refused(ValueError):
    """A short path does not take this; the long one says why, or takes it after all. Holds nothing of the event."""


class Invalid(Exception):
    """An event does not fit the schema it should be written with."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__(f"{len(violations)} violations")
        self.violations = tuple(violations)


class Mismatch(Exception):
    """Bytes cannot be read with the schemas at hand; `path` is a JSON Pointer, as far as it is known."""

    def __init__(self, path: str, reason: str, violations: Sequence[Violation] = ()) -> None:
        super().__init__(reason)
        self.path = path
        self.reason = reason
        self.violations = tuple(violations)


MakeInvalid = Callable[[tuple[Violation, ...]], EventInvalid]
"""Makes the contract's error about an event that is not written."""
MakeUnreadable = Callable[[bytes, Mismatch], EventUnreadable]
"""Makes the contract's error about bytes that are not read."""
