"""Domains as labels of metrics, within a bound: the same ones in every worker of every node."""

from collections.abc import Mapping
from heapq import nsmallest

from moorings_registry.names import Subject
from moorings_registry.policy import owning_domains
from moorings_registry.service import Registry
from moorings_registry.state import Domain, State

DOMAINS = 100
"""How many domains have labels: those that were registered first."""
OTHERS = "(other)"
"""All others together; no domain is called this."""


class DomainLabels:
    """Which domains have labels, worked out again whenever domains are registered or removed."""

    def __init__(self) -> None:
        self._known: tuple[Mapping[str, Domain], frozenset[str]] = ({}, frozenset())

    def of(self, state: State, subject: Subject) -> str:
        """The nearest registered domain of *subject*, if it has a label; empty where there is none."""
        owners = owning_domains(state, subject)
        if not owners:
            return ""
        return owners[0].name if owners[0].name in self._labelled(state.domains) else OTHERS

    def _labelled(self, domains: Mapping[str, Domain]) -> frozenset[str]:
        known, labelled = self._known
        if known is not domains:
            first = nsmallest(DOMAINS, domains.values(), key=lambda one: (one.registered_at, one.name))
            labelled = frozenset(one.name for one in first)
            self._known = (domains, labelled)
        return labelled


_LABELS = DomainLabels()


def domain_label(state: State, subject: Subject) -> str:
    """The label of *subject*'s domain, by the domains of *state*: the whole one, not what a caller may see of it."""
    return _LABELS.of(state, subject)


def label_of(registry: Registry, subject: Subject) -> str:
    """The label of *subject*'s domain as *registry* knows it."""
    return domain_label(registry.known, subject)
