"""The form of a value: which kinds it may be of, and what stands inside it. Coarser than any schema, on purpose.

A shape may contain itself, so shapes are compared by identity and walked with the places that were seen.
"""

from dataclasses import dataclass, field

OBJECT, ARRAY, MAP, ANYTHING = "object", "array", "map", "any"


@dataclass(slots=True, eq=False)
class Shape:
    """Complete once its builder has returned; nobody changes it afterwards."""

    kinds: frozenset[str] = frozenset()
    """``object``, ``map``, ``array``, ``any``, ``null``, or the kind of a scalar such as ``int64`` or ``string``."""
    fields: "dict[str, FieldShape]" = field(default_factory=dict)
    """The declared fields of an object; of several alternatives, those of all of them."""
    items: "Shape | None" = None
    values: "Shape | None" = None
    """What stands under the keys of a map, or under an object's further keys."""
    symbols: frozenset[str] | None = None
    """The only texts there may be; None: any."""


@dataclass(frozen=True, slots=True, eq=False)
class FieldShape:
    """One field of an object."""

    shape: Shape
    required: bool
    """Whoever writes has to give it."""
    present: bool
    """Whoever reads always finds it: it was required, or it has a default."""


ANY = Shape(frozenset((ANYTHING,)))
ANY.items = ANY.values = ANY


def merged(shapes: "list[Shape]") -> Shape:
    """Join alternatives into the shape that a value of any of them has."""
    if len(shapes) == 1:
        return shapes[0]
    objects = [one for one in shapes if OBJECT in one.kinds]
    names = dict.fromkeys(name for one in objects for name in one.fields)
    symbols = None
    if all(one.symbols is not None or not _is_text(one) for one in shapes):
        symbols = frozenset(symbol for one in shapes for symbol in one.symbols or ())
    return Shape(
        kinds=frozenset().union(*(one.kinds for one in shapes)),
        fields={name: _merged_field(name, objects) for name in names},
        items=_only([one.items for one in shapes if one.items is not None]),
        values=_only([one.values for one in shapes if one.values is not None]),
        symbols=symbols or None,
    )


def _merged_field(name: str, objects: list[Shape]) -> FieldShape:
    found = [one.fields[name] for one in objects if name in one.fields]
    shape = _only([one.shape for one in found]) or ANY
    everywhere = len(found) == len(objects)
    return FieldShape(
        shape, everywhere and all(one.required for one in found), everywhere and all(one.present for one in found)
    )


def _only(shapes: list[Shape]) -> Shape | None:
    """Return the shape that is meant where there is one; several are not followed into each other."""
    different = list({id(one): one for one in shapes}.values())
    if len(different) < 2:
        return different[0] if different else None
    return Shape(
        frozenset().union(*(one.kinds for one in different)),
        {name: field for one in different for name, field in one.fields.items()},
        next((one.items for one in different if one.items is not None), None),
        next((one.values for one in different if one.values is not None), None),
    )


def _is_text(shape: Shape) -> bool:
    return not shape.kinds.isdisjoint(("string", "enum", ANYTHING))
