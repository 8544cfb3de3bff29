"""Floors: what a policy or a level may ask for, and what majors that are open stay held to when it asks for less."""

from collections.abc import Iterable, Mapping
from typing import Any

from moorings_compat import Level, ProtobufLevel, covers, is_as_strong
from moorings_registry.commands.decision import Dependencies
from moorings_registry.errors import PolicyBelowFloor
from moorings_registry.event_rules import domain_kinds, says_complete
from moorings_registry.facts import Fact, MajorsHeld, WaiverUsed
from moorings_registry.names import Subject, domain_and_ancestors, is_within
from moorings_registry.policy import (
    DAYS,
    INTERNAL_FLAG,
    INTERNAL_STRIP,
    PROTOBUF_SURFACES,
    TYPE_NAMES_ANY,
    domain_days,
    domain_formats,
    domain_json_fields,
    domain_level,
    domain_policy,
    domain_protobuf_level,
    domain_scope,
    domain_type_names,
    effective_level,
    has_promised,
    leaves_its_domain,
    owning_domains,
)
from moorings_registry.state import State, Waiver, WaiverKind
from moorings_registry.topics import named_by_topic
from moorings_registry.waivers import open_waiver


def domain_floor_facts(
    state: State, after: State, domain: str, policy: Mapping[str, Any], dependencies: Dependencies
) -> tuple[Fact, ...]:
    """The facts that go with a domain's new policy; *after* is the state with it.

    Raises:
        PolicyBelowFloor: it asks for less than a domain above it, or than the registry, and no waiver lets it.
    """
    waiver = open_waiver(state, WaiverKind.LEVEL, domain, dependencies.now())
    waiver = None if waiver is not None and waiver.subject else waiver
    _require_strength(policy.get("level"), dependencies)
    below = _below_the_parent(state, domain, policy, dependencies)
    if below and waiver is None:
        raise PolicyBelowFloor(below)
    facts: list[Fact] = []
    for one in (domain, *_below(state, domain)):
        was_owned = any(name in state.domains for name in domain_and_ancestors(one))
        lowered = _lowered(_asked(state, one, dependencies), _asked(after, one, dependencies)) if was_owned else {}
        facts += _held(domain_scope(one), (one, ""), lowered, waiver, used=bool(below) and one == domain)
    return tuple(facts)


def _below(state: State, domain: str) -> list[str]:
    """The registered domains below *domain*, by name: they inherit what it says."""
    return sorted(name for name in state.domains if name != domain and is_within(name, domain))


def subject_floor_facts(state: State, after: State, subject: Subject, dependencies: Dependencies) -> tuple[Fact, ...]:
    """The facts that go with a subject's new settings; *after* is the state with them. None outside the domains.

    Raises:
        PolicyBelowFloor: they ask for less than the domain, or than the registry, and no waiver lets them.
    """
    owners = owning_domains(state, subject)
    if not owners:
        return ()
    domain, own = owners[0].name, _new_settings(state, after, subject)
    if own.get("compatibilityPolicy") == "LENIENT":
        raise PolicyBelowFloor(f"compatibilityPolicy LENIENT is not allowed for '{subject}': domain '{domain}' owns it")
    if own.get("validateRules") is False:
        raise PolicyBelowFloor(f"validateRules false is not allowed for '{subject}': domain '{domain}' owns it")
    alias = own.get("alias")
    named = named_by_topic(state, Subject.parse(alias, context=subject.context)) if alias else subject
    if leaves_its_domain(state, subject, named):
        raise PolicyBelowFloor(f"An alias of '{subject}' cannot lead to '{alias}': domain '{domain}' owns it")
    if named != subject and has_promised(state, subject):
        raise PolicyBelowFloor(f"'{subject}' cannot be another name of '{alias}': it has revisions of its own")
    level, asked = own.get("compatibility"), domain_level(state, domain, dependencies.settings)
    _require_strength(level, dependencies)
    waiver = open_waiver(state, WaiverKind.LEVEL, subject.domain or domain, dependencies.now(), subject=subject)
    below = level is not None and not covers(Level(level), asked)
    if below and waiver is None:
        raise PolicyBelowFloor(f"Level {level} of '{subject}' is below {asked}, which domain '{domain}' asks for")
    before, now = (effective_level(one, subject, dependencies.settings) for one in (state, after))
    lowered = {} if covers(now, before) else {"level": str(before)}
    return _held(str(subject), (subject.domain or domain, str(subject)), lowered, waiver, used=below)


