"""The violation of a rule."""

from dataclasses import dataclass

from moorings.violations import Broken, Violation


@dataclass(frozen=True, slots=True)
class RuleViolation(Violation):
    """A rule of the contract is broken at `pointer`; `expected` is the rule's doc, or its expression."""

    name: str = ""
    """The rule's."""
    worked_out: bool = True
    """False where the rule could not be evaluated for this event."""

    def __str__(self) -> str:
        return f"{self.pointer or 'the event'}: {self.name}, expected {self.expected}"


def rule_violation(pointer: str, name: str, doc: str, expr: str, reason: str) -> RuleViolation:
    """Describe the broken rule and what it expects, with the *reason* where it could not be evaluated."""
    asked = doc or f"the rule to hold: {expr.strip()}"[:300].removesuffix(": ")
    expected = f"{asked} ({reason})" if reason else asked
    return RuleViolation(pointer, expected, Broken.RULE_BROKEN, name, not reason)
