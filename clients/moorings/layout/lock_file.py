"""The lock file, `moorings.lock`: which version of each contract a folder holds, by number, id and guid."""

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from moorings.errors import SettingInvalid
from moorings.layout.toml_text import quoted

LOCK_NAME = "moorings.lock"
_FORMAT = 1
_HEAD = """\
# Written by `moorings pull`: the version of each contract in this folder. Do not edit.
# A guid is a digest of the contract's content, the same in every registry.
"""


@dataclass(frozen=True, slots=True, order=True)
class Pinned:
    """One major of an event, and the version that its file holds."""

    subject: str
    major: int
    version: int
    label: str
    id: int
    guid: str

    @property
    def domain(self) -> str:
        return self.subject.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Lock:
    """Everything that is pinned, by subject and major."""

    pinned: tuple[Pinned, ...] = ()

    @classmethod
    def read(cls, root: Path) -> "Lock":
        """Read the lock file of a folder; an absent one pins nothing.

        Raises:
            SettingInvalid: it is there, and is no lock file of a version that is known.
        """
        path = root / LOCK_NAME
        if not path.is_file():
            return cls()
        try:
            found = tomllib.loads(path.read_text("utf-8"))
            if found["version"] == _FORMAT:
                names = [one.name for one in fields(Pinned)]
                return cls(tuple(sorted(Pinned(*(one[name] for name in names)) for one in found.get("contract", ()))))
        except (KeyError, TypeError, ValueError):
            pass  # told below, together with a lock file of a later version
        raise SettingInvalid(f"{path} is no lock file that this version reads: write it again with `moorings pull`")

    def find(self, subject: str, major: int) -> Pinned | None:
        return next((one for one in self.pinned if (one.subject, one.major) == (subject, major)), None)

    def with_domain(self, domain: str, pinned: Iterable[Pinned]) -> "Lock":
        """Return a lock in which *domain* holds *pinned*, and nothing else."""
        others = [one for one in self.pinned if one.domain != domain]
        return Lock(tuple(sorted([*others, *pinned])))

    def write(self, root: Path) -> Path:
        """Write the lock file as a whole, or not at all; return its path."""
        path = root / LOCK_NAME
        draft = root / f".{LOCK_NAME}.{os.getpid()}"
        draft.write_text(self.text(), "utf-8")
        draft.replace(path)
        return path

    def text(self) -> str:
        parts = [_HEAD, f"version = {_FORMAT}\n"]
        for one in self.pinned:
            parts.append("\n[[contract]]\n")
            for each in fields(one):
                value = getattr(one, each.name)
                parts.append(f"{each.name} = {quoted(value) if isinstance(value, str) else value}\n")
        return "".join(parts)
