"""Can every value that the writer allows be read? Proven, refuted with payloads, or admitted as undecided."""

from collections.abc import Iterator

from moorings_compat.errors import BudgetSpent
from moorings_compat.findings import Finding
from moorings_compat.json_schema.explaining import Explainer
from moorings_compat.json_schema.explaining.witnesses import Confirmer
from moorings_compat.json_schema.model import model_of
from moorings_compat.json_schema.solving import Answer, Goal, Solver, Status
from moorings_compat.limits import Budget
from moorings_compat.policies import Policy
from moorings_compat.schema import Schema


def compare(reader: Schema, writer: Schema, policy: Policy, budget: Budget) -> Iterator[Finding]:
    """Yield what stands between *reader* and anything that *writer* allows; nothing: proven compatible.

    A spent budget leaves what has been confirmed by then, or an UNDECIDED finding.
    """
    ours, theirs = model_of(reader), model_of(writer)
    formats = policy.formats_asserted
    reader_root, writer_root = ours.root(formats=formats), theirs.root(formats=formats)
    if reader_root.key == writer_root.key:
        return
    solver = Solver(budget)
    try:
        whole = solver.solve(Goal([writer_root], [reader_root]))
    except BudgetSpent:
        whole = Answer(Status.OPEN)
    if whole.none:
        return
    explainer = Explainer(
        (ours.document, reader_root),
        (theirs.document, writer_root),
        solver,
        Confirmer(lambda: ours.validator(formats=formats), lambda: theirs.validator(formats=formats), budget),
    )
    for told in explainer.told(whole, policy):
        yield told.finding
