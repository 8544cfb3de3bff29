"""First cut of the comparison: annotations, then the algebra."""

from collections.abc import Iterator

from moorings_compat.findings import Finding
from moorings_compat.json_schema.algebra import covers
from moorings_compat.json_schema.metaschemas import VALIDATORS
from moorings_compat.json_schema.model import model_of
from moorings_compat.json_schema.rules import UNDECIDED
from moorings_compat.limits import Budget
from moorings_compat.policies import Policy
from moorings_compat.schema import Schema

_RS_DRAFTS = dict(zip(VALIDATORS, (4, 6, 7, 19, 20), strict=True))


def compare(reader: Schema, writer: Schema, policy: Policy, budget: Budget) -> Iterator[Finding]:
    """Yield what stands between *reader* and anything that *writer* allows."""
    budget.spend()
    ours, theirs = model_of(reader), model_of(writer)
    if ours.document.draft is theirs.document.draft:
        answer = covers(ours.bundled, theirs.bundled, _RS_DRAFTS[ours.document.draft], formats=policy.formats_asserted)
        if answer:
            return
    yield Finding(
        rule=UNDECIDED.code,
        severity=UNDECIDED.severity,
        reader_path="",
        writer_path="",
        reader_has="",
        writer_has="",
        message="whether every value that the writer's schema allows is accepted could not be decided.",
        advice=UNDECIDED.fix,
    )
