"""The rules about conditions, as rows of the catalogue."""

from moorings_compat.findings import Severity
from moorings_compat.rules import Rule

_SOURCE = "Moorings: a major keeps its promise, whatever refuses an event"
_KEPT = "none: to drop a condition or to widen it refuses nothing"

RULES = (
    Rule(
        code="RULE_CONDITION_ADDED",
        format=None,
        severity=Severity.BREAK,
        title="new condition refuses older events",
        why="Events that an older revision wrote do not satisfy the new condition: consumers of the new revision "
        "refuse them, and so do producers that adopt it.",
        fix="Let the condition hold for older events too, give it the action NONE, or start the next major.",
        source=_SOURCE,
        mirror=_KEPT,
        example="older: no condition;  candidate: message.total > 0",
    ),
    Rule(
        code="RULE_CONDITION_NARROWED",
        format=None,
        severity=Severity.BREAK,
        title="narrower condition refuses older events",
        why="Events that satisfy the condition of an older revision do not satisfy the candidate's: consumers of the "
        "new revision refuse what was written, and so do producers that adopt it.",
        fix="Keep what the condition allows, or start the next major.",
        source=_SOURCE,
        mirror="RULE_CONDITION_LOST",
        example="older: message.total >= 0;  candidate: message.total > 0",
    ),
    Rule(
        code="RULE_CONDITION_LOST",
        format=None,
        severity=Severity.BREAK,
        title="lost condition protected today's readers",
        why="Today's readers refuse events that do not satisfy their condition. Until now producers held to it as they "
        "wrote; the candidate's producers do not.",
        fix="Keep the condition for mode WRITE until no reader of the older revision is left, or start the next major.",
        source=_SOURCE,
        mirror="RULE_CONDITION_NARROWED",
        example="older: message.total > 0;  candidate: message.total >= 0",
    ),
    Rule(
        code="RULE_CONDITION_UNDECIDED",
        format=None,
        severity=Severity.UNDECIDED,
        title="condition neither proven nor refuted",
        why="No made-up event shows that the changed condition refuses what the other side writes, and nothing proves "
        "that it never does.",
        fix="Write the condition so that it plainly follows from the older one, keep its text, or start the next "
        "major.",
        source=_SOURCE,
        mirror="itself: neither direction was decided",
        example="older: message.total > 0;  candidate: 0 < message.total",
    ),
)
