"""Matches the contracts of a folder with versions of the registry."""

from collections.abc import Mapping
from typing import Any

from moorings.api.api import Api
from moorings.api.responses import Event, Version
from moorings.errors import NotFound
from moorings.layout.contract_file import ContractFile
from moorings.layout.lock_file import Lock
from moorings.layout.parsed import Parsed
from moorings_compat import Reference

STARTS_WITH = ("json_fields", "type_names")
"""What the registry writes into the policy of a new domain, and keeps there where nothing else is asked for."""


class Matching:
    """Asks the registry about the contracts of one folder; responses are kept until something is registered."""

    def __init__(self, api: Api, parsed: Parsed, lock: Lock | None = None) -> None:
        self.api = api
        self.parsed = parsed
        self._lock = lock
        self._events: dict[str, Event | None] = {}
        self._versions: dict[tuple[str, int], Version | None] = {}

    def event(self, subject: str) -> Event | None:
        if subject not in self._events:
            self._events[subject] = self.api.event(subject)
        return self._events[subject]

    def version(self, contract: ContractFile) -> Version | None:
        """Return the version with exactly this text in its major; None if there is none."""
        key = (contract.subject, contract.major)
        if key not in self._versions:
            self._versions[key] = self._look_up(contract)
        return self._versions[key]

    def references(self, contract: ContractFile) -> tuple[Reference, ...] | None:
        """Return the versions that *contract* refers to; None if one is not registered as the folder has it."""
        found = []
        for use in self.parsed.uses(contract):
            target = self.parsed.folder.contract(use.subject, use.major)
            version = self.version(target) if target is not None else self._external(use.subject, use.major)
            if version is None:
                return None
            found.append(Reference(use.name, version.subject, version.version))
        return tuple(found)

    def newest(self, contract: ContractFile) -> Version | None:
        """Return the newest revision of the contract's major; None if the registry does not have that major."""
        event = self.event(contract.subject)
        if event is None or all(one.major != contract.major for one in event.majors):
            return None
        try:
            return self.api.version(contract.subject, f"v{contract.major}")
        except NotFound:
            return None

    def note(self, contract: ContractFile, version: Version) -> None:
        """Note a registration."""
        self._versions[contract.subject, contract.major] = version
        self._events.pop(contract.subject, None)

    def _look_up(self, contract: ContractFile) -> Version | None:
        references = self.references(contract)
        if references is None or self.event(contract.subject) is None:
            return None
        found = self.api.lookup(contract.subject, contract.text, contract.format, references)
        return found if found is not None and found.major == contract.major else None

    def _external(self, subject: str, major: int) -> Version | None:
        """Find a contract that only the registry has: the pinned version, else the latest of its major."""
        pinned = self._lock.find(subject, major) if self._lock is not None else None
        try:
            return self.api.version(subject, pinned.version if pinned else f"v{major}")
        except NotFound:
            return None


def major_of(event: Event | None, contract: ContractFile) -> int | str | None:
    """Return the major to register a contract in: its own, or a new one."""
    if event is None or not event.majors:
        return None if contract.major == 1 else contract.major
    newest = max(one.major for one in event.majors)
    return "next" if contract.major == newest + 1 else contract.major


def domain_differs(settings: Mapping[str, Any], known: Any) -> list[str]:
    """Return the names of settings that differ from the registry's; all of them for an unknown domain."""
    if known is None:
        return list(settings)
    said = settings.get("policy", {})
    registered = {
        "owner": known.owner,
        "contacts": list(known.contacts),
        "description": known.description,
        "policy": {key: value for key, value in known.policy.items() if key not in STARTS_WITH or key in said},
    }
    return [name for name, value in settings.items() if registered[name] != value]
