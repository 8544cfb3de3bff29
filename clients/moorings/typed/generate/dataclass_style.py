"""Contracts as frozen, slotted, keyword-only dataclasses, enumerations as `StrEnum`."""

from collections.abc import Iterator
from typing import Any

from moorings.event_model.model import (
    NO_DEFAULT,
    Choice,
    Entries,
    Field,
    Items,
    Record,
    Shape,
    Union,
    Use,
    without_none,
)
from moorings.event_model.values import fits
from moorings.typed.generate.annotations import annotation, optional, reasons
from moorings.typed.generate.layout import Subscript, annotated, indented
from moorings.typed.generate.literals import comment, documentation, literal
from moorings.typed.generate.names import attribute_names, member_names
from moorings.typed.generate.plan import Module

_STEP = 4


def definitions(module: Module, width: int) -> Iterator[list[str]]:
    """Yield the classes of a module: enumerations first, since defaults name them."""
    named = module.source.shapes.named
    own = [(named[full], name) for full, name in module.classes.items()]
    for one, name in own:
        if isinstance(one, Choice):
            yield _enumeration(one, name, width)
    for one, name in own:
        if isinstance(one, Record):
            yield _Class(module, width).lines(one, name)


def _enumeration(choice: Choice, name: str, width: int) -> list[str]:
    lines = [f"class {name}(StrEnum):"]
    doc = documentation(choice.doc, width - _STEP)
    lines += indented([*doc, ""] if doc else [])
    lines += indented([f"{member} = {literal(symbol)}" for symbol, member in member_names(choice.values).items()])
    return lines


class _Class:
    """Writes one record."""

    def __init__(self, module: Module, width: int) -> None:
        self.module = module
        self.width = width - _STEP

    def lines(self, record: Record, name: str) -> list[str]:
        body: list[str] = []
        body += documentation(record.doc, self.width)
        if body:
            body.append("")
        root = self.module.source.shapes.root
        if isinstance(root, Use) and root.name == record.name:
            body.append("__moorings_contract__: ClassVar[Contract]")
        if self.module.source.contract.format == "AVRO":
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

    def _attributes(self, record: Record) -> dict[str, str]:
        return attribute_names((one.name for one in record.fields), self.module.taken)

    def _field(self, field: Field, attribute: str) -> list[str]:
        lines = [line for reason in reasons(field.shape) for line in comment(f"Any: {reason}", self.width)]
        written = annotation(field.shape, self.module)
        arguments = self._default(field)
        if not field.given and arguments == [["default=None"]]:
            written = optional(written)
        if attribute != field.name:
            arguments.append([f'metadata={{"moorings": {literal(field.name)}}}'])
        lines += annotated(attribute, written, _value(arguments), self.width)
        return [*lines, *documentation(field.doc, self.width)]

    def _further(self, shape: Shape, attribute: str) -> list[str]:
        written = Subscript("dict", ("str", annotation(shape, self.module)))
        lines = comment("Fields beyond those that the contract names, by their names.", self.width)
        value = _exploded([["default_factory=dict"], ['metadata={"moorings_further": True}']])
        return [*lines, *annotated(attribute, written, value, self.width)]

    def _default(self, field: Field) -> list[list[str]]:
        """Return the arguments that say what the field's absence means; each as lines."""
        if field.default is NO_DEFAULT:
            return [] if field.needed else [["default=None"]]
        if isinstance(field.default, list | dict) and not field.default and not self._is_record(field):
            return [[f"default_factory={'list' if isinstance(field.default, list) else 'dict'}"]]
        lines = self._lines(field.default, field.shape)
        if len(lines) == 1 and not isinstance(field.default, list | dict):
            return [[f"default={lines[0]}"]]
        return [[f"default_factory=lambda: {lines[0]}", *lines[1:]]]

    def _is_record(self, field: Field) -> bool:
        return isinstance(without_none(self._branch(field.default, field.shape)), Use)

    def _branch(self, value: Any, shape: Shape) -> Shape:
        """Choose the branch of a union that a default belongs to."""
        known = self.module.source.shapes
        if not isinstance(shape, Union):
            return shape
        return next(branch for branch in shape.branches if fits(value, branch, known))

    def _lines(self, value: Any, shape: Shape) -> list[str]:
        """Write a default; what holds others is broken, so that it stays as it is in any width."""
        shape = self._branch(value, shape)
        if isinstance(shape, Use):
            named = self.module.source.shapes.named[shape.name]
            name = self.module.class_of(shape.name)
            if not isinstance(named, Record):
                return [f"{name}.{member_names(named.values)[value]}"]
            return self._instance(value, named, name)
        if isinstance(value, list):
            items = shape.items if isinstance(shape, Items) else shape
            return _bracketed("[", [self._lines(one, items) for one in value], "]")
        if isinstance(value, dict):
            values = shape.values if isinstance(shape, Entries) else shape
            entries = [(quoted_key, self._lines(one, values)) for quoted_key, one in value.items()]
            return _bracketed("{", [[f"{literal(key)}: {lines[0]}", *lines[1:]] for key, lines in entries], "}")
        return [literal(value)]

    def _instance(self, value: dict[str, Any], record: Record, name: str) -> list[str]:
        arguments = []
        attributes = self._attributes(record)
        for field in record.fields:
            if field.name in value:
                lines = self._lines(value[field.name], field.shape)
                arguments.append([f"{attributes[field.name]}={lines[0]}", *lines[1:]])
        return _bracketed(f"{name}(", arguments, ")")


def _value(arguments: list[list[str]]) -> list[str]:
    """Write what stands after ``=``: the default alone where that is enough, else a call of `field`."""
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
