"""Governance as pure functions: who owns a subject, what its name must look like, what it is held to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from moorings_compat import (
    DEFAULT_DIALECT,
    DEFAULT_POLICY,
    Dialect,
    JsonFields,
    Level,
    Policy,
    ProtobufLevel,
    is_as_strong,
    joined,
)
from moorings_registry.configuration import SETTINGS
from moorings_registry.names import (
    LAST_SCOPE,
    Scope,
    Subject,
    domain_and_ancestors,
    is_within,
)
from moorings_registry.settings import Settings
from moorings_registry.state import Domain, State
from moorings_registry.topics import named_by_topic

DEFAULT_MAJOR_PROPERTY = "major"
_OWN_ALONE = ("alias", "aliasForDeks")
NAMES_PAST_TENSE = "past_tense"
NAMES_ANY = "any"
TYPE_NAMES_EVENT = "event"
TYPE_NAMES_ANY = "any"
FORMATS_ASSERTED = "asserted"
FORMATS_ANNOTATIONS = "annotations"
INTERNAL_STRIP = "strip"
INTERNAL_FLAG = "flag"
PROTOBUF_SURFACES = (ProtobufLevel.WIRE, ProtobufLevel.JSON, ProtobufLevel.SOURCE)
"""Each gates what the ones before it gate, and more."""
NOTICE_DAYS = "notice_days"
QUIET_DAYS = "quiet_days"
DAYS = {NOTICE_DAYS: 30, QUIET_DAYS: 30}
"""What a policy asks for in days about the end of majors, with what holds where no domain says anything."""
MOST_DAYS = 3_650
POLICY_CHOICES: Mapping[str, tuple[str, ...]] = {
    "level": tuple(map(str, Level)),
    "names": (NAMES_PAST_TENSE, NAMES_ANY),
    "formats": (FORMATS_ASSERTED, FORMATS_ANNOTATIONS),
    "protobuf_level": tuple(map(str, ProtobufLevel)),
    "json_fields": tuple(map(str, JsonFields)),
    "json_dialect": tuple(map(str, Dialect)),
    "type_names": (TYPE_NAMES_EVENT, TYPE_NAMES_ANY),
    "internal": (INTERNAL_STRIP, INTERNAL_FLAG),
}
"""The members of a domain's policy that are one of several values. Besides: `DAYS`, ``kinds`` and ``complete``."""
STARTS_WITH = {"json_fields": str(JsonFields.DECLARED), "type_names": TYPE_NAMES_EVENT}
"""What a new domain's policy says where its owner does not, and neither does a domain above it."""
_RECORDED = ("conditions", "formats_asserted", "json_fields", "lenient", "protobuf_level")


def owning_domains(state: State, subject: Subject) -> list[Domain]:
    """The registered domains that *subject* lies in, nearest first."""
    domains = state.domains
    return [domains[name] for name in subject.domains if name in domains]


def domain_policy(state: State, domain: str, key: str) -> Any:
    """What the nearest domain from *domain* upwards says about *key*; None where none says anything."""
    for name in domain_and_ancestors(domain):
        known = state.domains.get(name)
        if known is not None and known.policy.get(key) is not None:
            return known.policy[key]
    return None


def asked_in(state: State, domain: str, key: str, stricter: Callable[[Any, Any], Any], unsaid: Any = None) -> Any:
    """What holds for *key* in a domain: the strictest that it and those above it ask for.

    Each domain is the floor of those below it, one that says nothing too where *unsaid* is what it then asks for. A
    domain that asks for less under a waiver is held to what it asks for. None where nobody asks for anything.
    """
    asked: Any = None
    for known in domains_from_the_root(state, domain):
        own = known.policy.get(key)
        if own is None:
            asked = unsaid if asked is None else asked
        elif asked is None or domain_scope(known.name) in state.waived_policies:
            asked = own
        else:
            asked = stricter(asked, own)
    return asked


def domain_level(state: State, domain: str, settings: Settings) -> Level:
    """The level of a registered domain: what it asks for, and at least what is asked above it.

    Each domain is the floor of those below it, and the registry has a floor of its own. Where no domain asks, the level
    of owned domains holds. A domain that asks for less under a waiver is held to what it asks for.
    """
    asked = asked_in(state, domain, "level", _stricter_level, settings.owned_level)
    return above_floor(Level(asked or settings.owned_level), settings)


def _stricter_level(one: str, other: str) -> Level:
    return joined((Level(one), Level(other)))


def above_floor(level: Level, settings: Settings) -> Level:
    """Return *level*, raised to the registry's floor where it is weaker."""
    return level if is_as_strong(level, settings.floor) else joined((level, settings.floor))


