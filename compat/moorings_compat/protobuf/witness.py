"""Payloads that show a finding: built with the writer's descriptors, read with the reader's, by the real runtime."""

from typing import Any

from google.protobuf import __version__, json_format, text_format
from google.protobuf.internal import api_implementation
from google.protobuf.message import DecodeError, Message

from moorings_compat.findings import Witness
from moorings_compat.limits import Budget
from moorings_compat.protobuf.compiled import Compiled
from moorings_compat.protobuf.differences import Difference, MessagePair, Probe
from moorings_compat.protobuf.reflection import (
    FieldDescriptor,
    content,
    fields_by_number,
    handle,
    is_map,
    required_fields,
)
from moorings_compat.protobuf.samples import wrapped
from moorings_compat.protobuf.wire.values import first_misread

ENGINE = f"protobuf {__version__} ({api_implementation.Type()})"

_STEPS = 250
"""The cost of building and reading one payload, in steps of a comparison."""
_STEPS_OF_A_MESSAGE = 10
"""The cost of completing one of the messages in it."""


def wire_witness(difference: Difference, reader: Compiled, writer: Compiled, budget: Budget) -> Witness | None:
    """Return the first payload that the reader refuses or misreads; None if no probe shows a difference.

    The error begins with the full name of the payload's message.

    Raises:
        BudgetSpent: required fields took more steps than are left.
    """
    if difference.unknown_message:
        return _unknown_message(difference.unknown_message, reader, writer, budget)
    if difference.message_pair is None:
        return None
    for probe in difference.probes:
        message = build(writer, difference.message_pair, probe, budget)
        encoded = message.SerializeToString(deterministic=True)
        read_as, written_as = difference.message_pair.root
        error = read_error(encoded, message, reader, read_as)
        if error is not None:
            return Witness(as_json(message), ENGINE, f"{written_as}: {error}", encoded.hex())
    return None


def read_error(encoded: bytes, written: Message, reader: Compiled, full_name: str) -> str | None:
    """Return the error of reading *encoded* as *full_name*; None if it is read correctly."""
    try:
        read = reader.message_class(full_name).FromString(encoded)
    except DecodeError as error:
        return f"refused: {error}"
    if not read.IsInitialized():
        return f"refused: required field {_missing_required(read)} is missing"
    return first_misread(read, written)


def _missing_required(read: Any) -> str:
    return str(read.FindInitializationErrors()[0])


def build(writer: Compiled, message_pair: MessagePair, probe: Probe, budget: Budget) -> Message:
    """Make the writer's message that holds *probe* at *message_pair*, and otherwise only required fields."""
    budget.spend(_STEPS)
    message = writer.message_class(message_pair.root[1])()
    _fill(message, wrapped(message_pair, probe), budget)
    _complete(message, budget)
    return message


def as_json(message: Message) -> str:
    """Write a message as ProtoJSON on one line; in the text format if ProtoJSON has no form for it."""
    try:
        return str(json_format.MessageToJson(message, indent=None, ensure_ascii=False))
    except (json_format.Error, ValueError, TypeError):
        return str(text_format.MessageToString(message, as_one_line=True))


def _unknown_message(full_name: str, reader: Compiled, writer: Compiled, budget: Budget) -> Witness | None:
    budget.spend(_STEPS)
    error = unknown_message_error(full_name, reader)
    if error is None:
        return None
    message = writer.message_class(full_name)()
    _complete(message, budget)
    return Witness(
        as_json(message), ENGINE, f"{full_name}: {error}", message.SerializeToString(deterministic=True).hex()
    )


def unknown_message_error(full_name: str, reader: Compiled) -> str | None:
    """Return the error of looking up the message *full_name*; None if the reader has it."""
    try:
        reader.descriptor(full_name)
    except KeyError as error:
        return f"refused: {error.args[0]}"
    return None


def _fill(message: Message, probe: Probe, budget: Budget) -> None:
    look_up = fields_by_number(message.DESCRIPTOR)
    for number, value in probe:
        budget.spend()
        field = look_up(number)
        assert field is not None, f"no field {number} in {message.DESCRIPTOR.full_name}"
        _set(message, field, value, budget)


def _set(message: Message, field: FieldDescriptor, value: object, budget: Budget) -> None:
    if field.message_type is None:
        _set_scalar(message, field, value)
    elif isinstance(value, dict):
        entries = getattr(message, field.name)
        for key, one in value.items():
            if isinstance(one, tuple):
                entries[key].SetInParent()
                _fill(entries[key], one, budget)
            else:
                entries[key] = one
    elif field.is_repeated:
        assert isinstance(value, list)
        for one in value:
            _fill(content(message, field).add(), one, budget)
    else:
        inner = content(message, field)
        assert isinstance(inner, Message)
        assert isinstance(value, tuple)
        inner.SetInParent()
        _fill(inner, value, budget)


def _set_scalar(message: Message, field: FieldDescriptor, value: object) -> None:
    if field.is_repeated:
        content(message, field).extend(value)
    elif field.is_extension:
        message.Extensions[handle(message, field)] = value
    else:
        setattr(message, field.name, value)


def _complete(message: Message, budget: Budget) -> None:
    """Set every unset required field, in *message* and in all that it holds, to its zero."""
    waiting = [message]
    while waiting:
        one = waiting.pop()
        budget.spend(_STEPS_OF_A_MESSAGE)
        for field in required_fields(one.DESCRIPTOR):
            if not one.HasField(field.name):
                _set_zero(one, field)
        for field, value in one.ListFields():
            if field.message_type is None:
                continue
            if not field.is_repeated:
                waiting.append(value)
            elif is_map(field):
                waiting.extend(inner for inner in value.values() if isinstance(inner, Message))
            else:
                waiting.extend(value)


def _set_zero(message: Message, field: FieldDescriptor) -> None:
    if field.message_type is not None:
        getattr(message, field.name).SetInParent()
    else:
        setattr(message, field.name, getattr(message, field.name))
