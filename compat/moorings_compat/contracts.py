"""What a definition holds besides its schema, as far as a check weighs it: rules, and the tags that they go by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Contract:
    """The rule set of one definition, in the form of the Confluent API, and the `tags` of its metadata."""

    rule_set: Mapping[str, Any] | None = None
    tags: Mapping[str, Any] | None = None

    @property
    def has_rules(self) -> bool:
        return bool(self.rule_set and self.rule_set.get("domainRules"))


NO_CONTRACT = Contract()


@dataclass(frozen=True, slots=True)
class Contracts:
    """The contracts of all definitions of one check."""

    candidate: Contract = NO_CONTRACT
    older: Mapping[int, Contract] = field(default_factory=dict)
    """By version number; a version without rules may be left out."""
    event: str = ""
    """The event's name, by which Protobuf finds the message; the first of the file where none has that name."""

    @property
    def have_rules(self) -> bool:
        return self.candidate.has_rules or any(one.has_rules for one in self.older.values())
