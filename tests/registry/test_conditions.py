"""Conditions of contracts count in registered domains: on both APIs, in dry runs and on pages."""

from typing import Any

import pytest

from moorings_compat import Format
from moorings_registry.commands import (
    DeleteVersion,
    Draft,
    PutDomain,
    RegisterSchema,
    RestoreVersion,
    unmet_revisions,
)
from moorings_registry.errors import RuleSetInvalid, SchemaIncompatible
from moorings_registry.names import Subject
from moorings_registry.state import WaiverKind
from tests.registry.asking import PLACED, Asked, record, require_facts_as_described
from tests.registry.calling import Http
from tests.registry.test_promise import waiver

SHOP = PutDomain("shop", "team")
CONFLUENT = "application/vnd.schemaregistry.v1+json"


def rules(expr: str, **more: Any) -> dict[str, Any]:
    given = {"name": "amount", "kind": "CONDITION", "type": "CEL", "mode": "WRITEREAD", "expr": expr}
    return {"domainRules": [{**given, **more}]}


def ruled(expr: str, text: str = record("a"), **more: Any) -> Draft:
    return Draft(Format.AVRO, text, rule_set=rules(expr, **more))


@pytest.fixture
def owned(asked: Asked) -> Asked:
    asked.do(SHOP)
    asked.register(record("a"))
    return asked


def test_a_condition_that_refuses_older_events_is_refused(owned: Asked) -> None:
    with pytest.raises(SchemaIncompatible) as refused:
        owned.register(ruled("message.a > 0"))
    assert refused.value.report.rules == ("RULE_CONDITION_ADDED",)
    assert owned.facts[-1] == "SchemaRefused"
    require_facts_as_described(owned.ledger)


def test_a_refusal_is_told_again_as_it_was(owned: Asked) -> None:
    for _ in range(2):
        with pytest.raises(SchemaIncompatible) as refused:
            owned.register(ruled("message.a > 0"))
        assert refused.value.report.findings[0].witness is not None
    assert owned.facts.count("SchemaRefused") == 1


def test_conditions_of_the_first_revision_hold_for_the_next_ones(asked: Asked) -> None:
    asked.do(SHOP)
    asked.register(ruled("message.a > 0"))
    assert asked.register(record("a", c=1)).label == "1.1"
    with pytest.raises(SchemaIncompatible) as refused:
        asked.register(ruled("message.a > 1"))
    assert refused.value.report.rules == ("RULE_CONDITION_NARROWED",)
    assert asked.register(ruled("message.a > 1"), major="next").label == "2.0"
    require_facts_as_described(asked.ledger)


def test_a_widened_condition_is_accepted_where_only_stored_events_count(asked: Asked) -> None:
    asked.do(PutDomain("shop", "team", policy={"level": "BACKWARD_TRANSITIVE"}))
    asked.register(ruled("message.a > 0"))
    assert asked.register(ruled("message.a >= 0")).label == "1.1"


def test_outside_the_domains_rules_are_not_compared(asked: Asked) -> None:
    asked.register(record("a"), "plain")
    assert asked.register(ruled("message.a > 0"), "plain").number == 2
    assert asked.register(ruled("message.a >"), "plain").number == 3


def test_a_condition_that_does_not_compile_is_refused_with_its_place(owned: Asked) -> None:
    with pytest.raises(RuleSetInvalid) as refused:
        owned.register(ruled("message.a >"))
    (problem,) = refused.value.problems
    assert problem.where == "/ruleSet/domainRules/0/expr"
    assert "does not compile" in problem.message
    assert owned.register(ruled("message.a >", disabled=True)).label == "1.1"


def test_a_waiver_lets_a_condition_narrow(owned: Asked) -> None:
    with pytest.raises(SchemaIncompatible):
        owned.register(ruled("message.a > 0"))
    guid = owned.registry.state.checks[-1].guid
    owned.do(waiver(WaiverKind.FINDING, subject=str(PLACED), major=1, guid=guid, until=None))
    assert owned.register(ruled("message.a > 0")).waiver


def test_a_revision_that_was_accepted_before_the_domain_is_listed_as_unmet(asked: Asked) -> None:
    asked.register(record("a"))
    asked.register(ruled("message.a > 0"))
    asked.do(SHOP)
    held = asked.registry.state.history(PLACED)
    assert held is not None
    (found,) = unmet_revisions(asked.registry.state, held, asked.registry.dependencies)
    assert (found.version.label, found.report.rules) == ("1.1", ("RULE_CONDITION_ADDED",))


def test_a_revision_that_refuses_older_events_does_not_come_back(asked: Asked) -> None:
    asked.register(record("a"))
    asked.register(ruled("message.a > 0"))
    asked.do(DeleteVersion(PLACED, 2))
    asked.do(SHOP)
    with pytest.raises(SchemaIncompatible):
        asked.do(RestoreVersion(PLACED, 2))


