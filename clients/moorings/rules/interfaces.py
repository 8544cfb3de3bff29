"""What executors and actions are given, and what they return. An executor is a function of a rule and its scope.

It prepares the rule and returns what runs it: a function of the event, as a dict, that returns True or False for a
condition, and the new event for a transformation; or raises `RuleFailed`.

    def at_night(rule: Rule, scope: Scope) -> Run:
        return lambda event: event["hour"] < 6
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moorings.rules.rule_set import Mode, Rule
from moorings.rules.tagged_fields import TaggedModel
from moorings.rules.violations import RuleViolation


@dataclass(frozen=True, slots=True)
class Scope:
    """The contract and mode that a rule is prepared for."""

    subject: str
    mode: Mode
    model: TaggedModel
    """The fields of the event, with their names and tags."""
    metadata: Mapping[str, Any]
    """The contract's tags and properties."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One place where a rule is broken; *reason* is empty where the condition was evaluated and is false."""

    pointer: str
    reason: str = ""


class RuleFailed(Exception):
    """A rule is broken, or cannot be run; raised by executors."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        super().__init__(f"{len(failures)} failures")
        self.failures = tuple(failures)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a rule, for actions; without any value of the event."""

    subject: str
    mode: Mode
    rule: Rule
    violations: tuple[RuleViolation, ...]
    """Empty where the rule succeeded."""


Run = Callable[[Any], Any]
Executor = Callable[[Rule, Scope], Run]
Action = Callable[[Outcome], None]
