"""Writes event files and files of majors from what the registry has, or brings them up to it. Needs the extra `cli`."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from moorings.layout.major_file import RULE_LISTS
from moorings.layout.toml_update import updated_text

EVENT_DEFAULTS = {"kind": "fact", "replay.replayable": True}
_DAYS = ("from", "sunset")
MAJOR_DEFAULTS = {"metadata": {}, "lifecycle": {"state": "active"}, "rules_enabled_at": "ALL"}


def event_toml(event: Mapping[str, Any], before: str = "") -> str:
    """Write an event file from the registry's settings of the event, or bring the text *before* up to them.

    Raises:
        TomlInvalid: *before* is not TOML.
    """
    wanted = {name: _without_nothing(value) if isinstance(value, Mapping) else value for name, value in event.items()}
    defaults = EVENT_DEFAULTS if before else {"replay.replayable": True}  # a new file begins with the kind
    return updated_text(before, wanted, defaults)


def major_toml(
    lifecycle: Mapping[str, Any],
    metadata: Mapping[str, Any] | None,
    rule_set: Mapping[str, Any] | None,
    migration: Mapping[str, Any] | None = None,
    before: str = "",
) -> str:
    """Write the file of a major, or bring the text *before* up to what the registry has.

    A *migration* that the registry does not have stays as the file says it.

    Raises:
        TomlInvalid: *before* is not TOML.
    """
    said = _without_nothing(lifecycle)
    wanted: dict[str, Any] = {
        "lifecycle": {name: _day(value) if name in _DAYS else value for name, value in said.items()},
        "metadata": dict(metadata or {}),
        **{key: list((rule_set or {}).get(list_name, [])) for key, list_name in RULE_LISTS.items()},
        "rules_enabled_at": (rule_set or {}).get("enableAt"),
    }
    if migration is not None:
        reason = migration.get("reason")
        wanted["migration"] = {"reason": reason} if reason else {"step": [dict(one) for one in migration["steps"]]}
    return updated_text(before, wanted, MAJOR_DEFAULTS, keep=() if migration is not None else ("migration",))


def _day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _without_nothing(table: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what was not said, so that an absent key stays absent."""
    return {name: value for name, value in table.items() if value is not None and value != ""}
