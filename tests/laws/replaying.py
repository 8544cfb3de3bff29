"""Witnesses played again: what the engine that a witness names answers to both schemas and the payload."""

import json
from collections.abc import Callable
from typing import Any

from moorings_compat import Schema, Witness
from moorings_compat.avro import fastavro_schema
from moorings_compat.avro.codec import ENGINE as FASTAVRO
from moorings_compat.avro.codec import decode, encode, is_value_of
from moorings_compat.avro.model import (
    Array,
    AvroModel,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    TypeName,
    Union,
    branch_name,
    model_of,
)
from moorings_compat.avro.witness import MEANING_ENGINE, REFERENCE_ENGINE, misreading, reader_form, reference_answer
from moorings_compat.json_schema import validator
from moorings_compat.json_schema.explaining.witnesses import ENGINE as JSONSCHEMA
from moorings_compat.json_schema.explaining.witnesses import sentence
from moorings_compat.protobuf.compiled import compiled
from moorings_compat.protobuf.types import counterpart_name
from moorings_compat.protobuf.witness import ENGINE as PROTOBUF
from moorings_compat.protobuf.witness import read_error, unknown_message_error


def assert_replayed(witness: Witness, reader: Schema, writer: Schema) -> None:
    """Fail where the engine of *witness* does not answer what the witness says."""
    answers = _ANSWERS[witness.engine](witness, reader, writer)
    assert witness.error in answers, (witness, answers)


def _by_fastavro(witness: Witness, reader: Schema, writer: Schema) -> list[str]:
    written = fastavro_schema(writer, logical_types=False)
    read = reader_form(model_of(reader), model_of(writer))
    data = bytes.fromhex(witness.encoded)
    assert encode(written, _avro_value(witness, writer)) == data
    outcome = decode(data, written, read)
    if outcome.error or is_value_of(read, outcome.value):
        return [outcome.error]
    return [misreading(outcome.value)]


def _by_reference(witness: Witness, reader: Schema, writer: Schema) -> list[str]:
    models = model_of(reader), model_of(writer)
    value = _avro_value(witness, writer)
    written = fastavro_schema(writer, logical_types=False)
    by_fastavro = decode(bytes.fromhex(witness.encoded), written, reader_form(*models))
    assert not by_fastavro.error
    return [reference_answer(*models, value, by_fastavro.value)]


def _by_meaning(witness: Witness, reader: Schema, writer: Schema) -> list[str]:
    """The event is read without an error: what its values mean is shown by other tests, value by value."""
    written, read = fastavro_schema(writer, logical_types=False), fastavro_schema(reader, logical_types=False)
    data = bytes.fromhex(witness.encoded)
    assert encode(written, _avro_value(witness, writer)) == data
    assert not decode(data, written, read).error
    return [witness.error]


def _by_validator(witness: Witness, reader: Schema, writer: Schema) -> list[str]:
    payload = json.loads(witness.payload)
    assert validator(writer).is_valid(payload)
    return [sentence(error) for error in validator(reader).iter_errors(payload)]


def _by_runtime(witness: Witness, reader: Schema, writer: Schema) -> list[str]:
    name = witness.error.partition(":")[0]
    data = bytes.fromhex(witness.encoded)
    message = compiled(writer).message_class(name).FromString(data)
    read_as = counterpart_name(name, compiled(writer).types, compiled(reader).types)
    error = unknown_message_error(name, compiled(reader))
    try:
        error = read_error(data, message, compiled(reader), read_as) or error
    except KeyError:
        assert error
    return [f"{name}: {error}"]


_ANSWERS: dict[str, Callable[[Witness, Schema, Schema], list[str]]] = {
    FASTAVRO: _by_fastavro,
    REFERENCE_ENGINE: _by_reference,
    MEANING_ENGINE: _by_meaning,
    JSONSCHEMA: _by_validator,
    PROTOBUF: _by_runtime,
}


def _avro_value(witness: Witness, writer: Schema) -> Any:
    model = model_of(writer)
    return _typed(model, model.root, json.loads(witness.payload))


def _typed(model: AvroModel, node: Node, value: Any) -> Any:
    """Turn a payload in the specification's JSON encoding into a value that fastavro writes."""
    if isinstance(node, Union):
        if value is None:
            return "null", None
        ((name, inner),) = value.items()
        return name, _typed(model, next(one for one in node.branches if branch_name(one) == name), inner)
    if isinstance(node, Primitive):
        return value.encode("latin-1") if node.kind == "bytes" else value
    if isinstance(node, Array):
        return [_typed(model, node.items, one) for one in value]
    if isinstance(node, Map):
        return {key: _typed(model, node.values, one) for key, one in value.items()}
    assert isinstance(node, TypeName)
    named = model.types[node.full]
    if isinstance(named, Record):
        return {field.name: _typed(model, field.type, value[field.name]) for field in named.fields}
    return value.encode("latin-1") if isinstance(named, Fixed) else value
