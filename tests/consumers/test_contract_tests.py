"""Contract tests of consumers: run when they are published, at every check and at every registration."""

import json
from typing import Any

import pytest

from moorings_compat import Format as SchemaFormat
from moorings_compat import JsonFields, Policy, parse
from moorings_compat.conditions.contract_tests import failure
from tests.consumers.world import FORMATS, Format, change, declare, reading, report, shop

EVENT = {"order_id": "o-1", "total": 5.0, "items": [{"sku": "a"}]}
RULES: dict[str, Any] = {
    "AVRO": lambda text: text.replace('"name": "sku", "type": "string"', '"name": "sku", "type": "bytes"'),
    "JSON": lambda text: text.replace('"total": {"type": "number"}', '"total": {"type": "number", "maximum": 4}'),
    "PROTOBUF": lambda text: text.replace("double total = 2", "double total = 22"),
}


@pytest.fixture(params=FORMATS, ids=lambda one: one.name)
def format(request: pytest.FixtureRequest) -> Format:
    return request.param


def publishing(assertion: str = "message.total > 1.0", event: Any = EVENT) -> dict[str, Any]:
    return {"name": "paid", "event": event, "assertion": assertion}


def test_a_test_that_passes_today_is_published(format: Format) -> None:
    http = shop(format)
    reply = declare(http, reading("/order_id", tests=[publishing()]))
    assert reply.status == 200, reply.body
    assert json.loads(reply.json["reads"][0]["tests"][0]["event"]) == EVENT
    found = report(http, format.without_margin, format)
    assert found["consumers"][0]["status"] == "unaffected"
    assert change(http, format.without_margin, format).status == 201


@pytest.mark.parametrize(
    ("wrong", "where", "says"),
    [
        (publishing("message.total > 9.0"), "/reads/0/tests/0", "the assertion is not true"),
        (publishing("message.total >"), "/reads/0/tests/0/assertion", ""),
        (publishing("message.absent > 1.0"), "/reads/0/tests/0", "cannot be evaluated"),
        (publishing(event={"order_id": 5}), "/reads/0/tests/0", "fails on revision 1.0"),
        (publishing(event="{"), "/reads/0/tests/0/event", "not JSON"),
    ],
)
def test_a_test_that_fails_already_is_refused(format: Format, wrong: Any, where: str, says: str) -> None:
    reply = declare(shop(format), reading("/order_id", tests=[wrong]))
    assert reply.code == "CONSUMER_INVALID"
    (problem,) = reply.json["errors"]
    assert problem["pointer"] == where
    assert says in problem["detail"]
    assert "o-1" not in problem["detail"]


def test_a_registration_that_fails_a_test_is_refused(format: Format) -> None:
    http = shop(format)
    declare(http, reading("/order_id", tests=[publishing()]))
    reply = change(http, format.without_total, format)
    assert (reply.status, reply.code) == (409, "SCHEMA_INCOMPATIBLE")
    assert "CONSUMER_TEST_FAILED" in reply.body.decode()
    (consumer,) = report(http, format.without_total, format)["consumers"]
    assert (consumer["status"], consumer["evidence"][0]["kind"]) == ("broken", "test_failed")
    assert "o-1" not in reply.body.decode()


def test_the_assertion_sees_what_the_new_revision_reads() -> None:
    policy = Policy(json_fields=JsonFields.DECLARED)
    for one in FORMATS:
        old = parse(one.text, SchemaFormat(one.name))
        new = parse(RULES[one.name](one.text), SchemaFormat(one.name))
        text = json.dumps(EVENT)
        assert failure(text, "message.total > 1.0", old, old, "OrderPlaced", policy) == ""
        assert failure(text, 'message.total > 1.0 && message.items[0].sku == "a"', new, old, "OrderPlaced", policy), one


def test_defaults_fill_what_a_test_leaves_out() -> None:
    avro = parse(FORMATS[0].text, SchemaFormat.AVRO)
    assert failure('{"order_id": "o"}', "size(message.items) == 0", avro, avro, "OrderPlaced", Policy()) == ""
    assert "is missing" in failure("{}", "", avro, avro, "OrderPlaced", Policy())
    assert "not a field" in failure('{"order_id": "o", "x": 1}', "", avro, avro, "OrderPlaced", Policy())
