"""The inbox: what waits for somebody, each with its owner, since when, and what to do next.

Everything in it follows from the state, the kept checks and the counts, so nothing is stored, and what is done
disappears by itself. Every list is bounded: an inbox is for acting on, not for reports.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from heapq import nsmallest
from itertools import islice
from typing import Any

from moorings_registry.check_keeping import Fate, kept_checks, what_became
from moorings_registry.commands import unmet_revisions
from moorings_registry.deprecation_calendar import reminders
from moorings_registry.drift_counts import drift_trends
from moorings_registry.entries import moment_text
from moorings_registry.errors import DriftUnavailable, KeptChecksUnavailable
from moorings_registry.lifecycle import DAY
from moorings_registry.names import Subject, domain_and_ancestors, is_within
from moorings_registry.policy import owning_domains
from moorings_registry.questions import known_readers
from moorings_registry.reviews import about_kept_check, about_report, assignee_of, is_handled
from moorings_registry.service import Registry
from moorings_registry.state import Domain, State, SubjectState
from moorings_registry.version_queries import kept_while_same

KEPT_DAYS = 90
"""Days after which a refusal that nobody handled leaves the inbox."""
EXPIRY_DAYS = 14
"""Days before its end from which a waiver is in the inbox."""
MOST_OF_A_KIND = 100
_MOST_CHECKS = 5_000
"""Checks that are looked through for refusals."""
_MOST_REVIEWED = 300
"""Events that are looked through for revisions under an earlier policy."""
_NAMED = 3
"""Events without an owner that are named."""


class InboxKind(StrEnum):
    """Why something is in the inbox, the most urgent first."""

    TRANSFER = "transfer"
    WAIVER = "waiver"
    REFUSED = "refused"
    CHECKED = "checked"
    SUNSET = "sunset"
    DRIFT = "drift"
    EXPIRING = "expiring"
    UNMET = "unmet"
    UNOWNED = "unowned"


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One thing that waits."""

    kind: InboxKind
    owner: str
    """Who answers for it; empty: nobody."""
    domain: str
    """The domain that it lies in; empty for none."""
    since: str
    """A moment or a day, from when on it waits, or until when it may."""
    what: str
    """One sentence."""
    subject: Subject | None = None
    id: str = ""
    """Of the report, the kept check or the waiver."""
    assignee: str = ""


def inbox(registry: Registry, state: State, within: Callable[[str], bool] = lambda _: True) -> list[InboxItem]:
    """What waits in the domains that *within* accepts by name; events in no domain have the name ``""``."""
    found = [item for kind in _KINDS for item in _bounded(kind(registry, state))]
    return [one for one in found if within(one.domain)]


def _bounded(items: Iterator[InboxItem]) -> list[InboxItem]:
    return [item for _, item in zip(range(MOST_OF_A_KIND), items, strict=False)]


def _owner(state: State, subject: Subject) -> str:
    owners = owning_domains(state, subject)
    return owners[0].owner if owners else ""


def _domain(state: State, subject: Subject) -> str:
    return next((name for name in subject.domains if name in state.domains), "")


def _transfers(_registry: Registry, state: State) -> Iterator[InboxItem]:
    for _, one in sorted(state.domains.items()):
        if one.offer is not None:
            said = f"{one.name} is offered to {one.offer.owner} by {one.offer.offered_by}"
            yield InboxItem(InboxKind.TRANSFER, one.owner, one.name, one.offer.offered_at, said)


def _waivers(registry: Registry, state: State) -> Iterator[InboxItem]:
    now = registry.dependencies.now()
    soon = moment_text(registry.now() + timedelta(days=EXPIRY_DAYS))
    for id, one in sorted(state.waivers.items()):
        domain = state.domains.get(one.domain)
        owner, about = domain.owner if domain else "", one.subject or one.domain
        if one.is_pending and (not one.until or one.until > now):
            said = f"{one.requested_by} asks for a waiver of kind {one.kind} for {about}"
            yield InboxItem(InboxKind.WAIVER, owner, one.domain, one.granted_at, said, id=str(id))
        elif one.is_open(now) and one.until and one.until <= soon:
            said = f"the waiver of kind {one.kind} for {about} ends"
            yield InboxItem(InboxKind.EXPIRING, owner, one.domain, one.until, said, id=str(id))


def _refused(registry: Registry, state: State) -> Iterator[InboxItem]:
    """The newest refusal of each major that nobody handled, unless its candidate was accepted since."""
    since = moment_text(registry.now() - timedelta(days=KEPT_DAYS))
    seen: dict[tuple[Subject, int], int] = {}
    waiting: list[tuple[tuple[Subject, int], InboxItem]] = []
    for _, one in zip(range(_MOST_CHECKS), reversed(state.checks), strict=False):
        if one.at < since:
            break
        said = state.reviews.get(about_report(one.id), ())
        key = (one.subject, one.major)
        if one.accepted or is_handled(said) or _is_registered(state, one.subject, one.guid):
            continue
        seen[key] = seen.get(key, 0) + 1
        if seen[key] == 1:
            what = f"a change by {one.by} was refused: {one.verdict}"
            place = (_owner(state, one.subject), _domain(state, one.subject), one.at, what, one.subject, str(one.id))
            waiting.append((key, InboxItem(InboxKind.REFUSED, *place, assignee_of(said))))
    for key, item in waiting:
        more = seen[key] - 1
        yield item if not more else _with_more(item, more)


def _with_more(item: InboxItem, more: int) -> InboxItem:
    said = f"{item.what} (and {more} more of this major)"
    return InboxItem(item.kind, item.owner, item.domain, item.since, said, item.subject, item.id, item.assignee)


def _is_registered(state: State, subject: Subject, guid: str) -> bool:
    return any(place[0] == subject for place in state.places_of(guid, subject.context))


