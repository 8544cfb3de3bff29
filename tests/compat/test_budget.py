"""One budget for a whole check: how it is divided, and that no check exceeds it, whatever its schemas are."""

import json

import pytest

from moorings_compat import Budget, Format, Level, Verdict, check, parse
from moorings_compat.errors import BudgetSpent, SchemaLimitExceeded
from tests.compat.hostile import CASES, text_of

STEPS = 60_000
REFUSED = ("dynamic_scopes", "reference_chain")
"""Schemas that `parse` refuses."""


@pytest.fixture
def spent(monkeypatch):
    """Counts the steps that budgets grant."""
    counted = []
    spend = Budget.spend

    def counting(self, steps=1):
        counted.append(min(steps, max(self.left, 0)))
        spend(self, steps)

    monkeypatch.setattr(Budget, "spend", counting)
    return counted


def object_of(properties, *, kinds=("string", "integer"), **more):
    """An object of so many required properties."""
    named = {f"p{n}": {"type": kinds[n % len(kinds)]} for n in range(properties)}
    return parse(json.dumps({"properties": named, "required": list(named), **more}), Format.JSON)


def history_of(versions):
    return list(enumerate(versions, start=1))


def test_a_portion_limits_spending_and_keeps_the_rest():
    budget = Budget(1_000)
    budget.portion(1, 4)
    budget.spend(250)
    with pytest.raises(BudgetSpent):
        budget.spend()
    budget.portion(1, 3)
    assert budget.left == 250
    budget.spend(50)
    budget.portion(1, 1)
    assert budget.left == 700


def test_a_shared_value_is_made_once_until_it_is_forgotten():
    budget = Budget()
    first = budget.shared(memory_of)
    assert budget.shared(memory_of) is first
    budget.forget()
    assert budget.shared(memory_of) is not first


def memory_of(budget):
    return [budget.granted]


def test_the_newest_version_has_half_of_the_steps():
    older = [object_of(40, maxProperties=n) for n in range(60, 80)]
    report = check(
        object_of(40, maxProperties=59, kinds=("boolean",)), history_of(older), Level.FULL_TRANSITIVE, steps=STEPS
    )
    assert [one.version for one in report.comparisons[:2]] == [20, 20]
    assert report.comparisons[0].verdict is Verdict.BREAKING
    assert report.comparisons[0].findings[0].witness is not None


@pytest.mark.parametrize(("format", "make"), CASES, ids=[f"{format}-{make.__name__}" for format, make in CASES])
def test_a_check_stays_within_its_steps_and_is_deterministic(format, make, spent):
    if make.__name__ in REFUSED:
        with pytest.raises(SchemaLimitExceeded):
            parse(text_of(make(0)), format)
        return
    schemas = [parse(text_of(make(version)), format) for version in range(4)]
    reports = [check(schemas[-1], history_of(schemas[:-1]), Level.FULL_TRANSITIVE, steps=STEPS) for _ in range(2)]
    assert sum(spent) <= 2 * STEPS
    assert reports[0] == reports[1]
    assert len(reports[0].comparisons) == 6
    for comparison in reports[0].failing:
        shown = [finding for finding in comparison.findings if finding.witness is not None]
        assert shown or comparison.verdict is Verdict.UNDECIDED


def reworded(version, properties=300):
    """Says the same of *version* properties in other words."""
    said = {f"p{n}": {"type": "integer", "minimum": 0} for n in range(properties)}
    said |= {f"p{n}": {"type": "integer", "minimum": -0.5} for n in range(version)}
    return parse(json.dumps({"type": "object", "properties": said, "required": list(said)}), Format.JSON)


def test_equal_versions_in_other_words_cost_few_steps(spent):
    schemas = [reworded(version) for version in range(31)]
    report = check(schemas[-1], history_of(schemas[:-1]), Level.FULL_TRANSITIVE)
    assert report.verdict is Verdict.COMPATIBLE
    assert sum(spent) < 200 * len(report.comparisons)


def test_a_break_is_shown_for_each_version_at_low_cost(spent):
    older = [reworded(version) for version in range(30)]
    candidate = object_of(1, kinds=("integer",), required=["p0", "another"])
    report = check(candidate, history_of(older), Level.BACKWARD_TRANSITIVE)
    assert all(one.findings and one.findings[0].witness for one in report.comparisons)
    assert sum(spent) < 20_000 * len(report.comparisons)
