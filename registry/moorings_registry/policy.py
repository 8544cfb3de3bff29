"""Governance as pure functions: who owns a subject, what its name must look like, what it is held to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from moorings_compat import DEFAULT_POLICY, Level, Policy, ProtobufLevel
from moorings_compat.event_names import past_tense_problem
from moorings_registry.configuration import SETTINGS
from moorings_registry.errors import NameRefused, OperationNotPermitted
from moorings_registry.names import (
    LAST_SCOPE,
    REGISTRY_SCOPE,
    Scope,
    Subject,
    domain_and_ancestors,
)
from moorings_registry.settings import Settings
from moorings_registry.state import Domain, State

DEFAULT_MAJOR_PROPERTY = "major"
READWRITE = "READWRITE"
MODES = (READWRITE, "READONLY", "READONLY_OVERRIDE", "IMPORT", "FORWARD")
_READ_ONLY = ("READONLY", "READONLY_OVERRIDE")
_OWN_ALONE = ("alias", "aliasForDeks")
NAMES_PAST_TENSE = "past_tense"
NAMES_ANY = "any"
FORMATS_ASSERTED = "asserted"
FORMATS_ANNOTATIONS = "annotations"
_RECORDED = ("formats_asserted", "lenient", "protobuf_level")


def owning_domains(state: State, subject: Subject) -> list[Domain]:
    """The registered domains that *subject* lies in, nearest first."""
    names = domain_and_ancestors(subject.domain or "")
    return [state.domains[name] for name in names if name in state.domains]


def domain_policy(state: State, domain: str, key: str) -> Any:
    """What the nearest domain from *domain* upwards says about *key*; None where none says anything."""
    for name in domain_and_ancestors(domain):
        known = state.domains.get(name)
        if known is not None and known.policy.get(key) is not None:
            return known.policy[key]
    return None


def domain_level(state: State, domain: str, settings: Settings) -> Level:
    """The level of a registered domain: its own, an ancestor's, else that of owned domains."""
    return Level(domain_policy(state, domain, "level") or settings.owned_level)


def domain_names(state: State, domain: str) -> str:
    """How events of a registered domain are named: ``past_tense`` unless a policy says ``any``."""
    return str(domain_policy(state, domain, "names") or NAMES_PAST_TENSE)


def domain_formats(state: State, domain: str) -> str:
    """What JSON Schema's ``format`` is in a domain: ``asserted`` unless a policy says ``annotations``."""
    return str(domain_policy(state, domain, "formats") or FORMATS_ASSERTED)


def domain_protobuf_level(state: State, domain: str) -> ProtobufLevel:
    """Which of Protobuf's surfaces gates a change in a domain: the wire unless a policy asks for more."""
    return ProtobufLevel(domain_policy(state, domain, "protobuf_level") or DEFAULT_POLICY.protobuf_level)


def scopes(subject: Subject) -> tuple[str, ...]:
    """Where settings of *subject* are looked for, nearest first: itself, its context, the registry, behind all."""
    return _behind(str(subject), Scope(subject.context).key)


def scopes_of(scope: Scope) -> tuple[str, ...]:
    """Where settings that hold in *scope* are looked for, nearest first, by their keys."""
    return scopes(scope.subject) if scope.subject else _behind(scope.key)


def _behind(*nearest: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*nearest, REGISTRY_SCOPE.key, LAST_SCOPE.key)))


def config_value(state: State, subject: Subject, key: str) -> Any:
    """The nearest setting of *key* for *subject*, or None."""
    return setting_in(state, scopes(subject), key)


def setting_in(state: State, chain: Iterable[str], key: str) -> Any:
    """The first setting of *key* along *chain*, or None."""
    for scope in chain:
        value = state.configs.get(scope, {}).get(key)
        if value is not None:
            return value
    return None


def effective_settings(state: State, scope: Scope, settings: Settings) -> dict[str, Any]:
    """All settings that hold in *scope*, each from the nearest scope that has one; an alias is a subject's own."""
    chain, subject = scopes_of(scope), scope.subject
    found = {key: setting_in(state, chain, key) for key in SETTINGS if key not in _OWN_ALONE}
    found |= {key: state.configs.get(scope.key, {}).get(key) for key in _OWN_ALONE}
    level = effective_level(state, subject, settings) if subject else found["compatibility"] or settings.default_level
    return {key: value for key, value in {**found, "compatibility": str(level)}.items() if value is not None}


def aliased(state: State, subject: Subject) -> Subject:
    """The subject that *subject* stands for: another one where its settings name an alias. One step, no chains."""
    alias = state.configs.get(str(subject), {}).get("alias")
    return Subject.parse(alias, context=subject.context) if alias else subject


def effective_level(state: State, subject: Subject, settings: Settings) -> Level:
    """The level that *subject* is held to.

    Its own, else its domain's, else its context's, the registry's, and at last the default.
    """
    own = state.configs.get(str(subject), {}).get("compatibility")
    if own:
        return Level(own)
    owners = owning_domains(state, subject)
    if owners:
        return domain_level(state, owners[0].name, settings)
    return Level(config_value(state, subject, "compatibility") or settings.default_level)


