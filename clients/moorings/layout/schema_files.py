"""Schema files with what they refer to: in a folder of contracts, among the files around them, or named one by one."""

from collections.abc import Sequence
from pathlib import Path

from moorings.layout.contract_file import ContractFile, format_of, split_file_name
from moorings.layout.domain_file import FILE_NAME
from moorings.layout.folder import Folder, read_folder
from moorings.layout.nearby_files import NearbyFiles
from moorings.layout.parsed import Parsed
from moorings.layout.paths_within import is_within
from moorings_compat import (
    DEFAULT_DIALECT,
    LARGEST_LIMITS,
    Dialect,
    Limits,
    Reference,
    ReferenceMissing,
    ResolvedReference,
    Schema,
    parse,
)


class SourceInvalid(ValueError):
    """A file or revision cannot be used; the message says why and what to do."""


def contract_at(path: Path) -> tuple[Folder, ContractFile] | None:
    """Find the contract that *path* is in the folder around it; None for a file outside the layout."""
    path = path.resolve()
    if split_file_name(path.name) is None or not (path.parent / FILE_NAME).is_file():
        return None
    folder = read_folder(path.parent.parent)
    found = next((one for one in folder.contracts if one.path == path), None)
    return (folder, found) if found is not None else None


def read_schema(
    path: Path,
    references: Sequence[tuple[str, Path]] = (),
    *,
    limits: Limits = LARGEST_LIMITS,
    dialect: Dialect | None = None,
    root: Path | None = None,
) -> Schema:
    """Parse the schema in a file, with *references* by name, or those of the folder of contracts that it lies in.

    A file outside of such a folder may refer to the files in *root* and below, by default those of its own folder.
    A dialect of another party is read as *dialect*, or what the folder of contracts says.

    Raises:
        SourceInvalid: the file cannot be read, or its format is unknown.
        SchemaError: not a schema.
    """
    found = contract_at(path)
    if found is not None and not references:
        parsed = Parsed(found[0])
        if parsed.uses(found[1]):
            return _in_folder(parsed, found[1])
    if dialect is None:
        dialect = found[0].json_dialect(found[1].domain) if found is not None else DEFAULT_DIALECT
    format = format_of(path)
    if format is None:
        raise SourceInvalid(f"{path}: unknown file type; schema files end in .avsc, .schema.json or .proto")
    nearby = NearbyFiles(_root_of(path, root), limits, dialect, _resolved(references))
    return nearby.schema(path, read_text(path), format)


def _root_of(path: Path, root: Path | None) -> Path:
    if root is None:
        return path.resolve().parent
    if not is_within(path, root):
        raise SourceInvalid(f"{path} is not in the folder {root}")
    return root


def read_text(path: Path) -> str:
    """Read a UTF-8 text file.

    Raises:
        SourceInvalid: the file cannot be opened, or it is not UTF-8.
    """
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise SourceInvalid(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SourceInvalid(f"{path}: not UTF-8") from None


def _resolved(references: Sequence[tuple[str, Path]]) -> tuple[ResolvedReference, ...]:
    """Read the referenced files, in whatever order they were given: each may use those that were read before it.

    Raises:
        ReferenceMissing: one uses a name that is not among them, or they use one another in a circle.
    """
    waiting = list(references)
    resolved: list[ResolvedReference] = []
    while waiting:
        later: list[tuple[str, Path]] = []
        for name, target in waiting:
            try:
                schema = _referenced(target, tuple(resolved))
            except ReferenceMissing:
                if len(later) + 1 == len(waiting):
                    raise
                later.append((name, target))
            else:
                resolved.append(ResolvedReference(Reference(name, name, 1), schema))
        waiting = later
    return tuple(resolved)


def _referenced(path: Path, others: tuple[ResolvedReference, ...]) -> Schema:
    """Read a schema by itself; with the *others* if it needs them."""
    try:
        return read_schema(path)
    except ReferenceMissing:
        format = format_of(path)
        if not others or format is None:
            raise
    return parse(read_text(path), format, others, LARGEST_LIMITS)


def _in_folder(parsed: Parsed, contract: ContractFile) -> Schema:
    schema = parsed.schema(contract)
    if schema is None:
        reasons = "; ".join(f"{one.file.name}: {one.message}" for one in parsed.issues)
        raise SourceInvalid(reasons)
    return schema
