"""Where a rule that holds for an event comes from, so that its owner knows where to change it."""

from dataclasses import dataclass

from moorings_compat import Level
from moorings_registry.names import Subject, domain_and_ancestors
from moorings_registry.policy import domain_level, domain_names, effective_level, owning_domains, scopes
from moorings_registry.settings import Settings
from moorings_registry.state import State


@dataclass(frozen=True, slots=True)
class Origin:
    """What holds, and who said so: ``event``, ``domain``, ``context``, ``registry``; ``default`` where nobody did."""

    value: str
    by: str
    name: str = ""
    """The domain or the context that said so."""


def level_origin(state: State, subject: Subject, settings: Settings) -> Origin:
    """The level that *subject* is held to; looked for where `policy.effective_level` looks, in that order."""
    level = effective_level(state, subject, settings)
    own, owners = state.configs.get(str(subject), {}).get("compatibility"), owning_domains(state, subject)
    asked = domain_level(state, owners[0].name, settings) if owners else None
    if own and level != asked:
        return Origin(level, "event")
    if owners:
        return domain_level_origin(state, owners[0].name, settings)
    _, *wider = scopes(subject)
    for scope in wider:
        if state.configs.get(scope, {}).get("compatibility"):
            return Origin(level, "context", subject.context) if scope else Origin(level, "registry")
    return Origin(level, "default")


def domain_level_origin(state: State, domain: str, settings: Settings) -> Origin:
    """The level of a registered domain."""
    level: Level = domain_level(state, domain, settings)
    return _from_domains(state, domain, "level", level)


def domain_names_origin(state: State, domain: str) -> Origin:
    """How events of a registered domain are named."""
    return _from_domains(state, domain, "names", domain_names(state, domain))


def _from_domains(state: State, domain: str, key: str, value: str) -> Origin:
    names = [name for name in domain_and_ancestors(domain) if name in state.domains]
    told = [name for name in names if state.domains[name].policy.get(key) is not None]
    same = next((name for name in told if state.domains[name].policy[key] == value), None)
    nearest = same or next(iter(told), None)
    return Origin(value, "domain", nearest) if nearest else Origin(value, "default")
