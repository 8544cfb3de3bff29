"""The catalogue: every rule of Avro, in the order in which a newcomer would want to read them."""

from moorings_compat.avro import enums, logical_changes, named, primitives, records, unions
from moorings_compat.findings import Severity
from moorings_compat.rules import Rule
from moorings_compat.schema import Format

BUDGET_SPENT = Rule(
    code="AVRO_BUDGET_SPENT",
    format=Format.AVRO,
    severity=Severity.UNDECIDED,
    title="more pairs of types than may be compared",
    why="The two schemas bring more pairs of types together than the steps granted to one comparison allow to look at.",
    fix="Split the schema, or grant the comparison more steps.",
    source="Moorings: work is bounded by steps, so that the same schemas get the same answer everywhere",
    mirror="none: it says something about the comparison, not about the schemas",
    example="two schemas of thousands of records that all refer to one another",
)
MORE_FINDINGS = Rule(
    code="AVRO_MORE_FINDINGS",
    format=Format.AVRO,
    severity=Severity.WARNING,
    title="findings that are not listed",
    why="A comparison lists a limited number of findings and counts the rest.",
    fix="Fix what is listed, and check again.",
    source="Moorings",
    mirror="none: it says something about the list, not about the schemas",
    example="a record whose thousand fields all changed their type",
)

RULES: tuple[Rule, ...] = (
    *records.RULES,
    *primitives.RULES,
    *unions.RULES,
    *enums.RULES,
    *named.RULES,
    *logical_changes.RULES,
    BUDGET_SPENT,
    MORE_FINDINGS,
)
