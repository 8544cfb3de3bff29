"""The schema that a handle reads events as, if its user chooses one: a version, a revision, a file, or a class.

A class names the contract that it was made from in ``__moorings_contract__``, an object with `subject`, `major`,
`label`, `guid`, `format` and `schema` (the text); if its schema refers to others it has a method `parsed`, which gives
the parsed `Schema`. `label` and `guid` are None if the class was made from a file.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from moorings.api.responses import Event, Revision
from moorings.contracts.schema_cache import LIMITS
from moorings.errors import ContractUnknown, SettingInvalid
from moorings_compat import Format, Schema, SchemaError, parse

CLASS_ATTRIBUTE = "__moorings_contract__"
ReaderOption = int | str | Path | type | None
"""A version's number, a revision's label (``"1.2"``), a file, or a class."""

_LABEL = re.compile(r"[0-9]+\.[0-9]+")


@dataclass(frozen=True, slots=True)
class ReaderSchema:
    """A schema to read events as, and its name in errors."""

    label: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class ClassContract:
    """The contract that a class was made from; `label` and `guid` are None where it came from a file."""

    name: str
    subject: str
    major: int
    label: str | None
    guid: UUID | None
    parsed: Callable[[], Schema]

    def revision(self, event: Event) -> Revision | None:
        """Find the revision that the class was made from; None where the registry does not have it.

        Raises:
            SettingInvalid: another schema has that label.
        """
        revisions = [one for major in event.majors for one in major.revisions if major.major == self.major]
        same = next((one for one in revisions if one.guid == self.guid), None)
        if same is None and self.guid is not None and any(one.label == self.label for one in revisions):
            raise SettingInvalid(
                f"{self.name} was made from another schema than this registry's {self.subject} {self.label}: "
                "run `moorings generate` again"
            )
        return same

    def reader_schema(self) -> ReaderSchema:
        """Parse what the class carries.

        Raises:
            SettingInvalid: it is not a schema.
        """
        try:
            return ReaderSchema(f"class {self.name}", self.parsed())
        except SchemaError as error:
            reason = str(error)
        raise SettingInvalid(f"the schema that {self.name} carries cannot be parsed: {reason}")


def read_class(kind: object, subject: str, major: int) -> ClassContract | None:
    """Read a class's contract; None for anything that is not a class.

    Raises:
        SettingInvalid: the class has no contract, or another one.
    """
    if not isinstance(kind, type):
        return None
    found = getattr(kind, CLASS_ATTRIBUTE, None)
    try:
        contract = _class_contract(kind.__qualname__, found)
    except (AttributeError, TypeError, ValueError):
        raise SettingInvalid(
            f"{kind.__qualname__} has no {CLASS_ATTRIBUTE}: it was not made by `moorings generate`"
        ) from None
    if (contract.subject, contract.major) != (subject, major):
        raise SettingInvalid(
            f"{contract.name} is a class of {contract.subject} major {contract.major}, not of {subject} major {major}"
        )
    return contract


def _class_contract(name: str, found: Any) -> ClassContract:
    format = Format(found.format)
    text = str(found.schema)
    parsed = getattr(found, "parsed", None)
    return ClassContract(
        name=name,
        subject=str(found.subject),
        major=int(found.major),
        label=None if found.label is None else str(found.label),
        guid=None if found.guid is None else UUID(str(found.guid)),
        parsed=parsed if callable(parsed) else lambda: parse(text, format, (), LIMITS),
    )


def revision_of(event: Event, reader: int | str) -> Revision:
    """Find a revision by version number or label.

    Raises:
        ContractUnknown: the registry has no such version.
    """
    for major in event.majors:
        for one in major.revisions:
            if reader in (one.version, one.label) and not one.deleted:
                return one
    raise ContractUnknown(event.subject, int(str(reader).partition(".")[0]), f"no version {reader}")


def is_file(reader: object) -> bool:
    """Say whether a reader is a path rather than a label."""
    return isinstance(reader, Path) or (isinstance(reader, str) and _LABEL.fullmatch(reader) is None)


def read_file(path: Path) -> ReaderSchema:
    """Parse a schema file; one that lies in a folder of contracts finds what it refers to there.

    Raises:
        SettingInvalid: the file cannot be read, or it is not a schema.
    """
    # 0.017 CPU-seconds, a quarter of `import moorings`, for those alone who read as a file.
    from moorings.layout.schema_files import SourceInvalid, read_schema

    try:
        return ReaderSchema(path.name, read_schema(path, limits=LIMITS))
    except SourceInvalid as error:
        reason = f"the reader cannot be read: {error}"
    except SchemaError as error:
        reason = f"the reader {path} cannot be parsed: {error}"
    raise SettingInvalid(reason)
