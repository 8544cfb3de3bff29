"""A second reader: `protoc --decode`, the C++ parser, which is independent of the runtime that made the witness."""

import re
import subprocess
import tempfile
from pathlib import Path

from google.protobuf import text_format
from google.protobuf.message import Message

from moorings_compat import Schema
from moorings_compat.protobuf import descriptor_set, message_class
from moorings_compat.protobuf.compiled import compiled
from moorings_compat.protobuf.compiler import find_compiler
from moorings_compat.protobuf.wire.values import first_misread

_OPENS_UNKNOWN = re.compile(r"^\s*\d+\s*\{$")
_UNKNOWN = re.compile(r"^\s*\d+:")


def second_opinion(reader: Schema, read_as: str, written: Message, encoded: bytes) -> str | None:
    """Report how protoc refuses or misreads *encoded* as *read_as*; None if it does neither."""
    if read_as not in compiled(reader).types.messages:
        return "no such message"
    printed, complaints = _decode(reader, read_as, encoded)
    if "Failed to parse" in complaints or "missing required" in complaints:
        return complaints
    read = message_class(reader, read_as)()
    try:
        text_format.Parse(_without_unknown(printed), read, descriptor_pool=compiled(reader).pool)
    except text_format.ParseError as error:
        if "utf-8" in str(error):
            return None  # an unchecked string keeps its bytes, which Python's text format cannot parse
        raise
    return first_misread(read, written)


def _decode(reader: Schema, read_as: str, encoded: bytes) -> tuple[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "files.bin"
        files.write_bytes(descriptor_set(reader).SerializeToString())
        name = descriptor_set(reader).file[-1].name
        command = [*find_compiler(), f"--descriptor_set_in={files}", f"--decode={read_as}", name]
        done = subprocess.run(command, input=encoded, capture_output=True, check=False, timeout=30)
    return done.stdout.decode(), done.stderr.decode()


def _without_unknown(printed: str) -> str:
    """Drop unknown fields, which protoc prints under their numbers."""
    kept: list[str] = []
    inside = 0
    for line in printed.splitlines():
        if inside or _OPENS_UNKNOWN.match(line):
            inside += line.rstrip().endswith("{") - (line.strip() == "}")
        elif not _UNKNOWN.match(line):
            kept.append(line)
    return "\n".join(kept)
