"""Metrics of webhooks. No label depends on what callers choose."""

from prometheus_client import Counter, Gauge, Histogram

DELIVERIES = Counter("moorings_webhook_deliveries", "Attempts to deliver an event, by what became of them.", ["fate"])
SECONDS = Histogram(
    "moorings_webhook_delivery_seconds",
    "Time of one attempt, from the name to the answer.",
    ["fate"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
GIVEN_UP = Counter("moorings_webhook_dead_letters", "Events that a receiver did not take, and that were given up.")
LAG = Gauge(
    "moorings_webhook_lag_entries",
    "Entries of the ledger that the slowest webhook has not processed.",
    multiprocess_mode="livemax",
)


def sent(fate: str, seconds: float) -> None:
    """Count one attempt."""
    DELIVERIES.labels(str(fate)).inc()
    SECONDS.labels(str(fate)).observe(seconds)


def given_up() -> None:
    """Count an event that became a dead letter."""
    GIVEN_UP.inc()


def behind(entries: int) -> None:
    """Tell how far the last webhook is behind."""
    LAG.set(entries)
