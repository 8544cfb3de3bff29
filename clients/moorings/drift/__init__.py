"""Drift: events that do not keep to their contract, counted where they are met and told to the registry."""

from moorings.drift.connecting import drift_is_wanted, drift_of, service_name
from moorings.drift.counts import Counted, Counts
from moorings.drift.observations import CONSUME, PRODUCE, Observation, observations_of
from moorings.drift.reporter import Drift

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
