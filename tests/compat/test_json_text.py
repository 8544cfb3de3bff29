"""Reading JSON from strangers."""

from decimal import Decimal

import pytest

from moorings_compat import Limits, SchemaInvalid, SchemaLimitExceeded
from moorings_compat.json_text import compact_json, nesting, pointer, read_json

REFUSED = [  # the fault, the text, part of the error
    ("not JSON", '{"a": }', "line 1, column 7"),
    ("nothing at all", "", "line 1, column 1"),
    ("a key twice", '{"a": 1, "b": {"c": 1, "c": 2}}', "duplicate key 'c'"),
    ("not a number", "[NaN]", "NaN"),
    ("an infinite number", "[-Infinity]", "-Infinity"),
    ("a lone surrogate, escaped", r'["\ud800"]', "lone surrogate"),
    ("a lone surrogate in a key, escaped", r'{"a\uDFFF": 1}', "lone surrogate"),
    ("a lone surrogate as it is", '["\ud800"]', "lone surrogate"),
]


@pytest.mark.parametrize(("text", "complaint"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_invalid_json_is_refused_with_its_fault(text, complaint):
    with pytest.raises(SchemaInvalid, match=complaint.replace("(", r"\(")):
        read_json(text)


LIMITED = [  # the limit, the text
    ("deep", "[" * 10_000 + "]" * 10_000),
    ("deep and never closed", '{"a":' * 10_000),
    ("digits", "1" * 1_000),
    ("an exponent", "1e999999999"),
    ("size", '"' + "a" * 2_000_000 + '"'),
]


@pytest.mark.parametrize("text", [case[1] for case in LIMITED], ids=[case[0] for case in LIMITED])
def test_json_beyond_a_limit_is_refused(text):
    with pytest.raises(SchemaLimitExceeded, match="the limit is"):
        read_json(text)


def test_an_escaped_surrogate_pair_is_one_character():
    assert read_json(r'"\ud83d\ude00"') == "😀"


def test_numbers_are_exact_on_request():
    assert read_json("[0.1, 3]", exact=True) == [Decimal("0.1"), 3]
    assert read_json("[0.5, 3]") == [0.5, 3]


def test_the_caller_sets_the_limits():
    assert read_json("[[1]]", Limits(depth=2)) == [[1]]
    with pytest.raises(SchemaLimitExceeded):
        read_json("[[1]]", Limits(depth=1))


def test_brackets_in_strings_are_not_nesting():
    assert nesting(r'["[[[", "\"[[", {"{": []}]') == 3


def test_compact_json_removes_only_white_space_between_tokens():
    assert compact_json('{ "a b" : [ 1.0 , "x\\" y" ]\n}') == '{"a b":[1.0,"x\\" y"]}'
    assert compact_json(' { "a b" :\t[ 1.0 , "", " \u2028" ]\r\n}') == '{"a b":[1.0,""," \u2028"]}'
    assert compact_json(" [ 1 ]\n") == "[1]"


def test_a_pointer_escapes_tildes_and_slashes():
    assert pointer("fields", 2, "a/b~c") == "/fields/2/a~1b~0c"
    assert pointer() == ""
