"""The events that the transports carry: one of each format, one with a reference, each with a value."""

from dataclasses import dataclass
from typing import Any

from moorings_compat import Reference

DOMAINS = ("shop.orders", "shop.payments", "shop.types")


@dataclass(frozen=True, slots=True)
class ShopEvent:
    """A contract with an event that keeps to it, and one that does not."""

    subject: str
    format: str
    schema: Any
    value: Any
    wrong: Any
    references: tuple[Reference, ...] = ()


MONEY = ShopEvent(
    "shop.types.Money",
    "AVRO",
    {
        "type": "record",
        "name": "Money",
        "namespace": "shop.types",
        "fields": [{"name": "cents", "type": "long"}],
    },
    {"cents": 1},
    {"cents": "one"},
)
PLACED = ShopEvent(
    "shop.orders.OrderPlaced",
    "AVRO",
    {
        "type": "record",
        "name": "OrderPlaced",
        "namespace": "shop.orders",
        "fields": [{"name": "order_id", "type": "string"}, {"name": "total", "type": "shop.types.Money"}],
    },
    {"order_id": "o-1", "total": {"cents": 4200}},
    {"order_id": "o-1", "total": {"cents": "a lot"}},
    (Reference("shop.types.Money", "shop.types.Money", 1),),
)
ADDRESS = ShopEvent(
    "shop.types.Address",
    "JSON",
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
    {"city": "Ghent"},
    {"city": 1},
)
SHIPPED = ShopEvent(
    "shop.orders.OrderShipped",
    "JSON",
    {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "OrderShipped",
        "type": "object",
        "properties": {"order_id": {"type": "string"}, "to": {"$ref": "address.json"}},
        "required": ["order_id", "to"],
    },
    {"order_id": "o-1", "to": {"city": "Ghent"}},
    {"order_id": "o-1", "to": {"city": 7}},
    (Reference("address.json", "shop.types.Address", 1),),
)
CARD = ShopEvent(
    "shop.types.Card",
    "PROTOBUF",
    'syntax = "proto3";\npackage shop.types;\nmessage Card { string last_four = 1; }\n',
    {"last_four": "4242"},
    {"last_four": 4242},
)
CAPTURED = ShopEvent(
    "shop.payments.PaymentCaptured",
    "PROTOBUF",
    'syntax = "proto3";\npackage shop.payments;\nimport "shop/types/card.proto";\n'
    "message Ignored { string x = 1; }\n"
    "message PaymentCaptured { string order_id = 1; int64 cents = 2; shop.types.Card card = 3; }\n",
    {"order_id": "o-1", "cents": 4200, "card": {"last_four": "4242"}},
    {"order_id": "o-1", "cents": "4200"},
    (Reference("shop/types/card.proto", "shop.types.Card", 1),),
)
EVENTS = (MONEY, PLACED, ADDRESS, SHIPPED, CARD, CAPTURED)
CARRIED = (PLACED, SHIPPED, CAPTURED)
"""One of each format, each with a reference."""
