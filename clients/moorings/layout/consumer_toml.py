"""Writing recorded fields into a consumer's file, whose comments and order are kept. Needs the extra `cli`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from moorings.layout.toml_update import TomlInvalid


@dataclass(frozen=True, slots=True)
class RecordedRead:
    """What the tests of an application touched of one major of an event: paths with their uses."""

    event: str
    major: int
    fields: Mapping[str, str]


def with_recorded(text: str, application: str, recorded: Iterable[RecordedRead], *, prune: bool) -> str:
    """Bring the text of a consumer's file up to what was recorded; with *prune*, drop fields that were not touched.

    A field that the file has keeps its use, and its place. A major that the file does not have is added.

    Raises:
        TomlInvalid: the text is not TOML.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise TomlInvalid(str(error)) from None
    if "application" not in document:
        document["application"] = application
    reads: Any = document.get("reads")
    if reads is None:
        reads = document["reads"] = tomlkit.aot()
    for one in recorded:
        table = next((read for read in reads if (read.get("event"), read.get("major")) == (one.event, one.major)), None)
        if table is None:
            table = tomlkit.table()
            table["event"], table["major"] = one.event, one.major
            reads.append(table)
        if "reader" not in table:
            _put_fields(table, one.fields, prune=prune)
    return tomlkit.dumps(document)


def _put_fields(table: Any, touched: Mapping[str, str], *, prune: bool) -> None:
    fields: Any = table.get("fields")
    if fields is None:
        fields = table["fields"] = tomlkit.array().multiline(True)
    known = [_path(one) for one in fields]
    if prune:
        for index in reversed(range(len(known))):
            if known[index] not in touched:
                del fields[index]
    for path, use in sorted(touched.items()):
        if path not in known:
            fields.append(path if use == "required" else _inline(path, use))


def _path(field: Any) -> str:
    return str(field.get("path")) if isinstance(field, Mapping) else str(field)


def _inline(path: str, use: str) -> Any:
    table = tomlkit.inline_table()
    table.update({"path": path, "use": use})
    return table
