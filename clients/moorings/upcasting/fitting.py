"""Compares shapes: does the result of an upcast fit what the next major requires?"""

from collections.abc import Iterator

from moorings.event_model.shapes import ANYTHING, MAP, OBJECT, Shape

_INTEGER_KINDS = frozenset(("count", "int32", "int64", "uint32", "uint64", "integer"))
"""``count`` is a whole number of a mapping's own that every type of numbers holds."""
_ACCEPTED: dict[str, frozenset[str]] = {  # a kind that is asked for, and the kinds of which every value is one
    "int32": frozenset(("count",)),
    "uint32": frozenset(("count",)),
    "int64": frozenset(("count", "int32", "uint32")),
    "uint64": frozenset(("count", "uint32")),
    "integer": _INTEGER_KINDS,
    "double": frozenset(("count", "int32", "uint32", "float")),
    "number": _INTEGER_KINDS | {"float", "double", "number"},
    "string": frozenset(("string", "enum")),
    "enum": frozenset(("string", "enum")),
    MAP: frozenset((MAP, OBJECT)),
    OBJECT: frozenset((MAP, OBJECT)),
}

Misfit = tuple[str, str]
"""A path and a sentence."""


def misfits(given: Shape, asked: Shape) -> Iterator[Misfit]:
    """Yield every reason why some value of *given* is not a value of *asked*, as far as shapes show."""
    waiting = [("", given, asked)]
    seen: set[tuple[int, int]] = set()
    while waiting:
        path, left, right = waiting.pop()
        if left is right or (id(left), id(right)) in seen:
            continue
        seen.add((id(left), id(right)))
        yield from _kinds(path, left, right)
        if ANYTHING in right.kinds:
            continue
        if OBJECT in left.kinds and OBJECT in right.kinds:
            yield from _fields(path, left, right)
            waiting += [
                (f"{path}/{name}", field.shape, right.fields[name].shape)
                for name, field in reversed(left.fields.items())
                if name in right.fields
            ]
        if left.items is not None and right.items is not None:
            waiting.append((f"{path}/*", left.items, right.items))
        if left.values is not None and right.values is not None:
            waiting.append((f"{path}/*", left.values, right.values))


def _fields(path: str, given: Shape, asked: Shape) -> Iterator[Misfit]:
    for name, field in asked.fields.items():
        if not field.required:
            continue
        if name not in given.fields:
            yield (
                f"{path}/{name}",
                "the next major requires this field, and nothing fills it: add a default, or move a field here",
            )
        elif not given.fields[name].present:
            yield f"{path}/{name}", "the next major requires this field, and it may be absent: add a default"
    if asked.values is None:
        for name in given.fields:
            if name not in asked.fields:
                yield f"{path}/{name}", "the next major does not declare this field: drop it, or move it"


def _kinds(path: str, given: Shape, asked: Shape) -> Iterator[Misfit]:
    if ANYTHING in asked.kinds:
        return
    left = sorted(kind for kind in given.kinds if not _accepts(kind, asked))
    if left:
        yield path, f"it may be {_words(left)}, and the next major takes {_words(sorted(asked.kinds))}"
        return
    if asked.symbols is None or given.kinds.isdisjoint(("string", "enum")):
        return
    if given.symbols is None:
        yield path, "it may be any text, and the next major takes certain symbols: convert it by a table of symbols"
    elif given.symbols - asked.symbols:
        strange = ", ".join(sorted(given.symbols - asked.symbols)[:5])
        yield path, f"the next major does not have the symbols {strange}: convert them by a table of symbols"


def _accepts(kind: str, asked: Shape) -> bool:
    return kind in asked.kinds or any(kind in _ACCEPTED.get(one, ()) for one in asked.kinds)


def _words(kinds: list[str]) -> str:
    return " or ".join("anything" if kind == ANYTHING else kind for kind in kinds)
