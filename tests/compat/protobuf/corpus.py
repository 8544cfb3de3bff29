"""Published `.proto` files: Google's common types and APIs, and the files of the compiler."""

import sysconfig
from functools import cache
from pathlib import Path

from moorings_compat import Format, Reference, ResolvedReference, Schema, parse
from moorings_compat.protobuf.imports import outline

_FOLDERS = [Path(sysconfig.get_path("platlib")), Path(sysconfig.get_path("data")) / "include"]
_KNOWN = ("google/protobuf/", "google/type/")

FILES = {
    file.relative_to(folder).as_posix(): file
    for folder in _FOLDERS
    for file in sorted((folder / "google").rglob("*.proto"))
}


@cache
def shipped(path: str) -> Schema:
    """Parse a shipped file with what it imports declared as references."""
    text = FILES[path].read_text(encoding="utf-8")
    imports = [one.path for one in outline(text).imports if not one.path.startswith(_KNOWN)]
    return parse(text, Format.PROTOBUF, [ResolvedReference(Reference(one, one, 1), shipped(one)) for one in imports])
