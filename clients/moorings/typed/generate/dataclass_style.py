"""Contracts as frozen, slotted, keyword-only dataclasses, enumerations as `StrEnum`."""

from collections.abc import Iterator
from typing import Any

from moorings.event_model.event_formats import EVENT_FORMATS
from moorings.event_model.model import (
    NO_DEFAULT,
    EnumerationType,
    EventField,
    ListType,
    MapType,
    RecordType,
    TypeReference,
    UnionType,
    ValueType,
    without_none,
)
from moorings.event_model.values import fits
from moorings.typed.generate.annotations import annotation, optional, reasons
from moorings.typed.generate.layout import Subscript, annotated, indented
from moorings.typed.generate.literals import comment, documentation, literal
from moorings.typed.generate.names import attribute_names, member_names
from moorings.typed.generate.plan import Module
from moorings_compat import Format

_STEP = 4


def definitions(module: Module, width: int) -> Iterator[list[str]]:
    """Yield the classes of a module: enumerations first, since defaults name them."""
    for name, enumeration in module.enumerations():
        yield _enumeration_lines(enumeration, name, width)
    for name, record in module.records():
        yield _Class(module, width).lines(record, name)


def _enumeration_lines(enumeration: EnumerationType, name: str, width: int) -> list[str]:
    lines = [f"class {name}(StrEnum):"]
    doc = documentation(enumeration.doc, width - _STEP)
    lines += indented([*doc, ""] if doc else [])
    lines += indented([f"{member} = {literal(symbol)}" for symbol, member in member_names(enumeration.values).items()])
    return lines


class _Class:
    """Writes one record."""

    def __init__(self, module: Module, width: int) -> None:
        self.module = module
        self.width = width - _STEP

    def lines(self, record: RecordType, name: str) -> list[str]:
        body: list[str] = []
        body += documentation(record.doc, self.width)
        if body:
            body.append("")
        root = self.module.source.model.root
        if isinstance(root, TypeReference) and root.name == record.name:
            body.append("__moorings_contract__: ClassVar[Contract]")
        if EVENT_FORMATS[Format(self.module.source.contract.format)].names_branches:
            body.append(f"__moorings_name__: ClassVar[str] = {literal(record.name)}")
        if body and body[-1] and (record.fields or record.extra is not None):
            body.append("")
        attributes = self._attributes(record)
        for field in record.fields:
            body += self._field(field, attributes[field.name])
        if record.extra is not None:
            taken = {*attributes.values(), *self.module.taken}
            body += self._further(record.extra, attribute_names(["further_fields"], taken)["further_fields"])
        return ["@dataclass(frozen=True, slots=True, kw_only=True)", f"class {name}:", *indented(body or ["pass"])]

    def _attributes(self, record: RecordType) -> dict[str, str]:
        return attribute_names((one.name for one in record.fields), self.module.taken)

    def _field(self, field: EventField, attribute: str) -> list[str]:
        lines = [line for reason in reasons(field.type) for line in comment(f"Any: {reason}", self.width)]
        written = annotation(field.type, self.module)
        arguments = self._default(field)
        if not field.present and arguments == [["default=None"]]:
            written = optional(written)
        if attribute != field.name:
            arguments.append([f'metadata={{"moorings": {literal(field.name)}}}'])
        lines += annotated(attribute, written, _assigned_value(arguments), self.width)
        return [*lines, *documentation(field.doc, self.width)]

    def _further(self, type: ValueType, attribute: str) -> list[str]:
        written = Subscript("dict", ("str", annotation(type, self.module)))
        lines = comment("Fields beyond those that the contract names, by their names.", self.width)
        value = _exploded([["default_factory=dict"], ['metadata={"moorings_further": True}']])
        return [*lines, *annotated(attribute, written, value, self.width)]

    def _default(self, field: EventField) -> list[list[str]]:
        """Return the arguments that give the field's default; each as lines."""
        if field.default is NO_DEFAULT:
            return [] if field.required else [["default=None"]]
        if not fits(field.default, field.type, self.module.source.model):
            return []  # a logical type has no such value: the class asks for one
        if isinstance(field.default, list | dict) and not field.default and not self._is_record(field):
            return [[f"default_factory={'list' if isinstance(field.default, list) else 'dict'}"]]
        lines = self._lines(field.default, field.type)
        if len(lines) == 1 and not isinstance(field.default, list | dict):
            return [[f"default={lines[0]}"]]
        return [[f"default_factory=lambda: {lines[0]}", *lines[1:]]]

    def _is_record(self, field: EventField) -> bool:
        return isinstance(without_none(self._branch(field.default, field.type)), TypeReference)

    def _branch(self, value: Any, type: ValueType) -> ValueType:
        """Choose the branch of a union that a default belongs to."""
        known = self.module.source.model
        if not isinstance(type, UnionType):
            return type
        return next(branch for branch in type.branches if fits(value, branch, known))

    def _lines(self, value: Any, type: ValueType) -> list[str]:
        """Write a default; one that holds others takes several lines, which no width changes."""
        type = self._branch(value, type)
        if isinstance(type, TypeReference):
            named = self.module.source.model.named[type.name]
            name = self.module.class_of(type.name)
            if not isinstance(named, RecordType):
                return [f"{name}.{member_names(named.values)[value]}"]
            return self._instance(value, named, name)
        if isinstance(value, list):
            items = type.items if isinstance(type, ListType) else type
            return _bracketed("[", [self._lines(one, items) for one in value], "]")
        if isinstance(value, dict):
            values = type.values if isinstance(type, MapType) else type
            entries = [(quoted_key, self._lines(one, values)) for quoted_key, one in value.items()]
            return _bracketed("{", [[f"{literal(key)}: {lines[0]}", *lines[1:]] for key, lines in entries], "}")
        return [literal(value)]

    def _instance(self, value: dict[str, Any], record: RecordType, name: str) -> list[str]:
        arguments = []
        attributes = self._attributes(record)
        for field in record.fields:
            if field.name in value:
                lines = self._lines(value[field.name], field.type)
                arguments.append([f"{attributes[field.name]}={lines[0]}", *lines[1:]])
        return _bracketed(f"{name}(", arguments, ")")


def _assigned_value(arguments: list[list[str]]) -> list[str]:
    """Write what follows ``=``: the default alone where that is enough, else a call of `field`."""
    if not arguments:
        return []
    if len(arguments) > 1 or len(arguments[0]) > 1:
        return _exploded(arguments)
    argument = arguments[0][0]
    if argument.startswith("default="):
        return [argument.removeprefix("default=")]
    return [f"field({argument})"]


def _exploded(arguments: list[list[str]]) -> list[str]:
    return _bracketed("field(", arguments, ")")


def _bracketed(head: str, items: list[list[str]], close: str) -> list[str]:
    if not items:
        return [head + close]
    lines = [line for item in items for line in [*item[:-1], f"{item[-1]},"]]
    return [head, *indented(lines), close]
