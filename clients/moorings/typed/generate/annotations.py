"""Shapes as Python's annotations."""

from moorings.event_model import model
from moorings.event_model.model import Choice, Entries, Items, Shape, Simple, Union, Use
from moorings.typed.generate.layout import Annotation, Either, Subscript
from moorings.typed.generate.literals import literal
from moorings.typed.generate.plan import Module

_NAMES = {
    model.AWARE: "dt.datetime",
    model.LOCAL: "dt.datetime",
    model.DATE: "dt.date",
    model.TIME: "dt.time",
    model.TIMEDELTA: "dt.timedelta",
}


def annotation(shape: Shape, module: Module) -> Annotation:
    """Return the annotation of *shape*; None stands last in a union."""
    if isinstance(shape, Simple):
        return _NAMES.get(shape.kind, shape.kind)
    if isinstance(shape, Use):
        return module.class_of(shape.name)
    if isinstance(shape, Choice):
        return literal_of(shape)
    if isinstance(shape, Items):
        return Subscript("list", (annotation(shape.items, module),))
    if isinstance(shape, Entries):
        return Subscript("dict", (annotation(shape.keys, module), annotation(shape.values, module)))
    return _either(shape, module)


def literal_of(choice: Choice) -> Annotation:
    return Subscript("Literal", tuple(map(literal, choice.values)))


def optional(written: Annotation) -> Annotation:
    """Add None to an annotation."""
    if written == "Any" or written == "None":
        return written
    parts = written.parts if isinstance(written, Either) else (written,)
    return written if "None" in parts else Either((*parts, "None"))


def _either(shape: Union, module: Module) -> Annotation:
    parts = list(dict.fromkeys(annotation(one, module) for one in shape.branches))
    if "None" in parts:
        parts.remove("None")
        parts.append("None")
    return parts[0] if len(parts) == 1 else Either(tuple(parts))


def reasons(shape: Shape) -> list[str]:
    """Collect why `Any` stands in an annotation, each reason once."""
    if isinstance(shape, Simple):
        return [shape.why] if shape.why else []
    if isinstance(shape, Use):
        return []
    return list(dict.fromkeys(reason for one in model.inner(shape) for reason in reasons(one)))
