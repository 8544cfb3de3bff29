"""Tags inside schemas: ``confluent:tags`` in Avro and JSON Schema, ``confluent.Meta`` options in Protobuf.

An entity is named by a path with dots: ``shop.Order`` and ``shop.Order.id`` in Avro and Protobuf; in JSON Schema the
whole is ``object``, and a property ``object.customer.email``, where the leading ``object.`` may be left out.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from moorings_compat import Format, Problem, Schema
from moorings_compat.avro import Record
from moorings_compat.avro.written_definitions import written_definitions
from moorings_compat.protobuf.compiled import file_descriptor
from moorings_registry.errors import RequestInvalid

RECORD = "sr_record"
FIELD = "sr_field"
KEY = "confluent:tags"
WHOLE = "object"
_META_FILE = "confluent/meta.proto"
_META_OPTION = 1088
"""The number of ``confluent.message_meta`` and ``confluent.field_meta``."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A record or a field of a schema."""

    path: str
    kind: str
    """`RECORD` or `FIELD`."""


@dataclass(frozen=True, slots=True)
class Tagging:
    """Tags for an entity."""

    entity: Entity
    tags: tuple[str, ...]


def tags_in(schema: Schema) -> list[Tagging]:
    """List the tags inside *schema*, in the order of its text."""
    found = [Tagging(entity, tuple(place.read())) for entity, place in _places(schema)[1]]
    return [one for one in found if one.tags]


def entities_in(schema: Schema) -> frozenset[Entity]:
    """The records and fields of *schema*, tagged or not."""
    return frozenset(entity for entity, _ in _places(schema)[1])


def with_tags(schema: Schema, add: Iterable[Tagging], remove: Iterable[Tagging]) -> str:
    """Return the text of *schema* with some tags more and some fewer.

    Raises:
        RequestInvalid: it has no such entity.
    """
    finish, listed = _places(schema)
    places = dict(listed)
    for tagging, is_new in (*((one, True) for one in add), *((one, False) for one in remove)):
        place = places.get(_plain(schema.format, tagging.entity))
        if place is None:
            raise RequestInvalid(
                f"The schema has no entity {tagging.entity.path[:200]!r} of type {tagging.entity.kind}",
                [Problem("", "no such entity")],
            )
        before = [one for one in place.read() if one not in tagging.tags]
        place.write([*before, *tagging.tags] if is_new else before)
    return finish()


@dataclass(frozen=True, slots=True)
class _Place:
    read: Callable[[], list[str]]
    write: Callable[[list[str]], None]


_Listed = tuple[Callable[[], str], list[tuple[Entity, _Place]]]


def _places(schema: Schema) -> _Listed:
    """How to write the text again, and each entity with the place of its tags."""
    if schema.format is Format.PROTOBUF:
        return _protobuf(schema)
    content = json.loads(schema.text)
    found = _avro(schema, content) if schema.format is Format.AVRO else _json_schema(content)
    listed = [(entity, _json_place(holder)) for entity, holder in found]
    return lambda: json.dumps(content, ensure_ascii=False, separators=(",", ":")), listed


def _plain(format: Format, entity: Entity) -> Entity:
    path = entity.path.removeprefix(".")
    if format is Format.JSON and entity.kind == FIELD and not path.startswith(f"{WHOLE}."):
        path = f"{WHOLE}.{path}"
    return Entity(path, entity.kind)


def _json_place(holder: dict[str, Any]) -> _Place:
    def read() -> list[str]:
        tags = holder.get(KEY)
        return [one for one in tags if isinstance(one, str)] if isinstance(tags, list) else []

    def write(tags: list[str]) -> None:
        holder[KEY] = tags
        if not tags:
            del holder[KEY]

    return _Place(read, write)


def _avro(schema: Schema, content: Any) -> Iterator[tuple[Entity, dict[str, Any]]]:
    for definition, record in written_definitions(schema, content):
        if isinstance(definition, Record):
            yield Entity(definition.full, RECORD), record
            for field, value in zip(definition.fields, record["fields"], strict=True):
                yield Entity(f"{definition.full}.{field.name}", FIELD), value


def _json_schema(value: Any, path: str = WHOLE) -> Iterator[tuple[Entity, dict[str, Any]]]:
    if not isinstance(value, dict):
        return
    if path == WHOLE:
        yield Entity(path, RECORD), value
    properties = value.get("properties")
    for name, inner in (properties if isinstance(properties, dict) else {}).items():
        if isinstance(inner, dict):
            yield Entity(f"{path}.{name}", FIELD), inner
            yield from _json_schema(inner, f"{path}.{name}")
    if isinstance(value.get("items"), dict) and path != WHOLE:
        yield from _json_schema(value["items"], path)


def _protobuf(schema: Schema) -> _Listed:
    file = file_descriptor(schema)

    def finish() -> str:
        if _META_FILE not in file.dependency:
            file.dependency.append(_META_FILE)
        return base64.b64encode(file.SerializeToString()).decode("ascii")

    return finish, list(_messages(file.message_type, file.package))


def _messages(messages: Iterable[DescriptorProto], scope: str) -> Iterator[tuple[Entity, _Place]]:
    for message in messages:
        if message.options.map_entry:
            continue
        full = f"{scope}.{message.name}" if scope else message.name
        yield Entity(full, RECORD), _option_place(message)
        for field in message.field:
            yield Entity(f"{full}.{field.name}", FIELD), _option_place(field)
        yield from _messages(message.nested_type, full)


def _option_place(element: DescriptorProto | FieldDescriptorProto) -> _Place:
    def holder() -> Any:
        return _HOLDER.FromString(element.options.SerializeToString())

    def write(tags: list[str]) -> None:
        options = holder()
        meta = _META.FromString(options.meta)
        del meta.tags[:]
        meta.tags.extend(tags)
        options.meta = meta.SerializeToString()
        if not options.meta:
            options.ClearField("meta")
        element.options.Clear()
        element.options.MergeFromString(options.SerializeToString())

    return _Place(lambda: list(_META.FromString(holder().meta).tags), write)


def _classes() -> Mapping[str, type[Message]]:
    """Messages that know one field each, and carry everything else along: the tags, and the option that holds them."""
    string, packed, repeated = (
        FieldDescriptorProto.TYPE_STRING,
        FieldDescriptorProto.TYPE_BYTES,
        FieldDescriptorProto.LABEL_REPEATED,
    )
    file = FileDescriptorProto(name="moorings/tags.proto", package="moorings", syntax="proto2")
    tags = file.message_type.add(name="Tags").field.add(name="tags", number=3, type=string)
    tags.label = repeated
    holder = file.message_type.add(name="Holder").field.add(name="meta", number=_META_OPTION, type=packed)
    holder.label = FieldDescriptorProto.LABEL_OPTIONAL
    pool = DescriptorPool()
    pool.Add(file)
    return {name: GetMessageClass(pool.FindMessageTypeByName(f"moorings.{name}")) for name in ("Tags", "Holder")}


_META: Any = _classes()["Tags"]
_HOLDER: Any = _classes()["Holder"]
