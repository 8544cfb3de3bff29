"""Edits as people make them, in three formats, each with the sentences that are expected for it."""

import json
from dataclasses import dataclass
from typing import Any

from moorings_compat import Format

AVRO, JSON, PROTOBUF = Format.AVRO, Format.JSON, Format.PROTOBUF


@dataclass(frozen=True, slots=True)
class Case:
    """One edit, or several made together."""

    shows: str
    format: Format
    older: str
    newer: str
    says: tuple[str, ...]
    """One sentence for each change, in any order."""
    renames: bool = False
    """Whether a person would call it a rename."""


def _field(name: str, type: Any = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, **more}


def _record(*fields: dict[str, Any], name: str = "shop.orders.OrderPlaced", **more: Any) -> str:
    return json.dumps({"type": "record", "name": name, **more, "fields": list(fields)}, indent=2)


def _enum(*symbols: str, **more: Any) -> dict[str, Any]:
    return {"type": "enum", "name": "Status", "symbols": list(symbols), **more}


def _line(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "record", "name": "OrderLine", "fields": list(fields)}}


def _sub(name: str, *fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields)}


ID = _field("order_id")
AMOUNT = _field("amount_minor", "int")
NOTE = _field("note", ["null", "string"], default=None)


def _avro(shows: str, older: str, newer: str, *says: str, renames: bool = False) -> Case:
    return Case(f"Avro: {shows}", AVRO, older, newer, says, renames)


def _named(name: str) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": [{"name": "of", "type": "string"}]}


