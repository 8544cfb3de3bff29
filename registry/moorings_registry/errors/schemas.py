"""Schemas that are invalid, too large, or break a promise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from moorings_compat import Problem, Report
from moorings_registry.errors.refusal import Refusal, printable
from moorings_registry.second_opinion import ComparedSchemas


class SchemaInvalid(Refusal):
    """The text is not a schema; `problems` has every location."""

    code = "SCHEMA_INVALID"
    title = "Invalid schema"
    fix = "Fix the locations listed in `errors`."

    def __init__(self, reason: str, problems: Sequence[Problem]) -> None:
        super().__init__(f"Invalid schema: {reason}", problems)


class SchemaUnreadable(Refusal):
    """A definition that was imported as the other registry had it cannot be built on: it is not a valid schema here."""

    code = "SCHEMA_UNREADABLE"
    title = "Schema cannot be read"
    fix = (
        'Register it for the next major ("major": "next", or moorings new-major), which is compared with nothing, or '
        "in a new subject; outside domains, delete what was imported or set NONE."
    )

    def __init__(self, guid: str, reason: str, held_back: str = "") -> None:
        """*held_back* says in a sentence what cannot be done for it."""
        self.guid, self.reason = guid, reason
        sentence = f"The schema {guid} was imported as the other registry had it, and cannot be read here: {reason}"
        super().__init__(f"{sentence}. {held_back}" if held_back else sentence)


class SchemaLimitExceeded(Refusal):
    code = "SCHEMA_LIMIT_EXCEEDED"
    title = "Schema too large"
    fix = "Split the schema with references, or ask the operator for a higher limit (serve --schema-bytes)."


class SchemaIncompatible(Refusal):
    """The schema would break a promise of its major; `report` proves it."""

    code = "SCHEMA_INCOMPATIBLE"
    title = "Schema incompatible with earlier versions"
    audience = "owner"
    fix = "Follow the advice of the findings, or start the next major."

    def __init__(
        self,
        subject: Any,
        report: Report,
        labels: dict[int, str],
        report_id: int | None = None,
        compared: ComparedSchemas | None = None,
    ) -> None:
        self.subject = subject
        """A `names.Subject`: names refuse by errors, so errors cannot say so in their types."""
        self.compared = compared
        """What an answer that shows the report runs its witnesses with."""
        self.report = report
        self.labels = labels
        self.report_id = report_id
        super().__init__(
            f'Schema being registered is incompatible with an earlier schema for subject "{subject}": '
            + (self._details() if report.failing else "the versions that it was compared with were permanently deleted")
            + (f"; its report has a payload and ways out: /admin/reports/{report_id}" if report_id else "")
        )

    def _details(self) -> str:
        first = self.report.failing[0]
        shown = "; ".join(f"{one.rule} at '{one.reader_path}': {one.message}" for one in first.findings[:3])
        label = self.labels.get(first.version, "?")
        return f"version {first.version} ({label}), level {self.report.level}, {first.promise}; details: {shown}"


@dataclass(frozen=True, slots=True)
class RefusedPart:
    """A part of a write that was refused, by its JSON Pointer in the request."""

    pointer: str
    refusal: Refusal


class ContractsRefused(Refusal):
    """Parts of a write of contracts were refused, so nothing of it happened; `parts` has each with its own error."""

    code = "CONTRACTS_REFUSED"
    title = "Contracts refused: nothing was written"
    audience = "owner"
    fix = "Fix the parts listed in `errors`, each by its own code, and send all of it again."

    def __init__(self, parts: Sequence[RefusedPart]) -> None:
        self.parts = tuple(parts)
        count = f"{len(parts)} parts were" if len(parts) > 1 else "1 part was"
        message = f"Nothing was written, because {count} refused: {parts[0].refusal}"
        super().__init__(message, [Problem(one.pointer, str(one.refusal)) for one in parts])


class ContractsIncompatible(ContractsRefused):
    """At least one of the parts would break a promise."""

    code = "CONTRACTS_INCOMPATIBLE"
    title = "Contracts incompatible with earlier versions: nothing was written"


class FieldReserved(Refusal):
    code = "FIELD_RESERVED"
    title = "Reserved field name"
    fix = "Rename the field, or keep the name listed in confluent:reserved; the setting validateFields asks for both."

    def __init__(self, subject: object, what: str, problems: Sequence[Problem]) -> None:
        named = printable(str(subject))
        started = f'Schema being registered is incompatible with an earlier schema for subject "{named}"'
        super().__init__(f"{started}: {what}", problems)


class CompilerUnavailable(Refusal):
    code = "COMPILER_UNAVAILABLE"
    title = "Protobuf compiler unavailable"
    audience = "operator"
    retryable = True
    fix = "Install the protobuf extra on the server."
