"""Reminders of sunsets: recorded by the service itself when one is near, or over, and somebody still reads the major.

The overview and the calendar show every sunset; this is for whoever follows the ledger.
"""

import threading
from collections.abc import Iterator

import structlog

from moorings_registry.callers import Caller
from moorings_registry.commands import RecordReminders, is_reminded, readers_of
from moorings_registry.deprecation_calendar import REMINDER_DAYS, reminders
from moorings_registry.errors import Refusal, UsageUnavailable
from moorings_registry.facts import SunsetReminded
from moorings_registry.lifecycle import DAY, day_of
from moorings_registry.log_ids import background_pass, current_correlation_id
from moorings_registry.policy import owning_domains
from moorings_registry.principals import Principal
from moorings_registry.service import Registry
from moorings_registry.state import State

PAUSE_S = 60.0
STAGES = (0, 7, REMINDER_DAYS)
"""Days before the sunset at which it is reminded of; 0: once it is over."""
MOST_READERS = 20
"""Applications that one reminder names."""
MOST_FACTS = 50
"""Reminders of one entry; the others come a minute later."""

log = structlog.get_logger("moorings.reminders")
_SERVICE = Principal("moorings-registry")


def keep_reminding(registry: Registry, stop: threading.Event, pause_s: float = PAUSE_S) -> None:
    """Record what is due every minute, until *stop* is set; meant for a thread of its own."""
    while not stop.wait(pause_s):
        with background_pass("reminders"):
            _remind_again(registry)


def _remind_again(registry: Registry) -> None:
    try:
        remind(registry)
    except Exception:
        # The thread is the worker's only one for it, so it continues.
        log.exception("reminding_failed")


def remind(registry: Registry) -> None:
    """Record the reminders that are due now; nothing while the ledger, or the counts of use, are away."""
    try:
        due = tuple(_due(registry, registry.state))[:MOST_FACTS]
        if due:
            registry.execute(RecordReminders(due), Caller(_SERVICE, current_correlation_id()))
    except Refusal as refusal:
        log.warning("not_reminded", cause=str(refusal))


def _due(registry: Registry, state: State) -> Iterator[SunsetReminded]:
    now = registry.dependencies.now()
    for one in reminders(state, now[:DAY]):
        left = (day_of(one.day) - day_of(now)).days
        days = 0 if left < 0 else min(stage for stage in STAGES if stage and left <= stage)
        if not owning_domains(state, one.subject) or is_reminded(state, one.subject, one.major, one.day, days):
            continue
        try:
            readers = readers_of(state, one.subject, one.major, registry.dependencies.observe, now)
        except UsageUnavailable:
            continue  # who reads it is not known now: asked again in a minute
        if readers:
            names = sorted({reader.application for reader in readers if reader.application})
            named, further = names[:MOST_READERS], len(readers) - min(len(names), MOST_READERS)
            yield SunsetReminded(str(one.subject), one.major, one.day, days, named, further)
