"""What a schema file outside the layout refers to, found in the files around it: those of one folder and below.

A `$ref` is looked for by `$id` and by path, an import of Protobuf by path from the folder and from the file's own, a
type of Avro by the file that defines it. Nothing outside the folder is read, and nothing is fetched.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from moorings.layout.contract_file import format_of
from moorings.layout.paths_within import files_below, is_within, path_within
from moorings.layout.toml_reader import did_you_mean
from moorings.layout.used_names import Names, UsedName, names_in
from moorings_compat import (
    Dialect,
    Format,
    Limits,
    Problem,
    Reference,
    ReferenceCircle,
    ReferenceMissing,
    ResolvedReference,
    Schema,
    parse,
)

MOST_FILES = 5_000
"""Files that are looked through for a name; more are a folder that was not meant."""
_LARGEST_BYTES = 16 * 1024 * 1024


class NearbyFiles:
    """Parses files of one folder with what they refer to there; *given* names go first."""

    def __init__(self, root: Path, limits: Limits, dialect: Dialect, given: tuple[ResolvedReference, ...] = ()) -> None:
        self._root = root.resolve()
        self._limits = limits
        self._dialect = dialect
        self._given = given
        self._parsed: dict[Path, Schema] = {}
        self._open: list[Path] = []
        self._called: dict[Format, dict[str, list[Path]]] = {}

    def schema(self, path: Path, text: str, format: Format) -> Schema:
        """Parse *text*, which *path* holds.

        Raises:
            SchemaError: not a schema, or it refers to something that is not in the folder.
        """
        path = path.resolve()
        self._open.append(path)
        try:
            used = names_in(text, format, self._dialect).used
            known = {one.reference.name for one in self._given}
            waiting = [one for one in used if known.isdisjoint((one.name, one.written, one.written.partition("#")[0]))]
            found = {one.name: self._find(one, path, format) for one in waiting}
            missing = [one for one in waiting if found[one.name] is None]
            if missing:
                raise ReferenceMissing(*(Problem(one.place, self._not_found(one, path, format)) for one in missing))
            resolved = [self._resolved(one, file) for one in waiting if (file := found[one.name]) is not None]
            return parse(text, format, (*self._given, *resolved), self._limits, dialect=self._dialect)
        finally:
            self._open.pop()

    def _resolved(self, used: UsedName, file: Path) -> ResolvedReference:
        shown = file.relative_to(self._root).as_posix()
        if file in self._open:
            circle = " → ".join(one.name for one in [*self._open[self._open.index(file) :], file])
            raise ReferenceCircle(Problem(used.place, f"{used.written!r} leads back to a file that needs it: {circle}"))
        if file not in self._parsed:
            format = format_of(file)
            assert format is not None  # only files of a known ending are found
            try:
                self._parsed[file] = self.schema(file, _text(file) or "", format)
            except ReferenceMissing as error:
                problems = (
                    Problem(used.place, f"in {shown}, which {used.written!r} leads to: {one}") for one in error.problems
                )
                raise ReferenceMissing(*problems) from None
        return ResolvedReference(Reference(used.name, shown, 1), self._parsed[file])

    def _find(self, used: UsedName, path: Path, format: Format) -> Path | None:
        """Return the one file that a name means; None where none does, or several do."""
        beside = [file for one in self._paths(used, path, format) if (file := self._file(one, format)) is not None]
        if format is Format.PROTOBUF:
            return next(iter(beside), None)
        if beside and used.uri in self._names(beside[0], format).own:
            return beside[0]
        called = self._index(format).get(used.uri or used.name, []) if _is_indexed(used, format) else []
        called = [one for one in called if one != path]
        return called[0] if len(called) == 1 else next(iter(beside), None)

    def _paths(self, used: UsedName, path: Path, format: Format) -> list[PurePosixPath]:
        """Return the places within the folder that a name can mean as a path, the likeliest first."""
        if format is Format.AVRO:
            return []
        own = PurePosixPath(path.parent.relative_to(self._root).as_posix())
        starts = [own] if format is Format.JSON else [PurePosixPath(), own]
        written = used.written.partition("#")[0] if format is Format.JSON else used.written
        found = (path_within(start, written, is_uri=format is Format.JSON) for start in starts)
        return list(dict.fromkeys(one for one in found if one is not None))

    def _file(self, path: PurePosixPath, format: Format) -> Path | None:
        file = self._root / path
        usable = format_of(file) is format and is_within(file, self._root) and file.is_file()
        return file.resolve() if usable else None

    def _names(self, file: Path, format: Format) -> Names:
        text = _text(file)
        return names_in(text, format, self._dialect) if text is not None else Names()

    def _index(self, format: Format) -> dict[str, list[Path]]:
        """Return the files of *format* by the names that they can be referred to by."""
        if format not in self._called:
            called: dict[str, list[Path]] = {}
            for file in self._files(format):
                for name in self._names(file, format).own:
                    called.setdefault(name, []).append(file)
            self._called[format] = called
        return self._called[format]

    def _files(self, format: Format) -> Iterator[Path]:
        for file in islice(files_below(self._root), MOST_FILES):
            if format_of(file) is format and is_within(file, self._root):
                yield file.resolve()

    def _not_found(self, used: UsedName, path: Path, format: Format) -> str:
        where = f"the folder {self._root}"
        called = self._index(format) if _is_indexed(used, format) else {}
        several = called.get(used.uri or used.name, [])
        if len(several) > 1:
            shown = " and ".join(str(one.relative_to(self._root)) for one in several)
            return f"{used.written!r} is ambiguous: {shown} have this name; pass one with --reference NAME=FILE"
        hint = did_you_mean(used.uri or used.name, called)
        paths = self._paths(used, path, format)
        if format is Format.AVRO:
            return f"no type {used.name!r} in this file, and no .avsc file of {where} defines it{hint}"
        looked = f"{' and '.join(map(str, paths))} of {where}" if paths else f"{where}, which the path leads out of"
        by_id = f"no $id in {where} is {used.uri!r}, and " if format is Format.JSON else ""
        return (
            f"{used.written!r} cannot be found: {by_id}looked for {looked}{hint}; nothing else is read or fetched: "
            "name a folder above with --root, or pass --reference NAME=FILE"
        )


def _is_indexed(used: UsedName, format: Format) -> bool:
    return format is Format.AVRO or (format is Format.JSON and bool(used.uri))


def _text(file: Path) -> str | None:
    """Read a file of the folder; None where it cannot be read as text, or is too large to be a schema."""
    try:
        return file.read_text("utf-8") if file.stat().st_size <= _LARGEST_BYTES else None
    except (OSError, UnicodeDecodeError):
        return None
