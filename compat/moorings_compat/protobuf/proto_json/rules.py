"""Two fields with one name in ProtoJSON: does the text of one parse as the other, with the same value?"""

from collections.abc import Iterator

from moorings_compat.findings import Severity
from moorings_compat.protobuf.differences import (
    Check,
    Difference,
    FieldPair,
    MessagePair,
    Probe,
    at_field,
    can_be_written,
    declaration,
    protobuf_rule,
    type_of,
)
from moorings_compat.protobuf.proto_json import forms
from moorings_compat.protobuf.proto_json.forms import JsonShape, form, shape
from moorings_compat.protobuf.samples import filled, one_of
from moorings_compat.protobuf.types import COMPOSITE, ENUM, Field, Message

_FORMAT = 'protobuf.dev, "ProtoJSON Format"'
_VALUE: Probe = ((2, 1.0),)
_SAMPLES: dict[str, Probe] = {
    "google.protobuf.Value": _VALUE,
    "google.protobuf.ListValue": ((1, [_VALUE]),),
    "google.protobuf.Struct": ((1, {"a": _VALUE}),),
}


def name_unknown(message_pair: MessagePair) -> Iterator[Difference]:
    """Find names that the reader refuses."""
    known = json_names(message_pair.reader)
    for written in message_pair.writer.fields:
        if written.json_name not in known and can_be_written(message_pair, written):
            yield Difference(
                message_pair.reader_path,
                f"{message_pair.writer_path}/{written.name}",
                f'no field "{written.json_name}" in {message_pair.reader.full_name}',
                declaration(written),
                f'`{written.name}` is printed as "{written.json_name}"; the reader has no field of that name.',
                message_pair,
                (_printed(message_pair, written),),
            )


def oneof_joined(message_pair: MessagePair) -> Iterator[Difference]:
    """Find fields that can both be printed, and that the reader refuses together."""
    known = json_names(message_pair.reader)
    met: dict[str, list[tuple[Field, Field]]] = {}
    for written in message_pair.writer.fields:
        read = known.get(written.json_name)
        if read is not None and read.oneof and can_be_written(message_pair, written):
            met.setdefault(read.oneof, []).append((read, written))
    for oneof, pairs in met.items():
        first = pairs[0][1]
        other = next((one for _, one in pairs[1:] if not one.oneof or one.oneof != first.oneof), None)
        if other is not None:
            names = ", ".join(f"`{written.name}`" for _, written in pairs)
            yield Difference(
                f"{message_pair.reader_path}/{oneof}",
                f"{message_pair.writer_path}/{other.name}",
                f"oneof {oneof} {{ {'; '.join(declaration(read) for read, _ in pairs)}; }}",
                "; ".join(declaration(written) for _, written in pairs),
                f"{names} can be printed together; the reader's oneof `{oneof}` accepts only one of them.",
                message_pair,
                (_printed(message_pair, first) + _printed(message_pair, other),),
            )


def shape_changed(pair: FieldPair) -> Iterator[Difference]:
    """Find a list, an object of keys, or a single value where the reader expects another of the three."""
    read, written = shape(pair.reader), shape(pair.writer)
    if read is not written:
        message = f"`{pair.writer.name}` is printed as {_SHAPES[written]}; the reader expects {_SHAPES[read]}."
        yield at_field(pair, message, _printed(pair.message_pair, pair.writer), repair="repeated")


def form_changed(pair: FieldPair) -> Iterator[Difference]:
    """Find types whose texts have nothing in common, or have another value."""
    read, written = form(pair.reader), form(pair.writer)
    numbers = forms.is_number(read) and forms.is_number(written)
    if read == written or numbers or (read == ENUM and forms.is_whole(written)):
        return
    if read == COMPOSITE and written == COMPOSITE:
        return
    probe = _printed(pair.message_pair, pair.writer)
    if forms.is_whole(read) and _prints_numbers_alone(pair):
        if forms.in_range(read, -1):
            return
        probe = _put(pair, -1)
    message = f"`{pair.writer.name}` is printed as {type_of(pair.writer)}; the reader expects {type_of(pair.reader)}."
    yield at_field(pair, message, probe, repair="type")


def _prints_numbers_alone(pair: FieldPair) -> bool:
    """Say whether the writer's enum has only a zero, which is never printed, so that it prints numbers alone."""
    if pair.writer.type != ENUM or pair.zero_is_written:
        return False
    return not any(pair.message_pair.sides.writer.enum(pair.writer).numbers)


def number_refused(pair: FieldPair) -> Iterator[Difference]:
    """Find numbers that are out of the reader's range or lose digits."""
    read, written = form(pair.reader), form(pair.writer)
    if forms.is_number(read) and forms.is_number(written):
        value = forms.first_refused(read, written)
    elif read == ENUM and forms.is_whole(written):
        value = _no_enum_number(pair, written)
    else:
        return
    if value is not None:
        message = f"`{pair.writer.name}` can be {value}, which is out of the range of {type_of(pair.reader)}."
        yield at_field(pair, message, _put(pair, value), repair="type")


