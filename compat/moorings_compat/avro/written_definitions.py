"""The definitions of a schema beside the JSON objects that write them, for whoever writes its text again."""

from collections.abc import Iterator
from typing import Any

from moorings_compat.avro.model import Definition, model_of
from moorings_compat.schema import Schema


def written_definitions(schema: Schema, content: Any) -> Iterator[tuple[Definition, dict[str, Any]]]:
    """Yield what the text of *schema* itself defines, in its order, each with its object in *content*, the text's JSON.

    Definitions that a reference brings along are left out.
    """
    for definition in model_of(schema).in_order():
        if "#" not in definition.at:
            yield definition, _value_at(content, definition.at)


def _value_at(content: Any, pointer: str) -> Any:
    """Follow a JSON Pointer whose steps are keywords of Avro and indexes."""
    for step in pointer.split("/")[1:]:
        content = content[int(step) if isinstance(content, list) else step]
    return content
