"""The first page: who owns what, how much there is, what was refused, and what changed lately."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice, takewhile

from flask import Response

from moorings_registry.deprecation_calendar import reminders
from moorings_registry.entries import moment_text
from moorings_registry.errors import LedgerUnavailable
from moorings_registry.http.requests import consult, current_registry, reads_ledger
from moorings_registry.ledger import LedgerError
from moorings_registry.lifecycle import DAY
from moorings_registry.service import Registry, utc_now
from moorings_registry.state import CheckRecord, State
from moorings_registry.web.counts import by_name, tallies
from moorings_registry.web.inbox import waiting
from moorings_registry.web.ledger_entries import DescribedEntry, entries_before
from moorings_registry.web.readers import readers_left
from moorings_registry.web.rendering import page

DOMAINS_SHOWN = 12
REFUSALS_SHOWN = 6
ENTRIES_SHOWN = 10
ENDING_SHOWN = 6
WAITING_SHOWN = 6
LATELY_DAYS = 7


@dataclass(frozen=True, slots=True)
class Health:
    """Whether this node is up to date with the ledger."""

    sign: str
    """``good``, ``behind`` or ``away``."""
    behind: int = 0
    """Entries of the ledger that this node has not applied yet."""


def overview() -> Response:
    """Show the registry at a glance."""
    return consult(_show)


def _show(state: State) -> Response:
    registry = current_registry()
    domains = by_name(state.domains.values())
    ending = reminders(state, registry.dependencies.now()[:DAY])[:ENDING_SHOWN]
    return page(
        "overview.html",
        title="Overview",
        section="Overview",
        state=state,
        waiting=waiting(state, "", everything=False),
        waiting_shown=WAITING_SHOWN,
        tallies=tallies(state),
        domains=domains[:DOMAINS_SHOWN],
        domains_total=len(domains),
        refused=_refused(state),
        refused_lately=_refused_lately(state),
        lately_days=LATELY_DAYS,
        news=_news(registry, state) if reads_ledger() else [],
        reads_ledger=reads_ledger(),
        health=health(registry, state),
        ending=ending,
        readers_left=readers_left(registry, state, ending),
        today=registry.dependencies.now()[:DAY],
    )


def _refused(state: State) -> list[CheckRecord]:
    return list(islice((one for one in state.checks.unusual() if not one.accepted), REFUSALS_SHOWN))


def _refused_lately(state: State) -> int:
    since = moment_text(utc_now() - timedelta(days=LATELY_DAYS))
    return sum(not one.accepted for one in takewhile(lambda one: one.at >= since, state.checks.unusual()))


def _news(registry: Registry, state: State) -> list[DescribedEntry]:
    """The newest entries; none while the ledger is away, and the page's health says so."""
    try:
        return entries_before(registry, state.position + 1, ENTRIES_SHOWN)
    except LedgerUnavailable:
        return []


def health(registry: Registry, state: State) -> Health:
    """Ask the ledger where it ends."""
    try:
        head = registry.ledger.head()
    except LedgerError:
        return Health("away")
    behind = head.position - state.position
    return Health("behind", behind) if behind > 0 else Health("good")
