"""What files say differently from the registry: of a domain, an event, and a major, key by key."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moorings.api.domain_contracts import EventContracts, MajorContract
from moorings.api.responses import Domain
from moorings.layout.domain_file import DomainFile
from moorings.layout.event_file import EventFile
from moorings.layout.major_file import RULE_LISTS, MajorFile

STARTS_WITH = ("json_fields", "type_names")
"""What the registry writes into the policy of a new domain, and keeps there where nothing else is asked for."""
_NOTHING: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class SettingChange:
    """One key, by its dotted name in the file, with the value of each side; None where a side has none."""

    key: str
    registry: Any
    file: Any

    def __str__(self) -> str:
        return f"{self.key}: {shown(self.registry)} -> {shown(self.file)}"

    def sides(self) -> str:
        """Say what each side has."""
        return f"{self.key} is {shown(self.registry)} there and {shown(self.file)} in the file"


def shown(value: Any) -> str:
    """Write a value for people, on one line."""
    return "nothing" if value in _NOTHING else json.dumps(value, ensure_ascii=False, sort_keys=True)


def domain_changes(file: DomainFile, known: Domain | None) -> list[SettingChange]:
    """Compare a `domain.toml`; all that it says is new where the registry does not have the domain."""
    said = file.settings()
    if known is None:
        return list(_changes(said, {}))
    policy = {key: value for key, value in known.policy.items() if key not in STARTS_WITH or key in said["policy"]}
    registered = {
        "owner": known.owner,
        "contacts": list(known.contacts),
        "description": known.description,
        "policy": policy,
    }
    return list(_changes(said, registered))


def event_changes(file: EventFile | None, known: EventContracts | None) -> list[SettingChange]:
    """Compare an event's file; without one, all that was declared is missing here."""
    declared = dict(known.declaration or {}) if known is not None else {}
    if file is None:
        return list(_changes({}, declared))
    return list(_changes(file.settings(), declared))


def lifecycle_changes(file: MajorFile | None, known: MajorContract | None) -> list[SettingChange]:
    """Compare a major's lifecycle; a file that says nothing of it agrees with an active major, and asks for nothing."""
    registered = dict(known.lifecycle) if known is not None else {"state": "active"}
    said = file.lifecycle if file is not None else None
    if said is None:
        unsaid_state = {} if registered.get("state") == "active" else {"lifecycle": registered}
        return list(_changes({"lifecycle": {}}, unsaid_state))
    unsaid = set(registered) - set(said) if said["state"] == registered["state"] == "retired" else {"from"} - set(said)
    for name in unsaid:  # what the registry keeps by itself
        registered.pop(name, None)
    return list(_changes({"lifecycle": said}, {"lifecycle": registered}))


def migration_changes(file: MajorFile | None, known: MajorContract | None) -> list[SettingChange]:
    """Compare the mapping from the major before; what the file does not say has None there."""
    said = file.migration_settings() if file is not None else None
    if said is not None and not said["steps"] and not said["reason"]:
        said = None
    registered = known.migration if known is not None else None
    return [] if said == registered else [SettingChange("migration", registered, said)]


def content_changes(file: MajorFile | None, known: MajorContract | None) -> list[SettingChange]:
    """Compare metadata and rules with those of the newest revision; what the file does not say has None there."""
    version = known.version if known is not None else None
    found: list[SettingChange] = []
    for says, has in (
        (_metadata(file.metadata if file else None), _metadata((version.metadata if version else None) or {})),
        (_rules(file.rule_set if file else None), _rules((version.rule_set if version else None) or {})),
    ):
        for key, registered in has.items() if has is not None else ():
            said = says.get(key) if says is not None else None
            if said != registered and not (said in _NOTHING and registered in _NOTHING):
                found.append(SettingChange(key, registered, said))
    return found


def _metadata(metadata: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if metadata is None else {"metadata": dict(metadata)}


def _rules(rule_set: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if rule_set is None:
        return None
    lists = {key: list(rule_set.get(list_name, ())) for key, list_name in RULE_LISTS.items()}
    return {**lists, "rules_enabled_at": rule_set.get("enableAt", "")}


def _changes(file: Mapping[str, Any], registry: Mapping[str, Any], above: str = "") -> Iterator[SettingChange]:
    for key in dict.fromkeys((*file, *registry)):
        ours, theirs = file.get(key), registry.get(key)
        name = f"{above}{key}"
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
            yield from _changes(ours, theirs, f"{name}.")
        elif ours != theirs and not (ours in _NOTHING and theirs in _NOTHING):
            yield SettingChange(name, theirs, ours)
