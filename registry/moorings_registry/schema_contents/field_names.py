"""The fields at the top of a schema, by name."""

from collections.abc import Callable

from moorings_compat import Format, Schema
from moorings_compat.avro.model import Record, TypeName
from moorings_compat.avro.model import model_of as avro_model
from moorings_compat.json_schema.model import model_of as json_model
from moorings_compat.protobuf.compiled import file_descriptor


def field_names(schema: Schema) -> set[str]:
    """The fields of an Avro record, the properties of a JSON Schema, the fields of a Protobuf file's first message."""
    return _NAMES[schema.format](schema)


def _avro(schema: Schema) -> set[str]:
    model = avro_model(schema)
    named = model.types.get(model.root.full) if isinstance(model.root, TypeName) else None
    return {field.name for field in named.fields} if isinstance(named, Record) else set()


def _json(schema: Schema) -> set[str]:
    content = json_model(schema).document.content
    return set(content.get("properties", {})) if isinstance(content, dict) else set()


def _protobuf(schema: Schema) -> set[str]:
    messages = file_descriptor(schema).message_type
    return {field.name for field in messages[0].field} if messages else set()


_NAMES: dict[Format, Callable[[Schema], set[str]]] = {
    Format.AVRO: _avro,
    Format.JSON: _json,
    Format.PROTOBUF: _protobuf,
}