def _checked(registry: Registry, state: State) -> Iterator[InboxItem]:
    """Failing checks of CI jobs that are current on their branch, and that nobody handled."""
    try:
        found = kept_checks(registry, state)
    except KeptChecksUnavailable:
        return
    newest: dict[tuple[object, int], str] = {}
    for one in found:
        newest.setdefault((one.branch, one.major), one.guid)
    for one in found:
        said = state.reviews.get(about_kept_check(one.id), ())
        is_current = not one.source.branch or newest[one.branch, one.major] == one.guid
        if one.passes or not is_current or is_handled(said):
            continue
        if what_became(state, one, ()).fate is Fate.REGISTERED:
            continue
        subject = Subject.parse(one.subject)
        change = f"pull request {one.source.pull_request}" if one.source.pull_request else one.source.branch
        what = f"{change or 'a change'} of {one.source.author or one.kept_by} is {one.verdict}"
        place = (_owner(state, subject), _domain(state, subject), one.at, what, subject, one.id)
        yield InboxItem(InboxKind.CHECKED, *place, assignee_of(said))


def _sunsets(registry: Registry, state: State) -> Iterator[InboxItem]:
    """Majors near or past their sunset that somebody still reads."""
    today = registry.dependencies.now()[:DAY]
    for _, one in zip(range(MOST_OF_A_KIND), reminders(state, today), strict=False):
        readers = known_readers(registry, state, one.subject, one.major)
        if readers:
            count = f"{len(readers)} reader{'' if len(readers) == 1 else 's'}"
            what = f"major {one.major} still has {count}, and its sunset is {'over' if one.day < today else 'near'}"
            yield InboxItem(InboxKind.SUNSET, one.owner, _domain(state, one.subject), one.day, what, one.subject)


def _drift(registry: Registry, state: State) -> Iterator[InboxItem]:
    try:
        trends = drift_trends(registry, state)
    except DriftUnavailable:
        return
    for one in trends:
        if one.is_above_usual:
            what = f"{max(one.days[-2:]):,} observations of drift in a day, usually {one.usual:,.0f}"
            place = (_owner(state, one.subject), _domain(state, one.subject), one.last_seen, what, one.subject)
            yield InboxItem(InboxKind.DRIFT, *place)


def _unmet(registry: Registry, state: State) -> Iterator[InboxItem]:
    """Events of domains whose policy changed after one of their active revisions was registered."""
    for name in _suspects(state.subjects, state.domains, state.configs):
        held = state.subjects[name]
        unmet = unmet_revisions(state, held, registry.dependencies)
        if unmet:
            numbers = ", ".join(one.version.label for one in unmet[:5])
            what = f"{numbers} {'does' if len(unmet) == 1 else 'do'} not meet the policy of today"
            changed = max(one.changed_at for one in owning_domains(state, held.subject))
            place = (_owner(state, held.subject), _domain(state, held.subject), changed, what, held.subject)
            yield InboxItem(InboxKind.UNMET, *place)


@kept_while_same
def _suspects(
    subjects: Mapping[Subject, SubjectState], domains: Mapping[str, Domain], configs: Mapping[str, Any]
) -> list[Subject]:
    """Names of events that may not meet the policies of today, as many as are looked at."""
    changed = {name: max(one.changed_at for one in _above(name, domains)) for name in domains}
    nearest: dict[str, str] = {}

    def is_one(held: SubjectState) -> bool:
        domain = held.subject.domain or ""
        if domain not in nearest:
            nearest[domain] = next((changed[one] for one in domain_and_ancestors(domain) if one in domains), "")
        active = [one for one in held.versions if not one.deleted] if nearest[domain] else []
        return any(one.registered_at < nearest[domain] for one in active) or (
            bool(active) and str(held.subject) in configs
        )

    found = filter(is_one, subjects.values() if domains else ())
    return [held.subject for held in islice(found, _MOST_REVIEWED)]


def _above(domain: str, domains: Mapping[str, Domain]) -> list[Domain]:
    """The registered domains that *domain* lies in, itself among them."""
    return [domains[name] for name in domain_and_ancestors(domain) if name in domains]


def _unowned(_registry: Registry, state: State) -> Iterator[InboxItem]:
    """All events that lie in no registered domain, as one: nobody answers for them."""
    names, more, since = _without_owner(state.subjects, state.domains)
    if names:
        known = ", ".join(names) + (f" and {more} more" if more else "")
        what = f"{known} {'lies' if len(names) + more == 1 else 'lie'} in no registered domain"
        yield InboxItem(InboxKind.UNOWNED, "", "", since, what)


@kept_while_same
def _without_owner(
    subjects: Mapping[Subject, SubjectState], domains: Mapping[str, Domain]
) -> tuple[list[str], int, str]:
    """The first names of events that lie in no registered domain, how many more there are, and since when."""
    owned: dict[str, bool] = {}
    names: list[str] = []
    since: list[str] = []
    for held in subjects.values():
        domain = held.subject.domain or ""
        if domain not in owned:
            owned[domain] = any(name in domains for name in domain_and_ancestors(domain))
        if not owned[domain] and held.latest is not None:
            names.append(str(held.subject))
            since.append(held.versions[0].registered_at)
    return nsmallest(_NAMED, names), max(0, len(names) - _NAMED), min(since, default="")


_KINDS: tuple[Callable[[Registry, State], Iterator[InboxItem]], ...] = (
    _transfers,
    _waivers,
    _refused,
    _checked,
    _sunsets,
    _drift,
    _unmet,
    _unowned,
)


def in_any(domains: list[str]) -> Callable[[str], bool]:
    """What accepts the names of *domains* and of those below them."""
    return lambda name: any(is_within(name, one) for one in domains)
