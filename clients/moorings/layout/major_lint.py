"""Files of majors against the schemas beside them: tags for fields that exist, and fields that need a tag."""

import difflib
import re
from collections.abc import Iterator

from moorings.layout.contract_file import ContractFile
from moorings.layout.field_names import fields_by_full_name
from moorings.layout.folder import Folder
from moorings.layout.issues import Issue, Weight
from moorings.layout.major_file import MajorFile
from moorings.layout.parsed import Parsed
from moorings.layout.toml_lines import line_of, lines_of
from moorings.rules.tagged_fields import tagged_model_of
from moorings_compat import Schema
from moorings_compat.field_tags import Tags

INTERNAL = "internal"
"""The tag of fields that consumers outside the domain must not read."""

_INTERNAL_NAME = re.compile(r"_.+|internal_.+", re.IGNORECASE)


def major_issues(folder: Folder, parsed: Parsed) -> Iterator[Issue]:
    """Yield what is wrong with each file of a major, and with fields that look internal and are not marked so."""
    for major in folder.majors:
        if folder.contract(major.subject, major.major) is None:
            message = f"there is not a schema of {major.label} beside it"
            advice = f"Add it as {major.event}.v{major.major}.avsc, .schema.json or .proto, or remove this file."
            yield Issue(major.path, "MAJOR_WITHOUT_SCHEMA", message, advice)
    for contract in folder.contracts:
        schema = parsed.schema(contract)
        if schema is not None:
            own = folder.major(contract.subject, contract.major)
            yield from _tag_issues(contract, schema, own)
            yield from _untagged_issues(contract, schema, own)


def _tag_issues(contract: ContractFile, schema: Schema, major: MajorFile | None) -> Iterator[Issue]:
    """Report tags for paths that no field has."""
    tags = (major.metadata or {}).get("tags", {}) if major is not None else {}
    if major is None or not tags:
        return
    names = list(fields_by_full_name(tagged_model_of(schema, contract.event, None)))
    for path, given in tags.items():
        wanted = Tags({"tags": {path: given}})
        if not any(wanted.of(name) for name in names):
            close = difflib.get_close_matches(path, names, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            line = line_of(lines_of(major.path.read_text("utf-8")), ("metadata", "tags", path))
            message = f"metadata.tags names {path!r}, which no field of {contract.path.name} has{hint}"
            advice = f"Fields of this schema are named as {names[0]}." if names else "The schema has no fields."
            place = f"metadata.tags.{path}"
            yield Issue(major.path, "TAG_PATH_UNKNOWN", message, advice, Weight.ERROR, place, line)


def _untagged_issues(contract: ContractFile, schema: Schema, major: MajorFile | None) -> Iterator[Issue]:
    """Ask for the tag `internal` at fields whose names say that they are internal."""
    metadata = major.metadata if major is not None else None
    for field in fields_by_full_name(tagged_model_of(schema, contract.event, metadata)).values():
        if _INTERNAL_NAME.fullmatch(field.name) and INTERNAL not in {tag.casefold() for tag in field.tags}:
            message = f"the field {field.name!r} looks internal, and has no tag {INTERNAL!r}"
            file = f"{contract.event}.v{contract.major}.toml"
            advice = f'Tag it in the schema, or in {file}: [metadata.tags] "{field.full_name}" = ["{INTERNAL}"].'
            line = field_line(contract, field.name)
            if line:  # else it belongs to a contract that this one uses
                yield Issue(contract.path, "FIELD_INTERNAL_UNTAGGED", message, advice, Weight.WARNING, line=line)


def field_line(contract: ContractFile, name: str) -> int:
    """Return the line where a field's name is in a schema's text first; 0 where it is not in it."""
    found = re.search(rf'"{re.escape(name)}"|\b{re.escape(name)}\s*=\s*\d', contract.text)
    return contract.text.count("\n", 0, found.start()) + 1 if found is not None else 0
