"""A domain's own file, `domain.toml`: its owner, contacts and policy."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moorings.layout.issues import Issue
from moorings_compat import JsonFields, Level, ProtobufLevel

FILE_NAME = "domain.toml"
NAMES = ("past_tense", "any")

_DOMAIN = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*")
_KEYS = ("owner", "contacts", "description", "policy", "references")
_TOML_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)")


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
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except UnicodeDecodeError:
        return DomainFile(domain, path), [Issue(path, "DOMAIN_FILE_INVALID", "not UTF-8", "Save it as UTF-8.")]
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line, column = (int(place[1]), int(place[2])) if place else (0, 0)
        issue = Issue(
            path, "DOMAIN_FILE_INVALID", f"not valid TOML: {error}", "Correct the line.", line=line, column=column
        )
        return DomainFile(domain, path), [issue]
    reading = _DomainFileParser(path)
    return reading.domain(domain, found), reading.issues


class _DomainFileParser:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.issues: list[Issue] = []

    def refuse(self, code: str, message: str, advice: str) -> None:
        self.issues.append(Issue(self.path, code, message, advice))

    def domain(self, domain: str, found: Mapping[str, Any]) -> DomainFile:
        for key in found:
            if key not in _KEYS:
                self.refuse("DOMAIN_FILE_INVALID", f"unknown key {key!r}", f"Known keys: {', '.join(_KEYS)}.")
        owner = found.get("owner")
        if not isinstance(owner, str) or not owner.strip():
            self.refuse("OWNER_MISSING", "the domain has no owner", 'Name the owning team: owner = "team-orders".')
            owner = ""
        return DomainFile(
            domain,
            self.path,
            owner,
            self._contacts(found.get("contacts", [])),
            self._description(found.get("description", "")),
            self._policy(found.get("policy", {})),
            self._references(found.get("references", {})),
        )

    def _contacts(self, found: Any) -> tuple[str, ...]:
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return tuple(found)
        self.refuse("DOMAIN_FILE_INVALID", "contacts is not a list of texts", 'Write contacts = ["#team-orders"].')
        return ()

    def _description(self, found: Any) -> str:
        if isinstance(found, str):
            return found
        self.refuse("DOMAIN_FILE_INVALID", "description is not a text", 'Write description = "...".')
        return ""

    def _policy(self, found: Any) -> Mapping[str, Any]:
        if not isinstance(found, Mapping):
            self.refuse("DOMAIN_FILE_INVALID", "policy is not a table", "Write [policy] on a line of its own.")
            return {}
        choices = {
            "level": tuple(Level),
            "names": NAMES,
            "formats": ("asserted", "annotations"),
            "json_fields": tuple(JsonFields),
            "type_names": ("event", "any"),
            "protobuf_level": tuple(ProtobufLevel),
        }
        for key, allowed in choices.items():
            if key in found and found[key] not in allowed:
                message = f"unknown value for policy.{key}"
                self.refuse("DOMAIN_FILE_INVALID", message, f"Choose one of {', '.join(allowed)}.")
        return found

    def _references(self, found: Any) -> dict[str, dict[str, ExternalReference]]:
        read: dict[str, dict[str, ExternalReference]] = {}
        for file, names in found.items() if isinstance(found, Mapping) else ():
            for name, target in names.items() if isinstance(names, Mapping) else ():
                match target:
                    case {"subject": str(subject), "major": int(major)} if major > 0:
                        read.setdefault(file, {})[name] = ExternalReference(subject, major)
                    case _:
                        message = f"the reference {name!r} of {file} has no subject and major"
                        advice = 'Write "full.name" = { subject = "shop.types.Money", major = 1 }.'
                        self.refuse("DOMAIN_FILE_INVALID", message, advice)
        return read
