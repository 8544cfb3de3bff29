"""Matches the contracts of a folder with versions of the registry."""

import json
from collections.abc import Sequence

from moorings.api.api import Api
from moorings.api.domain_contracts import DomainContracts, MajorContract
from moorings.api.responses import Event, Version
from moorings.errors import NotFound
from moorings.layout.contract_file import ContractFile
from moorings.layout.lock_file import Lock
from moorings.layout.parsed import Parsed
from moorings.layout.references import ContractUse
from moorings_compat import Format, Reference


class Matching:
    """Asks the registry about the contracts of one folder; responses are kept until something is registered."""

    def __init__(self, api: Api, parsed: Parsed, lock: Lock | None = None) -> None:
        self.api = api
        self.parsed = parsed
        self._lock = lock
        self._events: dict[str, Event | None] = {}
        self._versions: dict[tuple[str, int], Version | None] = {}
        self._domains: dict[str, DomainContracts | None] = {}

    def registered(self, domain: str) -> DomainContracts | None:
        """Return all that the registry has of a domain; None where it does not have the domain."""
        if domain not in self._domains:
            self._domains[domain] = self.api.contracts(domain)
        return self._domains[domain]

    def registered_major(self, contract: ContractFile) -> MajorContract | None:
        """Return what the registry has of a contract's major; None where it does not have it."""
        domain = self.registered(contract.domain)
        event = domain.event(contract.subject) if domain is not None else None
        return event.major(contract.major) if event is not None else None

    def event(self, subject: str) -> Event | None:
        if subject not in self._events:
            self._events[subject] = self.api.event(subject)
        return self._events[subject]

    def version(self, contract: ContractFile) -> Version | None:
        """Return the version with exactly this text in its major; None if there is none."""
        key = (contract.subject, contract.major)
        if key not in self._versions:
            self._versions[key] = None  # until it is found: what refers to itself in a circle is nowhere registered
            self._versions[key] = self._look_up(contract)
        return self._versions[key]

    def references(self, contract: ContractFile) -> tuple[Reference, ...] | None:
        """Return the versions that *contract* refers to; None if one is not registered as the folder has it."""
        found = []
        for use in self.parsed.uses(contract):
            version = self.used_version(use)
            if version is None:
                return None
            found.append(Reference(use.name, version.subject, version.version))
        return tuple(found)

    def used_version(self, use: ContractUse) -> Version | None:
        """Return the version of a contract that another one uses; None if it is not registered as the folder has it."""
        target = self.parsed.folder.contract(use.subject, use.major)
        return self.version(target) if target is not None else self._external(use.subject, use.major)

    def last_number(self, subject: str) -> int:
        """Return the number of the last version that an event ever had; 0 where there is none."""
        event = self.event(subject)
        majors = event.majors if event is not None else ()
        return max((revision.version for major in majors for revision in major.revisions), default=0)

    def forget(self, domain: str) -> None:
        """Forget what is known of a domain that was written to."""
        self._domains.pop(domain, None)
        self._events = {subject: one for subject, one in self._events.items() if subject.rpartition(".")[0] != domain}
        self._versions = {key: one for key, one in self._versions.items() if key[0].rpartition(".")[0] != domain}

    def _look_up(self, contract: ContractFile) -> Version | None:
        references = self.references(contract)
        if references is None or self.event(contract.subject) is None:
            return None
        newest = self.registered_major(contract)
        if newest is not None and is_same_text(newest.version, contract, references):
            return newest.version  # a look-up gives the newest major that has the text
        found = self.api.lookup(contract.subject, contract.text, contract.format, references)
        return found if found is not None and found.major == contract.major else None

    def _external(self, subject: str, major: int) -> Version | None:
        """Find a contract that only the registry has: the pinned version, else the latest of its major."""
        pinned = self._lock.find(subject, major) if self._lock is not None else None
        try:
            return self.api.version(subject, pinned.version if pinned else f"v{major}")
        except NotFound:
            return None


def is_same_text(version: Version, contract: ContractFile, references: Sequence[Reference]) -> bool:
    """Whether a version has the schema of a file, however either is formatted."""
    if version.format is not contract.format or set(version.references) != set(references):
        return False
    if contract.format is Format.PROTOBUF:
        return version.schema.strip() == contract.text.strip()
    try:
        ours, theirs = json.loads(contract.text), json.loads(version.schema)
    except (ValueError, RecursionError):
        return False
    return json.dumps(ours, sort_keys=True) == json.dumps(theirs, sort_keys=True)


def major_of(event: Event | None, contract: ContractFile) -> int | str | None:
    """Return the major to register a contract in: its own, or a new one."""
    if event is None or not event.majors:
        return None if contract.major == 1 else contract.major
    newest = max(one.major for one in event.majors)
    return "next" if contract.major == newest + 1 else contract.major
