"""Rules (first cut)."""

from moorings_compat.findings import Severity
from moorings_compat.rules import Rule
from moorings_compat.schema import Format

UNDECIDED = Rule(
    code="JSON_UNDECIDED",
    format=Format.JSON,
    severity=Severity.UNDECIDED,
    title="neither proven nor refuted",
    why="No proof was found that every value the writer allows is accepted, and no value that is refused.",
    fix="Make the change smaller or simpler, or start the next major.",
    source="Moorings",
    mirror="None: the question has the same form in both directions.",
)

RULES: tuple[Rule, ...] = (UNDECIDED,)
