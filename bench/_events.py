"""Events of three sizes in three formats: 6 fields, 30 fields in 4 records, 200 fields."""

from dataclasses import dataclass
from typing import Any

TEXT, LONG, INT, DOUBLE, FLAG = "a text of some length", 1_795_403_700_123, 4200, 1234.5, True


@dataclass(frozen=True)
class Sample:
    """One size: an event, and its contract in each format. *avro_next* has one more field, with a default."""

    name: str
    event: dict[str, Any]
    avro: dict[str, Any]
    json_schema: dict[str, Any]
    proto: str

    @property
    def avro_next(self) -> dict[str, Any]:
        added = {"name": "added", "type": ["null", "string"], "default": None}
        return {**self.avro, "fields": [*self.avro["fields"], added]}


_KINDS = [  # Avro, JSON Schema, Protobuf, a value
    ("string", {"type": "string"}, "string", TEXT),
    ("long", {"type": "integer"}, "int64", LONG),
    ("int", {"type": "integer"}, "int32", INT),
    ("double", {"type": "number"}, "double", DOUBLE),
    ("boolean", {"type": "boolean"}, "bool", FLAG),
]


def _flat(name: str, count: int) -> Sample:
    kinds = [(f"field_{number}", *_KINDS[number % len(_KINDS)]) for number in range(count)]
    fields = "\n".join(f"  {proto} {field} = {n};" for n, (field, _, _, proto, _) in enumerate(kinds, start=1))
    return Sample(
        name,
        {field: value for field, _, _, _, value in kinds},
        _record("Measured", [{"name": field, "type": avro} for field, avro, _, _, _ in kinds]),
        _object({field: schema for field, _, schema, _, _ in kinds}),
        f'syntax = "proto3";\npackage bench.events;\nmessage Measured {{\n{fields}\n}}\n',
    )


def _record(name: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "record", "name": name, "namespace": "bench.events", "fields": fields}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _medium() -> Sample:
    """An order: customer, address, three lines, a map of attributes; 30 fields in 4 records."""
    text, number = {"type": "string"}, {"type": "integer"}
    customer = ["customer_id", "name", "email", "phone", "segment", "language"]
    address = ["line_1", "line_2", "postal_code", "city", "region", "country"]
    head = ["order_id", "channel", "currency", "warehouse", "campaign", "note", "status"]
    line = {"sku": ("string", text, "A-1234567"), "title": ("string", text, TEXT), "quantity": ("int", number, 3)}
    amounts = {"price_cents": ("long", number, 4200), "tax_cents": ("long", number, 798)}
    parts = {**line, **amounts}
    totals = ["placed_at", "total_cents", "tax_cents", "shipping_cents"]

    def texts(names: list[str]) -> list[dict[str, Any]]:
        return [{"name": name, "type": "string"} for name in names]

    event = {
        **dict.fromkeys(head, TEXT),
        "customer": dict.fromkeys(customer, TEXT),
        "address": dict.fromkeys(address, TEXT),
        "lines": [{name: value for name, (_, _, value) in parts.items()} for _ in range(3)],
        "attributes": {f"key_{n}": TEXT for n in range(4)},
        **dict.fromkeys(totals, LONG),
    }
    avro = _record(
        "Measured",
        [
            *texts(head),
            {"name": "customer", "type": _record("Customer", texts(customer))},
            {"name": "address", "type": _record("Address", texts(address))},
            {
                "name": "lines",
                "type": {
                    "type": "array",
                    "items": _record("Line", [{"name": n, "type": kind} for n, (kind, _, _) in parts.items()]),
                },
            },
            {"name": "attributes", "type": {"type": "map", "values": "string"}},
            *[{"name": name, "type": "long"} for name in totals],
        ],
    )
    schema = _object(
        {
            **dict.fromkeys(head, text),
            "customer": _object(dict.fromkeys(customer, text)),
            "address": _object(dict.fromkeys(address, text)),
            "lines": {"type": "array", "items": _object({n: schema for n, (_, schema, _) in parts.items()})},
            "attributes": {"type": "object", "additionalProperties": text},
            **dict.fromkeys(totals, number),
        }
    )
    proto = _medium_proto(head, customer, address, totals)
    return Sample("medium", event, avro, schema, proto)


def _medium_proto(head: list[str], customer: list[str], address: list[str], totals: list[str]) -> str:
    def strings(names: list[str]) -> str:
        return "\n".join(f"  string {name} = {n};" for n, name in enumerate(names, start=1))

    after = len(head) + 1
    numbers = "\n".join(f"  int64 {name} = {n};" for n, name in enumerate(totals, start=after + 4))
    return f"""syntax = "proto3";
package bench.events;
message Measured {{
{strings(head)}
  Customer customer = {after};
  Address address = {after + 1};
  repeated Line lines = {after + 2};
  map<string, string> attributes = {after + 3};
{numbers}
}}
message Customer {{
{strings(customer)}
}}
message Address {{
{strings(address)}
}}
message Line {{
  string sku = 1;
  string title = 2;
  int32 quantity = 3;
  int64 price_cents = 4;
  int64 tax_cents = 5;
}}
"""


SAMPLES = (_flat("small", 6), _medium(), _flat("large", 200))
