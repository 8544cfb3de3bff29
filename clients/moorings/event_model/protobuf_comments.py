"""The comments in a ``.proto`` text: the documentation of its messages, enums and fields."""

from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from moorings_compat import Schema
from moorings_compat.protobuf import descriptor_set
from moorings_compat.protobuf.confluent_options import compile_source


def comments_of(schema: Schema) -> dict[str, str]:
    """Collect the comments before messages, enums and fields by full name, those of references included.

    The text is compiled for this: descriptors at run time do not have its comments.
    """
    found: dict[str, str] = {}
    for reference in schema.references:
        found.update(comments_of(reference.schema))
    known = FileDescriptorSet(file=list(descriptor_set(schema).file)[:-1])
    name = descriptor_set(schema).file[-1].name
    compiled = FileDescriptorSet.FromString(
        compile_source(schema.text, name, known.SerializeToString(), source_info=True)
    )
    file = compiled.file[-1]
    comments = {
        tuple(one.path): one.leading_comments or one.trailing_comments for one in file.source_code_info.location
    }
    for path, full_name in _paths(file):
        text = comments.get(path, "")
        if text.strip():
            found[full_name] = "\n".join(line.removeprefix(" ").rstrip() for line in text.strip("\n").split("\n"))
    return found


def _paths(file: FileDescriptorProto) -> Iterator[tuple[tuple[int, ...], str]]:
    """Yield the path of each message, enum and field in the numbers of `FileDescriptorProto`'s own fields."""
    yield from _message_paths(file.message_type, (4,), file.package)
    yield from _named_paths(file.enum_type, (5,), file.package)


def _message_paths(messages: Sequence[Any], at: tuple[int, ...], scope: str) -> Iterator[tuple[tuple[int, ...], str]]:
    for number, message in enumerate(messages):
        name = f"{scope}.{message.name}" if scope else message.name
        here = (*at, number)
        yield here, name
        yield from _named_paths(message.field, (*here, 2), name)
        yield from _message_paths(message.nested_type, (*here, 3), name)
        yield from _named_paths(message.enum_type, (*here, 4), name)


def _named_paths(named: Sequence[Any], at: tuple[int, ...], scope: str) -> Iterator[tuple[tuple[int, ...], str]]:
    for number, one in enumerate(named):
        yield (*at, number), f"{scope}.{one.name}" if scope else one.name
