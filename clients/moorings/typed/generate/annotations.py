"""Types of the event model as Python annotations."""

from moorings.event_model import model
from moorings.event_model.model import (
    EnumerationType,
    ListType,
    MapType,
    ScalarType,
    TypeReference,
    UnionType,
    ValueType,
)
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


def annotation(type: ValueType, module: Module) -> Annotation:
    """Return the annotation of *type*; None comes last in a union."""
    if isinstance(type, ScalarType):
        return _NAMES.get(type.kind, type.kind)
    if isinstance(type, TypeReference):
        return module.class_of(type.name)
    if isinstance(type, EnumerationType):
        return literal_of(type)
    if isinstance(type, ListType):
        return Subscript("list", (annotation(type.items, module),))
    if isinstance(type, MapType):
        return Subscript("dict", (annotation(type.keys, module), annotation(type.values, module)))
    return _union_annotation(type, module)


def literal_of(enumeration: EnumerationType) -> Annotation:
    return Subscript("Literal", tuple(map(literal, enumeration.values)))


def optional(written: Annotation) -> Annotation:
    """Add None to an annotation."""
    if written == "Any" or written == "None":
        return written
    parts = written.parts if isinstance(written, Either) else (written,)
    return written if "None" in parts else Either((*parts, "None"))


def _union_annotation(type: UnionType, module: Module) -> Annotation:
    parts = list(dict.fromkeys(annotation(one, module) for one in type.branches))
    if "None" in parts:
        parts.remove("None")
        parts.append("None")
    return parts[0] if len(parts) == 1 else Either(tuple(parts))


def reasons(type: ValueType) -> list[str]:
    """Collect the reasons for each `Any` in an annotation, each once."""
    if isinstance(type, ScalarType):
        return [type.reason] if type.reason else []
    if isinstance(type, TypeReference):
        return []
    return list(dict.fromkeys(reason for one in model.inner(type) for reason in reasons(one)))
