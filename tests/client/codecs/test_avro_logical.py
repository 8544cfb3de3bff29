"""Logical types of Avro 1.12, and values that their types hold and Python does not."""

import io
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import fastavro
import pytest

from moorings.codecs.failures import Invalid, Mismatch
from tests.client.codecs.avro_samples import avro_reader, avro_writer
from tests.client.codecs.paths import decode, encode

FIXED_UUID = {"type": "fixed", "name": "U", "size": 16, "logicalType": "uuid"}
NANOS = {"type": "long", "logicalType": "timestamp-nanos"}
LOCAL_NANOS = {"type": "long", "logicalType": "local-timestamp-nanos"}
BIG = {"type": "bytes", "logicalType": "big-decimal"}
MOMENT = datetime(2024, 1, 2, 3, 4, 5, 678901)  # noqa: DTZ001 - a local timestamp
SEVEN = UUID(int=7)


def logical(type: str, name: str) -> dict[str, Any]:
    return {"type": type, "logicalType": name}


def long(number: int) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, "long", number)
    return out.getvalue()


@pytest.mark.parametrize(
    ("schema", "value", "written"),
    [
        (NANOS, MOMENT.replace(tzinfo=UTC), long(1704164645678901000)),
        (LOCAL_NANOS, MOMENT, long(1704164645678901000)),
        (FIXED_UUID, SEVEN, SEVEN.bytes),
        (BIG, Decimal("3.14"), b"\x08\x04\x01\x3a\x04"),
        (BIG, Decimal("-0.5"), b"\x06\x02\xfb\x02"),
        (BIG, Decimal(0), b"\x06\x02\x00\x00"),
        (BIG, Decimal("1E+3"), b"\x06\x02\x01\x05"),
        (BIG, Decimal("9" * 4_300), None),
        (BIG, Decimal("1E-2147483647"), None),
    ],
    ids=lambda one: str(one)[:60],
)
def test_a_value_is_written_as_the_specification_says_and_read_back(schema: Any, value: Any, written: Any) -> None:
    data = encode(avro_writer(schema, b""), value)
    assert written in (None, data)
    read = decode(avro_reader(schema, schema, 0), data)
    assert (read, type(read)) == (value, type(value))
    assert not isinstance(value, Decimal) or read.as_tuple() == value.as_tuple()


@pytest.mark.parametrize(
    "given", [SEVEN, SEVEN.bytes, bytearray(SEVEN.bytes), str(SEVEN)], ids=lambda one: type(one).__name__
)
def test_a_uuid_on_a_fixed_takes_its_bytes_and_its_text_too(given: Any) -> None:
    for schema in (FIXED_UUID, ["null", FIXED_UUID]):
        data = encode(avro_writer(schema, b""), given)
        assert decode(avro_reader(schema, schema, 0), data) == SEVEN


@pytest.mark.parametrize(
    ("schema", "value", "rule"),
    [
        (NANOS, datetime(2263, 1, 1, tzinfo=UTC), "DATE_TIME_INVALID"),
        (NANOS, MOMENT, "DATE_TIME_INVALID"),
        (BIG, Decimal("NaN"), "PRECISION_LOST"),
        (BIG, Decimal("9" * 4_301), "PRECISION_LOST"),
        (BIG, 1.5, "TYPE_WRONG"),
        (FIXED_UUID, b"short", "TYPE_WRONG"),
        (FIXED_UUID, "not a UUID", "TEXT_INVALID"),
        (FIXED_UUID, 7, "TYPE_WRONG"),
    ],
    ids=str,
)
def test_a_value_that_the_type_does_not_hold_is_refused(schema: Any, value: Any, rule: str) -> None:
    for type in (schema, {"type": "record", "name": "R", "fields": [{"name": "f", "type": schema}]}):
        event = value if type is schema else {"f": value}
        with pytest.raises(Invalid) as refused:
            encode(avro_writer(type, b""), event)
        assert [str(one.rule) for one in refused.value.violations] == [rule]


@pytest.mark.parametrize(
    "data",
    [b"\x00", b"\x02\x00", b"\x04\x02\x01", b"\x08\x04\x01\x3a\x04\x00", b"\x06\x03\x01\x00", b"\x08\x02\x01\xff\xff"],
    ids=bytes.hex,
)
def test_bytes_that_are_not_a_big_decimal_are_a_mismatch(data: bytes) -> None:
    with pytest.raises(Mismatch):
        decode(avro_reader(BIG, BIG, 0), data)


@pytest.mark.parametrize(
    ("type", "number", "last"),
    [
        (logical("int", "date"), 2932897, 2932896),
        (logical("int", "date"), -(2**31), -719162),
        (logical("long", "timestamp-millis"), 253402300800000, 253402300799999),
        (logical("long", "timestamp-micros"), 9223372036825200000, 253402300799999999),
        (logical("long", "local-timestamp-millis"), -(2**63), -62135596800000),
        (logical("long", "local-timestamp-micros"), 2**63 - 1, -62135596800000000),
        (logical("int", "time-millis"), 86_400_000, 86_399_999),
        (logical("long", "time-micros"), 86_400_000_000, 86_399_999_999),
    ],
    ids=str,
)
def test_a_date_or_time_that_python_does_not_have_is_its_number(type: Any, number: int, last: int) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "k", "type": "string"}, {"name": "x", "type": type}]}
    writer, reader = avro_writer(schema, b""), avro_reader(schema, schema, 0)
    data = encode(writer, {"k": "a", "x": number})
    assert decode(reader, data) == {"k": "a", "x": number}
    assert isinstance(decode(reader, encode(writer, {"k": "a", "x": last}))["x"], date | time)


def test_nanoseconds_are_read_to_the_microsecond_by_readers_of_other_units_too() -> None:
    data = long(1704164645678901999)
    for reader in (NANOS, logical("long", "timestamp-micros")):
        assert decode(avro_reader(NANOS, reader, 0), data) == MOMENT.replace(tzinfo=UTC)
    assert decode(avro_reader(NANOS, "long", 0), data) == 1704164645678901999


@pytest.mark.parametrize(
    ("type", "default", "value"),
    [(FIXED_UUID, "\x00" * 15 + "\x07", SEVEN), (BIG, "\x04\x01\x3a\x04", Decimal("3.14")), (NANOS, 1000, None)],
    ids=str,
)
def test_defaults_are_values_of_the_logical_type(type: Any, default: Any, value: Any) -> None:
    schema = {"type": "record", "name": "R", "fields": [{"name": "x", "type": type, "default": default}]}
    empty = {"type": "record", "name": "R", "fields": []}
    expected = value or datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    assert decode(avro_reader(empty, schema, 0), b"") == {"x": expected}
    assert decode(avro_reader(schema, schema, 0), encode(avro_writer(schema, b""), {})) == {"x": expected}
