"""Spans of a check and of its comparisons."""

import time

from moorings_compat import Comparison, Report
from moorings_registry import tracing

MOST_SPANS = 32
"""Comparisons of one check that have spans."""
LEAST_SPAN_S = 0.0002
"""Those that took less have none."""


class ComparisonSpans:
    """Makes a span of each comparison of the check that the current span is of, from the end of the one before it.

    The span of one with findings holds the search for payloads that prove them.
    """

    def __init__(self) -> None:
        self._since = time.perf_counter()
        self._left = MOST_SPANS

    def __call__(self, comparison: Comparison) -> None:
        now = time.perf_counter()
        seconds, self._since = now - self._since, now
        if seconds < LEAST_SPAN_S or not self._left:
            return
        self._left -= 1
        told: dict[str, tracing.Value] = {
            "moorings.check.version": comparison.version,
            "moorings.check.promise": str(comparison.promise),
            "moorings.check.findings": len(comparison.findings),
            "moorings.check.payloads": sum(one.witness is not None for one in comparison.findings),
        }
        tracing.note("compare", seconds, told)


def describe(span: tracing.Span, report: Report, versions: int) -> None:
    """Say of the span of a check what it came to, and how many *versions* there were to compare with."""
    span.set("moorings.check.verdict", str(report.verdict))
    span.set("moorings.check.format", str(report.format))
    span.set("moorings.check.versions", versions)
