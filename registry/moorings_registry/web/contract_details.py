"""What travels with a version besides its text: rules, tags and properties; sensitive values are never shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorings_registry.schema_contents.metadata import RULE_LISTS
from moorings_registry.state import Definition

_ABOUT = {"migrationRules": "migrations", "domainRules": "the event", "encodingRules": "its encoding"}


@dataclass(frozen=True, slots=True)
class RuleShown:
    """One rule of a rule set; empty texts where it says nothing."""

    name: str
    about: str
    kind: str
    mode: str
    type: str
    expression: str
    doc: str
    on_success: str
    on_failure: str


@dataclass(frozen=True, slots=True)
class ContractDetails:
    """The rules and the metadata of a definition."""

    rules: tuple[RuleShown, ...]
    enabled_at: str
    tags: tuple[tuple[str, tuple[str, ...]], ...]
    """Paths of fields with their tags, by path."""
    properties: tuple[tuple[str, str], ...]
    """By name, without those that are sensitive."""
    withheld: tuple[str, ...]
    """Names that are marked sensitive."""


def contract_details(definition: Definition) -> ContractDetails | None:
    """The rules and the metadata of *definition*; None where it has neither."""
    rule_set, metadata = definition.rule_set or {}, definition.metadata or {}
    if not rule_set and not metadata:
        return None
    sensitive = tuple(metadata.get("sensitive", ()))
    properties = metadata.get("properties", {})
    return ContractDetails(
        rules=tuple(_rule(one, name) for name in RULE_LISTS for one in rule_set.get(name, ())),
        enabled_at=rule_set.get("enableAt", ""),
        tags=tuple((path, tuple(names)) for path, names in sorted(metadata.get("tags", {}).items())),
        properties=tuple((name, value) for name, value in sorted(properties.items()) if name not in sensitive),
        withheld=sensitive,
    )


def _rule(rule: Mapping[str, Any], list_name: str) -> RuleShown:
    return RuleShown(
        name=rule.get("name", ""),
        about=_ABOUT[list_name],
        kind=rule.get("kind", ""),
        mode=rule.get("mode", ""),
        type=rule.get("type", ""),
        expression=rule.get("expr", ""),
        doc=rule.get("doc", ""),
        on_success=rule.get("onSuccess", ""),
        on_failure=rule.get("onFailure", ""),
    )
