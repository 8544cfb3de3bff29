"""Who owns the subjects of another registry, and which domains those could form that nobody owns."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from moorings_compat import Format, Schema
from moorings_compat.avro.model import TypeName
from moorings_compat.avro.model import model_of as avro_model
from moorings_compat.protobuf.compiled import file_descriptor
from moorings_registry.migration.assessing.assessed import Ownership, SuggestedDomain
from moorings_registry.names import Subject

OWNER_WORDS = frozenset(("owner", "owners", "team", "contact", "maintainer", "maintainers"))
"""Last words of the names of metadata properties that say who is responsible."""
_WORDS = re.compile(r"[-_./\s]+")
_BETWEEN = re.compile(r"[^a-z0-9_-]+")
_VERSION = re.compile(r"v?[0-9]+")
_FEWEST_DOTS = 2
"""A domain with fewer dots is not gathered into the one above it, which would hold whatever a company has."""
NO_PREFIX = ""
"""The name of what has no beginning in common with anything."""


def ownership(domains: Mapping[Subject, str | None]) -> Ownership:
    """Say who owns what; *domains* has a suggestion for each subject, and None for one that has an owner."""
    grouped: dict[str, list[str]] = defaultdict(list)
    for subject, domain in domains.items():
        if domain is not None:
            grouped[domain].append(str(subject))
    _gather(grouped)
    unowned = sorted(subject for subjects in grouped.values() for subject in subjects)
    suggested = [SuggestedDomain(name, tuple(sorted(subjects))) for name, subjects in grouped.items()]
    suggested.sort(key=lambda one: (one.name == NO_PREFIX, -len(one.subjects), one.name))
    return Ownership(len(domains) - len(unowned), tuple(unowned), tuple(suggested))


def _gather(grouped: dict[str, list[str]]) -> None:
    """Let what would be a domain of one subject go up to the domain above it, as long as that still says something."""
    for name in sorted(grouped, key=lambda one: -one.count(".")):
        above = name
        while len(grouped[name]) == 1 and above.count(".") >= _FEWEST_DOTS:
            above = above.rpartition(".")[0]
            if above in grouped or above.count(".") < _FEWEST_DOTS:
                grouped[above].extend(grouped.pop(name))
                break


def has_owner(subject: Subject, metadata: Mapping[str, Any] | None, owners: Mapping[str, str]) -> bool:
    """Whether somebody is named in *metadata*, or owns the subject in *owners*, the domains of the other registry."""
    return bool(named_owner(metadata)) or any(one in owners for one in subject.domains)


def named_owner(metadata: Mapping[str, Any] | None) -> str:
    """Return whom the properties of *metadata* name as responsible; empty for nobody."""
    properties = (metadata or {}).get("properties") or {}
    named = (str(value).strip() for key, value in properties.items() if _WORDS.split(key.casefold())[-1] in OWNER_WORDS)
    return next(filter(None, named), "")


def suggested_domain(subject: Subject, schema: Schema | None) -> str:
    """Return the domain that a subject's name speaks of, else its type's namespace, else the first words of its topic.

    `NO_PREFIX` where none of these says anything.
    """
    name, namespace = subject.of_event.name, _namespace(schema)
    within = bool(namespace) and f"{namespace}." in name
    named = name.rpartition("/")[0].replace("/", ".") or subject.domain or ""
    candidates = ((namespace if within else named), namespace, ".".join(_WORDS.split(name)[:-1]))
    return next((found for one in candidates if (found := _as_domain(one.split(".")))), NO_PREFIX)


def _as_domain(parts: Iterable[str]) -> str:
    spelled = [_BETWEEN.sub("-", one.casefold()).strip("-_") for one in parts]
    kept = [one for one in spelled if one and one[0].isalpha() and not _VERSION.fullmatch(one)]
    return ".".join(kept)


def _namespace(schema: Schema | None) -> str:
    if schema is None:
        return ""
    if schema.format is Format.AVRO:
        root = avro_model(schema).root
        return root.full.rpartition(".")[0] if isinstance(root, TypeName) else ""
    return str(file_descriptor(schema).package) if schema.format is Format.PROTOBUF else ""
