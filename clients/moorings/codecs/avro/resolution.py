"""Which type of the reader a type of the writer is read as (Avro 1.12, Schema Resolution)."""

from moorings.codecs.avro.types import Array, Enum, Field, Fixed, Map, Primitive, Record, Type, Types, Union

_PROMOTIONS = {
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
    "string": ("bytes",),
    "bytes": ("string",),
}


class Resolution:
    """A writer's schema and a reader's; what was found out about a pair of their types is remembered."""

    def __init__(self, writer: Types, reader: Types) -> None:
        self.writer = writer
        self.reader = reader
        self._known: dict[tuple[str, str], bool] = {}

    def branch_for(self, writer: Type, union: Union) -> Type | None:
        """Choose the reader's branch for a writer's type: one of its own type and name, else the first that fits."""
        meant = self.writer.resolve(writer)
        for branch in union.branches:
            if self._is_same(meant, self.reader.resolve(branch)):
                return branch
        return next((branch for branch in union.branches if self.fits(writer, branch)), None)

    def fits(self, writer: Type, reader: Type) -> bool:
        """Say whether a type may be read as another, all the way down; of a writer's union, any branch."""
        written, wanted = self.writer.resolve(writer), self.reader.resolve(reader)
        if isinstance(wanted, Union):
            return any(self.fits(written, branch) for branch in wanted.branches)
        if isinstance(written, Union):
            return any(self.fits(branch, wanted) for branch in written.branches)
        if isinstance(written, Record) and isinstance(wanted, Record):
            return self._records_fit(written, wanted)
        if isinstance(written, Array) and isinstance(wanted, Array):
            return self.fits(written.items, wanted.items)
        if isinstance(written, Map) and isinstance(wanted, Map):
            return self.fits(written.values, wanted.values)
        if isinstance(written, Primitive) and isinstance(wanted, Primitive):
            return wanted.kind == written.kind or wanted.kind in _PROMOTIONS.get(written.kind, ())
        if isinstance(written, Fixed) and isinstance(wanted, Fixed):
            return written.size == wanted.size and same_name(written, wanted)
        return isinstance(written, Enum) and isinstance(wanted, Enum) and same_name(written, wanted)

    def _records_fit(self, writer: Record, reader: Record) -> bool:
        """Assume that a pair fits while its own fields are looked at, since records may contain themselves."""
        pair = (writer.name, reader.name)
        if pair in self._known:
            return self._known[pair]
        before = dict(self._known)
        self._known[pair] = True
        fits = same_name(writer, reader) and all(
            self.fits(source.type, field.type) if source else field.has_default
            for field, source in field_sources(writer, reader)
        )
        if not fits:
            self._known = {**before, pair: False}  # what was concluded from the assumption goes with it
        return fits

    def _is_same(self, writer: Type, reader: Type) -> bool:
        if isinstance(writer, Primitive) and isinstance(reader, Primitive):
            return writer.kind == reader.kind
        if isinstance(writer, Record | Enum | Fixed) and isinstance(reader, Record | Enum | Fixed):
            return type(writer) is type(reader) and writer.name == reader.name and self.fits(writer, reader)
        return isinstance(writer, Array | Map) and type(writer) is type(reader) and self.fits(writer, reader)


def same_name(writer: Record | Enum | Fixed, reader: Record | Enum | Fixed) -> bool:
    """Compare names as the specification does: without namespaces, or through the reader's aliases."""
    return writer.name in reader.aliases or writer.name.rpartition(".")[2] == reader.name.rpartition(".")[2]


def field_sources(writer: Record, reader: Record) -> list[tuple[Field, Field | None]]:
    """Pair each field of the reader with the writer's field that fills it, by name, then by the reader's aliases."""
    written = {field.name: field for field in writer.fields}
    pairs = []
    for field in reader.fields:
        source = written.get(field.name)
        if source is None:
            alias = next((one.name for one in writer.fields if one.name in field.aliases), None)
            source = written.get(alias) if alias is not None else None
        pairs.append((field, source))
    return pairs
