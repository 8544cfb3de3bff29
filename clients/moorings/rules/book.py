"""The executors and actions that rules are run with: those of this library, and those of the service."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from moorings.errors import ExtraMissing
from moorings.rules.interfaces import Action, Executor, Failure, RuleFailed, Run, Scope
from moorings.rules.rule_set import ENCRYPTING, Rule

if TYPE_CHECKING:
    from moorings.rules.encryption.key_ring import Ask, Encryption

_log = logging.getLogger("moorings")
_CEL = {"CEL": "cel", "CEL_FIELD": "cel_field"}
_HOW = ": connect with RuleBook(encryption=...) of the extra moorings[encryption]"
BUILT_IN_ACTIONS = ("NONE", "ERROR", "DLQ")


class RuleBook:
    """What rules are run with: ``moorings.connect(rules=RuleBook(executors={"NIGHT": at_night}))``.

    *executors* by the `type` of rules, taking precedence over those of this library; *actions* by the names in
    `onSuccess` and `onFailure`, except NONE, ERROR and DLQ, which keep their meaning. An action is called with an
    `Outcome`; what it raises is raised (`ValueError` and its like as the cause of `ActionFailed`), else the event
    passes.
    """

    def __init__(
        self,
        executors: Mapping[str, Executor] | None = None,
        actions: Mapping[str, Action] | None = None,
        *,
        encryption: "Encryption | None" = None,
    ) -> None:
        """*encryption* has the key management services of rules of type ENCRYPT (`moorings.rules.encryption`)."""
        self._executors = dict(executors or {})
        self.actions: Mapping[str, Action] = {
            name: action for name, action in (actions or {}).items() if name not in BUILT_IN_ACTIONS
        }
        self._encryption = encryption

    def connected(self, ask: "Ask") -> "RuleBook":
        """Return the same for a client that asks its registry for keys by *ask*."""
        if self._encryption is None:
            return self
        ring = import_module("moorings.rules.encryption.key_ring").KeyRing(self._encryption, ask)
        encrypt = partial(import_module("moorings.rules.encryption.executor").encrypt, ring=ring)
        return RuleBook({"ENCRYPT": encrypt, **self._executors}, self.actions)

    def prepare(self, rule: Rule, scope: Scope) -> Run:
        """Return what runs *rule*; where it cannot be run, a function that refuses every event with the reason.

        Raises:
            ExtraMissing: it is written in CEL, and the extra for CEL is not installed.
        """
        executor = self._executors.get(rule.type) or _built_in(rule.type)
        if executor is None and rule.type in ENCRYPTING:
            return _refusing(f"rules of type {rule.type} need keys{_HOW if rule.type == 'ENCRYPT' else ''}")
        if executor is None:
            return _refusing(f"no executor for rules of type {rule.type or '(none)'}")
        try:
            return executor(rule, scope)
        except RuleFailed as failed:
            reason = "; ".join(failure.reason for failure in failed.failures)
        _log.error("%s: rule %s cannot be run: %s", scope.subject, rule.name, reason)
        return _refusing(reason)


def _built_in(type: str) -> Executor | None:
    if type not in _CEL:
        return None
    try:
        module: Any = import_module("moorings.rules.cel")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("cel_expr_python", "google"):
            raise
    else:
        return getattr(module, _CEL[type])  # type: ignore[no-any-return]  # a module loaded by name
    raise ExtraMissing("rules", "a contract with rules in CEL")


def _refusing(reason: str) -> Callable[[Any], Any]:
    def run(_event: Any) -> Any:
        raise RuleFailed([Failure("", reason)])

    return run
