"""Entries: the line, the digest, and that nothing can be changed unseen."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings_compat.canonical_json import canonical_bytes
from moorings_registry import entries
from moorings_registry.entries import GENESIS, START, Entry, EntryTooLarge, EntryUnreadable, Head, moment_text
from tests.engines.samples import RECORDED_AT, entry

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)
ENTRIES = st.builds(
    Entry.following,
    st.builds(Head, st.integers(0, 10**9), st.text("0123456789abcdef", min_size=64, max_size=64)),
    recorded_at=st.datetimes(datetime(1000, 1, 1), timezones=st.just(UTC)).map(moment_text),  # noqa: DTZ001
    actor=TEXTS,
    correlation_id=TEXTS,
    facts=st.lists(st.dictionaries(TEXTS, JSON, max_size=3), max_size=3),
    idempotency_key=st.none() | TEXTS,
)
BOUNDED = settings(max_examples=150, derandomize=True, deadline=None)


@BOUNDED
@given(ENTRIES)
def test_a_line_reads_back_as_the_entry_it_was_written_from(one: Entry) -> None:
    assert Entry.from_line(one.to_line()) == one


@BOUNDED
@given(ENTRIES)
def test_a_line_is_the_canonical_form_of_all_members(one: Entry) -> None:
    line = one.to_line()
    assert b"\n" not in line
    assert canonical_bytes(json.loads(line)) == line


def test_canonical_json_is_what_the_standard_encoder_writes() -> None:
    """Character by character, and deeper than the fast encoder goes: stored digests must come out again."""
    deep: list[object] = []
    for _ in range(400):
        deep = [deep]
    characters = [chr(one) for one in (*range(0xD800), *range(0xE000, 0x10000), 0x1F600)]
    for value in ({"": characters}, {"keys": dict.fromkeys(characters[:128], 1)}, deep, [2**53, -(2**53)]):
        expected = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        assert canonical_bytes(value) == expected.encode()
    for refused in (["\ud800"], {"\udfff": 1}, 2**53 + 1):
        with pytest.raises(ValueError):
            canonical_bytes(refused)
    with pytest.raises(TypeError):
        canonical_bytes(1.0)


@BOUNDED
@given(ENTRIES)
def test_the_digest_is_that_of_everything_else(one: Entry) -> None:
    assert one.content_digest() == one.digest


@BOUNDED
@given(ENTRIES, st.data())
def test_no_byte_of_a_line_can_be_changed(one: Entry, data: st.DataObject) -> None:
    line = bytearray(one.to_line())
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(EntryUnreadable):
        Entry.from_line(bytes(line))


def test_every_single_flip_in_one_line_is_seen() -> None:
    line = entry(START).to_line()
    for place in range(len(line)):
        for bit in range(8):
            changed = line[:place] + bytes([line[place] ^ (1 << bit)]) + line[place + 1 :]
            with pytest.raises(EntryUnreadable):
                Entry.from_line(changed)


def changed(**members: Any) -> bytes:
    """A line with a right digest but wrong members; None as a value removes one."""
    content = {**json.loads(entry(START).to_line()), **members}
    content = {name: value for name, value in content.items() if value is not ...}
    return json.dumps(content).encode()


HOSTILE = [  # what the line is, the line, what is said about it
    ("nothing", b"", "not JSON"),
    ("half of one", entry(START).to_line()[:50], "not JSON"),
    ("not UTF-8", b'{"actor":"\xff"}', "not JSON"),
    ("deep beyond measure", b"[" * 100_000, "not JSON"),
    ("NaN", b"NaN", "not JSON"),
    ("a list", b"[]", "not a JSON object"),
    ("an empty object", b"{}", "it has no actor, correlation_id"),
    ("without facts", changed(facts=...), "it has no facts"),
    ("with something more", changed(more=1), "its digest is"),
    ("a position below one", changed(position=0), "position is not a whole number from 1"),
    ("a position that is true", changed(position=True), "position is not"),
    ("a fractional position", changed(position=1.0), "position is not"),
    ("an actor that is not a string", changed(actor=7), "actor is not a string"),
    ("a short digest", changed(digest="0"), "digest is not of the right shape"),
    ("a digest in capitals", changed(digest="A" * 64), "digest is not of the right shape"),
    ("a previous that is null", changed(previous=None), "previous is not of the right shape"),
    ("a moment without microseconds", changed(recorded_at="2026-11-22T10:00:00Z"), "recorded_at is not"),
    ("a key that is a number", changed(idempotency_key=1), "idempotency_key is neither"),
    ("facts that are one object", changed(facts={}), "facts is not a list of objects"),
    ("facts of strings", changed(facts=["x"]), "facts is not a list of objects"),
    ("spaces between tokens", changed(), "its digest is"),
    ("another actor", entry(START).to_line().replace(b"anonymous", b"somebody"), "its digest is"),
]


@pytest.mark.parametrize(("line", "said"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_hostile_lines_are_refused_with_a_reason(line: bytes, said: str) -> None:
    with pytest.raises(EntryUnreadable, match=said):
        Entry.from_line(line)


def test_the_first_entry_follows_the_genesis_digest() -> None:
    first = entry(START)
    assert (first.position, first.previous) == (1, GENESIS)
    assert entry(first.head).previous == first.digest


def test_a_line_that_is_too_long_is_neither_written_nor_read(monkeypatch: pytest.MonkeyPatch) -> None:
    line = entry(START, text="x" * 1000).to_line()
    monkeypatch.setattr(entries, "LARGEST_LINE_BYTES", len(line))
    assert Entry.from_line(line) == entry(START, text="x" * 1000)
    with pytest.raises(EntryTooLarge, match=f"has {len(line) + 1} bytes"):
        entry(START, text="x" * 1001)
    with pytest.raises(EntryUnreadable, match="bytes, and an entry at most"):
        Entry.from_line(line + b" ")


@pytest.mark.parametrize("value", [1.5, 2**53 + 1, b"bytes", {1: "a number as a key"}, "\ud800"], ids=repr)
def test_facts_without_a_canonical_form_are_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError)):
        entry(START, value=value)


def test_moments_are_written_in_utc_with_microseconds() -> None:
    eastern = timezone(timedelta(hours=-5))
    assert moment_text(datetime(2026, 11, 22, 5, 0, tzinfo=eastern)) == RECORDED_AT
