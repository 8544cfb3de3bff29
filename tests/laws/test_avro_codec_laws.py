"""The client's Avro codec reads what the comparison promises, and nothing that it calls a break."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from moorings.codecs.avro import AvroReader
from moorings.codecs.avro.decoder import Unreadable
from moorings_compat import Format, Schema, Severity, Verdict, can_read, parse
from moorings_compat.avro import fastavro_schema, model_of
from moorings_compat.avro.codec import encode
from moorings_compat.avro.reference import ReferenceReader
from moorings_compat.avro.smallest_values import smallest_values_of
from moorings_compat.findings import verdict_of
from tests.laws.avro_worlds import ValueMaker
from tests.laws.test_avro_laws import DECODERS_DIFFER, world, worlds

VALUES = 4


def plain_world(random: Random) -> tuple[Schema, Schema] | None:
    """Make a reader and a writer without logical types, of which random values need not be."""
    pair = world(random)
    if pair is None:
        return None
    reader, writer = (parse(json.dumps(without_logical_types(json.loads(one.text))), Format.AVRO) for one in pair)
    return reader, writer


def without_logical_types(value: Any) -> Any:
    if isinstance(value, list):
        return [without_logical_types(one) for one in value]
    if isinstance(value, dict):
        return {key: without_logical_types(one) for key, one in value.items() if key != "logicalType"}
    return value


def is_same(read: Any, expected: Any) -> bool:
    """Compare with what the reference reader made: it leaves promoted values and defaults as they were."""
    if isinstance(expected, Mapping):
        return all(key in read and is_same(read[key], one) for key, one in expected.items())
    if isinstance(expected, list):
        return len(read) == len(expected) and all(map(is_same, read, expected))
    if isinstance(read, bytes) and isinstance(expected, str):
        return read in (expected.encode(), expected.encode("latin-1", "ignore"))
    if isinstance(read, str) and isinstance(expected, bytes):
        return read.encode() == expected
    return bool(read == (float(expected) if isinstance(read, float) else expected))


@worlds
@given(st.randoms(use_true_random=False))
def test_the_codec_reads_every_value_of_a_writer_that_the_reader_is_compatible_with(random: Random) -> None:
    pair = plain_world(random)
    if pair is None or verdict_of(can_read(*pair)) is not Verdict.COMPATIBLE:
        return
    reader, writer = pair
    if not smallest_values_of(model_of(writer)).exists(model_of(writer).root):
        return
    codec, reference = AvroReader(writer, reader, 0), ReferenceReader(model_of(reader), model_of(writer))
    is_equal = reader.canonical == writer.canonical  # Java applies no aliases then, and the reference reader always
    maker = ValueMaker(model_of(writer), random)
    for _ in range(VALUES):
        value = maker.value()
        data = encode(fastavro_schema(writer, logical_types=False), value)
        read = codec.at_once(data)
        assert is_equal or is_same(read, reference.read(value)), (reader.text, writer.text, value)


@worlds
@given(st.randoms(use_true_random=False))
def test_the_codec_refuses_the_payload_of_every_break(random: Random) -> None:
    pair = plain_world(random)
    if pair is None:
        return
    reader, writer = pair
    findings = can_read(reader, writer)
    if {one.rule for one in findings} & DECODERS_DIFFER.keys():
        return
    codec = AvroReader(writer, reader, 0)
    for finding in findings:
        if finding.witness is not None and finding.severity is Severity.BREAK:
            is_refused = refuses(codec, bytes.fromhex(finding.witness.encoded))
            assert is_refused, (finding.rule, finding.witness.payload, reader.text, writer.text)


def refuses(codec: AvroReader, data: bytes) -> bool:
    try:
        codec.at_once(data)
    except (Unreadable, ValueError):
        return True
    return False
