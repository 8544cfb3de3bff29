"""Avro events against fastavro, over random schemas and events: the same bytes out, the same events in."""

import io
from typing import Any

import fastavro
from hypothesis import given, settings

from moorings.codecs.avro.encoder import compile_encoder
from moorings.codecs.avro.examine import examine
from moorings_compat.avro import model_of
from tests.client.codecs.avro_samples import avro_reader, avro_writer, parsed, samples
from tests.client.codecs.paths import decode, encode

PREFIX = b"\x00\x00\x00\x00\x07"
LAW = settings(max_examples=150, deadline=None, derandomize=True)


def by_fastavro(schema: Any, value: Any) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), value)
    return out.getvalue()


@LAW
@given(samples())
def test_an_event_is_written_as_the_bytes_of_fastavro(sample: tuple[Any, Any, Any]) -> None:
    schema, event, spelled_out = sample
    assert encode(avro_writer(schema, PREFIX), event) == PREFIX + by_fastavro(schema, spelled_out)


@LAW
@given(samples())
def test_the_generated_encoder_takes_every_plain_event(sample: tuple[Any, Any, Any]) -> None:
    schema, event, spelled_out = sample
    assert compile_encoder(model_of(parsed(schema)))(event) == by_fastavro(schema, spelled_out)
    assert examine(model_of(parsed(schema)), event).violations == []


@LAW
@given(samples())
def test_an_event_that_was_written_is_read_back(sample: tuple[Any, Any, Any]) -> None:
    schema, event, _ = sample
    data = encode(avro_writer(schema, PREFIX), event)
    read = decode(avro_reader(schema, schema, len(PREFIX)), data)
    assert read == event == fastavro.schemaless_reader(io.BytesIO(data[5:]), fastavro.parse_schema(schema), None)


@LAW
@given(samples())
def test_branches_given_by_name_are_written_as_the_same_bytes(sample: tuple[Any, Any, Any]) -> None:
    schema, event, spelled_out = sample
    writer = avro_writer(schema, PREFIX)
    assert encode(writer, spelled_out) == encode(writer, event)
