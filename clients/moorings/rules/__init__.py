"""Rules in contracts: conditions and transformations that run when an event is written, and when it is read."""

from moorings.rules.book import RuleBook
from moorings.rules.errors import ActionFailed, EventForDeadLetters, InvalidForDeadLetters, UnreadableForDeadLetters
from moorings.rules.interfaces import Action, Executor, Failure, Outcome, RuleFailed, Run, Scope
from moorings.rules.rule_set import Mode, Rule
from moorings.rules.violations import RuleViolation

__all__ = [
    "Action",
    "ActionFailed",
    "EventForDeadLetters",
    "Executor",
    "Failure",
    "InvalidForDeadLetters",
    "Mode",
    "Outcome",
    "Rule",
    "RuleBook",
    "RuleFailed",
    "RuleViolation",
    "Run",
    "Scope",
    "UnreadableForDeadLetters",
]
