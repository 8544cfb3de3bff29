"""Other forms of a schema's text than the stored one, under the names that the Confluent API gives them."""

from collections.abc import Callable

from moorings_compat import Format, Schema
from moorings_compat.avro.resolved import resolved_text
from moorings_compat.json_schema.documents.canonical import write_json
from moorings_compat.json_schema.model import bundled
from moorings_compat.protobuf.compiled import compiled, file_descriptor, serialized
from moorings_compat.protobuf.printer import print_file


def render(schema: Schema, form: str) -> str:
    """Return the text of *schema* in *form*; the stored one for a form that its format does not have."""
    rendering = FORMS.get((schema.format, form.lower()))
    return rendering(schema) if rendering else schema.text


def _bundled(schema: Schema) -> str:
    return write_json(bundled(schema)) if schema.references else schema.text


def _without_custom_options(schema: Schema) -> str:
    file = file_descriptor(schema)
    file.DiscardUnknownFields()  # nothing here knows the extensions, so whatever they set is unknown
    return print_file(file, compiled(schema).pool)


FORMS: dict[tuple[Format, str], Callable[[Schema], str]] = {
    (Format.AVRO, "resolved"): resolved_text,
    (Format.JSON, "resolved"): _bundled,
    (Format.PROTOBUF, "serialized"): serialized,
    (Format.PROTOBUF, "ignore_extensions"): _without_custom_options,
}
"""What each format can be rendered as: every reference inside; base64 of a descriptor; without custom options."""
