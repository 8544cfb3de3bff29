"""A contract file: one major of one event, ``OrderPlaced.v1.avsc`` in the folder of its domain."""

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from moorings_compat import Format

SUFFIXES = {"avsc": Format.AVRO, "schema.json": Format.JSON, "proto": Format.PROTOBUF}
ENDINGS = {format: suffix for suffix, format in SUFFIXES.items()}

_NAME = re.compile(
    r"(?P<event>[A-Za-z_][A-Za-z0-9_]*)\.v(?P<major>[1-9][0-9]{0,5})\.(?P<suffix>avsc|schema\.json|proto)"
)
_MEANT = re.compile(
    r"(?P<event>.*?)(?:[._-]v(?P<major>[0-9]{1,6}))?\.(?P<ending>avsc|schema\.json|proto|toml|json)",
    re.IGNORECASE | re.DOTALL,
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
    """Return the name of a contract's file: ``OrderPlaced.v2.avsc``."""
    return f"{event}.v{major}.{ENDINGS[format]}"


def is_meant_for_a_contract(name: str) -> bool:
    """Whether a file's ending is that of a contract or of its settings: nothing else is kept in files like these.

    ``OrderLost.avsc``, ``order-lost.v1.proto`` and ``Order-Lost.toml`` are; so is ``OrderLost.v1.json``, for its major.
    """
    match = _MEANT.fullmatch(name)
    return match is not None and (match["ending"].lower() != "json" or match["major"] is not None)


def corrected_name(name: str, taken: Container[str] = ()) -> str:
    """Return the name that a file which is meant for a contract should have: ``OrderLost.v1.avsc``.

    Where it names no major, the first one is proposed whose name is not *taken*. Empty: it has no event's name in it.
    """
    match = _MEANT.fullmatch(name)
    event = _event_of(match["event"]) if match is not None else ""
    if match is None or not event:
        return ""
    ending = match["ending"].lower()
    ending = "schema.json" if ending == "json" else ending
    major = int(match["major"] or 0)
    if ending == "toml" and not major:
        return f"{event}.toml"
    names = (f"{event}.v{one}.{ending}" for one in ((major,) if major else count(1)))
    return next((one for one in names if major or one not in taken), "")


def _event_of(text: str) -> str:
    """Return the name of an event that *text* spells in another way: ``order-lost`` is OrderLost.

    Accents are left out. Empty where a letter is none of ASCII even so: a name without it would be another word.
    """
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    if any(one.isalnum() and not one.isascii() for one in plain):
        return ""
    parts = [one for one in re.split(r"[^A-Za-z0-9_]+", plain) if one]
    event = parts[0] if len(parts) == 1 else "".join(one[:1].upper() + one[1:] for one in parts)
    return event if event and not event[0].isdigit() else ""


def format_of(path: Path) -> Format | None:
    """Return the format of a schema file by its ending; ``.json`` is JSON Schema."""
    endings = {".avsc": Format.AVRO, ".json": Format.JSON, ".proto": Format.PROTOBUF}
    return endings.get(path.suffix.lower())