def domain_scope(domain: str) -> str:
    """The scope under which `facts.MajorsHeld` and waivers speak of a domain as a whole."""
    return f"domain:{domain}"


def domains_from_the_root(state: State, domain: str) -> list[Domain]:
    """The registered domains that *domain* lies in, itself too, from the top down."""
    names = reversed(list(domain_and_ancestors(domain)))
    return [state.domains[name] for name in names if name in state.domains]


def domain_names(state: State, domain: str) -> str:
    """How events of a registered domain are named: ``past_tense`` unless a policy says ``any``."""
    return str(domain_policy(state, domain, "names") or NAMES_PAST_TENSE)


def domain_formats(state: State, domain: str) -> str:
    """What JSON Schema's ``format`` is in a domain: ``asserted`` unless a policy says ``annotations``."""
    return str(domain_policy(state, domain, "formats") or FORMATS_ASSERTED)


def domain_json_fields(state: State, domain: str) -> JsonFields:
    """Whether only declared fields of JSON events count in a domain: ``open`` unless a policy says ``declared``.

    A domain that is registered without a say of its own, or above it, gets ``declared`` (`new_domain_policy`).
    """
    return JsonFields(domain_policy(state, domain, "json_fields") or JsonFields.OPEN)


def domain_type_names(state: State, domain: str) -> str:
    """Whether types inside schemas have the name of their event in a domain: ``event``, or ``any``.

    The most that it or a domain above asks for; ``any`` where none says anything, as before there was a choice. A
    domain that is registered without a say of its own, or above it, gets ``event`` (`new_domain_policy`).
    """
    return str(asked_in(state, domain, "type_names", _stricter_type_names) or TYPE_NAMES_ANY)


def _stricter_type_names(one: str, other: str) -> str:
    return other if one == TYPE_NAMES_ANY else one


def domain_internal_fields(state: State, domain: str) -> str:
    """What readers outside a domain get of its internal fields: ``strip`` unless a policy says ``flag``.

    A domain below one that says ``strip`` cannot say ``flag``.
    """
    return str(asked_in(state, domain, "internal", _stricter_internal_fields) or INTERNAL_STRIP)


def _stricter_internal_fields(one: str, other: str) -> str:
    return other if one == INTERNAL_FLAG else one


def domain_json_dialect(state: State, domain: str) -> Dialect:
    """The draft in which JSON Schemas of a domain are read that name a dialect of another party: draft 7 by default."""
    return Dialect(domain_policy(state, domain, "json_dialect") or DEFAULT_DIALECT)


def new_domain_policy(state: State, domain: str, policy: Mapping[str, Any]) -> dict[str, Any]:
    """The policy that is recorded for a domain that is registered now: what a new domain starts with is written down.

    So domains that were registered before there was a choice keep what they had.
    """
    inherits = any(name in state.domains for name in domain_and_ancestors(domain))
    return dict(policy) if inherits else {**STARTS_WITH, **policy}


def domain_protobuf_level(state: State, domain: str) -> ProtobufLevel:
    """Which of Protobuf's surfaces gates a change in a domain: the wire, or the most that it or one above asks for."""
    asked = asked_in(state, domain, "protobuf_level", _stricter_surface)
    return ProtobufLevel(asked or DEFAULT_POLICY.protobuf_level)


def _stricter_surface(one: str, other: str) -> ProtobufLevel:
    return max(ProtobufLevel(one), ProtobufLevel(other), key=PROTOBUF_SURFACES.index)


def domain_days(state: State, domain: str, key: str) -> int:
    """One of `DAYS` for a domain: what it asks for, and at least what is asked above it; like `domain_level`."""
    asked = asked_in(state, domain, key, max, DAYS[key])
    return DAYS[key] if asked is None else int(asked)


def days_of_major(state: State, subject: Subject, major: int, key: str) -> int:
    """One of `DAYS` for a major: today's, and what it was opened under. 0 outside the registered domains."""
    owners = owning_domains(state, subject)
    if not owners:
        return 0
    held: list[int] = [one[key] for one in held_policies(state, subject, major) if key in one]
    return max([domain_days(state, owners[0].name, key), *held])


@lru_cache(maxsize=4_096)  # asked for once a setting, and a registration asks for ten
def scopes(subject: Subject) -> tuple[str, ...]:
    """Where settings of *subject* are looked for, nearest first: itself, its context, behind all.

    What is set for the registry as a whole is set for the default context.
    """
    return _behind(str(subject), Scope(subject.context).key)


