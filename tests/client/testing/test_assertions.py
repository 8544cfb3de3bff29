"""Assertions about contracts: silent when they hold, and with every reason when they do not."""

import json
from pathlib import Path
from typing import Any

import pytest

import moorings
from moorings.testing import assert_compatible, assert_refused, assert_valid
from moorings_compat import Format, parse

PLACED: dict[str, Any] = {
    "type": "record",
    "name": "OrderPlaced",
    "namespace": "shop.orders",
    "fields": [{"name": "order_id", "type": "string"}, {"name": "cents", "type": "long"}],
}
ADDED = {**PLACED, "fields": [*PLACED["fields"], {"name": "note", "type": "string"}]}
VALID = {"order_id": "o-1", "cents": 1}


@pytest.fixture
def contract(registry: moorings.Registry) -> moorings.EventContract:
    registry.api.register("shop.orders.OrderPlaced", json.dumps(PLACED), Format.AVRO)
    return registry.event("shop.orders.OrderPlaced")


def test_assert_valid_fails_with_every_violation(contract: moorings.EventContract) -> None:
    assert_valid(contract, VALID)
    with pytest.raises(AssertionError, match="/order_id: TYPE_WRONG") as failed:
        assert_valid(contract, {"order_id": 1})
    assert "/cents: FIELD_MISSING" in str(failed.value)


def test_assert_refused_checks_rule_and_path(contract: moorings.EventContract) -> None:
    invalid = {"order_id": 1, "cents": 1}
    assert_refused(contract, invalid)
    assert_refused(contract, invalid, rule="TYPE_WRONG", path="/order_id")
    with pytest.raises(AssertionError, match="not by FIELD_MISSING at /order_id"):
        assert_refused(contract, invalid, rule="FIELD_MISSING", path="/order_id")
    with pytest.raises(AssertionError, match="is valid"):
        assert_refused(contract, VALID)


def test_assert_compatible_fails_with_every_break(tmp_path: Path) -> None:
    old, new = parse(json.dumps(PLACED), Format.AVRO), parse(json.dumps(ADDED), Format.AVRO)
    assert_compatible(old, new, "FORWARD")
    with pytest.raises(AssertionError, match="not BACKWARD") as failed:
        assert_compatible(old, new)
    assert "note" in str(failed.value)
    files = [tmp_path / "old.avsc", tmp_path / "new.avsc"]
    for file, text in zip(files, (PLACED, ADDED), strict=True):
        file.write_text(json.dumps(text))
    assert_compatible(files[0], str(files[1]), "FORWARD")
