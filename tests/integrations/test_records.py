"""Where a schema is named, and how it is read: headers, labels, prefixes; hostile ones too."""

from dataclasses import dataclass
from operator import attrgetter
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.errors import FramingInvalid
from moorings.framing import guid_prefix, id_prefix, message_indexes
from moorings.integrations.records import (
    Record,
    framed_value,
    header_form,
    header_pairs,
    text_form,
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
def test_a_value_is_framed(case: Case) -> None:
    assert framed_value(Record(case.value, headers=case.headers)) == case.framed


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("a header that is cut off", {"__value_schema_id": b"\x00\x00"}),
    ("a guid that is none", {"moorings-schema-guid": b"6f1f0e3a"}),
    ("a guid that is no text", {"moorings-schema-guid": b"\xff" * 16}),
    ("an id that is none", {"moorings-schema-id": b"seven"}),
    ("an id below 0", {"moorings-schema-id": b"-1"}),
    ("an id beyond 31 bits", {"moorings-schema-id": b"9" * 11}),
    ("an id of a million digits", {"moorings-schema-id": b"9" * 1_000_000}),
    ("an index below 0", {"moorings-schema-id": b"7", "moorings-message-indexes": b"-1"}),
    ("an index beyond 31 bits", {"moorings-schema-id": b"7", "moorings-message-indexes": b"9" * 20}),
    ("no index", {"moorings-schema-id": b"7", "moorings-message-indexes": b""}),
]


@pytest.mark.parametrize(("shows", "headers"), REFUSED, ids=[one[0] for one in REFUSED])
def test_a_label_that_is_none_is_refused(shows: str, headers: dict[str, Any]) -> None:
    with pytest.raises(FramingInvalid):
        framed_value(Record(b"x", headers=header_pairs(headers)))


@settings(derandomize=True, max_examples=150)
@given(
    st.dictionaries(
        st.sampled_from(
            ["__value_schema_id", "moorings-schema-guid", "moorings-schema-id", "moorings-message-indexes", "x"]
        ),
        st.binary(max_size=40) | st.text(max_size=40) | st.integers() | st.none(),
    ),
    st.binary(max_size=20),
)
def test_any_headers_give_bytes_or_say_why_not(headers: dict[str, Any], value: bytes) -> None:
    try:
        framed = framed_value(Record(value, headers=header_pairs(headers)))
    except FramingInvalid:
        framed = value
    assert framed.endswith(value)


def contract(format: Format, schema_id: int = 7) -> Any:
    return SimpleNamespace(latest=SimpleNamespace(format=format, id=schema_id, guid=GUID))


def test_the_header_form_has_the_guid_whatever_the_prefix() -> None:
    assert header_form(contract(Format.AVRO), id_prefix(7) + b"x") == (guid_prefix(GUID), b"x")
    assert header_form(contract(Format.AVRO), guid_prefix(GUID) + b"x") == (guid_prefix(GUID), b"x")


def test_what_an_older_revision_wrote_keeps_its_own_name() -> None:
    assert header_form(contract(Format.AVRO), id_prefix(6) + b"x") == (id_prefix(6), b"x")
    assert text_form(contract(Format.JSON), guid_prefix(OTHER) + b"x") == ({"moorings-schema-guid": str(OTHER)}, b"x")
    assert text_form(contract(Format.JSON), id_prefix(6) + b"x") == ({"moorings-schema-id": "6"}, b"x")


@settings(derandomize=True, max_examples=60)
@given(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=6), st.binary(max_size=20), st.integers(6, 7))
def test_both_forms_are_read_back(indexes: list[int], payload: bytes, schema_id: int) -> None:
    written = id_prefix(schema_id) + message_indexes(indexes) + payload
    named = guid_prefix(GUID) + written[5:] if schema_id == 7 else written
    head, bare = header_form(contract(Format.PROTOBUF), written)
    assert framed_value(Record(bare, headers=(("__value_schema_id", head),))) == named
    labels, bare = text_form(contract(Format.PROTOBUF), written)
    assert framed_value(Record(bare, headers=header_pairs(labels))) == named
