"""A pointer into an event, reduced to the names that its schema declares."""

from collections.abc import Sequence
from functools import lru_cache

from moorings.event_model.shapes import Shape

_MOST_STEPS = 40
_LONGEST_POINTER = 500


def generalised_pointer(shapes: Sequence[Shape], pointer: str) -> str:
    """Return *pointer* with ``*`` for every step that is not a declared name: ``/items/3/price`` is ``/items/*/price``.

    It ends with the first step that no schema describes.
    """
    generalise = _remembered if len(pointer) <= _LONGEST_POINTER else _generalised
    return generalise(tuple(shapes), pointer)


def _generalised(shapes: tuple[Shape, ...], pointer: str) -> str:
    here = list(shapes)
    generalised = ""
    for step in pointer.split("/")[1 : _MOST_STEPS + 1]:
        name = step.replace("~1", "/").replace("~0", "~")
        declared = [one.fields[name].shape for one in here if name in one.fields]
        longer = f"{generalised}/{step if declared and step.isprintable() else '*'}"
        if len(longer) > _LONGEST_POINTER:
            break
        generalised = longer
        here = declared or [one for shape in here for one in (shape.items, shape.values) if one is not None]
        if not here:
            break
    return generalised


_remembered = lru_cache(maxsize=1024)(_generalised)
"""What fails once usually fails again at the same pointer; long pointers are not worth their memory."""
