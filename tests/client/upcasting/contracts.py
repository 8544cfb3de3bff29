"""Two majors of an event in each format, the mapping between them, and events of the first."""

import json
from typing import Any

from hypothesis import strategies as st

from moorings_compat import Format, Schema, parse

SUBJECT = "shop.orders.OrderPlaced"


def avro(*fields: dict[str, Any]) -> Schema:
    text = {"type": "record", "name": "OrderPlaced", "namespace": "shop.orders", "fields": list(fields)}
    return parse(json.dumps(text), Format.AVRO)


def field(name: str, type: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, **more}


def json_schema(required: list[str], **properties: Any) -> Schema:
    text = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return parse(json.dumps(text), Format.JSON)


def proto(body: str, extra: str = "") -> Schema:
    return parse(
        f'syntax = "proto3";\npackage shop.orders;\n{extra}\nmessage OrderPlaced {{ {body} }}\n', Format.PROTOBUF
    )


LINE_1 = {"type": "record", "name": "Line", "fields": [field("sku", "string"), field("cents", "int")]}
LINE_2 = {
    "type": "record",
    "name": "Line",
    "fields": [
        field("sku", "string"),
        field("price", {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}),
        field("unit", "string", default="piece"),
    ],
}
AVRO_1 = avro(
    field("customer", "string"),
    field("placed_at", "long"),
    field("lines", {"type": "array", "items": LINE_1}),
    field("city", ["null", "string"], default=None),
    field("colour", {"type": "enum", "name": "Colour", "symbols": ["RED", "BLUE"]}),
    field("legacy", {"type": "map", "values": "int"}),
)
ADDRESS = {"type": "record", "name": "Address", "fields": [field("town", ["null", "string"])]}
AVRO_2 = avro(
    field("customer_id", "string"),
    field("placed_at", {"type": "long", "logicalType": "timestamp-millis"}),
    field("lines", {"type": "array", "items": LINE_2}),
    field("address", ADDRESS),
    field("colour", {"type": "enum", "name": "Colour", "symbols": ["red", "blue", "none"]}),
    field("currency", "string"),
    field("note", ["null", "string"], default=None),
)
AVRO_MAPPING = """
[[step]]
rename = "/customer"
to = "customer_id"

[[step]]
convert = "/placed_at"
with = "milliseconds_to_moment"

[[step]]
convert = "/lines/*/cents"
with = "cents_to_decimal"

[[step]]
rename = "/lines/*/cents"
to = "price"

[[step]]
move = "/city"
to = "/address/town"

[[step]]
convert = "/colour"
symbols = { RED = "red", BLUE = "blue" }

[[step]]
drop = "/legacy"

[[step]]
default = "/currency"
value = "EUR"
"""

AVRO_EVENTS = st.fixed_dictionaries(
    {
        "customer": st.text(max_size=10),
        "placed_at": st.integers(-(10**13), 10**14),
        "lines": st.lists(
            st.fixed_dictionaries({"sku": st.text(max_size=5), "cents": st.integers(-(2**31), 2**31 - 1)}), max_size=3
        ),
        "city": st.none() | st.text(max_size=10),
        "colour": st.sampled_from(["RED", "BLUE"]),
        "legacy": st.dictionaries(st.text(max_size=3), st.integers(0, 9), max_size=2),
    }
)

JSON_1 = json_schema(["id", "total"], id={"type": "integer"}, total={"type": "integer"}, note={"type": "string"})
JSON_2 = json_schema(
    ["id", "amount", "note"],
    id={"type": "string"},
    amount={
        "type": "object",
        "properties": {"cents": {"type": "integer"}, "currency": {"enum": ["EUR", "CHF"]}},
        "required": ["cents", "currency"],
        "additionalProperties": False,
    },
    note={"type": "string"},
)
JSON_MAPPING = """
[[step]]
convert = "/id"
with = "integer_to_text"

[[step]]
move = "/total"
to = "/amount/cents"

[[step]]
default = "/amount/currency"
value = "EUR"

[[step]]
default = "/note"
value = ""
"""
JSON_EVENTS = st.fixed_dictionaries(
    {"id": st.integers(-(2**63), 2**64 - 1), "total": st.integers(-(2**63), 2**64 - 1)},
    optional={"note": st.text(st.characters(exclude_categories=["Cs"]), max_size=10)},
)

PROTO_1 = proto("string customer = 1; int64 cents = 2; repeated string tags = 3; int32 old = 4;")
PROTO_2 = proto(
    "string customer_id = 1; Money total = 2; repeated string tags = 3;",
    "message Money { int64 cents = 1; string currency = 2; }",
)
PROTO_MAPPING = """
[[step]]
rename = "/customer"
to = "customer_id"

[[step]]
move = "/cents"
to = "/total/cents"

[[step]]
default = "/total/currency"
value = "EUR"

[[step]]
convert = "/tags/*"
with = "lower"

[[step]]
drop = "/old"
"""
PROTO_EVENTS = st.fixed_dictionaries(
    {
        "customer": st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        "cents": st.integers(-(2**63), 2**63 - 1),
        "tags": st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=3),
        "old": st.integers(-5, 5),
    }
)
