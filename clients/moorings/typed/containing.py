"""Is everything of one shape also of another? The one question behind both roles of a class.

To produce, the class is the source and the contract the target; to consume, the other way round.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from moorings.event_model import model
from moorings.event_model.model import (
    Choice,
    Entries,
    Field,
    Items,
    Record,
    Shape,
    Shapes,
    Simple,
    Union,
    Use,
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
_SHOWN = 8
_MOST = 1000
"""Differences that are told."""
_NOWHERE = 1_000_000
_Path = tuple[str, ...]


@dataclass(slots=True)
class Containing:
    """One comparison; `source` and `target` are whole events, `format` that of the contract."""

    source: Shapes
    target: Shapes
    role: Role
    format: str
    inside: dict[tuple[str, str], int] = field(default_factory=dict)
    """The pairs of records that the walk is in, with their depth; meeting one again adds nothing."""
    known: dict[tuple[str, str], tuple[Difference, ...]] = field(default_factory=dict)
    """What stands between pairs that were walked to the end, with paths from there."""
    shallowest: int = _NOWHERE
    """The least depth of a pair that was met again: what was found below it is not known to the end yet."""

    def differences(self) -> list[Difference]:
        return list(islice(self._shape(self.source.root, self.target.root, ()), _MOST))

    def _shape(self, source: Shape, target: Shape, path: _Path) -> Iterator[Difference]:
        if _is_any(target) or (_is_any(source) and self.role is Role.PRODUCE):
            return
        if isinstance(source, Union):
            yield from self._every_branch(source, target, path)
        elif isinstance(target, Union):
            yield from self._some_branch(source, target, path)
        elif isinstance(source, Use) and isinstance(target, Use):
            yield from self._named(source, target, path)
        elif isinstance(source, Items) and isinstance(target, Items):
            yield from self._shape(source.items, target.items, (*path, "*"))
        elif isinstance(source, Entries) and isinstance(target, Entries):
            yield from self._shape(source.keys, target.keys, path)
            yield from self._shape(source.values, target.values, (*path, "*"))
        elif not self._plainly(source, target):
            yield from self._plain(source, target, path)

    def _every_branch(self, source: Union, target: Shape, path: _Path) -> Iterator[Difference]:
        if takes_none(source) and not takes_none(target):
            yield self._different(path, Unfit.NONE_WRONG, "None", self._said(target, self.target))
            source_left = without_none(source)
            yield from self._shape(source_left, target, path)
            return
        for branch in source.branches:
            yield from self._shape(branch, target, path)

    def _some_branch(self, source: Shape, target: Union, path: _Path) -> Iterator[Difference]:
        attempts = [list(self._shape(source, branch, path)) for branch in target.branches]
        if not all(attempts):
            return
        alike = [found for found in attempts if any(one.path != pointer(*path) for one in found)]
        symbols = [found for found in attempts if any(one.code is Unfit.SYMBOL_UNKNOWN for one in found)]
        meant = alike or symbols
        if len(meant) == 1:
            yield from meant[0]
        else:
            yield self._different(
                path, Unfit.TYPE_WRONG, self._said(source, self.source), self._said(target, self.target)
            )

    def _plainly(self, source: Shape, target: Shape) -> bool:
        """Say whether two simple types agree."""
        if not isinstance(source, Simple) or not isinstance(target, Simple):
            return False
        if source.kind != target.kind:
            return target.kind in _WIDER.get(source.kind, ())
        if source.kind == model.UNKNOWN:
            return False
        asserted = target.format and source.format != target.format
        return not (asserted and (self.role is Role.CONSUME or source.format))

    def _plain(self, source: Shape, target: Shape, path: _Path) -> Iterator[Difference]:
        written, read = self._choice(source, self.source), self._choice(target, self.target)
        if written is not None:
            outside = [value for value in written.values if not _holds(read or target, value)]
            if outside and read is not None:
                yield self._symbols(path, outside)
            if not outside or read is not None:
                return
        yield self._different(path, Unfit.TYPE_WRONG, self._said(source, self.source), self._said(target, self.target))

    def _choice(self, shape: Shape, known: Shapes) -> Choice | None:
        meant = known.named[shape.name] if isinstance(shape, Use) else shape
        return meant if isinstance(meant, Choice) else None

    def _named(self, source: Use, target: Use, path: _Path) -> Iterator[Difference]:
        written, read = self.source.named[source.name], self.target.named[target.name]
        if not (isinstance(written, Record) and isinstance(read, Record)):
            yield from self._plain(source, target, path)
        else:
            for one in self._records((source.name, target.name), written, read):
                yield replace(one, path=pointer(*path) + one.path)

    def _records(self, pair: tuple[str, str], source: Record, target: Record) -> tuple[Difference, ...]:
        """Walk a pair of records once, however often it is met."""
        if pair in self.known:
            return self.known[pair]
        if pair in self.inside:
            self.shallowest = min(self.shallowest, self.inside[pair])
            return ()
        outer, self.shallowest = self.shallowest, _NOWHERE
        depth = self.inside[pair] = len(self.inside)
        found = tuple(islice(self._fields(source, target, ()), _MOST))
        del self.inside[pair]
        if self.shallowest >= depth:
            self.known[pair] = found
            self.shallowest = outer
        else:
            self.shallowest = min(self.shallowest, outer)
        return found

    def _fields(self, source: Record, target: Record, path: _Path) -> Iterator[Difference]:
        taken = {one.name: one for one in target.fields}
        for one in source.fields:
            here = (*path, one.name)
            if one.name in taken:
                yield from self._field(one, taken[one.name], here)
            elif target.extra is not None:
                yield from self._shape(one.shape, target.extra, here)
            elif self.role is Role.PRODUCE or target.closed:
                sentence = "the class has this field, and the contract does not declare it"
                if self.role is Role.CONSUME:
                    sentence = "the contract has this field, and the class forbids what it does not know"
                yield Difference(pointer(*here), self.role, Unfit.FIELD_UNDECLARED, sentence)
        yield from self._not_named(source, target, path)

    def _not_named(self, source: Record, target: Record, path: _Path) -> Iterator[Difference]:
        """Look at the target's fields that the source does not name, and at the further fields of both."""
        written = {one.name for one in source.fields}
        for one in target.fields:
            if one.name in written:
                continue
            if one.needed:
                owner, other = ("contract", "class") if self.role is Role.PRODUCE else ("class", "contract")
                sentence = f"the {owner} needs this field, and the {other} does not have it"
                yield Difference(pointer(*path, one.name), self.role, Unfit.FIELD_MISSING, sentence)
            elif source.extra is not None:
                yield from self._shape(source.extra, one.shape, (*path, one.name))
        if source.extra is None:
            return
        if target.extra is not None:
            yield from self._shape(source.extra, target.extra, (*path, "*"))
        elif self.role is Role.PRODUCE or target.closed:
            sentence = "the class may hold further fields, and the contract takes none"
            if self.role is Role.CONSUME:
                sentence = "the contract allows further fields, and the class forbids them"
            yield Difference(pointer(*path, "*"), self.role, Unfit.FIELD_UNDECLARED, sentence)

    def _field(self, source: Field, target: Field, path: _Path) -> Iterator[Difference]:
        shape, may_be_absent = source.shape, not source.given
        if self.role is Role.PRODUCE and self._none_is_absent(source, target):
            shape, may_be_absent = without_none(shape), True
        if may_be_absent and target.needed:
            owner, other = ("class", "contract") if self.role is Role.PRODUCE else ("contract", "class")
            sentence = f"the {owner} may leave this field out, and the {other} needs it"
            yield Difference(pointer(*path), self.role, Unfit.FIELD_MISSING, sentence)
        wanted = target.shape
        if self.role is Role.CONSUME and takes_none(shape) and self._none_is_absent(target, source):
            shape = without_none(shape)
        yield from self._shape(shape, wanted, path)

    def _none_is_absent(self, mine: Field, theirs: Field) -> bool:
        """Say whether an object's None means that the event does not have the field."""
        if not takes_none(mine.shape) or _is_any(mine.shape):
            return False
        if self.format == "JSON":
            return mine.default is None
        return self.format == "PROTOBUF" and not theirs.needed and not theirs.given

    def _different(self, path: _Path, code: Unfit, written: str, read: str) -> Difference:
        if self.role is Role.PRODUCE:
            sentence = f"the class may hold {written}, and the contract takes {read}"
        else:
            sentence = f"the contract allows {written}, and the class takes {read}"
        return Difference(pointer(*path), self.role, code, sentence)

    def _symbols(self, path: _Path, values: Iterable[Any]) -> Difference:
        shown = [repr(value) for value in values]
        listed = ", ".join(shown[:_SHOWN]) + (f" and {len(shown) - _SHOWN} more" if len(shown) > _SHOWN else "")
        owner, other = ("class", "contract") if self.role is Role.PRODUCE else ("contract", "class")
        sentence = f"the {owner} has {listed}, which the {other} does not know"
        return Difference(pointer(*path), self.role, Unfit.SYMBOL_UNKNOWN, sentence)

    def _said(self, shape: Shape, known: Shapes) -> str:
        """Name a shape in the words of its own side."""
        if isinstance(shape, Simple):
            said = shape.said or shape.kind
            return f"{said} ({shape.format})" if shape.format and shape.format not in said else said
        if isinstance(shape, Use):
            return known.named[shape.name].name.rpartition(".")[2]
        if isinstance(shape, Choice):
            return "one of " + ", ".join(map(repr, shape.values[:_SHOWN]))
        if isinstance(shape, Items):
            return f"a list of {self._said(shape.items, known)}"
        if isinstance(shape, Entries):
            return f"a map of {self._said(shape.values, known)}"
        return " or ".join(dict.fromkeys(self._said(one, known) for one in shape.branches))


def _is_any(shape: Shape) -> bool:
    return isinstance(shape, Simple) and shape.kind == model.ANY


def _holds(shape: Shape, value: Any) -> bool:
    """Say whether one value of a choice is one of a plain type, or of another choice."""
    if isinstance(shape, Choice):
        return any(one == value and isinstance(one, bool) == isinstance(value, bool) for one in shape.values)
    kinds = {bool: model.BOOL, int: model.INT, str: model.STR}
    kind = next((kinds[base] for base in type(value).__mro__ if base in kinds), "")
    return isinstance(shape, Simple) and (shape.kind == kind or shape.kind in _WIDER.get(kind, ()))