def symbol_unknown(pair: FieldPair) -> Iterator[Difference]:
    """Find enum symbols that are printed by a name that the reader does not have."""
    if pair.enums is None or form(pair.reader) != form(pair.writer):
        return
    reader, writer = pair.enums
    printed: dict[int, str] = {}
    for name, number in writer.symbols:
        printed.setdefault(number, name)  # of several names for one number, the first is printed
    for number, name in printed.items():
        if name not in reader.by_name and (number or pair.zero_is_written):
            yield Difference(
                reader.path,
                f"{writer.path}/{name}",
                f"no {name} in {reader.full_name}",
                f"{name} = {number}",
                f"`{name}` is printed by name; the reader's enum {reader.full_name} lacks it.",
                pair.message_pair,
                (_put(pair, number),),
                repair="symbol",
            )
    if not writer.closed and reader.closed:
        free = next(number for number in range(1, len(printed) + len(reader.numbers) + 2) if _is_unused(number, pair))
        message = f"`{pair.writer.name}` can be the number {free}, which the reader's closed enum lacks."
        yield at_field(pair, message, _put(pair, free))


def json_names(message: Message) -> dict[str, Field]:
    """Return the reader's fields by every name that a parser accepts: the JSON name, and the field's own."""
    return {field.name: field for field in message.fields} | {field.json_name: field for field in message.fields}


def _is_unused(number: int, pair: FieldPair) -> bool:
    assert pair.enums is not None
    return number not in pair.enums[0].numbers and number not in pair.enums[1].numbers


def _no_enum_number(pair: FieldPair, written: str) -> object | None:
    enum = pair.message_pair.sides.reader.enum(pair.reader)
    if enum.closed:
        return next(number for number in range(1, len(enum.numbers) + 2) if number not in enum.numbers)
    return forms.first_refused("int32", written)


def _put(pair: FieldPair, value: object) -> Probe:
    types = pair.message_pair.sides.writer
    return (filled(pair.writer, ((1, value),) if pair.writer.type == COMPOSITE else value, types),)


def _printed(message_pair: MessagePair, field: Field) -> Probe:
    """Return contents in which *field* is printed; some types with a form of their own are not printed while empty."""
    sample = None if field.is_map else _SAMPLES.get(field.type_name)
    return one_of(message_pair, field) if sample is None else (filled(field, sample, message_pair.sides.writer),)


_SHAPES = {JsonShape.VALUE: "one value", JsonShape.ARRAY: "a list", JsonShape.OBJECT: "an object of keys"}
_B = Severity.BREAK

MESSAGE_CHECKS: tuple[Check[MessagePair], ...] = (
    Check(
        protobuf_rule(
            "PROTO_JSON_NAME_UNKNOWN",
            _B,
            "a field name that the reader lacks",
            why="A ProtoJSON parser refuses unknown names unless it is set to ignore them.",
            fix="Keep the name (json_name keeps it for a renamed field), or ignore unknown fields when parsing.",
            source=f"{_FORMAT}, unknown fields",
            mirror="none: a name that is never printed is never refused",
            example="writer: string a = 1;  reader: string b = 1;",
        ),
        name_unknown,
    ),
    Check(
        protobuf_rule(
            "PROTO_JSON_ONEOF_JOINED",
            _B,
            "fields that can be printed together share a oneof",
            why="A ProtoJSON parser refuses an object that holds two members of one oneof.",
            fix="Keep existing fields out of the oneof; put only new fields into it.",
            source=f"{_FORMAT}, oneof",
            mirror="none: fields that leave a oneof are all read",
            example="writer: int32 a = 1; int32 b = 2;  reader: oneof o { int32 a = 1; int32 b = 2; }",
        ),
        oneof_joined,
    ),
)

FIELD_CHECKS: tuple[Check[FieldPair], ...] = (
    Check(
        protobuf_rule(
            "PROTO_JSON_SHAPE_CHANGED",
            _B,
            "a list, map or single value in place of another",
            why="A list is written in brackets and a map in braces; a parser refuses one where it expects the other.",
            fix="Keep the label, and add a field with a new name and number.",
            source=f"{_FORMAT}, repeated V, map<K, V>",
            mirror="itself: the change back is the same break",
            example="writer: string s = 1;  reader: repeated string s = 1;",
        ),
        shape_changed,
    ),
    Check(
        protobuf_rule(
            "PROTO_JSON_FORM_CHANGED",
            _B,
            "another JSON form of the value",
            why="Types with the same bytes on the wire can have different texts: enums are names, bytes are base64, "
            "booleans are not numbers, and a Timestamp is a string.",
            fix="Keep the type, and add a field with a new name and number.",
            source=f"{_FORMAT}, the table of types",
            mirror="itself: the change back is the same break",
            example="writer: bytes b = 1;  reader: string b = 1;",
        ),
        form_changed,
    ),
    Check(
        protobuf_rule(
            "PROTO_JSON_NUMBER_REFUSED",
            _B,
            "numbers out of the reader's range",
            why="A parser refuses a number out of its type's range, and rounds a number that its type cannot hold "
            "exactly.",
            fix="Keep the wide type; int32 to int64 and float to double are safe.",
            source=f"{_FORMAT}, numbers",
            mirror="none: the opposite change widens, which is safe",
            example="writer: int64 n = 1;  reader: int32 n = 1;",
        ),
        number_refused,
    ),
    Check(
        protobuf_rule(
            "PROTO_JSON_SYMBOL_UNKNOWN",
            _B,
            "an enum symbol that the reader lacks",
            why="Enum values are printed by name, and a parser refuses an unknown name; for a closed enum also an "
            "unknown number.",
            fix="Keep the symbol; give a renamed symbol its old name as an alias (allow_alias).",
            source=f"{_FORMAT}, enum",
            mirror="none: a symbol that is never printed is never refused",
            example="writer: enum E { A = 0; B = 1; }  reader: enum E { A = 0; }",
        ),
        symbol_unknown,
    ),
)
