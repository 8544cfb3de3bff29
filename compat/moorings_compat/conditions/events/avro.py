"""Avro events: made from the writer's schema, written and read by fastavro."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from moorings_compat.avro.big_decimals import read_big_decimal
from moorings_compat.avro.codec import ENCODING_FAILS, decode, encode
from moorings_compat.avro.logical import Logical
from moorings_compat.avro.model import (
    Array,
    AvroModel,
    Enum,
    Field,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    Union,
    branch_name,
)
from moorings_compat.avro.model import model_of as avro_model_of
from moorings_compat.avro.payload import Payloads, PayloadTooLarge, json_text
from moorings_compat.avro.resolved import fastavro_form
from moorings_compat.avro.smallest_values import smallest_values_of
from moorings_compat.cel.values import NoCelValue, Size, text_to_cel
from moorings_compat.conditions.events.port import (
    DEEPEST,
    ITEM,
    MOST_ITEMS,
    VALUE,
    Choices,
    Event,
    Events,
    EventUnreadable,
    FieldView,
    Path,
    Site,
    View,
    leads_to,
    most_sites,
)
from moorings_compat.conditions.literals import Literals
from moorings_compat.json_text import read_json
from moorings_compat.limits import Budget
from moorings_compat.policies import Policy
from moorings_compat.schema import Schema

_BOUNDS = {"int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
_UNITS_A_SECOND = {"millis": 1_000, "micros": 1_000_000, "nanos": 1_000_000_000}
_FIRST_SECOND, _LAST_SECOND = -62_135_596_800, 253_402_300_799
_DAY_S = 86_400


def events(reader: Schema, writer: Schema, event: str, policy: Policy, budget: Budget) -> Events:  # noqa: ARG001 - of other formats
    """Return the events of *writer*, as *reader* reads them."""
    return AvroEvents(reader, writer)


def view_of_given(text: str, reader: Schema, writer: Schema, event: str, policy: Policy) -> View:  # noqa: ARG001 - of other formats
    """Read a given event, with values as JSON has them; fields that are left out have their defaults.

    Raises:
        EventUnreadable
    """
    written, read = avro_model_of(writer), avro_model_of(reader)
    value = _given(written, written.root, read_json(text), "")
    form = fastavro_form(written, logical_types=False)
    try:
        data = encode(form, value)
    except ENCODING_FAILS as error:
        raise EventUnreadable(f"the event cannot be written: {type(error).__name__}") from None
    decoded = decode(data, form, fastavro_form(read, logical_types=False))
    if decoded.error:
        raise EventUnreadable(f"the event cannot be read: {decoded.error}")
    try:
        return view(read, decoded.value)
    except NoCelValue:
        raise EventUnreadable("the event has a value that CEL does not have") from None


def _given(model: AvroModel, node: Node, value: Any, at: str) -> Any:
    """Turn a plain value of JSON into the value that is written at *node*."""
    type = model.resolve(node)
    if isinstance(type, Union):
        return _given_branch(model, type, value, at)
    if isinstance(type, Record) and isinstance(value, dict):
        unknown = sorted(value.keys() - type.places.keys())
        if unknown:
            raise EventUnreadable(f"{at}/{unknown[0]} is not a field of {type.full}")
        return {field.name: _given_field(model, field, value, at) for field in type.fields}
    if isinstance(type, Array) and isinstance(value, list):
        return [_given(model, type.items, one, f"{at}/{number}") for number, one in enumerate(value)]
    if isinstance(type, Map) and isinstance(value, dict):
        return {key: _given(model, type.values, one, f"{at}/{key}") for key, one in value.items()}
    kind = "bytes" if isinstance(type, Fixed) else type.kind if isinstance(type, Primitive) else ""
    if kind == "bytes" and isinstance(value, str):
        return value.encode("latin-1", "replace")
    if kind in ("float", "double") and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(type, Record | Array | Map) and (isinstance(type, Enum) or kind) and _is_of(model, node, value):
        return value
    raise EventUnreadable(f"{at or 'the event'} is not a value of its type")


def _given_field(model: AvroModel, field: Field, record: dict[str, Any], at: str) -> Any:
    if field.name in record:
        return _given(model, field.type, record[field.name], f"{at}/{field.name}")
    if field.has_default:
        return _given(model, field.type, field.default, f"{at}/{field.name}")
    raise EventUnreadable(f"{at}/{field.name} is missing")


def _given_branch(model: AvroModel, union: Union, value: Any, at: str) -> Any:
    """Write *value* as the first branch that takes it."""
    for branch in union.branches:
        try:
            return branch_name(branch), _given(model, branch, value, at)
        except EventUnreadable:
            continue
    raise EventUnreadable(f"{at or 'the event'} is not a value of any branch of its union")


class AvroEvents:
    """The events of one writer, as one reader reads them."""

    def __init__(self, reader: Schema, writer: Schema) -> None:
        self._reader, self._writer = avro_model_of(reader), avro_model_of(writer)
        self._payloads = Payloads(self._writer)
        self._smallest_values = smallest_values_of(self._writer)
        self._form = fastavro_form(self._writer, logical_types=False)
        self._reader_form = fastavro_form(self._reader, logical_types=False)

    def sites(self, literals: Literals) -> list[Site]:
        found: list[Site] = []
        for path, node in self._places(self._writer.root, (), ()):
            if literals.name(path) and len(found) < most_sites(literals):
                options = list(self._options(node, literals))
                found += [Site(path, options)] if options else []
        return found

    def event(self, choices: Choices) -> Event | None:
        try:
            value = self._value(self._writer.root, (), choices, 0)
            data = encode(self._form, value)
        except (PayloadTooLarge, *ENCODING_FAILS):
            return None
        written, read = decode(data, self._form, self._form), decode(data, self._form, self._reader_form)
        if written.error or read.error:
            return None
        try:
            views = view(self._writer, written.value), view(self._reader, read.value)
        except NoCelValue:
            return None
        return Event(json_text(value), data.hex(), *views)

    def _places(self, node: Node, path: Path, around: tuple[str, ...]) -> Iterator[tuple[Path, Node]]:
        """Yield each place below *node*, records that contain themselves once."""
        type = self._writer.resolve(node)
        if isinstance(type, Union):
            for branch in type.branches:
                yield from self._places(branch, path, around)
            return
        if len(path) > DEEPEST:
            return
        if isinstance(type, Array | Map):
            inner = (*path, ITEM if isinstance(type, Array) else VALUE)
            below = type.items if isinstance(type, Array) else type.values
            yield inner, below
            yield from self._places(below, inner, around)
        elif isinstance(type, Record) and type.full not in around:
            for field in type.fields:
                yield (*path, field.name), field.type
                yield from self._places(field.type, (*path, field.name), (*around, type.full))

    def _options(self, node: Node, literals: Literals) -> Iterator[Any]:
        """Yield values to try at *node*: those of a union name their branch, lists are lengths, maps are keys."""
        type = self._writer.resolve(node)
        if isinstance(type, Union):
            for branch in type.branches:
                yield from ((branch_name(branch), one) for one in self._options(branch, literals))
        elif isinstance(type, Primitive):
            yield from _primitives(type, literals)
        elif isinstance(type, Enum):
            yield from type.symbols[:50]
        elif isinstance(type, Fixed):
            yield from (bytes(type.size), b"\xff" * type.size)
        elif isinstance(type, Array):
            yield from literals.sizes(MOST_ITEMS)
        elif isinstance(type, Map):
            yield from ((), ("a",), *((one,) for one in literals.texts), tuple(literals.texts))

    def _value(self, node: Node, path: Path, choices: Choices, depth: int) -> Any:
        """Build the value at *path*: as chosen, on the way to a choice, or the smallest."""
        if depth > 100:
            raise PayloadTooLarge
        type = self._writer.resolve(node)
        chosen = choices.get(path)
        if isinstance(type, Union):
            return self._branch(type, path, choices, depth)
        if isinstance(type, Array):
            count = chosen if isinstance(chosen, int) else int(leads_to(path, choices))
            return [self._value(type.items, (*path, ITEM), choices, depth + 1) for _ in range(count)]
        if isinstance(type, Map):
            keys = chosen if isinstance(chosen, tuple) else ("a",) if leads_to(path, choices) else ()
            return {key: self._value(type.values, (*path, VALUE), choices, depth + 1) for key in keys}
        if isinstance(type, Record) and leads_to(path, choices):
            return {
                field.name: self._value(field.type, (*path, field.name), choices, depth + 1) for field in type.fields
            }
        if path in choices and not isinstance(type, Record):
            return chosen
        return self._payloads.smallest(node)

    def _branch(self, union: Union, path: Path, choices: Choices, depth: int) -> Any:
        chosen = choices.get(path)
        if isinstance(chosen, tuple) and len(chosen) == 2:
            branch = next((one for one in union.branches if branch_name(one) == chosen[0]), None)
            if branch is not None:
                inner = {**choices, path: chosen[1]}
                return chosen[0], self._value(branch, path, inner, depth + 1)
        if leads_to(path, choices):
            for branch in union.branches:
                if any(
                    leads_to(one[: len(path)], choices) and one in choices for one, _ in self._places(branch, path, ())
                ):
                    return branch_name(branch), self._value(branch, path, choices, depth + 1)
        branch = self._smallest_values.branch(union)[1]
        return branch_name(branch), self._payloads.smallest(branch)


def _primitives(type: Primitive, literals: Literals) -> Iterator[Any]:
    if type.kind == "null":
        yield None
    elif type.kind == "boolean":
        yield from (False, True)
    elif type.kind in _BOUNDS:
        yield from literals.whole(*_BOUNDS[type.kind])
    elif type.kind in ("float", "double"):
        yield from literals.real()
    elif type.kind == "string":
        yield from literals.words()
    else:
        yield from (one.encode("utf-8", "replace") for one in literals.words())


def view(model: AvroModel, value: Any) -> View:
    """Turn a value without logical types into what CEL gets for the value with them.

    Raises:
        NoCelValue: CEL has no such value.
    """
    size = Size()
    message = _to_cel(model, model.root, value, size)
    return View(message, size, lambda: list(_fields(model, model.root, value, message, None)))


def _to_cel(model: AvroModel, node: Node, value: Any, size: Size) -> Any:
    type = model.resolve(node)
    if isinstance(type, Union):
        return _to_cel(model, next(one for one in type.branches if _is_of(model, one, value)), value, size)
    size.values += 1
    if isinstance(type, Record):
        return {field.name: _to_cel(model, field.type, value[field.name], size) for field in type.fields}
    if isinstance(type, Array):
        return [_to_cel(model, type.items, one, size) for one in value]
    if isinstance(type, Map):
        return {text_to_cel(key, size): _to_cel(model, type.values, one, size) for key, one in value.items()}
    if isinstance(type, Primitive | Fixed) and type.logical is not None:
        return _logical_to_cel(type.logical, value, size)
    if isinstance(value, str):
        return text_to_cel(value, size)
    if isinstance(value, bytes):
        size.longest = max(size.longest, len(value))
    return value


def _fields(
    model: AvroModel, node: Node, value: Any, seen: Any, owner: tuple[Record, Field, Any] | None
) -> Iterator[FieldView]:
    """Yield the primitive values in *value*, which CEL sees as *seen*; *owner* is the field, and its record, around."""
    type = model.resolve(node)
    if isinstance(type, Union):
        branch = next(one for one in type.branches if _is_of(model, one, value))
        yield from _fields(model, branch, value, seen, owner)
    elif isinstance(type, Record):
        for field in type.fields:
            yield from _fields(model, field.type, value[field.name], seen[field.name], (type, field, seen))
    elif isinstance(type, Array):
        for one, its in zip(value, seen, strict=True):
            yield from _fields(model, type.items, one, its, owner)
    elif isinstance(type, Map):
        for key, one in value.items():
            yield from _fields(model, type.values, one, seen[key], owner)
    elif isinstance(type, Primitive) and owner is not None:
        record, field, around = owner
        given = field.attributes.get("confluent:tags")
        tags = frozenset(map(str, given)) if isinstance(given, list) else frozenset()
        yield FieldView(seen, field.name, f"{record.full}.{field.name}", type.kind.upper(), tags, around)


def _is_of(model: AvroModel, node: Node, value: Any) -> bool:
    """Tell whether *value* is of a branch, by its outer form, and a record's by its fields."""
    type = model.resolve(node)
    if isinstance(type, Record):
        return isinstance(value, dict) and {field.name for field in type.fields} == value.keys()
    if isinstance(type, Array | Map):
        return isinstance(value, list if isinstance(type, Array) else dict)
    if isinstance(type, Enum):
        return value in type.symbols
    kind = "bytes" if isinstance(type, Fixed) else type.kind if isinstance(type, Primitive) else ""
    return isinstance(value, _PYTHON[kind]) and (kind == "boolean" or not isinstance(value, bool))


