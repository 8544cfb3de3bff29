"""The shapes of a contract, whatever its format."""

from importlib import import_module

from moorings.errors import ExtraMissing
from moorings.event_model.model import Shapes
from moorings_compat import Format, Schema

_READERS = {
    Format.AVRO: "moorings.event_model.from_avro",
    Format.JSON: "moorings.event_model.from_json_schema",
    Format.PROTOBUF: "moorings.event_model.from_protobuf",
}


def shapes_of(schema: Schema, subject: str) -> Shapes:
    """Read the shapes of the event that *schema* describes; a format's libraries are imported here, when it is met."""
    try:
        reader = import_module(_READERS[schema.format])
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("google"):
            raise ExtraMissing("protobuf", "an event in Protobuf") from None
        raise
    shapes: Shapes = reader.read(schema, subject)
    return shapes


def event_name(subject: str) -> str:
    """Take the event out of a subject: the last part, without Confluent's suffix."""
    return subject.removesuffix("-value").removesuffix("-key").rpartition(".")[2]
