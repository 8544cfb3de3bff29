"""What this checkout and the registry agreed on last: how a push sees that the registry was changed elsewhere since.

The file is not for the repository: another checkout, such as that of a CI job, has seen other things.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from moorings.api.domain_contracts import DomainContracts
from moorings.sync.pinning import STORE_NAME
from moorings.whole_files import write_whole

_FOLDER = "local"
_FILE = "synced.json"


def part_digests(contracts: DomainContracts) -> dict[str, str]:
    """Return a digest for each part of a domain that people change: itself, its events, lifecycles and schemas."""
    return {name: _digest(value) for name, value in _parts(contracts)}


class SyncedState:
    """The parts of each domain as they were last read or written here; safe to lose."""

    def __init__(self, root: Path, registry: str) -> None:
        self._path = root / STORE_NAME / _FOLDER / _FILE
        self._registry = registry

    def changed_elsewhere(self, contracts: DomainContracts) -> frozenset[str]:
        """Return the parts of a domain that are not as this checkout knows them; none where it knows nothing."""
        known = self._read().get(self._registry, {}).get(contracts.domain.domain)
        if not isinstance(known, Mapping):
            return frozenset()
        now = part_digests(contracts)
        return frozenset(name for name in {*now, *known} if now.get(name) != known.get(name))

    def unchanged(self, contracts: DomainContracts) -> frozenset[str]:
        """Return the parts that the registry has as this checkout knows them: a file that differs was edited here."""
        known = self._read().get(self._registry, {}).get(contracts.domain.domain)
        if not isinstance(known, Mapping):
            return frozenset()
        return frozenset(name for name, digest in part_digests(contracts).items() if known.get(name) == digest)

    def note(self, contracts: DomainContracts) -> None:
        """Remember the parts of a domain; a folder that cannot be written to is left as it is."""
        found = self._read()
        found.setdefault(self._registry, {})[contracts.domain.domain] = part_digests(contracts)
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            (self._path.parent / ".gitignore").write_text("*\n", "utf-8")
            write_whole(self._path, json.dumps(found, indent=1, sort_keys=True) + "\n")

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) and all(isinstance(one, dict) for one in found.values()) else {}


def _parts(contracts: DomainContracts) -> Iterator[tuple[str, Any]]:
    domain = contracts.domain
    yield domain.domain, [domain.owner, list(domain.contacts), domain.description, dict(domain.policy)]
    for event in contracts.events:
        yield event.subject, event.declaration
        for major in event.majors:
            name = f"{event.subject} v{major.major}"
            yield name, [major.version.schema, [[one.name, one.version] for one in major.version.references]]
            yield f"{name} rules", [major.version.metadata, major.version.rule_set]
            yield f"{name} lifecycle", dict(major.lifecycle)
            yield f"{name} migration", major.migration


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]
