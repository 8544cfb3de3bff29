"""How codecs report to the contract handle, which knows the subject and the versions that the errors name."""

from collections.abc import Sequence

from moorings.violations import Violation


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
