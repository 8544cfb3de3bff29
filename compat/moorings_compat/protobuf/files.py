"""The files that a schema can import: its declared references, and those that every reader of Protobuf knows.

A file is a serialized `FileDescriptorProto` under the path it is imported by. Google's own come from the installed
runtime, so that compiler and runtime cannot disagree on them.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache

from google.protobuf import (
    any_pb2,
    api_pb2,
    descriptor_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    source_context_pb2,
    struct_pb2,
    timestamp_pb2,
    type_pb2,
    wrappers_pb2,
)
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from moorings_compat.errors import Problem, ReferenceMissing, SchemaError, SchemaInvalid
from moorings_compat.limits import Limits
from moorings_compat.protobuf.common_types import TEXTS
from moorings_compat.protobuf.compiled import compiled
from moorings_compat.protobuf.compiler import FILE_NAME, compile_text, missing_import
from moorings_compat.protobuf.imports import Import, outline, require_plain_path
from moorings_compat.schema import ResolvedReference, Schema

_RUNTIME: dict[str, bytes] = {
    module.DESCRIPTOR.name: module.DESCRIPTOR.serialized_pb
    for module in (
        any_pb2,
        api_pb2,
        descriptor_pb2,
        duration_pb2,
        empty_pb2,
        field_mask_pb2,
        source_context_pb2,
        struct_pb2,
        timestamp_pb2,
        type_pb2,
        wrappers_pb2,
    )
}
_GOOGLES_OWN = "google/protobuf/"
"""Paths under here that the runtime does not carry (language features) come from the files beside protoc."""


def declared_files(references: Sequence[ResolvedReference], limits: Limits) -> dict[str, bytes]:
    """Collect the files of *references* and of all that they refer to, by import path.

    Raises:
        SchemaInvalid: a path that is not plain, or two schemas under one path.
        SchemaLimitExceeded: more references than *limits* allows.
    """
    files: dict[str, bytes] = {}
    owners: dict[str, Schema] = {}
    waiting = list(references)
    while waiting:
        one = waiting.pop(0)
        path = one.reference.name
        if path in owners:
            if owners[path] != one.schema:
                raise SchemaInvalid(Problem("", f'two different schemas have the reference name "{path}"'))
            continue
        require_plain_path(path, "")
        owners[path] = one.schema
        limits.allow("the number of references", len(owners), limits.references)
        files[path] = _renamed(compiled(one.schema).own, path)
        waiting.extend(one.schema.references)
    return files


def known_files(imports: Iterable[Import], declared: Mapping[str, bytes]) -> dict[str, bytes]:
    """Collect everything that *imports* reach, by import path.

    Raises:
        ReferenceMissing: with every path that is neither declared nor commonly known.
        SchemaInvalid: a path that is not plain.
    """
    missing: list[Problem] = []
    found: dict[str, bytes] = {}
    for one in imports:
        require_plain_path(one.path, one.where)
        if not _gather(one.path, declared, found):
            missing.append(missing_import(one.path, one.where))
    if missing:
        raise ReferenceMissing(*missing)
    return found


def as_set(files: Mapping[str, bytes]) -> bytes:
    """Serialize *files* as one `FileDescriptorSet`."""
    return FileDescriptorSet(file=map(FileDescriptorProto.FromString, files.values())).SerializeToString()


def free_name(paths: Iterable[str]) -> str:
    """Choose a file name for the text itself that none of *paths* has."""
    taken = set(paths)
    name = FILE_NAME
    while name in taken:
        name = f"_{name}"
    return name


def _gather(path: str, declared: Mapping[str, bytes], found: dict[str, bytes]) -> bool:
    """Add *path* and what it imports to *found*; say whether *path* itself can be resolved."""
    waiting = [path]
    while waiting:
        wanted = waiting.pop()
        if wanted in found:
            continue
        file = _file(wanted, declared)
        if file is None:
            return False
        found[wanted] = file
        waiting.extend(_imported(file))
    return True


def _file(path: str, declared: Mapping[str, bytes]) -> bytes | None:
    if path in _RUNTIME:
        return _RUNTIME[path]
    if path in declared:
        return declared[path]
    if path in TEXTS:
        return _common(path)
    return _beside_compiler(path) if path.startswith(_GOOGLES_OWN) else None


@cache
def _common(path: str) -> bytes:
    """Compile one of the commonly known texts, once in a process."""
    known = known_files(outline(TEXTS[path]).imports, {})
    files = FileDescriptorSet.FromString(compile_text(TEXTS[path], FILE_NAME, as_set(known)))
    return _renamed(files.file[-1].SerializeToString(), path)


@lru_cache(maxsize=64)
def _beside_compiler(path: str) -> bytes | None:
    """Ask the compiler for one of the files that it brings along; None if it has no file of that name."""
    known = FileDescriptorSet(file=map(FileDescriptorProto.FromString, _RUNTIME.values())).SerializeToString()
    try:
        compiled_set = compile_text(f'syntax = "proto3"; import "{path}";', FILE_NAME, known)
    except SchemaError:
        return None
    files = FileDescriptorSet.FromString(compiled_set).file
    return next(file.SerializeToString() for file in files if file.name == path)


def _renamed(file: bytes, path: str) -> bytes:
    descriptor = FileDescriptorProto.FromString(file)
    descriptor.name = path
    return descriptor.SerializeToString()


def _imported(file: bytes) -> tuple[str, ...]:
    descriptor = FileDescriptorProto.FromString(file)
    return (*descriptor.dependency, *descriptor.option_dependency)
