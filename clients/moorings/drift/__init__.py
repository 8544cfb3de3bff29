"""Drift: events that break their contract, counted by the clients that meet them, and reported to the registry."""

from typing import TYPE_CHECKING

from moorings.drift.reporter import Drift, drift_is_wanted, drift_of, service_name
from moorings.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from moorings.drift.counts import Counted, Counts
    from moorings.drift.observations import CONSUME, PRODUCE, Observation, observations_of

__all__ = [
    "CONSUME",
    "PRODUCE",
    "Counted",
    "Counts",
    "Drift",
    "Observation",
    "drift_is_wanted",
    "drift_of",
    "observations_of",
    "service_name",
]

__getattr__ = lazy_exports(
    "moorings.drift",
    {
        "CONSUME": "observations",
        "PRODUCE": "observations",
        "Counted": "counts",
        "Counts": "counts",
        "Observation": "observations",
        "observations_of": "observations",
    },
)