def test_a_schema_alone_keeps_the_rules_of_its_major(asked: Asked) -> None:
    asked.do(SHOP)
    asked.register(ruled("message.a > 0"))
    asked.do(RegisterSchema(PLACED, Draft(Format.AVRO, record("a", c=1))))
    held = asked.registry.state.subject(Subject.parse("shop.orders.OrderPlaced"))
    assert held is not None
    assert held.latest is not None
    assert asked.registry.state.definitions[held.latest.guid].rule_set == rules("message.a > 0")


@pytest.fixture
def http() -> Http:
    http = Http()
    http.put("/v1/domains/shop", {"owner": "team"})
    http.register(path="/v1/events/shop.orders.OrderPlaced")
    return http


def test_the_native_api_shows_the_event_that_is_refused(http: Http) -> None:
    body = {"subject": str(PLACED), "schema": record("a"), "rule_set": rules("message.a > 0")}
    checked = http.post("/v1/checks", body).json["report"]
    assert checked["verdict"] == "breaking"
    (finding,) = checked["comparisons"][0]["findings"] or checked["comparisons"][1]["findings"]
    assert finding["rule"] == "RULE_CONDITION_ADDED"
    assert finding["witness"]["payload"] == '{"a":0}'
    assert finding["witness"]["engine"].startswith("cel-expr-python ")
    refused = http.post(f"/v1/events/{PLACED}/versions", {"schema": record("a"), "rule_set": rules("message.a > 0")})
    assert (refused.status, refused.code) == (409, "SCHEMA_INCOMPATIBLE")
    unreadable = http.post(f"/v1/events/{PLACED}/versions", {"schema": record("a"), "rule_set": rules("message.a >")})
    assert (unreadable.status, unreadable.code) == (422, "RULE_SET_INVALID")


def test_the_confluent_api_refuses_alike(http: Http) -> None:
    body = {"schema": record("a"), "ruleSet": rules("message.a > 0")}
    assert http.post(f"/subjects/{PLACED}/versions", body).status == 409
    for path in ("", "/latest", "/1"):
        reply = http.post(f"/compatibility/subjects/{PLACED}/versions{path}?verbose=true", body)
        assert reply.json["is_compatible"] is False
        assert "message.a > 0" in " ".join(reply.json["messages"])
    unreadable = http.post(f"/subjects/{PLACED}/versions", {"schema": record("a"), "ruleSet": rules("message.a >")})
    assert (unreadable.status, unreadable.json["error_code"]) == (422, 42210)


def test_a_schema_alone_is_checked_with_the_rules_that_it_would_get(http: Http) -> None:
    path = "/subjects/shop.orders.OrderShipped/versions"
    assert (
        http.post(path, {"schema": record("a", name="OrderShipped"), "ruleSet": rules("message.a > 0")}).status == 200
    )
    for version in ("", "/latest", "/1"):
        reply = http.post(f"/compatibility{path}{version}", {"schema": record("a", c=1, name="OrderShipped")})
        assert reply.json == {"is_compatible": True}


def test_pages_and_comparisons_show_what_conditions_break() -> None:
    http = Http()
    http.register()
    http.register(rule_set=rules("message.a > 0"))
    http.put("/v1/domains/shop", {"owner": "team"})
    compared = http.get(f"/v1/events/{PLACED}/compare?reader=1.1&writer=1.0").json
    assert (compared["verdict"], [one["rule"] for one in compared["findings"]]) == (
        "breaking",
        ["RULE_CONDITION_ADDED"],
    )
    turned = http.get(f"/v1/events/{PLACED}/compare?reader=1.0&writer=1.1").json
    assert turned["verdict"] == "compatible"
    page = http.get(f"/admin/events/{PLACED}/compare?writer=1.0&reader=1.1")
    assert page.status == 200
    assert "RULE_CONDITION_ADDED" in page.body.decode()
    assert "RULE_CONDITION_LOST" in http.get("/admin/rules").body.decode()


def test_another_validator_is_not_asked_about_conditions(http: Http) -> None:
    schema = '{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}'
    subject = "shop.orders.OrderShipped"
    http.register(schema, f"/v1/events/{subject}", format="JSON")
    body = {"subject": subject, "format": "JSON", "schema": schema, "rule_set": rules("message.a > 0")}
    checked = http.post("/v1/checks", body).json["report"]
    (finding,) = [one for comparison in checked["comparisons"] for one in comparison["findings"]]
    assert (finding["rule"], finding.get("second_opinion")) == ("RULE_CONDITION_ADDED", None)