AVRO_CASES = (
    _avro(
        "a union loses the branch that was defined beside the one that stays",
        _record(ID, _field("pay", [_named("Card"), _named("Cash")])),
        _record(ID, _field("pay", [_named("Card")])),
        "`pay`: record Card or record Cash -> record Card",
    ),
    _avro(
        "a field is renamed",
        _record(ID, AMOUNT),
        _record(ID, _field("amount", "int")),
        "`amount_minor` was renamed to `amount`",
        renames=True,
    ),
    _avro(
        "an abbreviation is written out",
        _record(ID, _field("qty", "int")),
        _record(ID, _field("quantity", "int")),
        "`qty` was renamed to `quantity`",
        renames=True,
    ),
    _avro(
        "another style of names",
        _record(_field("orderId"), NOTE),
        _record(_field("order_id"), NOTE),
        "`orderId` was renamed to `order_id`",
        renames=True,
    ),
    _avro(
        "a typing error is corrected",
        _record(ID, _field("recieved_by")),
        _record(ID, _field("received_by")),
        "`recieved_by` was renamed to `received_by`",
        renames=True,
    ),
    _avro(
        "an alias says what it was",
        _record(ID, _field("buyer")),
        _record(ID, _field("purchaser", aliases=["buyer"])),
        "`buyer` was renamed to `purchaser`; aliases none -> `buyer`",
        renames=True,
    ),
    _avro(
        "the documentation says what it was",
        _record(ID, _field("zip", doc="Where the parcel goes.")),
        _record(ID, _field("postal_code", doc="Where the parcel goes.")),
        "`zip` was renamed to `postal_code`",
        renames=True,
    ),
    _avro(
        "renamed and retyped",
        _record(ID, AMOUNT),
        _record(ID, _field("amount", "long")),
        "`amount_minor` was renamed to `amount`; int -> long",
        renames=True,
    ),
    _avro(
        "renamed inside an array",
        _record(ID, _field("items", _line(_field("sku"), _field("qty", "int")))),
        _record(ID, _field("items", _line(_field("sku"), _field("quantity", "int")))),
        "`items.qty` was renamed to `items.quantity`",
        renames=True,
    ),
    _avro(
        "two renames at once",
        _record(_field("orderId"), _field("customerId")),
        _record(_field("order_id"), _field("customer_id")),
        "`orderId` was renamed to `order_id`",
        "`customerId` was renamed to `customer_id`",
        renames=True,
    ),
    _avro(
        "another type",
        _record(ID, _field("points", "int")),
        _record(ID, _field("points", "string")),
        "`points`: int -> string",
    ),
    _avro(
        "a wider number",
        _record(ID, _field("points", "int")),
        _record(ID, _field("points", "long")),
        "`points`: int -> long",
    ),
    _avro(
        "a field may be null",
        _record(ID, _field("note")),
        _record(ID, _field("note", ["null", "string"])),
        "`note`: string -> null or string",
    ),
    _avro(
        "a field may no longer be null",
        _record(ID, NOTE),
        _record(ID, _field("note")),
        "`note`: null or string -> string; default null was removed",
    ),
    _avro(
        "one value becomes several",
        _record(ID, _field("items", _line(_field("sku")))),
        _record(ID, _field("items", _line(_field("sku", {"type": "array", "items": "string"})))),
        "`items.sku`: string -> array of string",
    ),
    _avro(
        "a date with more detail",
        _record(ID, _field("at", {"type": "int", "logicalType": "date"})),
        _record(ID, _field("at", {"type": "long", "logicalType": "timestamp-millis"})),
        "`at`: int (date) -> long (timestamp-millis)",
    ),
    _avro(
        "a field is added without a default",
        _record(ID),
        _record(ID, _field("phone")),
        "`phone` was added without a default",
    ),
    _avro("a field is added with a default", _record(ID), _record(ID, NOTE), "`note` was added"),
    _avro(
        "a record is added",
        _record(ID),
        _record(ID, _field("address", _sub("Address", _field("zip")))),
        "`address` was added without a default",
    ),
    _avro("a field is removed", _record(ID, _field("phone")), _record(ID), "`phone` was removed"),
    _avro("a field with a default is removed", _record(ID, NOTE), _record(ID), "`note` was removed"),
    _avro(
        "one goes and another comes, of another type",
        _record(_field("coupon"), ID),
        _record(ID, _field("weight", "int")),
        "`coupon` was removed",
        "`weight` was added without a default",
    ),
    _avro(
        "the name says another thing",
        _record(_field("shipping_address"), ID, NOTE),
        _record(ID, NOTE, _field("billing_address")),
        "`shipping_address` was removed",
        "`billing_address` was added without a default",
    ),
    _avro(
        "one takes the place of another",
        _record(ID, _field("coupon"), NOTE),
        _record(ID, _field("voucher"), NOTE),
        "`coupon` was replaced by `voucher`",
    ),
    _avro(
        "a symbol is added",
        _record(ID, _field("status", _enum("NEW", "PAID"))),
        _record(ID, _field("status", _enum("NEW", "PAID", "SENT"))),
        "`status`: symbol `SENT` was added",
    ),
    _avro(
        "symbols are removed",
        _record(ID, _field("status", _enum("NEW", "PAID", "SENT"))),
        _record(ID, _field("status", _enum("NEW"))),
        "`status`: symbols `PAID` and `SENT` were removed",
    ),
    _avro(
        "a symbol is renamed",
        _record(ID, _field("status", _enum("NEW", "SHIPED"))),
        _record(ID, _field("status", _enum("NEW", "SHIPPED"))),
        "`status`: symbol `SHIPED` was renamed to `SHIPPED`",
        renames=True,
    ),
    _avro(
        "fields move into a record",
        _record(ID, _field("street"), _field("city")),
        _record(ID, _field("address", _sub("Address", _field("street"), _field("city")))),
        "`street` and `city` were moved into `address`",
    ),
    _avro(
        "fields move out of a record",
        _record(ID, _field("address", _sub("Address", _field("street"), _field("city")))),
        _record(ID, _field("street"), _field("city")),
        "`street` and `city` were moved out of `address`",
    ),
    _avro(
        "a field is split",
        _record(ID, _field("name")),
        _record(ID, _field("first_name"), _field("last_name")),
        "`name` was split into `first_name` and `last_name`",
    ),
    _avro(
        "fields are merged",
        _record(ID, _field("first_name"), _field("last_name")),
        _record(ID, _field("name")),
        "`first_name` and `last_name` were merged into `name`",
    ),
    _avro("fields are reordered", _record(ID, AMOUNT, NOTE), _record(AMOUNT, NOTE, ID), "the fields were reordered"),
    _avro(
        "a default is removed",
        _record(ID, _field("points", "int", default=0)),
        _record(ID, _field("points", "int")),
        "`points`: default 0 was removed",
    ),
    _avro(
        "the record is renamed",
        _record(ID),
        _record(ID, name="shop.orders.OrderAccepted"),
        "record `shop.orders.OrderPlaced` was renamed to `shop.orders.OrderAccepted`",
        renames=True,
    ),
    _avro(
        "a record inside is renamed",
        _record(ID, _field("to", _sub("Address", _field("zip")))),
        _record(ID, _field("to", _sub("PostalAddress", _field("zip")))),
        "`to`: record Address -> record PostalAddress",
    ),
    _avro(
        "several edits at once",
        _record(ID, AMOUNT, _field("phone"), _field("items", _line(_field("sku"), _field("price", "int")))),
        _record(
            ID,
            _field("amount", "int"),
            _field("email"),
            NOTE,
            _field("items", _line(_field("sku", "long"), _field("price", "int"))),
        ),
        "`amount_minor` was renamed to `amount`",
        "`phone` was removed",
        "`email` was added without a default",
        "`note` was added",
        "`items.sku`: string -> long",
        renames=True,
    ),
)


