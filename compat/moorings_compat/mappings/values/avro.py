"""Avro events as values: with logical types, as fastavro reads and writes them."""

import io
import json
import re
from collections.abc import Mapping
from typing import Any

import fastavro
from fastavro.validation import ValidationError

from moorings_compat.avro.codec import ENCODING_FAILS, decode
from moorings_compat.avro.model import Array, AvroModel, Map, Node, Record, model_of
from moorings_compat.avro.resolved import fastavro_form
from moorings_compat.conditions.events.port import Event
from moorings_compat.mappings.values.port import Invalid, Values
from moorings_compat.policies import Policy
from moorings_compat.schema import Schema

_LONGEST = 200
_TYPED = re.compile(r"(?P<name>\S*) is <.*> of type <class '(?P<type>[^']*)'> expected (?P<expected>.*)", re.DOTALL)


def values(schema: Schema, event: str, policy: Policy) -> Values:  # noqa: ARG001 - of other formats
    """Return the values of *schema*."""
    return AvroValues(schema)


class AvroValues:
    """The events of one Avro schema."""

    def __init__(self, schema: Schema) -> None:
        self._model = model_of(schema)
        self._form = fastavro_form(self._model, logical_types=True)

    def read(self, event: Event) -> Any:
        """Return an event with dates, decimals and UUIDs as Python has them."""
        decoded = decode(bytes.fromhex(event.encoded), self._form, self._form)
        if decoded.error:
            raise Invalid("", decoded.error)  # beyond what Python's dates can hold
        return decoded.value

    def require_valid(self, value: Any) -> None:
        """Pass, or say what a writer of the schema refuses: fields that are missing, undeclared, or of another type."""
        fault = _field_fault(self._model, self._model.root, value, "")
        if fault is not None:
            raise fault
        reason = ""
        try:
            fastavro.validate(value, self._form, strict=True)
            fastavro.schemaless_writer(io.BytesIO(), self._form, value, strict_allow_default=True)
        except ValidationError as error:
            reason = _first(str(error))
        except ENCODING_FAILS as error:
            reason = _first(f"{type(error).__name__}: {error}")
        if reason:
            raise Invalid("", reason)


def _field_fault(model: AvroModel, node: Node, value: Any, path: str) -> Invalid | None:
    """Find a field that is missing or that is not declared; fastavro finds everything else, in other words."""
    type = model.resolve(node)
    if isinstance(type, Record) and isinstance(value, Mapping):
        return _record_fault(model, type, value, path)
    if isinstance(type, Array) and isinstance(value, list):
        found = (_field_fault(model, type.items, one, f"{path}/{number}") for number, one in enumerate(value))
        return next((one for one in found if one is not None), None)
    if isinstance(type, Map) and isinstance(value, Mapping):
        found = (_field_fault(model, type.values, one, f"{path}/{key}") for key, one in value.items())
        return next((one for one in found if one is not None), None)
    return None


def _record_fault(model: AvroModel, record: Record, value: Mapping[str, Any], path: str) -> Invalid | None:
    declared = {field.name for field in record.fields}
    for name in value:
        if name not in declared:
            return Invalid(f"{path}/{name}", f"record {record.full} does not declare the field")
    for field in record.fields:
        if field.name not in value and not field.has_default:
            return Invalid(f"{path}/{field.name}", "the field is missing and has no default")
        fault = (
            _field_fault(model, field.type, value[field.name], f"{path}/{field.name}") if field.name in value else None
        )
        if fault is not None:
            return fault
    return None


def _first(text: str) -> str:
    """The first of the errors that fastavro lists, without the value."""
    try:
        listed = json.loads(text)
    except ValueError:
        listed = [text]
    said = str(listed[0]) if isinstance(listed, list) and listed else text
    typed = _TYPED.fullmatch(said)
    said = f"{typed['name']} is of type {typed['type']}, expected {typed['expected']}" if typed else said
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}..."
