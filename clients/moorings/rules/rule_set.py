"""A contract's rule set as values: which rules run when an event is written, and which when it is read.

The registry has checked its form; what a newer registry adds is ignored here. Source: the Confluent API's `ruleSet`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

ENCRYPTING = ("ENCRYPT", "ENCRYPT_PAYLOAD")
"""Types of rules without which an event is not written: it would be in plain text."""
_RUN_HERE = ("ALL", "CLIENT")


class Mode(StrEnum):
    """The operation that rules run in."""

    WRITE = "WRITE"
    READ = "READ"
    UPGRADE = "UPGRADE"
    """Read as a later version than it was written with."""
    DOWNGRADE = "DOWNGRADE"


_BOTH = {
    Mode.WRITE: "WRITEREAD",
    Mode.READ: "WRITEREAD",
    Mode.UPGRADE: "UPDOWN",
    Mode.DOWNGRADE: "UPDOWN",
}
_FIRST = (Mode.WRITE, Mode.UPGRADE)
"""The modes that the first of two actions applies to, as in ``"DLQ,NONE"``."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `params` are its settings, as the contract has them."""

    name: str
    kind: str
    """``CONDITION`` or ``TRANSFORM``."""
    mode: str
    type: str
    """What runs it: ``CEL``, ``CEL_FIELD``, or the name of an executor of your own."""
    expr: str = ""
    doc: str = ""
    tags: frozenset[str] = frozenset()
    params: Mapping[str, str] = field(default_factory=dict)
    on_success: str = ""
    on_failure: str = ""
    disabled: bool = False

    @property
    def is_condition(self) -> bool:
        return self.kind != "TRANSFORM"

    @property
    def encrypts(self) -> bool:
        """Whether an event for which it fails must not be written, whatever its action is."""
        return self.type in ENCRYPTING

    def runs(self, mode: Mode) -> bool:
        """Say whether it runs in *mode*."""
        return not self.disabled and self.mode in (str(mode), _BOTH[mode])

    def action(self, mode: Mode, *, succeeded: bool) -> str:
        """Return the name of the action: as given, else ``NONE`` after success and ``ERROR`` after failure."""
        given = self.on_success if succeeded else self.on_failure
        if self.mode in _BOTH.values() and "," in given:
            first, second = given.split(",", 1)
            given = first if mode in _FIRST else second
        return given.strip() or ("NONE" if succeeded else "ERROR")

    def repeats(self, other: "Rule") -> bool:
        """Say whether both change the fields of the same tags in the same way: of such rules only the first runs."""
        return (
            bool(self.tags)
            and not self.is_condition
            and (self.kind, self.mode, self.type, self.tags) == (other.kind, other.mode, other.type, other.tags)
        )


def rules_for(rule_set: Mapping[str, Any] | None, mode: Mode) -> tuple[Rule, ...]:
    """Return the rules of *rule_set* that run in *mode*, in the order in which they do.

    For READ and DOWNGRADE that is the contract's order reversed. For `encodingRules` see `encoding_rules_for`.
    """
    given = rule_set or {}
    if given.get("enableAt", "ALL") not in _RUN_HERE:
        return ()
    rules = given.get("domainRules" if mode in (Mode.WRITE, Mode.READ) else "migrationRules")
    read = [_rule(one) for one in rules or () if isinstance(one, Mapping)]
    chosen = [one for one in read if one.runs(mode) and not (one.type == "CEL_FIELD" and _repeated(one, read))]
    return tuple(chosen if mode in _FIRST else reversed(chosen))


def encoding_rules_for(rule_set: Mapping[str, Any] | None, mode: Mode) -> tuple[str, ...]:
    """Return the names of the rules about the bytes of an event that would have to run in *mode*; none does here."""
    given = rule_set or {}
    if given.get("enableAt", "ALL") not in _RUN_HERE:
        return ()
    read = [_rule(one) for one in given.get("encodingRules") or () if isinstance(one, Mapping)]
    return tuple(one.name for one in read if one.runs(mode))


def _repeated(rule: Rule, rules: list[Rule]) -> bool:
    """Say whether an earlier rule does the same to the same tags."""
    return any(rule.repeats(earlier) for earlier in rules[: rules.index(rule)])


def _rule(given: Mapping[str, Any]) -> Rule:
    def text(name: str) -> str:
        return str(given.get(name) or "")

    return Rule(
        name=text("name"),
        kind=text("kind") or "CONDITION",
        mode=text("mode") or "WRITEREAD",
        type=text("type"),
        expr=text("expr"),
        doc=text("doc"),
        tags=frozenset(map(str, given.get("tags") or ())),
        params={str(name): str(value) for name, value in (given.get("params") or {}).items()},
        on_success=text("onSuccess"),
        on_failure=text("onFailure"),
        disabled=bool(given.get("disabled")),
    )
