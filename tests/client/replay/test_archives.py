"""Archives of every kind, whole, cut and damaged: where the damage is reported, and what is found after it."""

import contextlib
import io
import json
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.replay import Archive, ArchiveUnreadable, open_archive
from moorings.replay.containers import AvroContainer
from moorings.replay.items import Damage, FramedEvent, Item, PlainEvent, Tombstone, UnframedEvent
from moorings.replay.record_skipping import make_skip
from moorings_compat.avro import model_of
from tests.client.codecs.avro_samples import parsed, samples

SCHEMA = fastavro.parse_schema(
    {"type": "record", "name": "R", "fields": [{"name": "n", "type": "long"}, {"name": "t", "type": "string"}]}
)


def opened(folder: Path, content: bytes, kind: str = "auto") -> Archive:
    path = folder / "archive"
    path.write_bytes(content)
    return open_archive(str(path), kind)


def read(folder: Path, content: bytes, kind: str = "auto") -> list[Item]:
    archive = opened(folder, content, kind)
    try:
        return list(archive.read())
    finally:
        archive.close()


def container(count: int = 50, codec: str = "null", interval: int = 100) -> bytes:
    out = io.BytesIO()
    records = [{"n": number, "t": f"text {number}"} for number in range(count)]
    fastavro.writer(out, SCHEMA, records, codec=codec, sync_interval=interval, sync_marker=b"0123456789abcdef")
    return out.getvalue()


def records_of(items: list[Item]) -> list[int]:
    return [
        fastavro.schemaless_reader(io.BytesIO(one.content.data), SCHEMA, None)["n"]
        for one in items
        if isinstance(one.content, UnframedEvent)
    ]


FRAMES = b"".join(len(one).to_bytes(4, "big") + one for one in (b"abc", b"", b"d" * 300))
VARINTS = b"\x03abc\x00\xac\x02" + b"d" * 300
LINES = b'{"payload": "AAAAAAFh"}\n\n{"event": {"a": 1}, "writer": "1.0"}\n{"payload": null}\n'
WHOLE = {"frames": FRAMES, "varints": VARINTS, "lines": LINES, "avro": container(3)}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_whole_archive_has_no_damage(tmp_path: Path, kind: str) -> None:
    items = read(tmp_path, WHOLE[kind], kind)
    assert len(items) == 3
    assert not any(isinstance(one.content, Damage) for one in items)
    assert items[-1].done == len(WHOLE[kind])


@pytest.mark.parametrize("kind", ["frames", "varints", "lines"])
def test_a_cut_at_any_byte_is_damage_after_the_readable_items(tmp_path: Path, kind: str) -> None:
    whole = WHOLE[kind]
    ends = {one.done for one in read(tmp_path, whole, kind)} | {0}
    for cut in range(len(whole)):
        items = read(tmp_path, whole[:cut], kind)
        before = sum(end <= cut for end in ends) - 1
        damaged = [one for one in items if isinstance(one.content, Damage)]
        assert len(items) - len(damaged) >= before
        if cut not in ends and kind != "lines":
            assert len(damaged) == 1
            assert items[-1].place.startswith("byte ")


def test_a_container_cut_at_any_byte_yields_only_true_events(tmp_path: Path) -> None:
    whole = container(30)
    for cut in range(len(whole)):
        try:
            items = read(tmp_path, whole[:cut], "avro")
        except ArchiveUnreadable:
            assert cut < len(container(0)) + 1
            continue
        found = records_of(items)
        assert found == list(range(len(found)))
        damaged = sum(isinstance(one.content, Damage) for one in items)
        assert damaged == (0 if cut in _block_ends(tmp_path, whole) else 1)


_ends: dict[bytes, set[int]] = {}


def _block_ends(folder: Path, whole: bytes) -> set[int]:
    if whole not in _ends:
        archive = opened(folder, whole, "avro")
        assert isinstance(archive, AvroContainer)
        cursors = [one.cursor for one in archive.read()]
        _ends[whole] = {int(one["byte"]) for one in cursors if one["record"] == 0} | {archive._first_block}
        archive.close()
    return _ends[whole]


def test_the_block_after_a_damaged_one_is_read(tmp_path: Path) -> None:
    whole = container(50, "deflate")
    starts = sorted(_block_ends(tmp_path, whole))
    for offset in range(4):  # count, size, and how the deflated bytes begin
        damaged = bytearray(whole)
        damaged[starts[1] + offset] ^= 0xFF
        items = read(tmp_path, bytes(damaged), "avro")
        wrong = [one for one in items if isinstance(one.content, Damage)]
        assert wrong
        assert wrong[0].place.startswith(f"block at byte {starts[1]}")
        assert records_of(items)[-1] == 49


def test_a_block_that_decompresses_beyond_the_bound_is_damage(tmp_path: Path) -> None:
    head = container(0, "deflate")
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"".join([*(bomb.compress(bytes(1024 * 1024)) for _ in range(70)), bomb.flush()])
    whole = head + _long(1) + _long(len(data)) + data + b"0123456789abcdef"
    items = read(tmp_path, whole, "avro")
    assert [type(one.content) for one in items] == [Damage]
    assert "larger than" in items[0].content.reason


