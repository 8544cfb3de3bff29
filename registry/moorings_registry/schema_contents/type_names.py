"""What the type inside a schema is called: an Avro definition, messages of a Protobuf file, a JSON Schema's title."""

from collections.abc import Callable

from moorings_compat import Format, Schema
from moorings_compat.avro.model import TypeName
from moorings_compat.avro.model import model_of as avro_model
from moorings_compat.json_schema.model import model_of as json_model
from moorings_compat.protobuf.compiled import file_descriptor


def type_names(schema: Schema) -> tuple[str, ...]:
    """The names that the type at the top goes by, without namespace or package; none where it has no name.

    Of a Protobuf file, the messages at its top: clients take the one with the event's name, else the first.
    """
    return _NAMES[schema.format](schema)


def is_named(schema: Schema, event: str) -> bool:
    """Whether the type inside has the name *event*, or no name.

    A JSON Schema's title is written for people: its letters and digits count, so ``Order placed`` is ``OrderPlaced``.
    """
    names = type_names(schema)
    if schema.format is Format.JSON:
        return not names or _letters(names[0]) == _letters(event)
    return not names or event in names


def _letters(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum())


def _avro(schema: Schema) -> tuple[str, ...]:
    root = avro_model(schema).root
    return (root.full.rpartition(".")[2],) if isinstance(root, TypeName) else ()


def _json(schema: Schema) -> tuple[str, ...]:
    content = json_model(schema).document.content
    title = content.get("title") if isinstance(content, dict) else None
    return (title,) if isinstance(title, str) and title.strip() else ()


def _protobuf(schema: Schema) -> tuple[str, ...]:
    return tuple(message.name for message in file_descriptor(schema).message_type)


_NAMES: dict[Format, Callable[[Schema], tuple[str, ...]]] = {
    Format.AVRO: _avro,
    Format.JSON: _json,
    Format.PROTOBUF: _protobuf,
}
