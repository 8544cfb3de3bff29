"""Assertions about contracts; each fails with everything that is wrong."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from moorings.layout.schema_files import read_schema
from moorings.typed.comparing import assert_fits
from moorings.violations import Violation
from moorings_compat import Level, Schema, Severity, check

__all__ = ["assert_compatible", "assert_fits", "assert_refused", "assert_valid"]

SchemaOrFile = Schema | Path | str
"""A parsed schema, or a file."""


class Validating(Protocol):
    """A contract handle, of dicts or of typed objects."""

    def validate(self, value: Any) -> Sequence[Violation]:
        """Return everything that is wrong with an event."""


def assert_valid(contract: Validating, event: Any) -> None:
    """Fail with every violation if an event breaks its contract."""
    found = contract.validate(event)
    if found:
        raise AssertionError(f"the event is refused:\n{_violation_lines(found)}")


def assert_refused(contract: Validating, event: Any, *, rule: str | None = None, path: str | None = None) -> None:
    """Fail if an event is valid, or refused by another rule or at another path (a JSON Pointer)."""
    found = contract.validate(event)
    if not found:
        raise AssertionError("the event is valid, but should be refused")
    if not any(rule in (None, str(one.rule)) and path in (None, one.pointer) for one in found):
        wanted = " at ".join(filter(None, (rule, path)))
        raise AssertionError(f"the event is refused, but not by {wanted}:\n{_violation_lines(found)}")


def assert_compatible(old: SchemaOrFile, new: SchemaOrFile, level: Level | str = Level.BACKWARD) -> None:
    """Fail with every break, and everything undecided, if *new* must not follow *old* at *level*.

    Raises:
        SourceInvalid, SchemaError: a file cannot be read, or is not a schema.
    """
    report = check(_schema_of(new), [(1, _schema_of(old))], Level(level))
    findings = [finding for one in report.comparisons for finding in one.findings]
    breaks = [one for one in findings if one.severity in (Severity.BREAK, Severity.UNDECIDED)]
    if breaks:
        lines = "\n".join(f"  {one.reader_path or '/'}: {one.rule}: {one.message} {one.advice}" for one in breaks)
        raise AssertionError(f"the change is not {Level(level)}:\n{lines}")


def _schema_of(definition: SchemaOrFile) -> Schema:
    return definition if isinstance(definition, Schema) else read_schema(Path(definition))


def _violation_lines(found: Sequence[Violation]) -> str:
    return "\n".join(f"  {one}" for one in found)
