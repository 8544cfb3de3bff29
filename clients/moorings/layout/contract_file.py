"""A contract file: one major of one event, ``OrderPlaced.v1.avsc`` in the folder of its domain."""

import re
from dataclasses import dataclass
from pathlib import Path

from moorings_compat import Format

SUFFIXES = {"avsc": Format.AVRO, "schema.json": Format.JSON, "proto": Format.PROTOBUF}
ENDINGS = {format: suffix for suffix, format in SUFFIXES.items()}

_NAME = re.compile(
    r"(?P<event>[A-Za-z_][A-Za-z0-9_]*)\.v(?P<major>[1-9][0-9]{0,5})\.(?P<suffix>avsc|schema\.json|proto)"
)


@dataclass(frozen=True, slots=True)
class ContractFile:
    """One major of an event, and its text."""

    path: Path
    domain: str
    event: str
    major: int
    format: Format
    text: str

    @property
    def subject(self) -> str:
        return f"{self.domain}.{self.event}"

    @property
    def label(self) -> str:
        """Its name in messages: ``shop.orders.OrderPlaced v1``."""
        return f"{self.subject} v{self.major}"


def split_file_name(name: str) -> tuple[str, int, Format] | None:
    """Split a file's name into event, major and format; None for a file that is not a contract."""
    match = _NAME.fullmatch(name)
    return (match["event"], int(match["major"]), SUFFIXES[match["suffix"]]) if match else None


def file_name(event: str, major: int, format: Format) -> str:
    return f"{event}.v{major}.{ENDINGS[format]}"


def format_of(path: Path) -> Format | None:
    """Return the format of a schema file by its ending; ``.json`` is JSON Schema."""
    endings = {".avsc": Format.AVRO, ".json": Format.JSON, ".proto": Format.PROTOBUF}
    return endings.get(path.suffix.lower())
