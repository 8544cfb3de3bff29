"""Waivers: which one, if any, suspends a rule of governance here and now. Pure."""

from collections.abc import Iterable

from moorings_registry.errors import WaiverNotFound
from moorings_registry.facts import Fact, WaiverUsed
from moorings_registry.names import Subject, domain_and_ancestors, is_within
from moorings_registry.state import State, Waiver, WaiverKind


def open_waiver(
    state: State,
    kind: WaiverKind,
    domain: str,
    now: str,
    *,
    subject: Subject | None = None,
    major: int = 0,
    guid: str = "",
) -> Waiver | None:
    """Return the newest open waiver of *kind* that covers what is asked about; None where there is none.

    A waiver of a domain covers the domains below it. One for a subject, or for a major, covers nothing else; one of
    kind ``finding`` covers its own definition alone.
    """
    above = set(domain_and_ancestors(domain))
    for id in sorted(state.waivers, reverse=True):
        waiver = state.waivers[id]
        if waiver.kind is not kind or waiver.domain not in above or not waiver.is_open(now):
            continue
        fits = waiver.subject in ("", str(subject or "")) and waiver.major in (0, major) and waiver.guid in ("", guid)
        if fits:
            return waiver
    return None


def open_waivers(state: State, domain: str, now: str, subject: Subject | None = None) -> list[Waiver]:
    """The open waivers about a domain: those that cover it, and those of its part; newest first.

    With *subject*, those alone that may allow something for it.
    """
    above = set(domain_and_ancestors(domain))

    def about(waiver: Waiver) -> bool:
        if subject is None:
            return waiver.domain in above or is_within(waiver.domain, domain)
        return waiver.domain in above and waiver.subject in ("", str(subject))

    found = [one for one in state.waivers.values() if one.is_open(now) and about(one)]
    return sorted(found, key=lambda one: -one.id)


def end_of_used(state: State, told: Iterable[Fact]) -> str:
    """The moment at which the first of the waivers ends that facts use, as entries have it; empty where none does.

    An ended waiver allows nothing, though no entry says that it ended: *state* is the same.
    """
    ends = (state.waivers[one.waiver].until for one in told if isinstance(one, WaiverUsed))
    return min(filter(None, ends), default="")


def granted(state: State, kind: WaiverKind, domain: str, subject: str, guid: str) -> Waiver:
    """The newest waiver with this scope: what a request that granted one, or was repeated, is answered with.

    Raises:
        WaiverNotFound: there is none.
    """
    scope = (kind, domain, subject, guid)
    for id in sorted(state.waivers, reverse=True):
        waiver = state.waivers[id]
        if (waiver.kind, waiver.domain, waiver.subject, waiver.guid) == scope:
            return waiver
    raise WaiverNotFound(0)
