"""Framings: what is written is read, and bytes without a framing are refused."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorings.codecs.framing import guid_prefix, id_prefix, message_indexes, read_message_indexes, split_prefix
from moorings.errors import FramingInvalid


def test_an_id_is_a_zero_and_four_bytes() -> None:
    assert id_prefix(258) == b"\x00\x00\x00\x01\x02"


def test_a_guid_is_a_one_and_sixteen_bytes() -> None:
    guid = uuid.UUID(int=5)
    assert guid_prefix(guid) == b"\x01" + guid.bytes


@given(st.integers(0, 2**31 - 1), st.binary(max_size=20))
def test_an_id_is_read_back(number: int, payload: bytes) -> None:
    assert split_prefix(id_prefix(number) + payload) == (id_prefix(number), number)


@given(st.uuids(), st.binary(max_size=20))
def test_a_guid_is_read_back(guid: uuid.UUID, payload: bytes) -> None:
    assert split_prefix(guid_prefix(guid) + payload) == (guid_prefix(guid), guid)


@pytest.mark.parametrize("data", [b"", b"\x00\x00\x00", b"\x01" + bytes(15), b"{}", b"\x05abcdefgh"])
def test_unknown_framings_are_refused(data: bytes) -> None:
    with pytest.raises(FramingInvalid):
        split_prefix(data)


@pytest.mark.parametrize("number", [-1, 2**31])
def test_an_id_beyond_31_bits_is_refused(number: int) -> None:
    with pytest.raises(FramingInvalid):
        id_prefix(number)


def test_the_first_message_is_one_zero_byte() -> None:
    assert message_indexes((0,)) == b"\x00"
    assert read_message_indexes(b"\x00rest", 0) == ((0,), 1)


def test_a_nested_message_is_a_count_and_zigzag_indexes() -> None:
    assert message_indexes((1, 0)) == bytes((4, 2, 0))


@given(st.lists(st.integers(0, 2**30), min_size=1, max_size=6))
def test_message_indexes_are_read_back(indexes: list[int]) -> None:
    data = b"before" + message_indexes(indexes)
    assert read_message_indexes(data + b"after", 6) == (tuple(indexes), len(data))


@pytest.mark.parametrize("data", [b"", b"\x80", b"\x04\x02", b"\x01", b"\xff\xff\xff\xff\xff\xff", b"\x02\x01"])
def test_invalid_message_indexes_are_refused(data: bytes) -> None:
    with pytest.raises(FramingInvalid):
        read_message_indexes(data, 0)
