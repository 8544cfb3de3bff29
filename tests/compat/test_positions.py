"""Lines and columns of findings, in every format, on both sides."""

import json

import pytest

from moorings_compat import Format, Level, Position, Positions, check, parse, positions_of
from moorings_compat.pointer_positions import locate_nearest

AVRO = """{
  "type": "record", "name": "R",
  "fields": [
    {"name": "a", "type": "int"},
    {"name": "b", "type": %s}
  ]
}"""
JSON = """{
  "properties": {
    "b": {
      "type": %s
    }
  },
  "required": ["b"]
}"""
PROTO = """syntax = "proto3";
package shop;

message Order {
  Line line = 1;
  map<string, Line> lines = 2;
}

message Line {
  %s price = 1;
}
"""
CASES = [
    (Format.AVRO, AVRO % '"long"', AVRO % '"int"', Position(5, 19), Position(5, 19)),
    (Format.JSON, JSON % '"string"', JSON % '"integer"', Position(4, 7), Position(4, 7)),
    (Format.PROTOBUF, PROTO % "int64", PROTO % "  int32", Position(10, 5), Position(10, 3)),
]


@pytest.mark.parametrize(("format", "older", "candidate", "here", "there"), CASES)
def test_a_finding_has_a_position_on_both_sides(format, older, candidate, here, there):
    old, new = parse(older, format), parse(candidate, format)
    report = check(new, [(1, old)], Level.BACKWARD)
    positions = Positions(new, {1: old}, candidate, {1: older})
    (places,) = [positions.of(one) for one in report.comparisons]
    assert places[0] == (here, there)


@pytest.mark.parametrize(("format", "older", "candidate", "here", "there"), CASES)
def test_for_the_other_promise_the_positions_are_swapped(format, older, candidate, here, there):
    old, new = parse(older, format), parse(candidate, format)
    report = check(old, [(1, new)], Level.FORWARD)
    places = Positions(old, {1: new}, older, {1: candidate}).of(report.comparisons[0])
    assert places[0] == (here, there)


def test_positions_are_in_the_stored_text_without_the_authors():
    schema = parse(AVRO % '"int"', Format.AVRO)
    assert positions_of(schema, ["/fields/1/type"]) == {"/fields/1/type": Position(1, schema.text.rindex('"type"') + 1)}


def test_a_missing_older_text_has_no_position():
    old, new = parse(AVRO % '"long"', Format.AVRO), parse(AVRO % '"int"', Format.AVRO)
    report = check(new, [(1, old)], Level.BACKWARD)
    assert Positions(new, {}, AVRO % '"int"').of(report.comparisons[0])[0] == (Position(5, 19), None)


def test_a_protobuf_path_leads_through_the_types_of_fields():
    schema = parse(PROTO % "int64", Format.PROTOBUF)
    paths = ["/Order/line/price", "/Order/lines/value/price", "/Order/gone", "/Nobody", "", "/Order/lines/key"]
    assert positions_of(schema, paths) == {
        "/Order/line/price": Position(10, 3),
        "/Order/lines/value/price": Position(10, 3),
        "/Order/gone": Position(4, 1),
        "/Nobody": Position(1, 1),
        "": Position(1, 1),
        "/Order/lines/key": Position(6, 3),
    }


def test_a_missing_value_has_the_position_of_its_nearest_parent():
    text = '{"a": {\n"b": [1, 2]}}'
    assert locate_nearest(text, ["/a/b/1", "/a/b/7/c", "/a/x", "/z", "", "other#/a"]) == {
        "/a/b/1": Position(2, 10),
        "/a/b/7/c": Position(2, 1),
        "/a/x": Position(1, 2),
        "/z": Position(1, 1),
        "": Position(1, 1),
    }


def test_many_paths_take_one_pass_over_the_text():
    text = json.dumps({"items": [{"name": str(number)} for number in range(3_000)]}, indent=1)
    paths = [f"/items/{number}/name" for number in range(3_000)]
    found = locate_nearest(text, paths)
    assert [found[path].line for path in paths] == [4 + 3 * number for number in range(3_000)]