def _new_settings(state: State, after: State, subject: Subject) -> Mapping[str, Any]:
    """Those that a change sets. Others may be older than the domain: they do not hold in it, and stop no change."""
    before, now = (one.configs.get(str(subject), {}) for one in (state, after))
    return {key: value for key, value in now.items() if value != before.get(key)}


def _require_strength(level: str | None, dependencies: Dependencies) -> None:
    floor = dependencies.settings.floor
    if level and not is_as_strong(Level(level), floor):
        raise PolicyBelowFloor(f"Level {level} is below {floor}, the floor of this registry")


def _held(
    scope: str, about: tuple[str, str], lowered: Mapping[str, Any], waiver: Waiver | None, *, used: bool
) -> tuple[Fact, ...]:
    """Hold the open majors to what was asked so far; under a waiver, release them. *about*: domain and subject."""
    if waiver is not None and (lowered or used):
        return (WaiverUsed(waiver.id, *about, 0, "", []), MajorsHeld(scope, {}))
    return (MajorsHeld(scope, lowered),) if lowered else ()


def _below_the_parent(state: State, domain: str, policy: Mapping[str, Any], dependencies: Dependencies) -> str:
    """Say which member of a domain's policy asks for less than the domain above it; empty where none does."""
    parent = next((name for name in _above(domain) if name in state.domains), None)
    if parent is None:
        return ""
    level, asked = policy.get("level"), domain_level(state, parent, dependencies.settings)
    if level and not covers(Level(level), asked):
        return f"Level {level} of domain '{domain}' is below {asked}, which domain '{parent}' asks for"
    surface, least = policy.get("protobuf_level"), domain_protobuf_level(state, parent)
    if surface and _surface(surface) < _surface(least):
        return f"protobuf_level {surface} of domain '{domain}' is below {least}, which domain '{parent}' asks for"
    for key in DAYS:
        days, fewest = policy.get(key), domain_days(state, parent, key)
        if days is not None and days < fewest:
            return f"{key} {days} of domain '{domain}' is below {fewest}, which domain '{parent}' asks for"
    kinds = [one for one in policy.get("kinds") or () if one not in domain_kinds(state, parent)]
    if kinds:
        return f"Domain '{domain}' lists the kind {kinds[0]}, which domain '{parent}' does not have"
    if policy.get("complete") is False and says_complete(state, parent):
        return f"Domain '{domain}' does not ask for complete facts, and domain '{parent}' does"
    named, wanted = policy.get("type_names"), domain_type_names(state, parent)
    if named == TYPE_NAMES_ANY and wanted != TYPE_NAMES_ANY:
        return f"type_names {named} of domain '{domain}' is below {wanted}, which domain '{parent}' asks for"
    given = policy.get("internal")
    if given == INTERNAL_FLAG and domain_policy(state, parent, "internal") == INTERNAL_STRIP:
        return f"internal {given} of domain '{domain}' is below {INTERNAL_STRIP}, which domain '{parent}' asks for"
    return ""


def _above(domain: str) -> Iterable[str]:
    return (name for name in domain_and_ancestors(domain) if name != domain)


def _surface(level: str) -> int:
    return PROTOBUF_SURFACES.index(ProtobufLevel(level))


def _asked(state: State, domain: str, dependencies: Dependencies) -> dict[str, Any]:
    """What revisions in a domain are held to now."""
    return {
        "level": str(domain_level(state, domain, dependencies.settings)),
        "formats": domain_formats(state, domain),
        "json_fields": str(domain_json_fields(state, domain)),
        "protobuf_level": str(domain_protobuf_level(state, domain)),
        **{key: domain_days(state, domain, key) for key in DAYS},
    }


def _lowered(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The members of *before* that *after* does not keep; of formats and fields, neither value asks for more."""
    lost = {
        "level": not covers(Level(after["level"]), Level(before["level"])),
        "formats": after["formats"] != before["formats"],
        "json_fields": after["json_fields"] != before["json_fields"],
        "protobuf_level": _surface(after["protobuf_level"]) < _surface(before["protobuf_level"]),
        **{key: after[key] < before[key] for key in DAYS},
    }
    return {name: before[name] for name, gone in lost.items() if gone}