def comparison_policy(state: State, subject: Subject) -> Policy:
    """How findings about *subject* are weighed: by its settings, and by the domain that it lies in."""
    domain = subject.domain or ""
    return Policy(
        lenient=config_value(state, subject, "compatibilityPolicy") == "LENIENT",
        formats_asserted=domain_formats(state, domain) == FORMATS_ASSERTED,
        protobuf_level=domain_protobuf_level(state, domain),
    )


def policy_record(policy: Policy) -> dict[str, Any]:
    """What a fact says of *policy*: only where it departs from the default."""
    return {name: value for name in _RECORDED if (value := getattr(policy, name)) != getattr(DEFAULT_POLICY, name)}


def policy_recorded(recorded: Mapping[str, Any]) -> Policy:
    """The policy that `policy_record` wrote down."""
    level = recorded.get("protobuf_level", DEFAULT_POLICY.protobuf_level)
    return replace(DEFAULT_POLICY, **{**recorded, "protobuf_level": ProtobufLevel(level)})


def group_of(state: State, subject: Subject, metadata: Mapping[str, Any] | None) -> str:
    """The value of the metadata property that names the major on the Confluent API; empty where there is none."""
    named = config_value(state, subject, "compatibilityGroup") or DEFAULT_MAJOR_PROPERTY
    properties = (metadata or {}).get("properties") or {}
    return str(properties.get(named, ""))


def require_name(state: State, subject: Subject, settings: Settings) -> None:
    """Pass, or say what is wrong with the name.

    Raises:
        NameRefused: no domain where one is required, or an event name of an owned domain that is not in the past tense.
    """
    owners = owning_domains(state, subject)
    if not owners:
        if settings.require_domain:
            raise NameRefused(f"Subject '{subject}' belongs to no registered domain, and this registry requires one")
        return
    if subject.is_key or domain_names(state, owners[0].name) == NAMES_ANY:
        return
    problem = past_tense_problem(subject.event)
    if problem:
        raise NameRefused(f"Domain '{owners[0].name}' accepts only event names in the past tense: {problem}")


def effective_mode(state: State, subject: Subject) -> str:
    return mode_in(state, Scope.of(subject))


def mode_in(state: State, scope: Scope) -> str:
    """The mode that holds in *scope*: the nearest, unless the registry as a whole is read-only by force."""
    behind_all, whole = state.modes.get(LAST_SCOPE.key, ""), state.modes.get(REGISTRY_SCOPE.key, "")
    if behind_all in _READ_ONLY or whole == "READONLY_OVERRIDE":
        return "READONLY_OVERRIDE"
    return next((state.modes[one] for one in scopes_of(scope) if one in state.modes), READWRITE)


def is_importing(state: State, subject: Subject) -> bool:
    """Whether schemas come with ids and versions of their own."""
    return effective_mode(state, subject) in ("IMPORT", "FORWARD")


def require_writable(state: State, subject: Subject) -> None:
    """Pass, or refuse because of the mode.

    Raises:
        OperationNotPermitted: the subject, its context or the registry is read-only.
    """
    if effective_mode(state, subject) in _READ_ONLY:
        raise OperationNotPermitted(f"Subject {subject} is in read-only mode")


def require_settable(state: State, scope: Scope) -> None:
    """Pass, or refuse to change settings of a scope that is read-only.

    Raises:
        OperationNotPermitted
    """
    if mode_in(state, scope) in _READ_ONLY:
        raise OperationNotPermitted(f"{f'Subject {scope.key}' if scope.key else 'The registry'} is in read-only mode")


@dataclass(frozen=True, slots=True)
class PolicySource:
    """The value in effect, and what set it: ``event``, ``domain``, ``context``, ``registry`` or ``default``."""

    value: str
    by: str
    name: str = ""
    """The domain or the context that set it."""


def level_source(state: State, subject: Subject, settings: Settings) -> PolicySource:
    """The level that *subject* is held to; looked for where `effective_level` looks, in that order."""
    level = effective_level(state, subject, settings)
    if state.configs.get(str(subject), {}).get("compatibility"):
        return PolicySource(level, "event")
    owners = owning_domains(state, subject)
    if owners:
        return domain_level_source(state, owners[0].name, settings)
    _, *wider = scopes(subject)
    for scope in wider:
        if state.configs.get(scope, {}).get("compatibility"):
            return PolicySource(level, "context", subject.context) if scope else PolicySource(level, "registry")
    return PolicySource(level, "default")


def domain_level_source(state: State, domain: str, settings: Settings) -> PolicySource:
    """The level of a registered domain."""
    level: Level = domain_level(state, domain, settings)
    return _from_domains(state, domain, "level", level)


def domain_names_source(state: State, domain: str) -> PolicySource:
    """How events of a registered domain are named."""
    return _from_domains(state, domain, "names", domain_names(state, domain))


def _from_domains(state: State, domain: str, key: str, value: str) -> PolicySource:
    for name in domain_and_ancestors(domain):
        known = state.domains.get(name)
        if known is not None and known.policy.get(key) is not None:
            return PolicySource(value, "domain", name)
    return PolicySource(value, "default")
