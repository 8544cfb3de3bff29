"""Drafts of mappings: the steps that follow from what changed between two majors, and what a person has to decide.

A step is written where the change says it plainly: a rename, a field that moved or went, a type with one conversion
that fits. Everything else is a comment, and `moorings lint` says what the mapping still lacks.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from moorings.event_model.shapes import Shape
from moorings.upcasting.checking import check_mapping
from moorings.upcasting.mapping_file import MappingInvalid, read_migration
from moorings_compat.changes import Change, EditKind
from moorings_compat.changes.edit import Edit, Place
from moorings_compat.mappings.conversions import CONVERSIONS, Conversion
from moorings_compat.mappings.mapping import Convert, Mapping, Step
from moorings_compat.mappings.paths import EVERY, FieldPath, show_path

_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class _Line:
    """One step as TOML, or a comment."""

    text: str
    is_step: bool


def migration_draft(changes: Sequence[Change], before: Shape, after: Shape) -> str:
    """Write the steps from the shape of one major to that of the next, as the tables of ``[migration]``."""
    drafting = _Drafting(before, after)
    for change in changes:
        if change.edit is not None and not change.edit.is_harmless_kind:
            drafting.add(change, change.edit)
    return drafting.text()


class _Drafting:
    def __init__(self, before: Shape, after: Shape) -> None:
        self._before, self._after = before, after
        self._old, self._new = _pointers(before), _pointers(after)
        self._tables: list[str] = []
        self._comments: list[str] = []

    def add(self, change: Change, edit: Edit) -> None:
        lines = list(self._lines(change, edit))
        self._tables += [one.text for one in lines if one.is_step and self._fits(one.text)]
        self._comments += [f"# {one.text}" for one in lines if not one.is_step]

    def text(self) -> str:
        """Write every step, then what nobody can decide but the owner; without any step, the empty list of them."""
        faults = check_mapping(self._mapping(), self._before, self._after)
        left = [f"# {one.path or 'the event'}: {one.message}" for one in faults]
        tables = self._tables or ["[migration]\nstep = []"]
        return "\n\n".join([*tables, "\n".join(dict.fromkeys([*self._comments, *left]))]).strip()

    def _mapping(self, *more: Step) -> Mapping:
        return Mapping("", 1, 2, (*self._steps(self._tables), *more))

    def _steps(self, tables: Sequence[str]) -> tuple[Step, ...]:
        return read_migration(_tables_of(tables), "draft", 2).steps

    def _fits(self, table: str) -> bool:
        """Whether a step can be taken after those before it."""
        try:
            steps = self._steps([*self._tables, table])
        except MappingInvalid:
            return False
        return not any(one.step for one in check_mapping(Mapping("", 1, 2, steps), self._before, self._after))

    def _lines(self, change: Change, edit: Edit) -> Iterator[_Line]:
        match edit.kind:
            case EditKind.RENAMED | EditKind.REPLACED if len(edit.old) == len(edit.new) == 1:
                yield self._rename(edit.old[0], edit.new[0])
                yield from self._retyped(change, edit)
            case EditKind.MOVED:
                yield from self._moved(edit)
            case EditKind.REMOVED:
                yield _step("drop", self._old_pointer(edit.old[0].path))
            case EditKind.ADDED:
                if not edit.new[0].part.fillable:
                    pointer = self._new_pointer(edit.new[0].path)
                    yield _Line(
                        f'{pointer}: what do events of the major before say? default = "{pointer}", value = ...', False
                    )
            case EditKind.CHANGED:
                yield from self._retyped(change, edit)
                yield from self._symbols(edit)
            case _:
                yield _Line(f"{change.sentence}: no step does that", False)

    def _rename(self, was: Place, now: Place) -> _Line:
        return _step("rename", self._old_pointer(was.path), to=now.part.step)

    def _moved(self, edit: Edit) -> Iterator[_Line]:
        """Move each field into the object that holds it now, or out of the one that held it."""
        if len(edit.old) == 1 and len(edit.new) == 1:
            yield _step("move", self._old_pointer(edit.old[0].path), to=self._new_pointer(edit.new[0].path))
        elif len(edit.new) == 1:
            for one in edit.old:
                yield _step(
                    "move", self._old_pointer(one.path), to=self._new_pointer(f"{edit.new[0].path}.{one.part.step}")
                )
        else:
            for one in edit.new:
                yield _step(
                    "move", self._old_pointer(f"{edit.old[0].path}.{one.part.step}"), to=self._new_pointer(one.path)
                )
            yield _step("drop", self._old_pointer(edit.old[0].path))

    def _retyped(self, change: Change, edit: Edit) -> Iterator[_Line]:
        if edit.type_change is None or not edit.new:
            return
        pointer = self._new_pointer(edit.new[0].path)
        misfits = {one.path for one in check_mapping(self._mapping(), self._before, self._after)}
        if edit.kind is EditKind.CHANGED and pointer not in misfits:
            return  # readers convert it by themselves
        found = self._conversion(edit, pointer)
        if found is not None:
            yield _step("convert", pointer, with_=found.name)
        else:
            yield _Line(f"{change.sentence}: no conversion does that alone", False)

    def _conversion(self, edit: Edit, pointer: str) -> Conversion | None:
        """Choose the first conversion after which the field fits; those that cannot fail come first."""
        before = self._mapping(*self._renames(edit))
        for one in sorted(CONVERSIONS.values(), key=lambda held: held.may_fail):
            step = Convert(tuple(pointer[1:].split("/")), one)
            found = check_mapping(Mapping("", 1, 2, (*before.steps, step)), self._before, self._after)
            if not any(fault.step or fault.path.startswith(pointer) for fault in found):
                return one
        return None

    def _renames(self, edit: Edit) -> tuple[Step, ...]:
        if edit.kind is EditKind.CHANGED:
            return ()
        try:
            return self._steps([self._rename(edit.old[0], edit.new[0]).text])
        except MappingInvalid:
            return ()

    def _symbols(self, edit: Edit) -> Iterator[_Line]:
        for change in edit.symbols:
            pointer = self._new_pointer(edit.path)
            if change.renamed:
                table = ", ".join(f"{json.dumps(one)} = {json.dumps(other)}" for one, other in change.renamed)
                yield _Line(f"symbols were renamed: convert = {json.dumps(pointer)}, symbols = {{ {table} }}", False)
            for name in change.removed:
                yield _Line(f"{pointer}: which symbol does {json.dumps(name)} become?", False)

    def _old_pointer(self, path: str) -> str:
        return self._old.get(path, _plain(path))

    def _new_pointer(self, path: str) -> str:
        return self._new.get(path, _plain(path))


def _plain(path: str) -> str:
    return show_path(tuple(path.split(".")))


def _step(verb: str, pointer: str, *, to: str = "", with_: str = "") -> _Line:
    lines = ["[[migration.step]]", f"{verb} = {json.dumps(pointer, ensure_ascii=False)}"]
    lines += [f"to = {json.dumps(to, ensure_ascii=False)}"] * bool(to)
    lines += [f"with = {json.dumps(with_)}"] * bool(with_)
    return _Line("\n".join(lines), True)


def _tables_of(tables: Sequence[str]) -> dict[str, object]:
    """Read steps that were written here: each is a header and simple keys."""
    steps = []
    for table in tables:
        pairs = (line.partition(" = ") for line in table.splitlines()[1:])
        steps.append({key: json.loads(value) for key, _, value in pairs})
    return {"step": steps}


def _pointers(shape: Shape) -> dict[str, str]:
    """Return the pointer of each field by its dotted path, in which the items of arrays do not show."""
    found: dict[str, str] = {}

    def walk(at: Shape, dotted: str, pointer: FieldPath, above: tuple[int, ...]) -> None:
        if id(at) in above or len(above) > _DEEPEST:
            return
        for inner in (at.items, at.values):
            if inner is not None:
                walk(inner, dotted, (*pointer, EVERY), (*above, id(at)))
        for name, field in at.fields.items():
            path = f"{dotted}.{name}" if dotted else name
            found.setdefault(path, show_path((*pointer, name)))
            walk(field.shape, path, (*pointer, name), (*above, id(at)))

    walk(shape, "", (), ())
    return found
