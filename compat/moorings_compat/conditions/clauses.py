"""A rule set as clauses: each refuses, in one mode, the events for which its expression has one of two outcomes.

A rule of mode WRITEREAD that refuses what does not satisfy it is two clauses. A rule whose failure is only noted has
no clause. Source: the Confluent API's `ruleSet`, as the client runs it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from moorings_compat.contracts import Contract

CEL, CEL_FIELD = "CEL", "CEL_FIELD"
_RUN_IN_CLIENTS = ("ALL", "CLIENT")
_REFUSING = ("ERROR", "DLQ")


class Mode(StrEnum):
    """When a clause is evaluated."""

    WRITE = "WRITE"
    READ = "READ"


@dataclass(frozen=True, slots=True)
class Clause:
    """What refuses an event; `when` is the outcome of the expression that does: False, or True by `onSuccess`."""

    name: str
    type: str
    expr: str
    tags: frozenset[str]
    mode: Mode
    when: bool
    field_tags: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """For rules about fields, the tags that the contract's metadata gives to fields."""

    def says_what(self, other: "Clause") -> bool:
        """Tell whether both refuse the same events, in whatever mode."""
        return self.expr == other.expr and self.says_like(other)

    def says_like(self, other: "Clause") -> bool:
        """Tell whether both are about the same values, and refuse by the same outcome."""
        about = [(one.type, one.tags, one.field_tags, one.when) for one in (self, other)]
        return about[0] == about[1]


def clauses_of(contract: Contract) -> tuple[Clause, ...]:
    """Return the clauses of all conditions that are enabled, in the order of the contract."""
    conditions = filter(is_condition, enabled_rules(contract))
    return tuple(clause for rule in conditions for clause in _clauses(rule, contract))


def transforms(contract: Contract) -> bool:
    """Tell whether a transformation changes events before conditions see them."""
    return any(not is_condition(rule) for rule in enabled_rules(contract))


def enabled_rules(contract: Contract) -> Iterator[Mapping[str, Any]]:
    """Yield the rules about events that clients run."""
    given = contract.rule_set or {}
    if given.get("enableAt", "ALL") in _RUN_IN_CLIENTS:
        yield from (rule for rule in given.get("domainRules") or () if not rule.get("disabled"))


def is_condition(rule: Mapping[str, Any]) -> bool:
    return rule.get("kind") != "TRANSFORM"


def _clauses(rule: Mapping[str, Any], contract: Contract) -> Iterator[Clause]:
    written = rule.get("mode") or "WRITEREAD"
    tags = frozenset(map(str, rule.get("tags") or ()))
    named = str(rule["name"]), str(rule["type"]), str(rule.get("expr") or ""), tags
    field_tags = contract.tags or {} if rule["type"] == CEL_FIELD and tags else {}
    for mode in Mode:
        if written not in (mode, "WRITEREAD"):
            continue
        for when, member in ((False, "onFailure"), (True, "onSuccess")):
            action = _action(str(rule.get(member) or ""), written, mode)
            if action in _REFUSING if when else action != "NONE":
                yield Clause(*named, mode, when, field_tags)


def _action(given: str, written: str, mode: Mode) -> str:
    """Return the action in *mode*: of two, which a comma joins, the first is for WRITE."""
    if written == "WRITEREAD" and "," in given:
        first, second = given.split(",", 1)
        given = first if mode is Mode.WRITE else second
    return given.strip()
