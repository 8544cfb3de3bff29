"""A small shop, built through the service: what the pages are looked at and tested with."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from moorings_compat import Format, Reference
from moorings_registry.callers import Caller
from moorings_registry.commands import (
    NEXT,
    Command,
    DeleteVersion,
    Draft,
    PutDomain,
    RegisterSchema,
    SetConfig,
    SetMajorLifecycle,
)
from moorings_registry.errors import SchemaIncompatible
from moorings_registry.names import REGISTRY_SCOPE, Subject
from moorings_registry.principals import Principal
from moorings_registry.service import Registry
from moorings_registry.state import MajorState

ORDER_PLACED = "shop.orders.OrderPlaced"
ORDER_SHIPPED = "shop.orders.OrderShipped"
PAYMENT_CAPTURED = "shop.payments.PaymentCaptured"
MONEY = "shop.types.Money"
UNOWNED = "legacy-clicks-value"

CI = Caller(Principal("ci-orders"), "build-4711")


def seed_shop(registry: Registry) -> None:
    """Register three domains and their events, in every format; refuse a change; deprecate a major; hide a version."""
    _domains(registry)
    _money(registry)
    _orders(registry)
    _shipments(registry)
    _payments(registry)
    _unowned(registry)


def run(registry: Registry, command: Command, caller: Caller = CI) -> None:
    registry.execute(command, caller)


def avro(registry: Registry, subject: str, *fields: Mapping[str, Any], **more: Any) -> None:
    """Register an Avro record with *fields* under *subject*; *more* is its name, doc, references or major."""
    namespace, _, name = more.pop("name", subject).rpartition(".")
    record = {"type": "record", "name": name, "namespace": namespace, "doc": more.pop("doc", ""), "fields": fields}
    major = more.pop("major", None)
    run(registry, RegisterSchema(Subject(subject), Draft(Format.AVRO, json.dumps(record), **more), major))


def json_schema(registry: Registry, subject: str, schema: Mapping[str, Any]) -> None:
    run(registry, RegisterSchema(Subject(subject), Draft(Format.JSON, json.dumps(schema))))


def refused(registry: Registry, subject: str, *fields: Mapping[str, Any], **more: Any) -> int:
    """Try to register an Avro record that breaks a promise; the id of its report."""
    with pytest.raises(SchemaIncompatible) as caught:
        avro(registry, subject, *fields, **more)
    report_id: int | None = caught.value.report_id
    assert report_id is not None
    return report_id


def _domains(registry: Registry) -> None:
    platform = Caller(Principal("platform"), "setup-1")
    domains = (
        PutDomain("shop", "team-platform", ("platform@shop.example",), "Everything the shop says.", {}),
        PutDomain(
            "shop.orders",
            "team-orders",
            ("orders@shop.example", "#team-orders"),
            "From the basket to the door: orders placed, shipped and returned.",
            {"level": "FULL_TRANSITIVE"},
        ),
        PutDomain("shop.payments", "team-payments", ("#team-payments",), "Money in, money out.", {}),
        PutDomain("shop.types", "team-platform", ("#platform",), "Types that events share.", {"names": "any"}),
    )
    for domain in domains:
        run(registry, domain, platform)


def _money(registry: Registry) -> None:
    cents = {"name": "cents", "type": "long", "doc": "Minor units."}
    currency = {"name": "currency", "type": "string", "default": "EUR", "doc": "ISO 4217."}
    avro(registry, MONEY, cents, currency, doc="An amount of money.")


ID = {"name": "order_id", "type": "string", "doc": "Given by the shop, never reused."}
TOTAL = {"name": "total_cents", "type": "long"}
NOTE = {"name": "note", "type": ["null", "string"], "default": None}
CHANNEL = {
    "name": "channel",
    "type": {"type": "enum", "name": "Channel", "symbols": ["WEB", "APP", "STORE"], "default": "WEB"},
    "default": "WEB",
}
LINES = {
    "name": "lines",
    "type": {
        "type": "array",
        "items": {
            "type": "record",
            "name": "Line",
            "fields": [{"name": "sku", "type": "string"}, {"name": "quantity", "type": "int"}],
        },
    },
    "default": [],
}


def _orders(registry: Registry) -> None:
    doc = "A customer placed an order; it is not paid yet."
    avro(registry, ORDER_PLACED, ID, TOTAL, doc=doc)
    avro(registry, ORDER_PLACED, ID, TOTAL, NOTE, doc=doc)
    avro(registry, ORDER_PLACED, ID, TOTAL, NOTE, CHANNEL, LINES, doc=doc)
    refused(registry, ORDER_PLACED, ID, TOTAL | {"type": "string"}, CHANNEL | {"name": "source"}, LINES, doc=doc)
    total = {"name": "total", "type": MONEY}
    reference = Reference(MONEY, MONEY, 1)
    avro(registry, ORDER_PLACED, ID, total, NOTE, CHANNEL, LINES, doc=doc, references=(reference,), major=NEXT)
    run(registry, SetMajorLifecycle(Subject(ORDER_PLACED), 1, MajorState.DEPRECATED, "2099-06-30"))
    avro(registry, "shop.orders.OrderCancelled", ID, NOTE, doc="An order was called off before it was shipped.")


def _shipments(registry: Registry) -> None:
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "OrderShipped",
        "type": "object",
        "properties": {
            "order_id": {"type": "string", "minLength": 1},
            "carrier": {"enum": ["dhl", "ups", "post"]},
            "shipped_at": {"type": "string", "format": "date-time"},
        },
        "required": ["order_id", "carrier"],
        "additionalProperties": False,
    }
    json_schema(registry, ORDER_SHIPPED, schema)
    json_schema(registry, ORDER_SHIPPED, schema | {"description": "A parcel left the warehouse."})


def _payments(registry: Registry) -> None:
    text = """syntax = "proto3";

package shop.payments;

import "google/protobuf/timestamp.proto";

// Money arrived for an order.
message PaymentCaptured {
  string payment_id = 1;
  string order_id = 2;
  int64 amount_cents = 3;
  google.protobuf.Timestamp captured_at = 4;
}
"""
    run(registry, RegisterSchema(Subject(PAYMENT_CAPTURED), Draft(Format.PROTOBUF, text)))


def _unowned(registry: Registry) -> None:
    clicked = {"name": "clicked", "type": "string"}
    avro(registry, UNOWNED, clicked, name="Click")
    avro(registry, UNOWNED, clicked, {"name": "page", "type": "string", "default": ""}, name="Click")
    run(registry, DeleteVersion(Subject(UNOWNED), 1))
    run(registry, SetConfig(REGISTRY_SCOPE, {"compatibility": "BACKWARD_TRANSITIVE"}))