def _long(value: int) -> bytes:
    left, out = value << 1, bytearray()
    while left > 0x7F:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes([*out, left])


def test_records_without_bytes_are_bounded(tmp_path: Path) -> None:
    out = io.BytesIO()
    fastavro.writer(
        out, fastavro.parse_schema({"type": "record", "name": "E", "fields": []}), [], sync_marker=b"0123456789abcdef"
    )
    items = read(tmp_path, out.getvalue() + _long(200_000_000) + _long(0) + b"0123456789abcdef", "avro")
    assert isinstance(items[-1].content, Damage)
    assert len(items) < 200_000


HEADERS = [
    b"",
    b"Obj\x01",
    b"Obj\x01\x02",
    b"Obj\x01\x00" + bytes(16),
    b"Obj\x01" + b"\xff" * 50,
    b"Obj\x01\x02\xfe\xff\xff\xff\x0fkey",
    container(1).replace(b'"long"', b'"lung"'),
    container(1).replace(b"null", b"zull"),
]


@pytest.mark.parametrize("content", HEADERS, ids=range(len(HEADERS)))
def test_an_invalid_header_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ArchiveUnreadable):
        read(tmp_path, content, "avro")


BAD_LINES = [
    b"nonsense",
    b"[1]",
    b"{}",
    b'{"payload": 1}',
    b'{"payload": "?"}',
    b'{"payload": "AAAA", "headers": [1]}',
    b"[" * 100_000,
    b'{"payload": "AAAA", "headers": {"moorings-schema-id": "eHk="}}',
    b"\xff\xfe",
    b'{"payload": "AAAA", "headers": 7}',
]


@pytest.mark.parametrize("line", BAD_LINES, ids=range(len(BAD_LINES)))
def test_an_invalid_line_is_damage_and_the_next_one_is_read(tmp_path: Path, line: bytes) -> None:
    items = read(tmp_path, line + b"\n" + LINES, "lines")
    assert [type(one.content) for one in items] == [Damage, FramedEvent, PlainEvent, Tombstone]
    assert (items[0].place, items[1].place) == ("line 1", "line 2")


def test_a_last_line_without_a_line_break_is_reported(tmp_path: Path) -> None:
    content = read(tmp_path, b'{"payload": "AA', "lines")[0].content
    assert isinstance(content, Damage)
    assert "ends here" in content.reason


@pytest.mark.parametrize("content", [b"\xff\xff\xff\xff" + b"x" * 100, b"\x7f\xff\xff\xff"], ids=["negative", "huge"])
def test_a_length_beyond_the_bound_is_damage(tmp_path: Path, content: bytes) -> None:
    items = read(tmp_path, FRAMES + content, "frames")
    assert items[-1].place == f"byte {len(FRAMES)}"
    assert isinstance(items[-1].content, Damage)
    assert isinstance(read(tmp_path, b"\xff" * 20, "varints")[-1].content, Damage)


@pytest.mark.parametrize("kind", WHOLE)
def test_reading_from_any_cursor_yields_the_rest(tmp_path: Path, kind: str) -> None:
    whole = container(20) if kind == "avro" else WHOLE[kind]
    archive = opened(tmp_path, whole, kind)
    items = list(archive.read())
    for number, item in enumerate(items):
        assert [one.place for one in archive.read(json.loads(json.dumps(item.cursor)))] == [
            one.place for one in items[number + 1 :]
        ]
    archive.close()


def test_a_file_that_shrank_is_refused(tmp_path: Path) -> None:
    archive = opened(tmp_path, FRAMES, "frames")
    for cursor in ({"byte": 10_000}, {"byte": -1}, {"byte": "x"}):
        with pytest.raises(ArchiveUnreadable):
            next(archive.read(cursor))
    archive.close()


@pytest.mark.parametrize("kind", ["lines", "frames", "avro"])
def test_memory_does_not_grow_with_the_archive(tmp_path: Path, kind: str) -> None:
    content = {
        "lines": b'{"payload": "AAAAAAFh"}\n' * 20_000,
        "frames": (b"\0\0\0\3abc" * 20_000),
        "avro": container(20_000, "deflate", 16_000),
    }
    archive = opened(tmp_path, content[kind], kind)
    tracemalloc.start()
    try:
        assert sum(1 for _ in archive.read()) == 20_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        archive.close()
    assert peak < 3_000_000


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.data())
def test_a_record_ends_where_the_codec_says(data: st.DataObject) -> None:
    schema, value = data.draw(samples())[:2]
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), value)
    written = out.getvalue()
    skip = make_skip(model_of(parsed(schema)))
    assert skip(written + b"\x01\x02\x03", 0) == len(written)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.binary(max_size=60))
def test_skipping_over_any_bytes_ends(junk: bytes) -> None:
    item: dict[str, Any] = {
        "type": "record",
        "name": "T",
        "fields": [
            {"name": "c", "type": {"type": "array", "items": ["null", "T"]}},
            {"name": "m", "type": {"type": "map", "values": {"type": "array", "items": "null"}}},
        ],
    }
    skip = make_skip(model_of(parsed(item)))
    with contextlib.suppress(ValueError, LookupError, RecursionError):
        assert 0 <= skip(junk, 0) <= len(junk)
