"""The ProtoJSON form of a field, and which forms a reader of another type accepts without changing the value.

Source: protobuf.dev, "ProtoJSON Format".
"""

from enum import Enum, auto

from moorings_compat.protobuf.types import COMPOSITE, Field

_WRAPPED = {
    "google.protobuf.BoolValue": "bool",
    "google.protobuf.BytesValue": "bytes",
    "google.protobuf.DoubleValue": "double",
    "google.protobuf.FloatValue": "float",
    "google.protobuf.Int32Value": "int32",
    "google.protobuf.Int64Value": "int64",
    "google.protobuf.StringValue": "string",
    "google.protobuf.UInt32Value": "uint32",
    "google.protobuf.UInt64Value": "uint64",
}
FORMS_OF_THEIR_OWN = frozenset(
    f"google.protobuf.{name}"
    for name in ("Any", "Duration", "FieldMask", "ListValue", "NullValue", "Struct", "Timestamp", "Value")
)
"""Types that ProtoJSON writes in a form of their own, not as an object of fields."""

_SIGNED = {"int32": 32, "sint32": 32, "sfixed32": 32, "int64": 64, "sint64": 64, "sfixed64": 64}
_UNSIGNED = {"uint32": 32, "fixed32": 32, "uint64": 64, "fixed64": 64}
_EXACT = {"float": 2**24, "double": 2**53}
"""Integers up to here are floating-point numbers too."""


class JsonShape(Enum):
    """The outermost form of a field."""

    VALUE = auto()
    ARRAY = auto()
    OBJECT = auto()


def shape(field: Field) -> JsonShape:
    if field.is_map:
        return JsonShape.OBJECT
    return JsonShape.ARRAY if field.repeated else JsonShape.VALUE


def form(field: Field) -> str:
    """Name the form of one element: a scalar's keyword, ``enum``, ``message``, or a type with a form of its own."""
    if field.type_name in FORMS_OF_THEIR_OWN:
        return field.type_name
    return _WRAPPED.get(field.type_name, field.type)


def is_object(field: Field) -> bool:
    """Say whether an element is an object of fields."""
    return form(field) == COMPOSITE


def is_whole(kind: str) -> bool:
    return kind in _SIGNED or kind in _UNSIGNED


def first_refused(reader: str, writer: str) -> object | None:
    """Return a number written as *writer* that a reader of *reader* refuses or changes; None if there is none."""
    if is_whole(writer) and is_whole(reader):
        return next((value for value in _ends(writer) if value not in _range(reader)), None)
    if is_whole(writer):
        exact = _EXACT[reader]
        return exact + 1 if exact + 1 in _range(writer) else None
    if is_whole(reader):
        return 0.5
    return 1e300 if (writer, reader) == ("double", "float") else None


def is_number(kind: str) -> bool:
    return is_whole(kind) or kind in _EXACT


def in_range(kind: str, value: int) -> bool:
    """Say whether an integer type has *value*."""
    return value in _range(kind)


def _ends(kind: str) -> list[int]:
    """Return the values of the type that are just beyond narrower or unsigned types."""
    values = _range(kind)
    return [value for value in (-1, 2**31, 2**32, 2**63, values.start) if value in values]


def _range(kind: str) -> range:
    if kind in _UNSIGNED:
        return range(2 ** _UNSIGNED[kind])
    return range(-(2 ** (_SIGNED[kind] - 1)), 2 ** (_SIGNED[kind] - 1))
