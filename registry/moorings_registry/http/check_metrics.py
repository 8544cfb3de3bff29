"""Metrics of checks: how they ended, and how long they took. Every label has few values, whatever callers send."""

from flask import has_request_context, request
from prometheus_client import Counter, Histogram

from moorings_compat import Format, Report
from moorings_registry.http.error_answers import is_native
from moorings_registry.tracing import Value, note

CHECKS = Counter(
    "moorings_checks",
    "Checks, by verdict, format, what asked for them (register, check, compare) and through which door.",
    ["verdict", "format", "operation", "door"],
)
DOMAIN_CHECKS = Counter(
    "moorings_domain_checks",
    "Checks of registrations, by the nearest domain of the subject, and verdict; beyond the bound, `(other)`.",
    ["domain", "verdict"],
)
DOMAINS = 100
"""How many domains a worker has labels for: those that it checks for first. No domain is called `(other)`."""
SECONDS = Histogram(
    "moorings_check_seconds",
    "Time to compare a candidate with its history; answers from kept reports are not in it.",
    ["format"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class CheckMetrics:
    """Counts what a `CheckObserver` hears."""

    def __init__(self) -> None:
        self._domains: set[str] = set()

    def worked_out(self, report: Report, versions: int, seconds: float) -> None:
        SECONDS.labels(str(report.format)).observe(seconds)
        told: dict[str, Value] = {
            "moorings.check.verdict": str(report.verdict),
            "moorings.check.format": str(report.format),
            "moorings.check.versions": versions,
        }
        note("check", seconds, told)

    def registration(self, format: Format, verdict: str, domain: str) -> None:
        _count(format, verdict, "register")
        if domain not in self._domains and len(self._domains) >= DOMAINS:
            domain = "(other)"
        self._domains.add(domain)
        DOMAIN_CHECKS.labels(domain, str(verdict)).inc()

    def rehearsal(self, format: Format, verdict: str) -> None:
        count_check(format, verdict)


def count_check(format: Format, verdict: str) -> None:
    """Count a check that leaves no trace."""
    _count(format, verdict, "check")


def count_comparison(format: Format, verdict: str) -> None:
    """Count a comparison of two versions."""
    _count(format, verdict, "compare")


def _count(format: Format, verdict: str, operation: str) -> None:
    CHECKS.labels(str(verdict), str(format), operation, _door()).inc()


def _door() -> str:
    """The API of the current request; outside one, an operator's command."""
    if not has_request_context():
        return "command"
    if request.path.startswith("/admin/"):
        return "pages"
    return "native" if is_native(request.path) else "confluent"