def _object(properties: dict[str, Any], required: tuple[str, ...] = (), **more: Any) -> str:
    held = {"type": "object", "properties": properties, **more}
    return json.dumps(held | ({"required": list(required)} if required else {}), indent=2)


TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer"}
CLOSED = {"additionalProperties": False}


def _json(shows: str, older: str, newer: str, *says: str, renames: bool = False) -> Case:
    return Case(f"JSON Schema: {shows}", JSON, older, newer, says, renames)


def _lines(properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"type": "array", "items": json.loads(_object(properties, required))}


def _choice(*branches: dict[str, Any]) -> dict[str, Any]:
    return {"oneOf": list(branches)}


CARD = {"title": "Card", "type": "object", "properties": {"number": TEXT}, "required": ["number"]}
CASH = {"title": "Cash", "type": "object", "properties": {"till": TEXT}, "required": ["till"]}
CHEQUE = {"title": "Cheque", "type": "object", "properties": {"bank": TEXT}, "required": ["bank"]}


def _untitled(*branches: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    return tuple({keyword: value for keyword, value in one.items() if keyword != "title"} for one in branches)


JSON_CASES = (
    _json(
        "a property is renamed",
        _object({"id": TEXT, "amount_minor": NUMBER}, ("id", "amount_minor"), **CLOSED),
        _object({"id": TEXT, "amount": NUMBER}, ("id", "amount"), **CLOSED),
        "`amount_minor` was renamed to `amount`",
        renames=True,
    ),
    _json(
        "another style of names",
        _object({"orderId": TEXT}),
        _object({"order_id": TEXT}),
        "`orderId` was renamed to `order_id`",
        renames=True,
    ),
    _json(
        "renamed in a definition",
        _object(
            {"to": {"$ref": "#/$defs/Address"}}, **{"$defs": {"Address": json.loads(_object({"zip": TEXT}, ("zip",)))}}
        ),
        _object(
            {"to": {"$ref": "#/$defs/Address"}},
            **{"$defs": {"Address": json.loads(_object({"zip_code": TEXT}, ("zip_code",)))}},
        ),
        "`to.zip` was renamed to `to.zip_code`",
        renames=True,
    ),
    _json(
        "renamed inside an array",
        _object({"items": _lines({"sku": TEXT, "qty": NUMBER})}),
        _object({"items": _lines({"sku": TEXT, "quantity": NUMBER})}),
        "`items.qty` was renamed to `items.quantity`",
        renames=True,
    ),
    _json(
        "another type",
        _object({"id": TEXT, "points": NUMBER}),
        _object({"id": TEXT, "points": TEXT}),
        "`points`: integer -> string",
    ),
    _json(
        "items of another type",
        _object({"tags": {"type": "array", "items": TEXT}}),
        _object({"tags": {"type": "array", "items": NUMBER}}),
        "`tags`: array of string -> array of integer",
    ),
    _json(
        "null is allowed",
        _object({"note": TEXT}),
        _object({"note": {"type": ["string", "null"]}}),
        "`note`: string -> string or null",
    ),
    _json(
        "a property is added",
        _object({"id": TEXT}, **CLOSED),
        _object({"id": TEXT, "phone": TEXT}, **CLOSED),
        "`phone` was added",
    ),
    _json(
        "a required property is added",
        _object({"id": TEXT}),
        _object({"id": TEXT, "phone": TEXT}, ("phone",)),
        "`phone` was added as a required field",
    ),
    _json("a property is removed", _object({"id": TEXT, "phone": TEXT}), _object({"id": TEXT}), "`phone` was removed"),
    _json(
        "one goes and another comes",
        _object({"coupon": TEXT, "id": TEXT}),
        _object({"id": TEXT, "weight": NUMBER}),
        "`coupon` was removed",
        "`weight` was added",
    ),
    _json(
        "a property becomes required",
        _object({"email": TEXT}),
        _object({"email": TEXT}, ("email",)),
        "`email`: became required",
    ),
    _json(
        "a property becomes optional",
        _object({"email": TEXT}, ("email",)),
        _object({"email": TEXT}),
        "`email`: became optional",
    ),
    _json(
        "a bound is lowered",
        _object({"sku": {"type": "string", "maxLength": 20}}),
        _object({"sku": {"type": "string", "maxLength": 10}}),
        "`sku`: maxLength 20 -> 10",
    ),
    _json(
        "a pattern is added",
        _object({"sku": TEXT}),
        _object({"sku": {"type": "string", "pattern": "^[A-Z]"}}),
        '`sku`: pattern "^[A-Z]" was added',
    ),
    _json(
        "a format is removed",
        _object({"at": {"type": "string", "format": "date"}}),
        _object({"at": TEXT}),
        '`at`: format "date" was removed',
    ),
    _json(
        "a bound of a nested number",
        _object({"total": json.loads(_object({"amount": {"type": "integer", "minimum": 0}}))}),
        _object({"total": json.loads(_object({"amount": {"type": "integer", "minimum": 1}}))}),
        "`total.amount`: minimum 0 -> 1",
    ),
    _json(
        "a symbol is added",
        _object({"status": {"type": "string", "enum": ["new", "paid"]}}),
        _object({"status": {"type": "string", "enum": ["new", "paid", "sent"]}}),
        "`status`: symbol `sent` was added",
    ),
    _json(
        "a symbol is removed",
        _object({"status": {"type": "string", "enum": ["new", "paid"]}}),
        _object({"status": {"type": "string", "enum": ["new"]}}),
        "`status`: symbol `paid` was removed",
    ),
    _json(
        "the object is closed",
        _object({"id": TEXT}),
        _object({"id": TEXT}, **CLOSED),
        "the event: additionalProperties false was added",
    ),
    _json(
        "properties move into an object",
        _object({"id": TEXT, "street": TEXT, "city": TEXT}),
        _object({"id": TEXT, "address": json.loads(_object({"street": TEXT, "city": TEXT}))}),
        "`street` and `city` were moved into `address`",
    ),
    _json(
        "a property is split",
        _object({"name": TEXT}, ("name",)),
        _object({"first_name": TEXT, "last_name": TEXT}, ("first_name", "last_name")),
        "`name` was split into `first_name` and `last_name`",
    ),
    _json(
        "branches without a name are removed",
        _object({"paid_with": _choice(*_untitled(CARD, CASH, CHEQUE))}),
        _object({"paid_with": _choice(*_untitled(CARD))}),
        "`paid_with`: 2 branches of oneOf were removed",
    ),
    _json(
        "a branch without a name is added",
        _object({"paid_with": _choice(*_untitled(CARD))}),
        _object({"paid_with": _choice(*_untitled(CARD, CASH))}),
        "`paid_with`: a branch of oneOf was added",
    ),
    _json(
        "a branch is removed",
        _object({"paid_with": _choice(CARD, CASH)}),
        _object({"paid_with": _choice(CARD)}),
        "`paid_with.Cash` was removed",
    ),
    _json(
        "a constant changes",
        _object({"version": {"const": 1}}),
        _object({"version": {"const": 2}}),
        "`version`: const 1 -> 2",
    ),
    _json(
        "several edits at once",
        _object({"id": TEXT, "qty": NUMBER, "note": TEXT}, ("id", "qty"), **CLOSED),
        _object({"id": {"type": "string", "maxLength": 8}, "quantity": NUMBER}, ("id", "quantity"), **CLOSED),
        "`id`: maxLength 8 was added",
        "`qty` was renamed to `quantity`",
        "`note` was removed",
        renames=True,
    ),
)


def _proto(body: str, head: str = "package shop.orders;") -> str:
    return f'syntax = "proto3";\n\n{head}\n\n{body}\n'


def _order(*fields: str) -> str:
    return "message OrderPlaced {\n" + "".join(f"  {one};\n" for one in fields) + "}\n"


def _states(*symbols: str) -> str:
    return (
        _order("string id = 1", "Status status = 2")
        + "\nenum Status {\n"
        + "".join(f"  {s};\n" for s in symbols)
        + "}\n"
    )


def _protobuf(shows: str, older: str, newer: str, *says: str, renames: bool = False) -> Case:
    return Case(f"Protobuf: {shows}", PROTOBUF, _proto(older), _proto(newer), says, renames)


_LINES = "\nmessage OrderLine {\n  string sku = 1;\n  %s;\n}\n"

PROTOBUF_CASES = (
    _protobuf(
        "a field is renamed",
        _order("string id = 1", "int64 amount_minor = 2"),
        _order("string id = 1", "int64 amount = 2"),
        "`amount_minor` was renamed to `amount`",
        renames=True,
    ),
    _protobuf(
        "renamed in a message inside",
        _order("repeated OrderLine items = 1") + _LINES % "int32 qty = 2",
        _order("repeated OrderLine items = 1") + _LINES % "int32 quantity = 2",
        "`items.qty` was renamed to `items.quantity`",
        renames=True,
    ),
    _protobuf("another type", _order("int32 points = 1"), _order("string points = 1"), "`points`: int32 -> string"),
    _protobuf("a narrower number", _order("int64 points = 1"), _order("int32 points = 1"), "`points`: int64 -> int32"),
    _protobuf(
        "several values",
        _order("string tag = 1"),
        _order("repeated string tag = 1"),
        "`tag`: string -> repeated string",
    ),
    _protobuf(
        "one value only",
        _order("repeated string tag = 1"),
        _order("string tag = 1"),
        "`tag`: repeated string -> string",
    ),
    _protobuf(
        "another number",
        _order("string id = 1", "string note = 2"),
        _order("string id = 1", "string note = 5"),
        "`note`: number 2 -> 5",
    ),
    _protobuf(
        "numbers are swapped",
        _order("string id = 1", "string note = 2"),
        _order("string id = 2", "string note = 1"),
        "`id`: number 1 -> 2",
        "`note`: number 2 -> 1",
    ),
    _protobuf(
        "a field is added", _order("string id = 1"), _order("string id = 1", "string note = 2"), "`note` was added"
    ),
    _protobuf(
        "a field is removed", _order("string id = 1", "string note = 2"), _order("string id = 1"), "`note` was removed"
    ),
    _protobuf(
        "a number is reused",
        _order("string id = 1", "string coupon = 2"),
        _order("string id = 1", "int64 weight = 2"),
        "`coupon` was replaced by `weight`; string -> int64",
    ),
    _protobuf(
        "a symbol is added",
        _states("NEW = 0", "PAID = 1"),
        _states("NEW = 0", "PAID = 1", "SENT = 2"),
        "`status`: symbol `SENT` was added",
    ),
    _protobuf(
        "a symbol gets another number",
        _states("NEW = 0", "PAID = 1"),
        _states("NEW = 0", "PAID = 2"),
        "`status`: number of `PAID` 1 -> 2",
    ),
    _protobuf(
        "a symbol is renamed",
        _states("NEW = 0", "PAID = 1"),
        _states("NEW = 0", "SETTLED = 1"),
        "`status`: symbol `PAID` was renamed to `SETTLED`",
        renames=True,
    ),
    _protobuf(
        "the message is renamed",
        _order("string id = 1"),
        "message OrderAccepted {\n  string id = 1;\n}\n",
        "message `OrderPlaced` was renamed to `OrderAccepted`",
        renames=True,
    ),
    _protobuf(
        "two fields share a oneof",
        _order("string card = 1", "string cash = 2"),
        "message OrderPlaced {\n  oneof paid {\n    string card = 1;\n    string cash = 2;\n  }\n}\n",
        "`card`: moved into the oneof `paid`",
        "`cash`: moved into the oneof `paid`",
    ),
    _protobuf("a signed number", _order("int32 delta = 1"), _order("sint32 delta = 1"), "`delta`: int32 -> sint32"),
    _protobuf(
        "bytes become text", _order("bytes digest = 1"), _order("string digest = 1"), "`digest`: bytes -> string"
    ),
    _protobuf(
        "several edits at once",
        _order("string id = 1", "int64 amount = 2", "string note = 3"),
        _order("string id = 1", "int32 amount = 2", "string phone = 4"),
        "`amount`: int64 -> int32",
        "`note` was removed",
        "`phone` was added",
    ),
)

CASES = (*AVRO_CASES, *JSON_CASES, *PROTOBUF_CASES)
