"""What the client says when something is wrong: what was there, and what was probably meant."""

import json
import subprocess
import sys
from typing import Any

import pytest

import moorings
from moorings_compat import Format

PLACED = {
    "type": "record",
    "name": "OrderPlaced",
    "namespace": "shop.orders",
    "fields": [{"name": "order_id", "type": "string"}, {"name": "quantity", "type": "long"}],
}
SHIPPED = {
    "type": "object",
    "properties": {"order_id": {"type": "string"}, "quantity": {"type": "integer"}},
    "additionalProperties": False,
}
PAID = 'syntax = "proto3"; package shop.orders; message OrderPaid { string order_id = 1; int64 quantity = 2; }'
SUBJECTS = ("shop.orders.OrderPlaced", "shop.orders.OrderShipped", "shop.orders.OrderPaid")


@pytest.fixture
def shop(registry: moorings.Registry) -> moorings.Registry:
    api = registry.api
    api.put_domain("shop.orders", {"owner": "team-orders"})
    texts = (json.dumps(PLACED), json.dumps(SHIPPED), PAID)
    for subject, text, format in zip(SUBJECTS, texts, (Format.AVRO, Format.JSON, Format.PROTOBUF), strict=True):
        api.register(subject, text, format)
    return registry


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_wrong_type_names_what_was_there_and_never_the_value(shop: moorings.Registry, subject: str) -> None:
    with pytest.raises(moorings.EventInvalid) as refused:
        shop.event(subject).encode({"order_id": "o-1", "quantity": "twelve"})
    (found,) = refused.value.violations
    assert found.rule is moorings.Broken.TYPE_WRONG
    assert found.got in ("str", "string")
    assert str(found).endswith(f", got {found.got}")
    assert "twelve" not in str(refused.value)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_an_undeclared_field_names_the_declared_one_that_was_meant(shop: moorings.Registry, subject: str) -> None:
    with pytest.raises(moorings.EventInvalid) as refused:
        shop.event(subject).encode({"order_id": "o-1", "quantity": 1, "quantiy": 1})
    assert "did you mean quantity?" in str(refused.value.violations[0])


UNKNOWN: list[tuple[dict[str, Any], str]] = [
    ({"subject": "shop.orders.OrderPlacd"}, "did you mean shop.orders.OrderPlaced?"),
    ({"subject": "shop.order.OrderPlaced"}, "did you mean shop.orders.OrderPlaced?"),
    ({"subject": "shop.orders.OrderPlaced", "major": 3}, "it has 1"),
]


@pytest.mark.parametrize(("asked", "said"), UNKNOWN)
def test_an_unknown_contract_names_what_there_is(shop: moorings.Registry, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(moorings.ContractUnknown) as refused:
        shop.event(**asked)
    assert said in str(refused.value)


@pytest.mark.parametrize("major", ["1", 1.0, True, 0, None])
def test_a_major_that_is_not_a_number_is_a_setting(shop: moorings.Registry, major: Any) -> None:
    with pytest.raises(moorings.SettingInvalid, match="a major is a number from 1"):
        shop.event(SUBJECTS[0], major)


@pytest.mark.parametrize(("data", "said"), [(None, "tombstone"), ("text", "got str"), (5, "got int")])
@pytest.mark.parametrize("headers", [None, [("__value_schema_id", b"\x00" * 5)]])
def test_what_is_not_bytes_is_refused(shop: moorings.Registry, data: Any, said: str, headers: Any) -> None:
    with pytest.raises(moorings.FramingInvalid, match=said):
        shop.event(SUBJECTS[0]).decode(data, headers)


def test_handles_say_what_they_are(shop: moorings.Registry) -> None:
    assert repr(shop.event(SUBJECTS[0])) == "<EventContract shop.orders.OrderPlaced major 1, revision 1.0>"
    with moorings.connect("http://user:secret@registry.example:8081") as registry:
        assert repr(registry) == "<Registry http://registry.example:8081>"


def test_the_package_shows_what_it_exports_and_an_example() -> None:
    assert dir(moorings) == sorted(moorings.__all__)
    assert "registry.event(" in str(moorings.__doc__)


def test_without_protobuf_the_extra_is_named() -> None:
    program = """
import sys
sys.modules["google"] = sys.modules["google.protobuf"] = None
from moorings_compat import Format, ProtobufLibraryMissing, parse
try:
    parse("message A {}", Format.PROTOBUF)
except ProtobufLibraryMissing as missing:
    print(missing)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "pip install 'moorings[protobuf]'" in done.stdout