def scopes_of(scope: Scope) -> tuple[str, ...]:
    """Where settings that hold in *scope* are looked for, nearest first, by their keys."""
    return scopes(scope.subject) if scope.subject else _behind(scope.key)


def _behind(*nearest: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*nearest, LAST_SCOPE.key)))


def config_value(state: State, subject: Subject, key: str) -> Any:
    """The nearest setting of *key* for *subject*, or None."""
    return setting_in(state, scopes(subject), key)


def setting_in(state: State, chain: Iterable[str], key: str) -> Any:
    """The first setting of *key* along *chain*, or None."""
    configs = state.configs
    for scope in chain:
        held = configs.get(scope)
        if held is not None and held.get(key) is not None:
            return held[key]
    return None


def effective_settings(state: State, scope: Scope, settings: Settings) -> dict[str, Any]:
    """All settings that hold in *scope*, each from the nearest scope that has one; an alias is a subject's own."""
    chain, subject = scopes_of(scope), scope.subject
    found = {key: setting_in(state, chain, key) for key in SETTINGS if key not in _OWN_ALONE}
    found |= {key: state.configs.get(scope.key, {}).get(key) for key in _OWN_ALONE}
    level = effective_level(state, subject, settings) if subject else found["compatibility"] or settings.default_level
    return {key: value for key, value in {**found, "compatibility": str(level)}.items() if value is not None}


def aliased(state: State, subject: Subject) -> Subject:
    """The subject that *subject* stands for: by its topic, or where its settings name an alias. One step, no chains.

    An alias does not lead out of a registered domain, nor away from an event of it that has accepted revisions: what
    is sent to it is held to its promise.

    Raises:
        TopicAmbiguous: it is the name of a topic that carries several events.
    """
    by_topic = named_by_topic(state, subject)
    if by_topic != subject:
        return by_topic
    alias = state.configs.get(str(subject), {}).get("alias")
    target = named_by_topic(state, Subject.parse(alias, context=subject.context)) if alias else subject
    if target == subject or leaves_its_domain(state, subject, target) or has_promised(state, subject):
        return subject
    return target


def has_promised(state: State, subject: Subject) -> bool:
    """Whether *subject* is in a registered domain, and revisions were accepted under that very name."""
    accepted = subject in state.subjects or subject in state.departed
    return accepted and bool(owning_domains(state, subject))


def leaves_its_domain(state: State, subject: Subject, target: Subject) -> bool:
    """Whether *target* lies outside the registered domain that owns *subject*."""
    owners = owning_domains(state, subject)
    return bool(owners) and not is_within(target.domain, owners[0].name)


def effective_level(state: State, subject: Subject, settings: Settings) -> Level:
    """The level that the next major of *subject* is held to; for an open major: `level_of_major`.

    In a registered domain: the domain's, and its own where that asks for more. Elsewhere its own, else its context's,
    the registry's, and at last the default.
    """
    own = state.configs.get(str(subject), {}).get("compatibility")
    owners = owning_domains(state, subject)
    if not owners:
        return Level(own or config_value(state, subject, "compatibility") or settings.default_level)
    asked = domain_level(state, owners[0].name, settings)
    if not own:
        return asked
    if str(subject) in state.waived_policies:
        return above_floor(Level(own), settings)
    return joined((asked, Level(own)))


def level_of_major(state: State, subject: Subject, major: int, settings: Settings) -> Level:
    """The level that revisions of *major* are held to: today's, and what the major was opened under."""
    levels = [effective_level(state, subject, settings)]
    levels += [Level(one["level"]) for one in held_policies(state, subject, major) if "level" in one]
    return joined(levels)


def held_policies(state: State, subject: Subject, major: int) -> list[Mapping[str, Any]]:
    """What *major* stays held to since policies were lowered after it was opened: oldest first, nearest scope first."""
    if not state.held_policies:  # asked at every registration, and in most registries nobody ever lowered a policy
        return []
    opened = state.opened_at(subject, major)
    if opened is None:
        return []
    found: list[Mapping[str, Any]] = []
    for scope in (str(subject), *(domain_scope(one.name) for one in owning_domains(state, subject))):
        found += [one.policy for one in state.held_policies.get(scope, ()) if one.position > opened]
        if scope in state.waived_policies:
            break
    return found


def comparison_policy(state: State, subject: Subject, major: int = 0) -> Policy:
    """How findings about revisions of *major* are weighed today: the first of `comparison_policies`.

    With 0, those of a major that is opened now.
    """
    return comparison_policies(state, subject, major)[0]


