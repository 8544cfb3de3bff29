"""Where a schema is named, and how it is read: headers, labels, prefixes; hostile ones too."""

from dataclasses import dataclass
from operator import attrgetter
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.codecs.framing import guid_prefix, id_prefix, message_indexes
from moorings.errors import FramingInvalid
from moorings.integrations.records import (
    TransportRecord,
    encode_unframed,
    framed_value,
    header_pairs,
)
from moorings_compat import Format

GUID = UUID("6f1f0e3a-9a2b-4c55-8f7e-0123456789ab")
OTHER = UUID(int=5)


@dataclass(frozen=True, slots=True)
class Case:
    shows: str
    headers: tuple[tuple[str, bytes], ...]
    value: bytes
    framed: bytes


CASES = [
    Case("a prefix stays", (), b"\x00\x00\x00\x00\x07x", b"\x00\x00\x00\x00\x07x"),
    Case("a header goes before", (("__value_schema_id", guid_prefix(GUID)),), b"x", guid_prefix(GUID) + b"x"),
    Case("the last header counts", (("__value_schema_id", b"?" * 5), ("__value_schema_id", id_prefix(7))), b"x",
         id_prefix(7) + b"x"),
    Case("a header for the key is not the value's", (("__key_schema_id", id_prefix(7)),), b"x", b"x"),
    Case("a guid by its label", (("moorings-schema-guid", str(GUID).encode()),), b"x", guid_prefix(GUID) + b"x"),
    Case("an id by its label", (("moorings-schema-id", b"7"),), b"x", id_prefix(7) + b"x"),
    Case("the guid before the id", (("moorings-schema-id", b"7"), ("moorings-schema-guid", str(GUID).encode())), b"x",
         guid_prefix(GUID) + b"x"),
    Case("indexes by their label", (("moorings-schema-id", b"7"), ("moorings-message-indexes", b"1,0")), b"x",
         id_prefix(7) + message_indexes((1, 0)) + b"x"),
    Case("an empty payload", (("moorings-schema-id", b"7"), ("moorings-message-indexes", b"0")), b"",
         id_prefix(7) + b"\x00"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_the_value_of_a_record_is_framed_by_its_headers(case: Case) -> None:
    assert framed_value(TransportRecord(case.value, headers=case.headers)) == case.framed


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("a header that is cut off", {"__value_schema_id": b"\x00\x00"}),
    ("an invalid guid", {"moorings-schema-guid": b"6f1f0e3a"}),
    ("a guid that is not text", {"moorings-schema-guid": b"\xff" * 16}),
    ("an invalid id", {"moorings-schema-id": b"seven"}),
    ("an id below 0", {"moorings-schema-id": b"-1"}),
    ("an id beyond 31 bits", {"moorings-schema-id": b"9" * 11}),
    ("an id of a million digits", {"moorings-schema-id": b"9" * 1_000_000}),
    ("an index below 0", {"moorings-schema-id": b"7", "moorings-message-indexes": b"-1"}),
    ("an index beyond 31 bits", {"moorings-schema-id": b"7", "moorings-message-indexes": b"9" * 20}),
    ("no index", {"moorings-schema-id": b"7", "moorings-message-indexes": b""}),
]


@pytest.mark.parametrize(("shows", "headers"), REFUSED, ids=[one[0] for one in REFUSED])
def test_invalid_labels_are_refused(shows: str, headers: dict[str, Any]) -> None:
    with pytest.raises(FramingInvalid):
        framed_value(TransportRecord(b"x", headers=header_pairs(headers)))


@settings(derandomize=True, deadline=None, max_examples=150)
@given(
    st.dictionaries(
        st.sampled_from(
            ["__value_schema_id", "moorings-schema-guid", "moorings-schema-id", "moorings-message-indexes", "x"]
        ),
        st.binary(max_size=40) | st.text(max_size=40) | st.integers() | st.none(),
    ),
    st.binary(max_size=20),
)
def test_any_headers_give_bytes_or_a_framing_error(headers: dict[str, Any], value: bytes) -> None:
    try:
        framed = framed_value(TransportRecord(value, headers=header_pairs(headers)))
    except FramingInvalid:
        framed = value
    assert framed.endswith(value)


class Moving:
    """A handle that writes what it is given, and moves to another revision behind the first event."""

    def __init__(self, format: Format, written: bytes, *, moves: bool = False) -> None:
        self._version = SimpleNamespace(format=format, id=7, guid=GUID)
        self._written = written
        self._moves = moves

    @property
    def latest(self) -> Any:
        return self._version

    def encode(self, event: Any) -> bytes:
        if self._moves:
            self._moves = False
            self._version = SimpleNamespace(format=Format.AVRO, id=8, guid=OTHER)
        return id_prefix(self._version.id) + self._written if self._version.id == 8 else self._written


@pytest.mark.parametrize("prefix", [id_prefix(7), guid_prefix(GUID)])
def test_an_unframed_event_is_named_by_its_guid_for_any_prefix(prefix: bytes) -> None:
    bare = encode_unframed(Moving(Format.AVRO, prefix + b"x"), {})
    assert (bare.head, bare.payload) == (guid_prefix(GUID), b"x")
    assert (bare.labels, bare.content_type) == ({"moorings-schema-guid": str(GUID)}, "avro/binary")


def test_an_event_is_labelled_with_the_revision_that_wrote_it() -> None:
    bare = encode_unframed(Moving(Format.AVRO, b"x", moves=True), {})
    assert (bare.version.id, bare.head, bare.payload) == (8, guid_prefix(OTHER), b"x")


def test_an_unknown_framing_cannot_be_removed() -> None:
    with pytest.raises(FramingInvalid):
        encode_unframed(Moving(Format.AVRO, b"\xc3\x01" + bytes(20)), {})


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=6), st.binary(max_size=20))
def test_head_and_labels_are_read_back(indexes: list[int], payload: bytes) -> None:
    places = message_indexes(indexes)
    bare = encode_unframed(Moving(Format.PROTOBUF, id_prefix(7) + places + payload), {})
    named = guid_prefix(GUID) + places + payload
    assert framed_value(TransportRecord(bare.payload, headers=(("__value_schema_id", bare.head),))) == named
    assert framed_value(TransportRecord(bare.payload, headers=header_pairs(bare.labels))) == named
