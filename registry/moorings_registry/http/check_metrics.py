"""Metrics of checks: how they ended, and how long they took. Every label has few values, whatever callers send."""

from collections.abc import Callable
from functools import cache

from flask import has_request_context, request
from prometheus_client import Counter, Histogram

from moorings_compat import Format, Report
from moorings_registry.http.domain_labels import domain_label
from moorings_registry.http.error_answers import is_native
from moorings_registry.names import Subject
from moorings_registry.service import Registry
from moorings_registry.state import State

CHECKS = Counter(
    "moorings_checks",
    "Checks, by verdict, format, what asked for them (register, check, compare) and through which door.",
    ["verdict", "format", "operation", "door"],
)
DOMAIN_CHECKS = Counter(
    "moorings_domain_checks",
    "Checks, by the nearest domain of the subject, verdict, and what asked for them; beyond the bound, `(other)`.",
    ["domain", "verdict", "operation"],
)
DOMAIN_SECONDS = Counter(
    "moorings_domain_check_seconds",
    "Seconds that comparing candidates with their history took, by the nearest domain of the subject.",
    ["domain"],
)
SECONDS = Histogram(
    "moorings_check_seconds",
    "Time to compare a candidate with its history; answers from kept reports are not in it.",
    ["format"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class CheckMetrics:
    """Counts what a `CheckObserver` hears."""

    def __init__(self, known: Callable[[], State]) -> None:
        """*known* is the whole state, whose domains are labels."""
        self._known = known

    def worked_out(self, report: Report, seconds: float, subject: Subject | None) -> None:
        _seconds(str(report.format)).observe(seconds)
        if subject is not None:
            _domain_seconds(domain_label(self._known(), subject)).inc(seconds)

    def registration(self, format: Format, verdict: str, subject: Subject) -> None:
        _count(format, verdict, "register", self._known(), subject)

    def rehearsal(self, format: Format, verdict: str, subject: Subject) -> None:
        _count(format, verdict, "check", self._known(), subject)


def count_check(registry: Registry, format: Format, verdict: str, subject: Subject) -> None:
    """Count a check that leaves no trace."""
    _count(format, verdict, "check", registry.known, subject)


def count_comparison(registry: Registry, format: Format, verdict: str, subject: Subject) -> None:
    """Count a comparison of two versions."""
    _count(format, verdict, "compare", registry.known, subject)


def _count(format: Format, verdict: str, operation: str, known: State, subject: Subject) -> None:
    _checks(str(verdict), str(format), operation, _door()).inc()
    _domain_checks(domain_label(known, subject), str(verdict), operation).inc()


# To find the child of a metric takes as long as to count. Labels have few values, so all that are found are kept.
_checks, _domain_checks = cache(CHECKS.labels), cache(DOMAIN_CHECKS.labels)
_seconds, _domain_seconds = cache(SECONDS.labels), cache(DOMAIN_SECONDS.labels)


def _door() -> str:
    """The API of the current request; outside one, an operator's command."""
    if not has_request_context():
        return "command"
    path = request.path
    if path.startswith("/admin/"):
        return "pages"
    return "native" if is_native(path) else "confluent"
