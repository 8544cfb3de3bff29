"""Contracts as `TypedDict`s, enumerations as literals: events stay the dicts that the client takes and gives."""

from collections.abc import Iterator

from moorings.event_model.model import EventField, RecordType
from moorings.typed.generate.annotations import annotation, literal_of, reasons
from moorings.typed.generate.layout import Annotation, Subscript, annotated, assigned, flat, indented
from moorings.typed.generate.literals import comment, documentation, literal
from moorings.typed.generate.names import attribute_names
from moorings.typed.generate.plan import Module

_STEP = 4


def definitions(module: Module, width: int) -> Iterator[list[str]]:
    """Yield the types of a module, enumerations first."""
    for name, one in module.enumerations():
        yield [*comment(one.doc, width - 2), *assigned(name, "TypeAlias", literal_of(one), width)]
    for name, record in module.records():
        attributes = attribute_names((field.name for field in record.fields), module.taken)
        plain = all(field == attribute for field, attribute in attributes.items())
        yield _class(record, name, module, width) if plain else _call(record, name, module, width)


def _class(record: RecordType, name: str, module: Module, width: int) -> list[str]:
    width -= _STEP
    body = documentation(record.doc, width)
    if body and record.fields:
        body.append("")
    for field in record.fields:
        body += _comments(field, width)
        body += annotated(field.name, _field_annotation(field, module), [], width)
        body += documentation(field.doc, width)
    body += _further_comment(record, width)
    return [f"class {name}(TypedDict):", *indented(body if _has_code(body) else [*body, "pass"])]


def _call(record: RecordType, name: str, module: Module, width: int) -> list[str]:
    """Write the form that takes any key; its types are texts, since some of them are defined further down."""
    width -= 2 * _STEP
    entries = []
    for field in record.fields:
        entries += [*_comments(field, width), *comment(field.doc, width)]
        entries.append(f"{literal(field.name)}: {literal(flat(_field_annotation(field, module)))},")
    entries += _further_comment(record, width)
    return [
        *comment(record.doc, width),
        f"{name} = TypedDict(",
        f'    "{name}",',
        "    {",
        *indented(entries, 2),
        "    },",
        ")",
    ]


def _field_annotation(field: EventField, module: Module) -> Annotation:
    written = annotation(field.type, module)
    return written if field.required else Subscript("NotRequired", (written,))


def _comments(field: EventField, width: int) -> list[str]:
    return [line for reason in reasons(field.type) for line in comment(f"Any: {reason}", width)]


def _further_comment(record: RecordType, width: int) -> list[str]:
    if record.extra is None:
        return []
    return comment("Further fields are allowed, which a TypedDict cannot express.", width)


def _has_code(body: list[str]) -> bool:
    return any(line and not line.startswith("#") for line in body)
