"""One event in each format, with fields that consumers read, and changes of it."""

import json
from dataclasses import dataclass
from typing import Any

from tests.registry.calling import EVENT, Http

SUBJECT = "shop.orders.OrderPlaced"
DOMAIN = {"owner": "orders-team", "contacts": [], "description": ""}
_AVRO: dict[str, Any] = {
    "type": "record",
    "name": "OrderPlaced",
    "fields": [
        {"name": "order_id", "type": "string"},
        {"name": "total", "type": ["null", "double"], "default": None},
        {"name": "margin", "type": ["null", "double"], "default": None, "confluent:tags": ["internal"]},
        {
            "name": "items",
            "default": [],
            "type": {
                "type": "array",
                "items": {"type": "record", "name": "Item", "fields": [{"name": "sku", "type": "string"}]},
            },
        },
    ],
}
_JSON: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["order_id"],
    "properties": {
        "order_id": {"type": "string"},
        "total": {"type": "number"},
        "margin": {"type": "number", "confluent:tags": ["internal"]},
        "items": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
    },
}
_PROTOBUF = """syntax = "proto3";
package shop.orders;
import "confluent/meta.proto";
message OrderPlaced {
  string order_id = 1;
  optional double total = 2;
  optional double margin = 3 [(confluent.field_meta).tags = "internal"];
  repeated Item items = 4;
}
message Item { string sku = 1; }
"""


@dataclass(frozen=True, slots=True)
class Format:
    """An event in one format, and the same without one of its fields."""

    name: str
    text: str
    without_total: str
    without_margin: str


def _avro_without(name: str) -> str:
    return json.dumps({**_AVRO, "fields": [one for one in _AVRO["fields"] if one["name"] != name]})


def _json_without(name: str) -> str:
    return json.dumps({**_JSON, "properties": {key: one for key, one in _JSON["properties"].items() if key != name}})


def _protobuf_without(number: int) -> str:
    kept = [line for line in _PROTOBUF.splitlines() if f" = {number}" not in line]
    return "\n".join(kept).replace("message OrderPlaced {", f"message OrderPlaced {{\n  reserved {number};")


FORMATS = (
    Format("AVRO", json.dumps(_AVRO), _avro_without("total"), _avro_without("margin")),
    Format("JSON", json.dumps(_JSON), _json_without("total"), _json_without("margin")),
    Format("PROTOBUF", _PROTOBUF, _protobuf_without(2), _protobuf_without(3)),
)
AVRO = FORMATS[0]


def shop(format: Format = AVRO) -> Http:
    """A registry with the domain and the first revision of the event."""
    http = Http()
    assert http.put("/v1/domains/shop.orders", DOMAIN).status == 200
    http.register(format.text, format=format.name)
    return http


def reading(*fields: str, use: str = "required", event: str = SUBJECT, major: int = 1, **more: Any) -> dict[str, Any]:
    """What an application reads of one event."""
    return {"event": event, "major": major, "fields": [{"path": one, "use": use} for one in fields], **more}


def declare(
    http: Http, *reads: dict[str, Any], application: str = "billing", team: str = "payments", **more: Any
) -> Any:
    """Declare what an application reads; the reply."""
    body = {"team": team, "reads": list(reads), **more}
    headers = {"If_Match": more.pop("if_match")} if "if_match" in more else {}
    return http.put(f"/v1/consumers/{application}", {**body, **more}, **headers)


def change(http: Http, text: str, format: Format = AVRO) -> Any:
    """Register a changed schema; the reply."""
    return http.post(f"{EVENT}/versions", {"schema": text, "format": format.name})


def report(http: Http, text: str, format: Format = AVRO) -> Any:
    """Check a changed schema without a trace; the report."""
    reply = http.post("/v1/checks", {"subject": SUBJECT, "schema": text, "format": format.name})
    assert reply.status == 200, reply.body
    return reply.json["report"]