_PYTHON: dict[str, Any] = {
    "null": type(None),
    "boolean": bool,
    "int": int,
    "long": int,
    "float": float,
    "double": float,
    "bytes": bytes,
    "string": str,
}


def _logical_to_cel(logical: Logical, value: Any, size: Size) -> Any:
    kind, _, unit = logical.name.rpartition("-")
    if kind in ("timestamp", "local-timestamp") and unit in _UNITS_A_SECOND:
        return _timestamp(value, _UNITS_A_SECOND[unit])
    if kind == "time":
        return _time_of_day(value, _UNITS_A_SECOND[unit])
    if logical.name == "decimal":
        return _decimal(int.from_bytes(value, "big", signed=True), logical)
    if logical.name == "big-decimal":
        return _big_decimal(value)
    if logical.name == "uuid":
        return _uuid(value, size)
    return value


def _decimal(digits: int, logical: Logical) -> float:
    if len(str(abs(digits))) > logical.precision:
        raise NoCelValue
    return float(digits / 10**logical.scale)


def _big_decimal(data: bytes) -> float:
    try:
        return float(read_big_decimal(data))
    except (ValueError, IndexError):
        raise NoCelValue from None


def _timestamp(value: int, units: int) -> Timestamp | int:
    """To the microsecond, as clients have it; one that they do not have is a number to them."""
    seconds, rest = divmod(value, units)
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        return value
    return Timestamp(seconds=seconds, nanos=rest * 1_000_000 // units * 1_000)


def _time_of_day(value: int, units: int) -> str | int:
    if value == _DAY_S * units:
        return value
    seconds, rest = divmod(value, units)
    if not 0 <= seconds < _DAY_S:
        raise NoCelValue
    fraction = f".{rest * 1_000_000 // units:06d}" if rest else ""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


def _uuid(value: Any, size: Size) -> str:
    digits = value.hex() if isinstance(value, bytes) else value.replace("-", "")
    if len(digits) != 32 or not set(digits.lower()) <= set("0123456789abcdef"):
        raise NoCelValue
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return text_to_cel("-".join(parts).lower(), size)
