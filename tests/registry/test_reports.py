"""Reports: derived again whenever somebody asks, against what they were held to then."""

import pytest

from moorings_compat import DEFAULT_POLICY, Level, Reference
from moorings_registry.commands import NEXT, DeleteSubject, DeleteVersion, PutDomain, ReportMemory, SetConfig
from moorings_registry.errors import ReportNotFound, SchemaIncompatible
from moorings_registry.names import REGISTRY_SCOPE, Subject
from moorings_registry.reports import DerivedReport, derive_report, find_check, select_checks
from tests.registry.asking import PLACED, Asked, avro, record, using

BREAK = record("a", "x")


def refused(asked: Asked, text: str = BREAK, subject: Subject = PLACED) -> SchemaIncompatible:
    with pytest.raises(SchemaIncompatible) as error:
        asked.register(text, subject)
    return error.value


def derived(asked: Asked, id: int | None) -> DerivedReport:
    registry = asked.registry
    return derive_report(registry, registry.state, find_check(registry.state, id or 0))


def test_the_report_of_a_refusal_is_derived_as_it_was_answered(asked: Asked) -> None:
    asked.register(record("a"))
    asked.register(record("z"), major=NEXT)
    first = refused(asked)
    asked.do(SetConfig(REGISTRY_SCOPE, {"compatibility": "NONE"}))
    asked.register(record("q"))
    cold = Asked(asked.ledger)
    again = derived(cold, first.report_id)
    assert again.report == first.report
    assert (again.record.accepted, again.labels, again.record.level) == (False, {2: "2.0"}, "BACKWARD")


def test_an_acceptance_has_its_report_too(asked: Asked) -> None:
    asked.register(record("a"))
    version = asked.register(record("a", b=0))
    again = derived(asked, version.position)
    assert (again.record.number, again.record.accepted, again.labels) == (2, True, {1: "1.0"})
    assert [one.version for one in again.report.comparisons] == [1]


def test_a_policy_that_changed_since_changes_nothing(asked: Asked) -> None:
    asked.do(SetConfig(REGISTRY_SCOPE, {"compatibilityPolicy": "LENIENT"}))
    asked.register(record("a"))
    first = refused(asked)
    asked.do(SetConfig(REGISTRY_SCOPE, {"compatibilityPolicy": None}))
    again = derived(Asked(asked.ledger), first.report_id)
    assert dict(again.record.policy) == {"lenient": True}
    assert again.report == first.report


def test_permanently_deleted_versions_are_left_out_of_reports(asked: Asked) -> None:
    asked.register(record("a"))
    first = refused(asked)
    for permanent in (False, True):
        asked.do(DeleteSubject(PLACED, permanent))
    asked.register(record("quite", "different"))
    again = derived(asked, first.report_id)
    assert (again.older, again.record.compared) == ((), (1,))
    second = refused(asked)
    assert second.report_id != first.report_id


def test_the_report_of_a_permanently_deleted_version_is_removed_with_it(asked: Asked) -> None:
    version = asked.register(record("a"))
    asked.do(DeleteVersion(PLACED, 1))
    assert derived(asked, version.position).record.number == 1
    asked.do(DeleteVersion(PLACED, 1, permanent=True))
    with pytest.raises(ReportNotFound):
        derived(asked, version.position)


def test_the_report_of_a_refusal_is_removed_with_its_permanently_deleted_reference(asked: Asked) -> None:
    money = asked.register(record("m", name="Money"), "Money").subject
    asked.register(record("a"))
    with pytest.raises(SchemaIncompatible) as first:
        asked.register(avro(using("Money"), Reference("Money", "Money", 1)))
    assert derived(asked, first.value.report_id).report == first.value.report
    for permanent in (False, True):
        asked.do(DeleteSubject(money, permanent))
    with pytest.raises(ReportNotFound):
        derived(Asked(asked.ledger), first.value.report_id)


@pytest.mark.parametrize("id", [0, 1, 3, 99])
def test_positions_without_a_check_have_no_report(id: int, asked: Asked) -> None:
    asked.do(PutDomain("shop", "team"))
    asked.register(record("a"))
    asked.do(SetConfig(REGISTRY_SCOPE, {"compatibility": "NONE"}))
    with pytest.raises(ReportNotFound):
        find_check(asked.registry.state, id)


def test_checks_are_selected_newest_first(asked: Asked) -> None:
    asked.do(PutDomain("shop", "team", policy={"level": "BACKWARD"}))
    asked.register(record("a"), "shop.orders.OrderPlaced")
    asked.register(record("a"), "shopping.Done")
    rule = refused(asked).report.findings[0].rule
    state = asked.registry.state

    def found(**filters: str) -> list[tuple[str, str]]:
        return [(one.subject.event, one.verdict) for one in select_checks(state, **filters)]

    ordered, refusal, done = ("OrderPlaced", "compatible"), ("OrderPlaced", "breaking"), ("Done", "compatible")
    assert found() == [refusal, done, ordered]
    assert found(domain="shop") == [refusal, ordered]
    assert found(domain="shop.orders.eu") == []
    assert found(subject="shopping.Done") == [done]
    assert found(verdict="breaking") == found(rule=rule) == [refusal]
    assert found(rule="NO_SUCH_RULE") == found(since="2099-01-01") == []
    assert found(since=state.checks[1].at) == [refusal, done]


def test_reports_already_derived_are_remembered_up_to_a_number_of_findings(asked: Asked) -> None:
    registry = asked.registry
    parse = registry.dependencies.schema_cache.parse
    older = parse(registry.state, avro("").format, record("a"), ())
    memory = ReportMemory(10_000, capacity=6)

    def report(name: str) -> object:
        candidate = parse(registry.state, older.format, record(name), ())
        return memory.check((name, candidate), [(1, "older", older)], Level.BACKWARD, DEFAULT_POLICY)

    first = report("x")
    assert report("x") is first
    for number in range(5):
        report(f"f{number}")
    assert report("x") == first
    assert report("x") is not first
