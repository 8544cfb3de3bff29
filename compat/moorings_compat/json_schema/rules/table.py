"""All rules of JSON Schema in one table, by code."""

from moorings_compat.findings import Severity
from moorings_compat.json_schema.rules import any_value, arrays, choices, numbers, objects, strings
from moorings_compat.json_schema.rules.entries import CatalogueEntry
from moorings_compat.rules import Rule
from moorings_compat.schema import Format

UNDECIDED = Rule(
    code="JSON_UNDECIDED",
    format=Format.JSON,
    severity=Severity.UNDECIDED,
    title="neither proven nor refuted",
    why="Neither a proof was found that the reader accepts every value of the writer, nor a value that it refuses.",
    fix="Make the change in smaller steps, or write the schema more simply; or start the next major.",
    source="Moorings: a change that is not proven is refused",
    mirror="None: it is about the comparison, not about a direction.",
    example='writer: {"pattern":"(?<=b)c"}  reader: {"pattern":"(?<=[ab])c"}',
)

ENTRIES: dict[str, CatalogueEntry] = {
    one.rule.code: one for part in (any_value, numbers, strings, arrays, objects, choices) for one in part.ENTRIES
}

RULES: tuple[Rule, ...] = (*(one.rule for one in ENTRIES.values()), UNDECIDED)
