"""What rules add to what can be wrong with an event."""

from dataclasses import dataclass

from moorings.violations import Broken, Violation


@dataclass(frozen=True, slots=True)
class RuleViolation(Violation):
    """A rule of the contract is broken at `pointer`; `expected` is the rule's doc, or what it asks for."""

    name: str = ""
    """The rule's."""
    worked_out: bool = True
    """False where the rule could not be worked out for this event."""

    def __str__(self) -> str:
        return f"{self.pointer or 'the event'}: {self.name}, expected {self.expected}"


def rule_violation(pointer: str, name: str, doc: str, expr: str, reason: str) -> RuleViolation:
    """Say which rule is broken, and what it asks for; *reason*, where it could not be worked out."""
    asked = doc or f"the rule to hold: {expr.strip()}"[:300].removesuffix(": ")
    expected = f"{asked} ({reason})" if reason else asked
    return RuleViolation(pointer, expected, Broken.RULE_BROKEN, name, not reason)
