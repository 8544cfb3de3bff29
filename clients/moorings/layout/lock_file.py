"""The lock file, `moorings.lock`: the version of each contract in a folder, by number, id and guid."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from moorings.errors import SettingInvalid

LOCK_NAME = "moorings.lock"
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, order=True)
class Pinned:
    """One major of an event, and the version in its file."""

    subject: str
    major: int
    version: int
    label: str
    id: int
    guid: str
    json_fields: str = ""
    """Which fields of JSON events count: ``declared`` or ``open``; empty in lock files of earlier versions."""

    @property
    def domain(self) -> str:
        return self.subject.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Lock:
    """All pinned versions, by subject and major."""

    pinned: tuple[Pinned, ...] = ()
    consumed: tuple[str, ...] = ()
    """The domains of others: pulled, and never pushed."""

    @classmethod
    def read(cls, root: Path) -> "Lock":
        """Read the lock file of a folder; without one, nothing is pinned.

        Raises:
            SettingInvalid: not a lock file, or one of an unknown format version.
        """
        path = root / LOCK_NAME
        if not path.is_file():
            return cls()
        try:
            found = tomllib.loads(path.read_text("utf-8"))
            if found["version"] == FORMAT_VERSION:
                pinned = tuple(sorted(_read_pinned(one) for one in found.get("contract", ())))
                return cls(pinned, tuple(str(one) for one in found.get("consumed", ())))
        except (KeyError, TypeError, ValueError):
            pass  # raised below, together with a lock file of a later version
        raise SettingInvalid(f"{path}: unsupported lock file; write it again with `moorings pull`")

    def find(self, subject: str, major: int) -> Pinned | None:
        return next((one for one in self.pinned if (one.subject, one.major) == (subject, major)), None)

    def with_domain(self, domain: str, pinned: Iterable[Pinned], *, consumed: bool) -> "Lock":
        """Return a lock with *pinned* in place of what *domain* had."""
        others = [one for one in self.pinned if one.domain != domain]
        names = [*(one for one in self.consumed if one != domain), *([domain] if consumed else [])]
        return Lock(tuple(sorted([*others, *pinned])), tuple(sorted(names)))


def _read_pinned(found: Mapping[str, Any]) -> Pinned:
    """Read one entry; keys of a later version are ignored."""
    needed = {one.name: found[one.name] for one in fields(Pinned) if one.name != "json_fields"}
    return Pinned(**needed, json_fields=str(found.get("json_fields", "")))
