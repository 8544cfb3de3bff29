"""A `Schema` from `.proto` text, or from the base64 of a file descriptor: one and the same schema.

The official Python and Node serializers register and look up descriptors in place of text. Such a descriptor is printed
as text and the text compiled, so that the rules for text apply: protoc accepts every schema that enters.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence

from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from moorings_compat.errors import Problem, SchemaInvalid
from moorings_compat.json_text import size_bytes
from moorings_compat.limits import Limits
from moorings_compat.protobuf.canonical import canonical_text
from moorings_compat.protobuf.compiled import Compiled
from moorings_compat.protobuf.confluent_options import compile_source
from moorings_compat.protobuf.files import as_set, declared_files, free_name, known_files
from moorings_compat.protobuf.imports import Import, outline
from moorings_compat.protobuf.literals import Unprintable
from moorings_compat.protobuf.names import default_json_name
from moorings_compat.protobuf.options import OptionReader, for_source_alone
from moorings_compat.protobuf.printer import print_file
from moorings_compat.protobuf.reflection import handle
from moorings_compat.schema import Format, ResolvedReference, Schema

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")


def parse(text: str, references: Sequence[ResolvedReference], limits: Limits) -> Schema:
    """Compile *text*, which is `.proto` source or base64 of a `FileDescriptorProto`.

    `identity` and `canonical` of the schema are `.proto` source as well; `text` is the source as sent, or the
    descriptor printed as source.

    Raises:
        SchemaInvalid, ReferenceMissing, SchemaLimitExceeded: each says where and why.
        ProtobufCompilerUnavailable: protoc is not installed.
    """
    limits.allow("the text's size in bytes", size_bytes(text), limits.size_bytes)
    declared = declared_files(references, limits)
    sent = _read_descriptor(text)
    if sent is not None:
        return _from_descriptor(sent, tuple(references), declared, limits)
    return _from_text(text, tuple(references), declared, limits)


def _from_text(
    text: str, references: tuple[ResolvedReference, ...], declared: Mapping[str, bytes], limits: Limits
) -> Schema:
    seen = outline(text)
    limits.allow("the depth of nesting", seen.depth, limits.depth)
    model = _compile(text, known_files(seen.imports, declared))
    pool = model.new_pool()
    if not _declares_anything(model.file):
        raise SchemaInvalid(Problem("", "the file declares nothing: no message, enum, service or import"))
    assert model.types is not None  # made now, so that a check never waits for it
    identity = _print(model.file, pool)
    return Schema(Format.PROTOBUF, text, identity, canonical_text(model.file, pool), references, model)


def _from_descriptor(
    sent: FileDescriptorProto,
    references: tuple[ResolvedReference, ...],
    declared: Mapping[str, bytes],
    limits: Limits,
) -> Schema:
    imports = [Import(path, 0, 0) for path in (*sent.dependency, *sent.option_dependency)]
    known = known_files(imports, declared)
    sent.name = free_name(known)
    sent.ClearField("source_code_info")
    given = Compiled(sent.SerializeToString(), tuple(known[path] for path in _loadable(known)))
    pool = given.new_pool()
    source = _print(given.file, pool)
    limits.allow("the size in bytes of the descriptor as text", len(source.encode()), limits.size_bytes)
    limits.allow("the depth of nesting", outline(source).depth, limits.depth)
    made = _from_text(source, references, declared, limits)
    assert isinstance(made.model, Compiled)
    reader = OptionReader(pool)
    if _plain(given.file, reader) != _plain(made.model.file, reader):
        raise SchemaInvalid(
            Problem("", "the file descriptor contains something that .proto source cannot express: send the source")
        )
    return made


def _compile(text: str, known: Mapping[str, bytes]) -> Compiled:
    files = FileDescriptorSet.FromString(compile_source(text, free_name(known), as_set(known))).file
    needed = [known.get(file.name) or file.SerializeToString() for file in files[:-1]]
    return Compiled(files[-1].SerializeToString(), needed)


def _print(file: FileDescriptorProto, pool: DescriptorPool) -> str:
    try:
        return print_file(file, pool)
    except Unprintable as error:
        raise SchemaInvalid(Problem("", str(error))) from None


def is_descriptor(text: str) -> bool:
    """Whether a schema was sent as base64 of a file descriptor, as Confluent's serializers send it."""
    return _read_descriptor(text) is not None


def _read_descriptor(text: str) -> FileDescriptorProto | None:
    """Read base64 of a file descriptor, standard or URL-safe alphabet; None if *text* is something else."""
    packed = "".join(text.split())
    if not _BASE64.fullmatch(packed):
        return None
    try:
        content = base64.b64decode(packed.replace("-", "+").replace("_", "/") + "=" * (-len(packed) % 4), validate=True)
        return FileDescriptorProto.FromString(content)
    except (binascii.Error, DecodeError):
        return None


def _loadable(known: Mapping[str, bytes]) -> list[str]:
    """Order the paths of *known* so that each follows what it imports."""
    ordered: list[str] = []
    entered: set[str] = set()
    waiting = [(path, False) for path in known]
    while waiting:
        path, done = waiting.pop()
        if done:
            ordered.append(path)
        elif path not in entered and path in known:
            entered.add(path)
            file = FileDescriptorProto.FromString(known[path])
            waiting.append((path, True))
            waiting.extend((needed, False) for needed in (*file.dependency, *file.option_dependency))
    return ordered


def _declares_anything(file: FileDescriptorProto) -> bool:
    return bool(file.message_type or file.enum_type or file.service or file.extension or file.dependency)


def _plain(given: FileDescriptorProto, reader: OptionReader) -> Message:
    """Return a file without what depends on who made its descriptor."""
    file = FileDescriptorProto()
    file.CopyFrom(given)
    for field in ("name", "source_code_info"):
        file.ClearField(field)
    if file.syntax == "proto2":
        file.ClearField("syntax")
    _plain_fields(file.extension)
    for message in file.message_type:
        _plain_message(message)
    known = reader.known(file)
    _forget(known)
    return known


def _plain_message(message: DescriptorProto) -> None:
    _plain_fields(message.field)
    _plain_fields(message.extension)
    message.nested_type.sort(key=lambda nested: nested.name if nested.options.map_entry else "")
    for nested in message.nested_type:
        _plain_message(nested)


def _plain_fields(fields: Sequence[Message]) -> None:
    for field in fields:
        if field.json_name == default_json_name(field.name) or field.extendee:  # type: ignore[attr-defined]
            field.ClearField("json_name")


def _forget(message: Message) -> None:
    """Drop options that are meant for the source alone, and option messages that hold nothing."""
    for field, value in message.ListFields():
        if for_source_alone(field):
            if field.is_extension:
                message.ClearExtension(handle(message, field))
            else:
                message.ClearField(field.name)
        elif field.message_type is not None and field.is_repeated and not field.message_type.GetOptions().map_entry:
            for one in value:
                _forget(one)
        elif field.message_type is not None and not field.is_repeated:
            _forget(value)
            if not field.is_extension and not value.ListFields() and not len(UnknownFieldSet(value)):
                message.ClearField(field.name)
