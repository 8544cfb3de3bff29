"""Running the rules of a contract over one event: violations, transformations and actions."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from moorings.codecs.failures import SLOW_PATH
from moorings.rules.book import RuleBook
from moorings.rules.errors import ActionFailed
from moorings.rules.interfaces import Failure, Outcome, RuleFailed, Run, Scope
from moorings.rules.rule_set import Mode, Rule
from moorings.rules.violations import RuleViolation, rule_violation

_log = logging.getLogger("moorings")


@dataclass(slots=True)
class Evaluation:
    """What the rules made of an event."""

    event: Any
    """As the transformations left it."""
    violations: list[RuleViolation] = field(default_factory=list)
    """Those for which it is refused; rules whose `onFailure` is NONE have none here."""
    dead_letters: Rule | None = None
    """The first rule that sends it to the dead letters."""

    @property
    def refused(self) -> bool:
        return bool(self.violations) or self.dead_letters is not None


class PreparedRules:
    """The rules of one contract in one mode, prepared; safe from any thread."""

    def __init__(self, rules: Sequence[Rule], scope: Scope, book: RuleBook) -> None:
        self._scope = scope
        self._actions = book.actions
        self._prepared: list[tuple[Rule, Run]] = [(rule, book.prepare(rule, scope)) for rule in rules]
        self._reported: set[str] = set()
        self.transforms = any(not rule.is_condition for rule in rules)

    def apply(self, event: Any, *, acting: bool = True) -> Evaluation:
        """Run every rule over *event*; without *acting*, no action of the service is called.

        A failed transformation is the last rule to run: those after it were written for its result.
        """
        evaluation = Evaluation(event)
        for rule, run in self._prepared:
            found = self._violations(rule, run, evaluation)
            self._act(rule, found, evaluation, acting=acting)
            if found and not rule.is_condition and evaluation.refused:
                break
        return evaluation

    def _violations(self, rule: Rule, run: Run, evaluation: Evaluation) -> tuple[RuleViolation, ...]:
        try:
            found = run(evaluation.event)
        except RuleFailed as failed:
            failures = failed.failures
        except SLOW_PATH as error:
            failures = (Failure("", f"its executor raised {type(error).__name__}"),)
        else:
            failures = self._judged(rule, found, evaluation)
        return tuple(rule_violation(one.pointer, rule.name, rule.doc, rule.expr, one.reason) for one in failures)

    def _judged(self, rule: Rule, found: Any, evaluation: Evaluation) -> tuple[Failure, ...]:
        if rule.is_condition:
            return () if found else (Failure(""),)
        if found is None:
            return (Failure("", "the rule did not return an event"),)
        evaluation.event = found
        return ()

    def _act(self, rule: Rule, found: tuple[RuleViolation, ...], evaluation: Evaluation, *, acting: bool) -> None:
        name = rule.action(self._scope.mode, succeeded=not found)
        if name == "NONE":
            if found and acting:
                self._note(rule, found)
        elif name in self._actions:
            if acting:
                self._call(name, Outcome(self._scope.subject, self._scope.mode, rule, found))
        else:
            self._refuse(rule, name, found, evaluation)
            return
        if found and rule.encrypts and self._scope.mode is Mode.WRITE:  # it is not written in plain text
            self._refuse(rule, "ERROR", found, evaluation)

    def _call(self, name: str, outcome: Outcome) -> None:
        """Call an action; errors that a codec's short path takes for its own are wrapped."""
        try:
            self._actions[name](outcome)
        except SLOW_PATH as error:
            raise ActionFailed(outcome.subject, outcome.rule.name, name) from error

    def _refuse(self, rule: Rule, name: str, found: tuple[RuleViolation, ...], evaluation: Evaluation) -> None:
        said = f"onSuccess is {name}" if name in ("ERROR", "DLQ") else f"unknown action {name}"
        evaluation.violations += found
        if not found or name not in ("ERROR", "DLQ"):
            evaluation.violations.append(rule_violation("", rule.name, rule.doc, rule.expr, said))
        if name == "DLQ" and evaluation.dead_letters is None:
            evaluation.dead_letters = rule

    def _note(self, rule: Rule, found: tuple[RuleViolation, ...]) -> None:
        """Log that an event passed although it breaks a rule: as a warning the first time, then as information."""
        level = logging.INFO if rule.name in self._reported else logging.WARNING
        self._reported.add(rule.name)
        _log.log(level, "%s: an event passed although it breaks a rule: %s", self._scope.subject, found[0])
