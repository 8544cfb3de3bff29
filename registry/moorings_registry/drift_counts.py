"""Drift counts of the service: errors of the store become errors of the catalogue here."""

import structlog

from moorings_registry.drift import Batch, DriftRow, DriftStoreError
from moorings_registry.errors import DriftUnavailable
from moorings_registry.names import Subject
from moorings_registry.service import Registry

log = structlog.get_logger("moorings.drift")


def keep_counts(registry: Registry, batch: Batch) -> bool:
    """Count a batch; False when it was counted before.

    Raises:
        DriftUnavailable: the store cannot be used right now.
    """
    if not batch.counts:
        return True
    try:
        return registry.drift.add(batch, registry.now())
    except DriftStoreError as error:
        log.warning("drift_not_counted", cause=str(error))
        raise DriftUnavailable from error


def counts_of(registry: Registry, subject: Subject) -> tuple[DriftRow, ...]:
    """Return what was counted of *subject*, the row seen last first.

    Raises:
        DriftUnavailable: the store cannot be used right now.
    """
    try:
        return registry.drift.of(str(subject), registry.now())
    except DriftStoreError as error:
        log.warning("drift_not_read", cause=str(error))
        raise DriftUnavailable from error