def comparison_policies(state: State, subject: Subject, major: int = 0) -> tuple[Policy, ...]:
    """Every way in which findings about revisions of *major* are weighed, today's first; a candidate keeps to all.

    There are several where its domain changed what ``format`` means since the major was opened: neither meaning asks
    for more than the other, and there are readers of both.
    """
    domain = subject.domain or ""
    held = held_policies(state, subject, major)
    surfaces = [domain_protobuf_level(state, domain)]
    surfaces += [ProtobufLevel(one["protobuf_level"]) for one in held if "protobuf_level" in one]
    formats = dict.fromkeys((domain_formats(state, domain), *(one["formats"] for one in held if "formats" in one)))
    lenient = not owning_domains(state, subject) and config_value(state, subject, "compatibilityPolicy") == "LENIENT"
    surface = surfaces[0] if len(surfaces) == 1 else max(surfaces, key=PROTOBUF_SURFACES.index)
    return _weighed(lenient, surface, _json_fields(state, domain, held), tuple(formats))


def json_fields_of(state: State, subject: Subject, major: int) -> JsonFields:
    """Which fields of JSON events count in *major*, as `comparison_policies` has it."""
    return _json_fields(state, subject.domain or "", held_policies(state, subject, major))


def _json_fields(state: State, domain: str, held: Sequence[Mapping[str, Any]]) -> JsonFields:
    for one in held:
        if "json_fields" in one:
            return JsonFields(one["json_fields"])
    return domain_json_fields(state, domain)


@lru_cache(maxsize=64)  # a policy takes longer to make than to look up, and there are few different ones
def _weighed(
    lenient: bool, surface: ProtobufLevel, json_fields: JsonFields, formats: tuple[str, ...]
) -> tuple[Policy, ...]:
    weighed = Policy(lenient=lenient, protobuf_level=surface, json_fields=json_fields)
    return tuple(replace(weighed, formats_asserted=one == FORMATS_ASSERTED) for one in formats)


def policy_record(policy: Policy) -> dict[str, Any]:
    """What a fact says of *policy*: only where it departs from the default."""
    return {name: value for name in _RECORDED if (value := getattr(policy, name)) != getattr(DEFAULT_POLICY, name)}


def policy_recorded(recorded: Mapping[str, Any]) -> Policy:
    """The policy that `policy_record` wrote down."""
    level = recorded.get("protobuf_level", DEFAULT_POLICY.protobuf_level)
    fields = recorded.get("json_fields", DEFAULT_POLICY.json_fields)
    read = {"protobuf_level": ProtobufLevel(level), "json_fields": JsonFields(fields)}
    return replace(DEFAULT_POLICY, **{**recorded, **read})


def group_of(state: State, subject: Subject, metadata: Mapping[str, Any] | None) -> str:
    """The value of the metadata property that names the major on the Confluent API; empty where there is none."""
    named = config_value(state, subject, "compatibilityGroup") or DEFAULT_MAJOR_PROPERTY
    properties = (metadata or {}).get("properties") or {}
    return str(properties.get(named, ""))


@dataclass(frozen=True, slots=True)
class PolicySource:
    """The value in effect, and what set it: ``event``, ``domain``, ``context``, ``registry`` or ``default``."""

    value: Any
    by: str
    name: str = ""
    """The domain or the context that set it."""


def level_source(state: State, subject: Subject, settings: Settings) -> PolicySource:
    """The level that *subject* is held to; looked for where `effective_level` looks, in that order."""
    level = effective_level(state, subject, settings)
    owners = owning_domains(state, subject)
    asked = domain_level(state, owners[0].name, settings) if owners else None
    if state.configs.get(str(subject), {}).get("compatibility") and level != asked:
        return PolicySource(level, "event")
    if owners:
        return source_of(state, owners[0].name, "level", asked)
    _, *wider = scopes(subject)
    for scope in wider:
        if state.configs.get(scope, {}).get("compatibility"):
            return PolicySource(level, "context", subject.context) if scope else PolicySource(level, "registry")
    return PolicySource(level, "default")


def source_of(state: State, domain: str, key: str, value: Any) -> PolicySource:
    """What set *value*, which holds for *key* in a registered domain: the nearest one that says so."""
    names = [name for name in domain_and_ancestors(domain) if name in state.domains]
    told = [name for name in names if state.domains[name].policy.get(key) is not None]
    same = next((name for name in told if state.domains[name].policy[key] == value), None)
    nearest = same or next(iter(told), None)
    return PolicySource(value, "domain", nearest) if nearest else PolicySource(value, "default")
