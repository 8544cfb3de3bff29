"""Schema texts for people: laid out, coloured, and beside each other."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings_compat import Format, parse
from moorings_registry.web.highlighting import markup, tokens
from moorings_registry.web.invisible_characters import name, seen, spoken
from moorings_registry.web.line_diff import difference
from moorings_registry.web.line_pairs import changed_within, paired
from moorings_registry.web.schema_text import lay_out
from moorings_registry.web.side_by_side import MOST_ROWS, Fold, Row, Side, side_by_side

RECORD = (
    '{"type":"record","name":"A","fields":[{"name":"id","type":"string"},'
    '{"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":1e2}}]}'
)


def test_small_objects_stay_on_one_line_and_numbers_keep_their_digits() -> None:
    assert lay_out(RECORD, Format.AVRO).lines == (
        "{",
        '  "type": "record",',
        '  "name": "A",',
        '  "fields": [',
        '    {"name": "id", "type": "string"},',
        "    {",
        '      "name": "amount",',
        '      "type": {"type": "bytes", "logicalType": "decimal", "precision": 1e2}',
        "    }",
        "  ]",
        "}",
    )


@pytest.mark.parametrize(
    ("path", "line"),
    [("", 0), ("/name", 2), ("/fields/0/type", 4), ("/fields/1/type/precision", 7), ("/fields/9/type", 3)],
)
def test_a_pointer_leads_to_its_line_or_to_the_nearest_above(path: str, line: int) -> None:
    assert lay_out(RECORD, Format.AVRO).line_of(path) == line


def test_a_location_in_protobuf_is_found_by_line() -> None:
    source = 'syntax = "proto3";\nmessage A {\n  int32 n = 1;\n}\nmessage B {\n  int32 n = 1;\n}\n'
    laid_out = lay_out(source, Format.PROTOBUF)
    assert laid_out.line_of("line 3, column 2") == 2
    assert laid_out.line_of("line 99") is None
    assert laid_out.line_of("/B/n") is None


def test_findings_in_protobuf_are_marked_where_their_field_is_declared() -> None:
    text = 'syntax = "proto3";\n// M and its n\nmessage M {\n  P p = 2;\n  %s n = 1;\n}\nmessage P { int32 n = 1; }\n'
    older, candidate = (parse(text % kind, Format.PROTOBUF) for kind in ("int64", "int32"))
    sides = [Side.of(schema, {"/M/n": "1", "/M/p/n": "2", "": "3"}) for schema in (older, candidate)]
    shown = side_by_side(*sides)
    marks = {row.reader.number: row.reader.mark for row in shown.rows if isinstance(row, Row) and row.reader}
    assert {line: mark for line, mark in marks.items() if mark} == {5: "1", 7: "2"}
    assert not shown.ordered


def test_backticks_in_sentences_are_code() -> None:
    assert spoken("`a<b` is read as `c`.") == "<code>a&lt;b</code> is read as <code>c</code>."
    assert spoken("one ` alone, \u202e") == "one ` alone, " + seen("\u202e")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(JSON, st.booleans())
def test_laying_out_changes_no_value_and_places_every_pointer(value: object, ordered: bool) -> None:
    laid_out = lay_out(json.dumps(value), Format.JSON, ordered=ordered)
    assert json.loads("\n".join(laid_out.lines)) == value
    assert set(laid_out.places.values()) <= set(range(len(laid_out.lines)))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(JSON, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=3))
def test_colours_add_tags_and_take_no_text_away(value: object, ranges: list[tuple[int, int]]) -> None:
    lines = lay_out(json.dumps(value), Format.JSON).lines
    coloured = tokens(lines, Format.JSON)
    assert tuple("".join(text for _, text in line) for line in coloured) == lines
    changed = sorted((min(pair), max(pair)) for pair in ranges)
    for line, pieces in zip(lines, coloured, strict=True):
        assert markup(pieces, changed).striptags() == markup([("", line)]).striptags()


def test_code_is_escaped_and_unseen_characters_are_shown() -> None:
    line = 'doc: "<script>alert(1)</script> \u202e reversed"'
    written = str(markup(tokens([line], Format.PROTOBUF)[0]))
    assert "<script>" not in written
    assert "&lt;script&gt;" in written
    assert "U+202E" in written
    assert "\u202e" not in written


def test_names_are_kept_from_turning_the_text_around_them() -> None:
    assert str(name("a\u202eb<i>")) == (
        '<bdi>a<span class="unseen" title="an invisible character">U+202E</span>b&lt;i&gt;</bdi>'
    )
    assert str(seen("שלום")) == "שלום"


LINES = st.lists(st.sampled_from("abcdefgh"), max_size=25)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(LINES, LINES)
def test_a_difference_holds_every_line_of_both_once_in_order(first: list[str], second: list[str]) -> None:
    blocks = difference(first, second)
    assert [line for block in blocks for line in block.first] == list(range(len(first)))
    assert [line for block in blocks for line in block.second] == list(range(len(second)))
    for block in blocks:
        assert block.same == ([first[at] for at in block.first] == [second[at] for at in block.second])


@settings(derandomize=True, max_examples=50, deadline=None)
@given(LINES, LINES)
def test_pairs_hold_every_line_once_in_order(first: list[str], second: list[str]) -> None:
    pairs = paired(first, second)
    assert [at for at, _ in pairs if at is not None] == list(range(len(first)))
    assert [other for _, other in pairs if other is not None] == list(range(len(second)))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["x"] * 40_000, ["x"] * 39_000 + ["y"] * 1_000),
        ([str(n % 200) for n in range(40_000)], [str(n % 199) for n in range(40_000)]),
        ([f"a{n}" for n in range(40_000)], [f"b{n}" for n in range(40_000)]),
    ],
    ids=["nevertheless", "repeating", "nothing shared"],
)
def test_texts_made_to_be_slow_to_compare_are_compared(first: list[str], second: list[str]) -> None:
    blocks = difference(first, second)
    assert sum(len(block.first) for block in blocks) == len(first)


def test_the_change_within_a_line_is_marked() -> None:
    before, after = changed_within('{"name": "n", "type": "int"}', '{"name": "n", "type": "long"}')
    assert before == [(23, 26)]
    assert after == [(23, 27)]


def avro_record(*fields: str) -> str:
    return json.dumps(
        {"type": "record", "name": "A", "fields": [{"name": one, "type": "string", "default": ""} for one in fields]}
    )


def rows_of(writer: str, reader: str, **marks: str) -> list[Row | Fold]:
    sides = (
        Side.of(parse(writer, Format.AVRO), {"/fields/0": marks["mark"]} if marks else {}),
        Side.of(parse(reader, Format.AVRO), {}),
    )
    return list(side_by_side(*sides).rows)


def test_shared_lines_far_from_a_change_are_folded() -> None:
    fields = [f"f{n}" for n in range(40)]
    rows = rows_of(avro_record(*fields), avro_record(*fields[:20], "new", *fields[20:]))
    assert [row.kind for row in rows if isinstance(row, Row) and row.kind != "same"] == ["added"]
    assert [row.count for row in rows if isinstance(row, Fold)] == [20, 18]


def test_a_member_that_is_followed_by_another_now_did_not_change() -> None:
    rows = rows_of(avro_record("a"), avro_record("a", "b"))
    assert [row.kind for row in rows if isinstance(row, Row)].count("changed") == 0


def test_a_mark_stands_at_its_line_and_keeps_it_unfolded() -> None:
    fields = [f"f{n}" for n in range(60)]
    rows = rows_of(avro_record(*fields), avro_record(*fields[:50], *fields[51:]), mark="7")
    marked = [row.writer for row in rows if isinstance(row, Row) and row.writer and row.writer.mark]
    assert [(cell.number, cell.mark) for cell in marked] == [(5, "7")]


def test_very_long_differences_are_cut_and_say_so() -> None:
    first, second = (avro_record(*(f"{letter}{n}" for n in range(MOST_ROWS * 2))) for letter in "ab")
    sides = (Side.of(parse(text, Format.AVRO), {}) for text in (first, second))
    shown = side_by_side(*sides)
    assert len(shown.rows) == MOST_ROWS
    assert shown.cut
