"""Avro's single-object encoding, held against fastavro's fingerprints."""

import io
import json
import uuid
from collections.abc import Iterator
from typing import Any

import fastavro
import pytest
from fastavro.schema import fingerprint, to_parsing_canonical_form

import moorings
from moorings.integrations.single_object import SINGLE_OBJECT_MARKER, SingleObjects
from moorings_compat import Format
from tests.integrations.shop import MONEY, PLACED, SHIPPED

SCHEMA = {
    "type": "record",
    "name": "StockCounted",
    "namespace": "shop.stock",
    "doc": "how many there are",
    "fields": [{"name": "sku", "type": "string"}],
}
NEXT = {**SCHEMA, "fields": [*SCHEMA["fields"], {"name": "n", "type": "int", "default": 0}]}  # type: ignore[misc]


@pytest.fixture
def subject(shop: moorings.Registry) -> Iterator[str]:
    shop.api.put_domain("shop.stock", {"owner": "team-shop", "policy": {"type_names": "any"}})
    name = f"shop.stock.StockCounted{uuid.uuid4().hex[:6]}Changed"
    shop.api.register(name, json.dumps(SCHEMA), Format.AVRO)
    return name


def mark_of(schema: Any) -> bytes:
    return SINGLE_OBJECT_MARKER + bytes.fromhex(fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))


def test_the_fingerprint_is_that_of_the_canonical_form(shop: moorings.Registry, subject: str) -> None:
    objects = SingleObjects(shop, shop.event(subject))
    payload = io.BytesIO()
    fastavro.schemaless_writer(payload, fastavro.parse_schema(SCHEMA), {"sku": "s"})
    assert objects.encode({"sku": "s"}) == mark_of(SCHEMA) + payload.getvalue()
    assert objects.decode(mark_of(SCHEMA) + payload.getvalue()) == {"sku": "s"}


def test_a_schema_with_references_is_resolved_first(shop: moorings.Registry) -> None:
    whole = json.loads(json.dumps(PLACED.schema).replace('"shop.types.Money"', json.dumps(MONEY.schema)))
    objects = SingleObjects(shop, shop.event(PLACED.subject, framing="guid"))
    data = objects.encode(PLACED.value)
    assert data[:10] == mark_of(whole)
    assert objects.decode(data) == PLACED.value


def test_a_newer_revision_is_found_by_its_fingerprint(shop: moorings.Registry, subject: str) -> None:
    clock = [0.0]
    objects = SingleObjects(shop, shop.event(subject), clock=lambda: clock[0])
    newer = mark_of(NEXT) + b"\x02s\x0e"
    with pytest.raises(moorings.WriterUnknown, match="fingerprint"):
        objects.decode(newer)
    shop.api.register(subject, json.dumps(NEXT), Format.AVRO)
    with pytest.raises(moorings.WriterUnknown):
        objects.decode(newer)  # asked a moment ago
    clock[0] = 31.0
    assert objects.decode(newer) == {"sku": "s"}


def test_other_framings_are_still_read(shop: moorings.Registry) -> None:
    contract = shop.event(PLACED.subject)
    assert SingleObjects(shop, contract).decode(contract.encode(PLACED.value)) == PLACED.value


@pytest.mark.parametrize("data", [SINGLE_OBJECT_MARKER, SINGLE_OBJECT_MARKER + bytes(7), b"\xc3", b""])
def test_truncated_single_objects_are_refused(shop: moorings.Registry, data: bytes) -> None:
    with pytest.raises(moorings.FramingInvalid):
        SingleObjects(shop, shop.event(PLACED.subject)).decode(data)


def test_single_object_encoding_needs_avro(shop: moorings.Registry) -> None:
    with pytest.raises(moorings.SettingInvalid, match="Avro"):
        SingleObjects(shop, shop.event(SHIPPED.subject))
