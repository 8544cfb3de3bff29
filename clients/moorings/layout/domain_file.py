"""A domain's own file, `domain.toml`: its owner, contacts and policy."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moorings.layout.issues import Issue
from moorings.layout.policy_keys import read_policy
from moorings.layout.toml_reader import Table, TomlReader
from moorings_compat import JsonFields

FILE_NAME = "domain.toml"

_DOMAIN = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*")
_KEYS = ("owner", "contacts", "description", "policy", "references")


@dataclass(frozen=True, slots=True)
class ExternalReference:
    """The contract that a name in a file means, if the folder does not have it."""

    subject: str
    major: int


@dataclass(frozen=True, slots=True)
class DomainFile:
    """One domain, as its folder describes it."""

    domain: str
    path: Path
    owner: str = ""
    contacts: tuple[str, ...] = ()
    description: str = ""
    policy: Mapping[str, Any] = field(default_factory=dict)
    references: Mapping[str, Mapping[str, ExternalReference]] = field(default_factory=dict)
    """By file name, then by the name that the file uses."""

    def settings(self) -> dict[str, Any]:
        """Return the body of ``PUT /v1/domains/{domain}``."""
        return {
            "owner": self.owner,
            "contacts": list(self.contacts),
            "description": self.description,
            "policy": dict(self.policy),
        }


def is_domain_name(name: str) -> bool:
    return _DOMAIN.fullmatch(name) is not None


def json_fields_in(root: Path, domain: str) -> JsonFields:
    """Return what *domain* says about JSON fields, or the nearest one above it; `DECLARED`, as for a new domain.

    *root* is the folder of contracts.
    """
    while domain:
        path = root / domain / FILE_NAME
        said = read_domain_file(path)[0].policy.get("json_fields") if path.is_file() else None
        if said in tuple(JsonFields):
            return JsonFields(said)
        domain = domain.rpartition(".")[0]
    return JsonFields.DECLARED


def read_domain_file(path: Path) -> tuple[DomainFile, list[Issue]]:
    """Read a `domain.toml`; a value that cannot be used is an issue, and left out."""
    domain = path.parent.name
    reader = TomlReader(path, "DOMAIN_FILE_INVALID")
    found = reader.load()
    if found is None:
        return DomainFile(domain, path), reader.issues
    reader.only(found, _KEYS)
    owner = found.get("owner")
    if not isinstance(owner, str) or not owner.strip():
        keys = ("owner",) if "owner" in found else ()
        advice = 'Name the owning team: owner = "team-orders".'
        reader.refuse("the domain has no owner", advice, *keys, code="OWNER_MISSING")
        owner = ""
    read = DomainFile(
        domain,
        path,
        owner,
        reader.texts(found, "contacts", example="#team-orders"),
        reader.text(found, "description"),
        read_policy(reader, found),
        _references(reader, found),
    )
    return read, reader.issues


def _references(reader: TomlReader, found: Table) -> dict[str, dict[str, ExternalReference]]:
    read: dict[str, dict[str, ExternalReference]] = {}
    tables = reader.table(found, "references") or {}
    for file in tables:
        for name, target in (reader.table(tables, file, "references") or {}).items():
            match target:
                case {"subject": str(subject), "major": int(major)} if major > 0:
                    read.setdefault(file, {})[name] = ExternalReference(subject, major)
                case _:
                    message = f"the reference {name!r} of {file} has no subject and major"
                    advice = 'Write "full.name" = { subject = "shop.types.Money", major = 1 }.'
                    reader.refuse(message, advice, "references", file, name)
    return read
