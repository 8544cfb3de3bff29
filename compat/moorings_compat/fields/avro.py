"""The fields of Avro events, and an Avro schema reduced to some of them."""

import hashlib
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace

from moorings_compat.avro.model import (
    Array,
    AvroModel,
    Definition,
    Enum,
    Map,
    Node,
    Primitive,
    Record,
    Union,
    model_of,
    record_of,
)
from moorings_compat.fields.paths import ANY, Path
from moorings_compat.fields.tree import FieldTree, Holder
from moorings_compat.schema import Format, Schema

_NO_TAGS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AvroFields:
    """A place in Avro events: of a union, all its branches."""

    model: AvroModel
    nodes: tuple[Node, ...]
    tags: frozenset[str] = _NO_TAGS
    full_name: str = ""
    pointer: str = ""

    @property
    def key(self) -> Hashable:
        return tuple(one.shape for one in self.nodes)

    @property
    def holder(self) -> Holder:
        kinds = [type for type in self._types() if isinstance(type, Record | Array | Map)]
        if not kinds:
            return Holder.NOTHING
        if isinstance(kinds[0], Record):
            return Holder.FIELDS
        return Holder.ITEMS if isinstance(kinds[0], Array) else Holder.VALUES

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(symbol for type in self._types() if isinstance(type, Enum) for symbol in type.symbols)

    def children(self) -> Mapping[str, FieldTree]:
        found: dict[str, AvroFields] = {}
        for type in self._types():
            if isinstance(type, Record):
                for index, field in enumerate(type.fields):
                    given = field.attributes.get("confluent:tags")
                    tags = frozenset(map(str, given)) if isinstance(given, list) else _NO_TAGS
                    names = f"{type.full}.{field.name}", f"{type.at}/fields/{index}"
                    _add(found, field.name, AvroFields(self.model, (field.type,), tags, *names))
            elif isinstance(type, Array | Map):
                inner = type.items if isinstance(type, Array) else type.values
                _add(found, ANY, AvroFields(self.model, (inner,)))
        return found

    def _types(self) -> list[object]:
        found: list[object] = []
        for node in self.nodes:
            type = self.model.resolve(node)
            found += [self.model.resolve(one) for one in type.branches] if isinstance(type, Union) else [type]
        return found


def _add(found: dict[str, AvroFields], name: str, place: AvroFields) -> None:
    """Note a place; one of the same name in another branch of a union is the same place to a reader."""
    known = found.get(name)
    if known is not None:
        place = replace(known, nodes=(*known.nodes, *place.nodes), tags=known.tags | place.tags)
    found[name] = place


def field_tree(schema: Schema, event: str) -> FieldTree:  # noqa: ARG001 - of other formats
    """Return the fields of the events of *schema*."""
    model = model_of(schema)
    return AvroFields(model, (model.root,))


def project(schema: Schema, paths: Iterable[Path], event: str) -> Schema:  # noqa: ARG001 - of other formats
    """Reduce *schema* to the fields at *paths* and all below them; names, defaults and aliases stay.

    A record that is used in several places keeps what is read of it in any of them. Documentation is left out, so
    that projections are equal where reading them is.
    """
    model = model_of(schema)
    wanted = frozenset(paths)
    kept = _Kept(model)
    kept.visit(model.root, wanted)
    types = {full: _reduced(named, kept.fields.get(full)) for full, named in model.types.items()}
    reduced = AvroModel(model.root, types, model.may_lack_values)
    reachable = {full: types[full] for full in sorted(reduced.reachable)}
    text = repr((reduced.root, [_compared(one) for one in reachable.values()]))
    if not _is_steady(reduced):
        text += schema.canonical
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Schema(Format.AVRO, "", f"projection {digest}", digest, (), reduced)


def _is_steady(model: AvroModel) -> bool:
    """Tell whether decoders read each value alike, be the reader's schema the writer's own or another one.

    From another schema a decoder takes the first branch of a union that can be read as what was written, by its names
    and aliases or by promotion; from its own it takes the branch that was written.
    """
    if model.delicate:
        return False
    fields = (one.type for named in model.in_order() if isinstance(named, Record) for one in named.fields)
    return not any(_is_ambiguous(node, model) for node in (model.root, *fields))


def _is_ambiguous(node: Node, model: AvroModel) -> bool:
    if isinstance(node, Array | Map):
        return _is_ambiguous(node.items if isinstance(node, Array) else node.values, model)
    if not isinstance(node, Union):
        return False
    kinds = [one.kind for one in node.branches if isinstance(one, Primitive)]
    promoted = len(_NUMBERS.intersection(kinds)) > 1 or set(kinds) >= _TEXTS
    records = [one for one in node.branches if isinstance(model.definition(one), Record)]
    return promoted or len(records) > 1 or any(_is_ambiguous(one, model) for one in node.branches)


_NUMBERS = frozenset(["int", "long", "float", "double"])
_TEXTS = frozenset(["string", "bytes"])


def _compared(named: Definition) -> Definition:
    """A definition without what reading does not depend on: its location, and the order of its fields."""
    if isinstance(named, Record):
        return replace(named, at="", fields=tuple(sorted(named.fields, key=lambda one: one.name)), places={}, naming=())
    return replace(named, at="")


class _Kept:
    """The fields that are kept of each record; None for all of them."""

    def __init__(self, model: AvroModel) -> None:
        self._model = model
        self.fields: dict[str, set[str] | None] = {}

    def visit(self, node: Node, rest: frozenset[Path]) -> None:
        if () in rest:
            self.fields.update(dict.fromkeys(self._model.closure(node)))
            return
        type = self._model.resolve(node)
        if isinstance(type, Union):
            for branch in type.branches:
                self.visit(branch, rest)
        elif isinstance(type, Array | Map):
            self.visit(type.items if isinstance(type, Array) else type.values, _below_any(rest))
        elif isinstance(type, Record):
            self._visit_record(type, rest)

    def _visit_record(self, record: Record, rest: frozenset[Path]) -> None:
        kept = self.fields.setdefault(record.full, set())
        for name in {path[0] for path in rest} & record.places.keys():
            if kept is not None:
                kept.add(name)
            below = frozenset(path[1:] for path in rest if path[0] == name)
            self.visit(record.fields[record.places[name]].type, below)


def _below_any(rest: frozenset[Path]) -> frozenset[Path]:
    return frozenset(path[1:] for path in rest)


def _reduced(named: Definition, kept: set[str] | None) -> Definition:
    if not isinstance(named, Record) or kept is None:
        return _plain(named)
    fields = tuple(replace(one, doc="", attributes={}) for one in named.fields if one.name in kept)
    return record_of(named.full, named.aliases, fields, named.at, named.word)


def _plain(named: Definition) -> Definition:
    if isinstance(named, Record):
        fields = tuple(replace(one, doc="", attributes={}) for one in named.fields)
        return record_of(named.full, named.aliases, fields, named.at, named.word)
    return replace(named, doc="", attributes={})
