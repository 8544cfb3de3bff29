"""Settings of a scope: which there are, and what they may be. They have the names that the Confluent API gives them."""

from collections.abc import Callable, Mapping
from typing import Any

from moorings_compat import Level, Problem
from moorings_registry.errors import LevelInvalid, RequestInvalid
from moorings_registry.names import Subject
from moorings_registry.schema_contents.metadata import read_metadata, read_rule_set, require_nothing_secret

POLICIES = ("STRICT", "LENIENT")


def read_settings(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Read the settings in *sent*; null stays, and means to clear; members that are not settings are left out.

    Raises:
        LevelInvalid, RequestInvalid, MetadataInvalid, RuleSetInvalid
    """
    return {
        name: None if sent[name] is None else read(name, sent[name]) for name, read in SETTINGS.items() if name in sent
    }


def _level(_name: str, value: Any) -> str:
    try:
        return str(Level(str(value).upper()))
    except ValueError:
        raise LevelInvalid(value) from None


def _policy(name: str, value: Any) -> str:
    asked = str(value).upper()
    if asked not in POLICIES:
        raise RequestInvalid(f"{name}: not {' or '.join(POLICIES)}", [Problem(f"/{name}", "not a known policy")])
    return asked


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise RequestInvalid(f"{name}: not a string", [Problem(f"/{name}", "not a string")])
    return value


def _alias(name: str, value: Any) -> str:
    if _text(name, value):
        Subject.parse(value)
    return str(value)


def _always(name: str, value: Any) -> bool:
    if not _flag(name, value):
        raise _unsupported(name, "this registry validates every new schema")
    return True


def _unsupported(name: str, why: str) -> RequestInvalid:
    return RequestInvalid(f"{name}: not supported, because {why}", [Problem(f"/{name}", why)])


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise RequestInvalid(f"{name}: not true or false", [Problem(f"/{name}", "not true or false")])
    return value


def _metadata(_name: str, value: Any) -> Any:
    metadata = read_metadata(value)
    require_nothing_secret(metadata)
    return metadata


def _rule_set(_name: str, value: Any) -> Any:
    return read_rule_set(value)


SETTINGS: dict[str, Callable[[str, Any], Any]] = {
    "compatibility": _level,
    "compatibilityPolicy": _policy,
    "compatibilityGroup": _text,
    "normalize": _flag,
    "alias": _alias,
    "aliasForDeks": _alias,
    "validateFields": _flag,
    "validateNewSchemas": _always,
    "validateRules": _flag,
    "defaultMetadata": _metadata,
    "overrideMetadata": _metadata,
    "defaultRuleSet": _rule_set,
    "overrideRuleSet": _rule_set,
}
"""Every setting, and how its value is read. What the registry could not obey is refused with the reason."""
