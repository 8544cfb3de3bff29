"""What a value means before and after a change of its logical type, shown with fastavro where it knows them."""

from decimal import Decimal
from typing import Any

from moorings_compat.avro.codec import ENCODING_FAILS, decode, encode
from moorings_compat.avro.faults import SMALLEST
from moorings_compat.avro.logical import Logical
from moorings_compat.avro.model import AvroModel, Fixed, Node, Primitive, TypeName
from moorings_compat.avro.resolved import SchemaPart

_MOST_SHOWN = 80
_UUID = "00000000-0000-4000-8000-000000000001"


def sample(reader: Node, writer: Node) -> Any:
    """Return a value of *writer* that shows a change of meaning; `SMALLEST` where none would."""
    if not isinstance(writer, Primitive):
        return SMALLEST
    if writer.kind in ("int", "long"):
        return 1
    if writer.kind == "bytes":
        return b"\x01"
    if writer.kind == "string" and isinstance(reader, Primitive):
        return _UUID
    return SMALLEST


def meaning_shift(reader: SchemaPart, writer: SchemaPart, value: Any) -> str:
    """Tell in one line what *value* is read as, or why it is refused after all; empty where its meaning is kept.

    The value is decoded with the writer's logical types, and apart from that resolved to the reader's underlying type,
    encoded as such, and decoded with the reader's logical types: what a consumer that trusts its own schema sees.
    """
    data = encode(writer.form(), {"value": value})
    resolved = decode(data, writer.form(), reader.form())
    if resolved.error:
        return resolved.error
    meant = decode(data, writer.form(logical_types=True), writer.form(logical_types=True))
    try:
        again = encode(reader.form(), resolved.value)
    except ENCODING_FAILS:
        return ""
    taken = decode(again, reader.form(logical_types=True), reader.form(logical_types=True))
    if taken.error and not meant.error:
        return f"written as {_printed(meant.value['value'])}, refused by the reader: {taken.error}"
    if meant.error or (meant.value == taken.value and type(meant.value["value"]) is type(taken.value["value"])):
        return ""
    return f"written as {_printed(meant.value['value'])}, read as {_printed(taken.value['value'])}"


def logical_at(model: AvroModel, node: Node) -> Logical | None:
    """Return the logical type of a place; None where it has none."""
    if isinstance(node, Primitive):
        return node.logical
    named = model.types[node.full] if isinstance(node, TypeName) else None
    return named.logical if isinstance(named, Fixed) else None


def declared_shift(value: Any, writer: Logical | None, reader: Logical | None) -> str:
    """Tell in one line what either side declares *value* to be: for logical types that fastavro does not know."""
    meant, taken = (one or "a plain value" for one in (writer, reader))
    return f"{_printed(value)} written as {meant}, read as {taken}"


def _printed(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    text = (
        value.isoformat()
        if hasattr(value, "isoformat")
        else str(value)
        if not isinstance(value, bytes)
        else value.hex()
    )
    return text[:_MOST_SHOWN] or "empty"
