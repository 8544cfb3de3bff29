"""The conditions that a check weighs, and those that no client could run."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from moorings_compat import Contract, Contracts
from moorings_registry.commands.candidate import Candidate
from moorings_registry.errors import RuleSetInvalid
from moorings_registry.names import Subject
from moorings_registry.policy import config_value, owning_domains
from moorings_registry.state import State, Version


def contracts_of(
    state: State,
    subject: Subject,
    rule_set: Mapping[str, Any] | None,
    metadata: Mapping[str, Any] | None,
    older: Iterable[Version],
) -> Contracts | None:
    """Return what a candidate with *rule_set* and the *older* versions have besides their schemas.

    None where no rule is in question, and outside the registered domains, where rules are not compared: Confluent's
    rule.
    """
    if not owning_domains(state, subject):
        return None
    kept = {one.number: state.definitions[one.guid] for one in older}
    found = Contracts(
        _contract(rule_set, metadata),
        {number: _contract(one.rule_set, one.metadata) for number, one in kept.items() if one.rule_set},
        subject.of_event.name,
    )
    return found if found.have_rules else None


def require_conditions_compile(state: State, subject: Subject, candidate: Candidate) -> None:
    """Pass, or refuse a condition that no client could run: it would refuse every event.

    In a registered domain; elsewhere only where ``validateRules`` asks for it.

    Raises:
        RuleSetInvalid: one does not compile; says where.
    """
    if not (candidate.rule_set and candidate.rule_set.get("domainRules")):
        return
    if not (owning_domains(state, subject) or config_value(state, subject, "validateRules")):
        return
    compiling: Any = import_module("moorings_compat.conditions.compiling")  # the engine, for those who use rules
    problems = list(compiling.uncompilable(_contract(candidate.rule_set, None)))
    if problems:
        raise RuleSetInvalid(f"Invalid rule set: {problems[0]}", problems)


def _contract(rule_set: Mapping[str, Any] | None, metadata: Mapping[str, Any] | None) -> Contract:
    return Contract(rule_set, (metadata or {}).get("tags"))
