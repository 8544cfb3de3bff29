"""Made-up values for witnesses: small, and the same every time."""

from moorings_compat.protobuf.differences import EMPTY, LEFT_OUT, MessagePair, Probe, can_be_written
from moorings_compat.protobuf.features import Presence
from moorings_compat.protobuf.types import COMPOSITE, ENUM, Field, TypeTable

_FIRST: dict[str, object] = {"string": "a", "bytes": b"a", "bool": True, "float": 1.0, "double": 1.0}
_SECOND: dict[str, object] = {"string": "b", "bytes": b"b", "bool": False, "float": 2.0, "double": 2.0}


def element(field: Field, types: TypeTable) -> object:
    """Return one value of the field's type, other than zero if the type has one."""
    if field.type == COMPOSITE:
        return EMPTY
    if field.type == ENUM:
        numbers = [number for _, number in types.enum(field).symbols]
        never_zero = field.presence is Presence.IMPLICIT and not field.repeated
        return next((number for number in numbers if number), 1 if never_zero else numbers[0])
    return _FIRST.get(field.type, 1)


def two_elements(field: Field, types: TypeTable) -> list[object]:
    """Return two values, different ones if the type has them."""
    first = element(field, types)
    if field.type == COMPOSITE:
        return [first, first]
    if field.type == ENUM:
        return [first, next((number for _, number in types.enum(field).symbols if number != first), first)]
    return [first, _SECOND.get(field.type, 2)]


def filled(field: Field, one: object, types: TypeTable) -> tuple[int, object]:
    """Put one element into a field: as it is, as a list of one, or under a key."""
    if field.is_map:
        return field.number, {element(types.message(field).by_number[1], types): one}
    return field.number, [one] if field.repeated else one


def one_of(message_pair: MessagePair, field: Field) -> Probe:
    """Return the contents of a writer's message in which *field* alone is set."""
    types = message_pair.sides.writer
    if field.is_map:
        entry = types.message(field)
        return (filled(field, element(entry.by_number[2], types), types),)
    return (filled(field, element(field, types), types),)


def wrapped(message_pair: MessagePair, inner: Probe) -> Probe:
    """Build the contents of the payload that hold *inner* at *message_pair*.

    Fields that the reader requires are set too if the writer has them, so that the payload shows one difference only.
    """
    probe = _with_required(message_pair, inner)
    while message_pair.through is not None:
        pair, types = message_pair.through, message_pair.sides.writer
        around = _entry(pair.writer, probe, types) if pair.writer.is_map else filled(pair.writer, probe, types)
        message_pair = pair.message_pair
        probe = _with_required(message_pair, (around,))
    return probe


def _with_required(message_pair: MessagePair, probe: Probe) -> Probe:
    """Add fields that the reader requires and the probe does not mention; leave out what must be missing."""
    contents = {number: value for number, value in probe if value is not LEFT_OUT}
    mentioned = {number for number, _ in probe}
    oneofs = {message_pair.writer.by_number[number].oneof for number in contents} - {""}
    for read in message_pair.reader.required:
        written = message_pair.writer.by_number.get(read.number)
        if written is None or read.number in mentioned:
            continue
        if written.oneof not in oneofs and can_be_written(message_pair, written):
            contents[written.number] = one_of(message_pair, written)[0][1]
            oneofs |= {written.oneof} - {""}
    return tuple(contents.items())


def _entry(field: Field, contents: Probe, types: TypeTable) -> tuple[int, object]:
    given = dict(contents)
    key, value = (types.message(field).by_number[number] for number in (1, 2))
    return field.number, {given.get(1, element(key, types)): given.get(2, element(value, types))}
