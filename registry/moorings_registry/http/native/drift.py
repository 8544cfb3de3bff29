"""Drift: what clients report of events that do not keep to their contract, and the counts that are kept of it."""

from collections import Counter
from typing import Any

from prometheus_client import Counter as Metric

from moorings_registry.drift import Batch, Observed, Reporter
from moorings_registry.drift_counts import counts_of, keep_counts
from moorings_registry.errors import (
    BodyUnreadable,
    DriftUnavailable,
    SubjectInvalid,
    SubjectNotFound,
)
from moorings_registry.http.domain_labels import label_of
from moorings_registry.http.native.blueprint import Answer, NativeBlueprint
from moorings_registry.http.native.drafts import held_subject, known_subjects
from moorings_registry.http.native.drift_shapes import DriftBody, DriftCountedShape, DriftQuery, DriftShape
from moorings_registry.http.requests import consult, current_caller, current_registry
from moorings_registry.names import Subject
from moorings_registry.state import State

LARGEST_REPORT_BYTES = 512 * 1024
"""A batch of as many rows as are taken, each with the longest names."""

OBSERVED = Metric("moorings_drift_observations", "Drift that clients reported.", ["direction"])
BATCHES = Metric("moorings_drift_batches", "Batches of drift, by what became of them.", ["outcome"])
DOMAIN_OBSERVED = Metric(
    "moorings_domain_drift_observations",
    "Drift that clients reported, by the nearest domain of the subject; beyond the bound, `(other)`.",
    ["domain", "direction"],
)
LOST = Metric("moorings_drift_lost", "Observations that clients had no room to count.")

drift = NativeBlueprint("drift", __name__, url_prefix="/v1", description="Events that break their contract, counted.")


@drift.post("/drift")
@drift.operation("reportDrift", BodyUnreadable, DriftUnavailable, largest_body_bytes=LARGEST_REPORT_BYTES)
@drift.arguments(DriftBody)
@drift.response(200, DriftCountedShape)
def report_drift(body: dict[str, Any]) -> Answer:
    """Count what a client saw. A batch that comes again under the same `Idempotency-Key` within a day counts once.

    Subjects that the registry does not have are left out. Names and rules are counted, never values.
    """
    registry, caller = current_registry(), current_caller()
    known, left_out = _known(body["observations"])
    reporter = Reporter(body["reporter"]["client"], body["reporter"]["service"])
    counted = keep_counts(registry, Batch(caller.key, reporter, known))
    BATCHES.labels("counted" if counted else "again").inc()
    if counted:
        for observed, count in known.items():
            OBSERVED.labels(observed.direction).inc(count)
            domain = label_of(registry, Subject.parse(observed.subject))
            DOMAIN_OBSERVED.labels(domain, observed.direction).inc(count)
        LOST.inc(body["lost"])
    return {"counted": sum(known.values()) if counted else 0, "left_out": left_out, "again": not counted}


@drift.get("/events/<path:subject>/drift")
@drift.operation("showDrift", SubjectInvalid, SubjectNotFound, DriftUnavailable)
@drift.arguments(DriftQuery, location="query")
@drift.response(200, DriftShape)
def show_drift(query: dict[str, Any], subject: str) -> Answer:
    """Show the counts of what was seen in the last 30 days, each since it was seen first; the row seen last first."""

    def find(state: State) -> Answer:
        held = held_subject(state, subject, deleted=True)
        rows = [
            one
            for one in counts_of(current_registry(), held.subject)
            if query["direction"] in ("", one.observed.direction) and query["revision"] in ("", one.observed.revision)
        ]
        page = rows[query["offset"] : query["offset"] + query["limit"]]
        return {"subject": held.subject, "drift": page, "total": len(rows), "count": sum(one.count for one in rows)}

    return consult(find)


def _known(sent: list[dict[str, Any]]) -> tuple[Counter[Observed], int]:
    """Add up the rows whose subject there is, and count the observations of all others."""
    held = known_subjects({one["subject"] for one in sent})
    known: Counter[Observed] = Counter()
    left_out = 0
    for one in sent:
        subject = held[one["subject"]]
        if subject is None:
            left_out += one["count"]
            continue
        known[Observed(subject, one["direction"], one["revision"], one["writer"], one["path"], one["rule"])] += one[
            "count"
        ]
    return known, left_out
