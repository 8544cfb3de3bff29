"""Errors of a schema before it is compared with anything: one catalogue, stable codes.

An incompatible schema is not an error here: it is a `Report` with findings.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where.

    `where` is a JSON Pointer into the text (``/fields/2/type``), or ``line 3, column 7`` if the text
    could not be parsed. Empty means the whole text.
    """

    where: str
    message: str

    def __str__(self) -> str:
        return f"at {self.where}: {self.message}" if self.where else self.message


class SchemaError(Exception):
    """A schema cannot be used; `problems` says where and why, at least one."""

    code = "SCHEMA_INVALID"

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


class SchemaInvalid(SchemaError):
    """The text breaks a rule of its format."""


class ReferenceMissing(SchemaError):
    """The text uses a name that neither it nor a declared reference defines."""

    code = "REFERENCE_MISSING"


class ReferenceCircle(SchemaError):
    """References lead back to the schema that they start from."""

    code = "REFERENCE_CIRCLE"


class SchemaLimitExceeded(SchemaError):
    """The schema is larger, deeper or wider than the caller's limits."""

    code = "SCHEMA_LIMIT_EXCEEDED"

    def __init__(self, what: str, found: int, allowed: int) -> None:
        super().__init__(Problem("", f"{what} is {found}; the limit is {allowed}"))
        self.what = what
        self.found = found
        self.allowed = allowed


class ProtobufCompilerUnavailable(Exception):
    """The Protobuf compiler is not installed, or could not be started: install `moorings[protobuf]`."""

    code = "PROTOBUF_COMPILER_UNAVAILABLE"


class ProtobufLibraryMissing(ProtobufCompilerUnavailable):
    """The Protobuf runtime is not installed."""

    def __init__(self) -> None:
        super().__init__("a schema in Protobuf needs an extra: pip install 'moorings[protobuf]'")


class BudgetSpent(Exception):
    """The steps that the caller granted are used up; a comparison then answers `undecided`."""
