"""The rules about consumers, as rows of the catalogue: what holds a change back though schemas read each other."""

from moorings_compat.findings import Severity
from moorings_compat.rules import Rule

STILL_READ = Rule(
    code="CONSUMER_READS_FIELD",
    format=None,
    severity=Severity.BREAK,
    title="a consumer still reads what is removed",
    why="An application declares, or is observed, to read a field that the candidate no longer has, or reads the "
    "event and does not declare which fields. It would go on without an error, and without the value.",
    fix="Keep the field until nobody reads it: ask the teams that the finding names, or start the next major.",
    source="Moorings: usage tightens a check and never loosens it",
    mirror="none: to add a field takes nothing away from whoever reads the event",
    example="older: a field total with a default, which billing declares to read;  candidate: no field total",
)
BROKEN = Rule(
    code="CONSUMER_BROKEN",
    format=None,
    severity=Severity.BREAK,
    title="a consumer cannot read what it declares to read",
    why="A payload that is made of the fields that an application declares is read wrongly, or not at all, though "
    "the level of the event does not ask for that direction.",
    fix="Follow the evidence of the impact, ask the teams that the finding names, or start the next major.",
    source="Moorings: usage tightens a check and never loosens it",
    mirror="none: it is about a consumer, not about the other direction",
    example="level BACKWARD, older: status may be A or B, billing handles both and no others;  candidate: A, B or C",
)
TEST_FAILED = Rule(
    code="CONSUMER_TEST_FAILED",
    format=None,
    severity=Severity.BREAK,
    title="a contract test of a consumer fails",
    why="An application published an event that it must be able to read, and what it asserts of it; the candidate "
    "does not read the event, or what it reads does not satisfy the assertion.",
    fix="Keep reading the event as before, or agree on another test with the team that the finding names.",
    source="Moorings: contract tests of consumers run at every registration of their major",
    mirror="none: it is about an event, not about two schemas",
    example='event {"total": 5} with assertion message.total > 0;  candidate: total is a text',
)
RULES = (STILL_READ, BROKEN, TEST_FAILED)
