"""Drift: events that do not keep to their contract, counted where they are met and told to the registry."""

from moorings.drift.counts import Counted, Counts
from moorings.drift.observations import CONSUME, PRODUCE, Observation, observations_of
from moorings.drift.reporter import Drift, drift_is_wanted

__all__ = [
    "CONSUME",
    "PRODUCE",
    "Counted",
    "Counts",
    "Drift",
    "Observation",
    "drift_is_wanted",
    "observations_of",
]
