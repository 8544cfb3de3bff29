"""Is every value of one type also a value of another? The one question behind both roles of a class.

To produce, the class is the source and the contract the target; to consume, the other way round.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from moorings.event_model import model
from moorings.event_model.event_formats import EventFormat
from moorings.event_model.model import (
    EnumerationType,
    EventField,
    EventModel,
    ListType,
    MapType,
    RecordType,
    ScalarType,
    TypeReference,
    UnionType,
    ValueType,
    takes_none,
    without_none,
)
from moorings.typed.differences import Difference, Role, Unfit
from moorings_compat.json_text import pointer

_WIDER = {  # what a value of a kind is taken for, besides its own kind
    model.INT: {model.FLOAT},
    model.ANY_DATETIME: {model.AWARE, model.LOCAL},
    model.AWARE: {model.ANY_DATETIME},
    model.LOCAL: {model.ANY_DATETIME},
}
_MOST_SYMBOLS = 8
_MOST = 1000
"""Differences that are reported."""
_NO_DEPTH = 1_000_000
_Path = tuple[str, ...]


@dataclass(slots=True)
class Assignability:
    """One comparison; `source` and `target` are whole events, `contract` is the format of the contract."""

    source: EventModel
    target: EventModel
    role: Role
    contract: EventFormat
    inside: dict[tuple[str, str], int] = field(default_factory=dict)
    """The pairs of records that enclose the current one, with their depth; meeting one again adds nothing."""
    known: dict[tuple[str, str], tuple[Difference, ...]] = field(default_factory=dict)
    """The differences of pairs that were walked to the end, with paths from there."""
    shallowest: int = _NO_DEPTH
    """The least depth of a pair that was met again: what was found below it may not be complete."""

    def differences(self) -> list[Difference]:
        return list(islice(self._type(self.source.root, self.target.root, ()), _MOST))

    def _type(self, source: ValueType, target: ValueType, path: _Path) -> Iterator[Difference]:
        if _is_any(target) or (_is_any(source) and self.role is Role.PRODUCE):
            return
        if isinstance(source, UnionType):
            yield from self._every_branch(source, target, path)
        elif isinstance(target, UnionType):
            yield from self._some_branch(source, target, path)
        elif isinstance(source, TypeReference) and isinstance(target, TypeReference):
            yield from self._named(source, target, path)
        elif isinstance(source, ListType) and isinstance(target, ListType):
            yield from self._type(source.items, target.items, (*path, "*"))
        elif isinstance(source, MapType) and isinstance(target, MapType):
            yield from self._type(source.keys, target.keys, path)
            yield from self._type(source.values, target.values, (*path, "*"))
        elif not self._is_same_scalar(source, target):
            yield from self._other(source, target, path)

    def _every_branch(self, source: UnionType, target: ValueType, path: _Path) -> Iterator[Difference]:
        if takes_none(source) and not takes_none(target):
            yield self._different(path, Unfit.NONE_WRONG, "None", self._label(target, self.target))
            yield from self._type(without_none(source), target, path)
            return
        for branch in source.branches:
            yield from self._type(branch, target, path)

    def _some_branch(self, source: ValueType, target: UnionType, path: _Path) -> Iterator[Difference]:
        attempts = [list(self._type(source, branch, path)) for branch in target.branches]
        if not all(attempts):
            return
        alike = [found for found in attempts if any(one.path != pointer(*path) for one in found)]
        symbols = [found for found in attempts if any(one.code is Unfit.SYMBOL_UNKNOWN for one in found)]
        meant = alike or symbols
        if len(meant) == 1:
            yield from meant[0]
        else:
            yield self._different(
                path, Unfit.TYPE_WRONG, self._label(source, self.source), self._label(target, self.target)
            )

    def _is_same_scalar(self, source: ValueType, target: ValueType) -> bool:
        """Say whether two scalar types agree."""
        if not isinstance(source, ScalarType) or not isinstance(target, ScalarType):
            return False
        if source.kind != target.kind:
            return target.kind in _WIDER.get(source.kind, ())
        if source.kind == model.UNKNOWN:
            return False
        asserted = target.format and source.format != target.format
        return not (asserted and (self.role is Role.CONSUME or source.format))

    def _other(self, source: ValueType, target: ValueType, path: _Path) -> Iterator[Difference]:
        written, read = self._enumeration(source, self.source), self._enumeration(target, self.target)
        if written is not None:
            outside = [value for value in written.values if not _holds(read or target, value)]
            if outside and read is not None:
                yield self._unknown_symbols(path, outside)
            if not outside or read is not None:
                return
        yield self._different(
            path, Unfit.TYPE_WRONG, self._label(source, self.source), self._label(target, self.target)
        )

    def _enumeration(self, type: ValueType, known: EventModel) -> EnumerationType | None:
        meant = known.named[type.name] if isinstance(type, TypeReference) else type
        return meant if isinstance(meant, EnumerationType) else None

    def _named(self, source: TypeReference, target: TypeReference, path: _Path) -> Iterator[Difference]:
        written, read = self.source.named[source.name], self.target.named[target.name]
        if not (isinstance(written, RecordType) and isinstance(read, RecordType)):
            yield from self._other(source, target, path)
        else:
            for one in self._records((source.name, target.name), written, read):
                yield replace(one, path=pointer(*path) + one.path)

    def _records(self, pair: tuple[str, str], source: RecordType, target: RecordType) -> tuple[Difference, ...]:
        """Walk a pair of records once, however often it is met."""
        if pair in self.known:
            return self.known[pair]
        if pair in self.inside:
            self.shallowest = min(self.shallowest, self.inside[pair])
            return ()
        outer, self.shallowest = self.shallowest, _NO_DEPTH
        depth = self.inside[pair] = len(self.inside)
        found = tuple(islice(self._fields(source, target, ()), _MOST))
        del self.inside[pair]
        if self.shallowest >= depth:
            self.known[pair] = found
            self.shallowest = outer
        else:
            self.shallowest = min(self.shallowest, outer)
        return found

    def _fields(self, source: RecordType, target: RecordType, path: _Path) -> Iterator[Difference]:
        wanted = {one.name: one for one in target.fields}
        for one in source.fields:
            here = (*path, one.name)
            if one.name in wanted:
                yield from self._field(one, wanted[one.name], here)
            elif target.extra is not None:
                yield from self._type(one.type, target.extra, here)
            elif self.role is Role.PRODUCE or target.closed:
                sentence = "the class has this field, and the contract does not declare it"
                if self.role is Role.CONSUME:
                    sentence = "the contract has this field, and the class forbids what it does not know"
                yield Difference(pointer(*here), self.role, Unfit.FIELD_UNDECLARED, sentence)
        yield from self._not_named(source, target, path)

    def _not_named(self, source: RecordType, target: RecordType, path: _Path) -> Iterator[Difference]:
        """Compare the target's fields that the source does not name, and the further fields of both."""
        written = {one.name for one in source.fields}
        for one in target.fields:
            if one.name in written:
                continue
            if one.required:
                owner, other = ("contract", "class") if self.role is Role.PRODUCE else ("class", "contract")
                sentence = f"the {owner} needs this field, and the {other} does not have it"
                yield Difference(pointer(*path, one.name), self.role, Unfit.FIELD_MISSING, sentence)
            elif source.extra is not None:
                yield from self._type(source.extra, one.type, (*path, one.name))
        if source.extra is None:
            return
        if target.extra is not None:
            yield from self._type(source.extra, target.extra, (*path, "*"))
        elif self.role is Role.PRODUCE or target.closed:
            sentence = "the class may hold further fields, and the contract takes none"
            if self.role is Role.CONSUME:
                sentence = "the contract allows further fields, and the class forbids them"
            yield Difference(pointer(*path, "*"), self.role, Unfit.FIELD_UNDECLARED, sentence)

    def _field(self, source: EventField, target: EventField, path: _Path) -> Iterator[Difference]:
        type, may_be_absent = source.type, not source.present
        if self.role is Role.PRODUCE and self._none_is_absent(source, target):
            type, may_be_absent = without_none(type), True
        if may_be_absent and target.required:
            owner, other = ("class", "contract") if self.role is Role.PRODUCE else ("contract", "class")
            sentence = f"the {owner} may leave this field out, and the {other} needs it"
            yield Difference(pointer(*path), self.role, Unfit.FIELD_MISSING, sentence)
        if self.role is Role.CONSUME and takes_none(type) and self._none_is_absent(target, source):
            type = without_none(type)
        yield from self._type(type, target.type, path)

    def _none_is_absent(self, mine: EventField, theirs: EventField) -> bool:
        """Say whether an object's None means that the event does not have the field."""
        if not takes_none(mine.type) or _is_any(mine.type):
            return False
        if self.contract.is_json:
            return mine.default is None
        return self.contract.absent_without_default and not theirs.required and not theirs.present

    def _different(self, path: _Path, code: Unfit, written: str, read: str) -> Difference:
        if self.role is Role.PRODUCE:
            sentence = f"the class may hold {written}, and the contract takes {read}"
        else:
            sentence = f"the contract allows {written}, and the class takes {read}"
        return Difference(pointer(*path), self.role, code, sentence)

    def _unknown_symbols(self, path: _Path, values: Iterable[Any]) -> Difference:
        shown = [repr(value) for value in values]
        listed = ", ".join(shown[:_MOST_SYMBOLS]) + (
            f" and {len(shown) - _MOST_SYMBOLS} more" if len(shown) > _MOST_SYMBOLS else ""
        )
        owner, other = ("class", "contract") if self.role is Role.PRODUCE else ("contract", "class")
        sentence = f"the {owner} has {listed}, which the {other} does not know"
        return Difference(pointer(*path), self.role, Unfit.SYMBOL_UNKNOWN, sentence)

    def _label(self, type: ValueType, known: EventModel) -> str:
        """Name a type in the words of its own side."""
        if isinstance(type, ScalarType):
            label = type.label or type.kind
            return f"{label} ({type.format})" if type.format and type.format not in label else label
        if isinstance(type, TypeReference):
            return known.named[type.name].name.rpartition(".")[2]
        if isinstance(type, EnumerationType):
            return "one of " + ", ".join(map(repr, type.values[:_MOST_SYMBOLS]))
        if isinstance(type, ListType):
            return f"a list of {self._label(type.items, known)}"
        if isinstance(type, MapType):
            return f"a map of {self._label(type.values, known)}"
        return " or ".join(dict.fromkeys(self._label(one, known) for one in type.branches))


def _is_any(type: ValueType) -> bool:
    return isinstance(type, ScalarType) and type.kind == model.ANY


def _holds(target: ValueType, value: Any) -> bool:
    """Say whether one value of an enumeration is a value of a scalar type, or of another enumeration."""
    if isinstance(target, EnumerationType):
        return any(one == value and isinstance(one, bool) == isinstance(value, bool) for one in target.values)
    kinds = {bool: model.BOOL, int: model.INT, str: model.STR}
    kind = next((kinds[base] for base in type(value).__mro__ if base in kinds), "")
    return isinstance(target, ScalarType) and (target.kind == kind or target.kind in _WIDER.get(kind, ()))
