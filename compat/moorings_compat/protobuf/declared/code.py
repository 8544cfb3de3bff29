"""Generated code: names and signatures that code written against the older schema uses."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from google.protobuf.descriptor_pb2 import FileOptions, MethodDescriptorProto

from moorings_compat.findings import Severity
from moorings_compat.protobuf.declared.pairs import Candidacy
from moorings_compat.protobuf.differences import Check, Difference, declaration, protobuf_rule
from moorings_compat.protobuf.types import Field, Message
from moorings_compat.rules import Rule

_GUIDES = 'protobuf.dev, "Reference Guides", generated code'
_CODE_OPTIONS = (
    "java_package",
    "java_outer_classname",
    "java_multiple_files",
    "go_package",
    "csharp_namespace",
    "php_namespace",
    "php_class_prefix",
    "php_metadata_namespace",
    "ruby_package",
    "objc_class_prefix",
    "swift_prefix",
    "cc_enable_arenas",
    "optimize_for",
)


def name_removed(both: Candidacy) -> Iterator[Difference]:
    """Find messages, fields, oneofs, enums, symbols, services and rpcs that were removed."""
    for older, message in both.messages():
        if message is None:
            yield _removed(both, older.path, f"message {older.full_name}")
            continue
        had = {field.name: declaration(field) for field in older.fields}
        had |= {oneof: f"oneof {oneof}" for oneof in _oneofs(older)}
        yield from _names_removed(both, older.path, had, {*message.by_name, *_oneofs(message)}, message.path)
    for older_enum, enum in both.enums():
        if enum is None:
            yield _removed(both, older_enum.path, f"enum {older_enum.full_name}")
            continue
        had = {name: f"{name} = {number}" for name, number in older_enum.symbols}
        yield from _names_removed(both, older_enum.path, had, set(enum.by_name), enum.path)
    services = {service.name: service for service in both.candidate.file.service}
    for service in both.older.file.service:
        path = f"/{service.name}"
        if service.name not in services:
            yield _removed(both, path, f"service {service.name}")
            continue
        had = {method.name: f"rpc {method.name}" for method in service.method}
        yield from _names_removed(both, path, had, {method.name for method in services[service.name].method}, path)


def type_changed(both: Candidacy) -> Iterator[Difference]:
    """Find fields whose accessors have another type."""
    for older, message, was, now in _fields(both):
        same_type = was.type == now.type and both.renamed(was.type_name) == now.type_name
        if not same_type or (was.repeated, was.is_map) != (now.repeated, now.is_map):
            yield _changed(both, older, message, was, now, f"the type of `{was.name}` changed in generated code.")


def presence_changed(both: Candidacy) -> Iterator[Difference]:
    """Find fields that gain or lose the methods for presence, or that become required."""
    for older, message, was, now in _fields(both):
        if was.presence is not now.presence and not was.repeated and not now.repeated:
            sentence = (
                f"the presence of `{was.name}` changed from {was.presence.name.lower()} to {now.presence.name.lower()}."
            )
            yield _changed(both, older, message, was, now, sentence)


def oneof_changed(both: Candidacy) -> Iterator[Difference]:
    """Find fields that join or leave a oneof."""
    for older, message, was, now in _fields(both):
        if was.oneof != now.oneof:
            places = [f"in the oneof `{one.oneof}`" if one.oneof else "outside any oneof" for one in (was, now)]
            yield _changed(both, older, message, was, now, f"`{was.name}` was {places[0]} and is now {places[1]}.")


def enum_changed(both: Candidacy) -> Iterator[Difference]:
    """Find enums that become open or closed: in some languages a closed enum is a type and an open enum an integer."""
    for older, enum in both.enums():
        if enum is not None and older.closed != enum.closed:
            words = [f"{'closed' if one.closed else 'open'} enum {one.full_name}" for one in (older, enum)]
            sentence = f"enum {enum.full_name} was {words[0].split()[0]} and is now {words[1].split()[0]}."
            yield both.difference(older.path, words[0], enum.path, words[1], sentence)


def rpc_changed(both: Candidacy) -> Iterator[Difference]:
    """Find rpcs with another request, response or streaming."""
    services = {service.name: service for service in both.candidate.file.service}
    for service in both.older.file.service:
        methods = {method.name: method for method in services[service.name].method} if service.name in services else {}
        for method in service.method:
            now = methods.get(method.name)
            if now is not None and _rpc_signature(method, both) != _rpc_signature(now, None):
                path = f"/{service.name}/{method.name}"
                sentence = f"the signature of the rpc `{method.name}` changed."
                yield both.difference(path, _rpc_text(method), path, _rpc_text(now), sentence)


def option_changed(both: Candidacy) -> Iterator[Difference]:
    """Find file options that move or rename generated code."""
    was, now = both.older.file.options, both.candidate.file.options
    for name in _CODE_OPTIONS:
        if name in FileOptions.DESCRIPTOR.fields_by_name and getattr(was, name) != getattr(now, name):
            before, after = (f"{name} = {getattr(one, name)!r}" for one in (was, now))
            yield both.difference("", before, "", after, f"the value of the file option {name} changed.")


def _fields(both: Candidacy) -> Iterator[tuple[Message, Message, Field, Field]]:
    """Yield each field of the older schema that the candidate has by name and that changed in any way."""
    for older, message in both.messages():
        for was in older.fields if message is not None else ():
            now = message.by_name.get(was.name) if message is not None else None
            if message is not None and now is not None and now != was:
                yield older, message, was, now


def _changed(both: Candidacy, older: Message, message: Message, was: Field, now: Field, sentence: str) -> Difference:
    paths = f"{older.path}/{was.name}", f"{message.path}/{now.name}"
    return both.difference(paths[0], declaration(was), paths[1], declaration(now), sentence)


def _names_removed(
    both: Candidacy, path: str, had: Mapping[str, str], has: AbstractSet[str], beside: str
) -> Iterator[Difference]:
    for name, declared in had.items():
        if name not in has:
            yield _removed(both, f"{path}/{name}", declared, beside)


def _removed(both: Candidacy, path: str, had: str, beside: str = "") -> Difference:
    message = f"`{path.rpartition('/')[2]}` was removed: code that uses it no longer compiles."
    return both.difference(path, had, beside, "removed", message)


def _oneofs(message: Message) -> set[str]:
    return {field.oneof for field in message.fields if field.oneof}


def _rpc_signature(method: MethodDescriptorProto, both: Candidacy | None) -> tuple[object, ...]:
    names = [name.removeprefix(".") for name in (method.input_type, method.output_type)]
    if both is not None:
        names = [both.renamed(name) for name in names]
    return (*names, method.client_streaming, method.server_streaming)


def _rpc_text(method: MethodDescriptorProto) -> str:
    takes = "stream " * method.client_streaming + method.input_type.removeprefix(".")
    gives = "stream " * method.server_streaming + method.output_type.removeprefix(".")
    return f"rpc {method.name}({takes}) returns ({gives})"


def _rule(code: str, title: str, *, why: str, fix: str, mirror: str, example: str) -> Rule:
    return protobuf_rule(code, Severity.BREAK, title, why=why, fix=fix, source=_GUIDES, mirror=mirror, example=example)


_SAME_BACK = "itself: the change back is the same break"

CHECKS: tuple[Check[Candidacy], ...] = (
    Check(
        _rule(
            "PROTO_SOURCE_NAME_REMOVED",
            "a name that code uses was removed",
            why="Generated classes, accessors, constants and stubs carry these names; code that uses one no longer "
            "compiles.",
            fix="Keep the name and mark it deprecated.",
            mirror="none: an added name breaks no code",
            example="older: rpc Place(Order) returns (Receipt);  candidate: without it",
        ),
        name_removed,
    ),
    Check(
        _rule(
            "PROTO_SOURCE_TYPE_CHANGED",
            "a field has another type in generated code",
            why="Accessors have another type, even if the bytes are the same.",
            fix="Keep the type, and add a field for the new type.",
            mirror=_SAME_BACK,
            example="older: int32 n = 1;  candidate: int64 n = 1;",
        ),
        type_changed,
    ),
    Check(
        _rule(
            "PROTO_SOURCE_PRESENCE_CHANGED",
            "a field has another presence",
            why="Methods for presence appear or disappear, and the field's type can become optional.",
            fix="Keep `optional`, or leave it out, as it was: generated code asks whether the field is there.",
            mirror=_SAME_BACK,
            example="older: optional int32 n = 1;  candidate: int32 n = 1;  (proto3)",
        ),
        presence_changed,
    ),
    Check(
        _rule(
            "PROTO_SOURCE_ONEOF_CHANGED",
            "a field joined or left a oneof",
            why="In generated code a oneof is a type of its own, through which code uses its members.",
            fix="Keep the field in its oneof, or outside of any, as it was.",
            mirror=_SAME_BACK,
            example="older: int32 a = 1;  candidate: oneof o { int32 a = 1; }",
        ),
        oneof_changed,
    ),
    Check(
        _rule(
            "PROTO_SOURCE_ENUM_CHANGED",
            "an enum became open or closed",
            why="Code that lists all cases has one case more or less to handle, and accessors can change their type.",
            fix="Keep features.enum_type as it is.",
            mirror=_SAME_BACK,
            example="older: enum E { A = 0; } (proto2)  candidate: enum E { A = 0; } (proto3)",
        ),
        enum_changed,
    ),
    Check(
        _rule(
            "PROTO_SOURCE_RPC_CHANGED",
            "an rpc has another signature",
            why="Stubs have another request or response, or a stream of them.",
            fix="Add an rpc with another name.",
            mirror=_SAME_BACK,
            example="older: rpc Place(Order) returns (Receipt);  candidate: rpc Place(Order) returns (stream Receipt);",
        ),
        rpc_changed,
    ),
    Check(
        _rule(
            "PROTO_SOURCE_OPTION_CHANGED",
            "a file option for generated code changed",
            why="Generated code moves to another package, namespace or class, and code that imports it no longer "
            "compiles.",
            fix="Keep the option.",
            mirror=_SAME_BACK,
            example='older: option java_package = "a";  candidate: option java_package = "b";',
        ),
        option_changed,
    ),
)
