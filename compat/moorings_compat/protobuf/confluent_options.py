"""Options of Confluent's as its own products write them: found by their full names, whatever encloses the place.

A text of package ``io.confluent.something`` that says ``(confluent.field_meta)`` names ``io.confluent.field_meta`` by
the rule of scopes, which does not exist; and Flink's tables import nothing. Confluent's registry resolves neither, so
such texts are in other registries. A text that protoc refuses is compiled once more with these options named from the
outermost scope, and with the import that declares them. What is kept is the text as it was sent.
"""

import re

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from moorings_compat.errors import SchemaError
from moorings_compat.protobuf.compiler import compile_text
from moorings_compat.protobuf.files import as_set, known_files
from moorings_compat.protobuf.imports import Import, outline

META_FILE = "confluent/meta.proto"
_OPTION = re.compile(
    r"""//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?"""
    r"""|\(\s*\.?confluent\s*\.\s*((?:file|message|field|enum|enum_value)_meta)\s*\)""",
    re.DOTALL,
)
"""Comments and strings, which are skipped, and the options in parentheses."""


def compile_source(text: str, name: str, known: bytes, *, source_info: bool = False) -> bytes:
    """Compile *text* as `compile_text` does, with the options of Confluent's found by their full names.

    Raises:
        SchemaInvalid, ReferenceMissing, ProtobufCompilerUnavailable: as `compile_text`, about the text as it is.
    """
    try:
        return compile_text(text, name, known, source_info=source_info)
    except SchemaError:
        named = _from_the_outermost_scope(text)
        if named is None:
            raise
        try:
            return compile_text(*_with_import(named, name, known), source_info=source_info)
        except SchemaError:
            pass
        raise


def _from_the_outermost_scope(text: str) -> str | None:
    """Return *text* with its options of Confluent's named in full, in the same lines; None if it uses none."""
    found = False

    def named(match: re.Match[str]) -> str:
        nonlocal found
        if match[1] is None:
            return match[0]
        found = True
        return f"(.confluent.{match[1]})" + "\n" * match[0].count("\n")

    written = _OPTION.sub(named, text)
    return written if found else None


def _with_import(text: str, name: str, known: bytes) -> tuple[str, str, bytes]:
    """Add the import that declares the options, behind the last line, unless *text* has it."""
    if any(one.path == META_FILE for one in outline(text).imports):
        return text, name, known
    files = FileDescriptorSet.FromString(known).file
    present = {file.name: file.SerializeToString() for file in files}
    meta = known_files([Import(META_FILE, 0, 0)], {})
    every = as_set({**{path: file for path, file in meta.items() if path not in present}, **present})
    return f'{text}\nimport "{META_FILE}";', name, every
