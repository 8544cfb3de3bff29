"""Reading JSON from strangers."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorings_compat import Limits, SchemaInvalid, SchemaLimitExceeded
from moorings_compat.json_text import compact_json, nesting, pointer, read_json, read_nested_json
from moorings_compat.limits import DEFAULT_LIMITS

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


TWICE = [  # what hides that a key is there twice, the text
    ("nothing", '{"a": "1", "a": "2"}'),
    ("an empty key", '{"": 1, "": 2}'),
    ("a quote in what is kept, written in two ways", r'{"a": "", "a": "\u0022\u0022"}'),
    ("a quote in what is lost", r'{"a": "\"", "a": "\""}'),
    ("an escape in one of them", r'{"a": 1, "\u0061": 2}'),
    ("an object around them", '[{"b": {"a": [], "c": 0, "a": []}}]'),
]


@pytest.mark.parametrize("text", [case[1] for case in TWICE], ids=[case[0] for case in TWICE])
def test_a_key_that_is_there_twice_is_found(text):
    with pytest.raises(SchemaInvalid, match="duplicate key"):
        read_json(text)


NUMBERS = ("0", "-0", "7", "-12", "999999999999999", "9007199254740993", "18446744073709551616", "0.5", "1e3", "-2E-1")
TEXTS = st.recursive(
    st.sampled_from((*NUMBERS, "true", "false", "null"))
    | st.text(st.sampled_from('ab1.e"\\/ \u00e9\u2028\U0001f600'), max_size=6).map(json.dumps)
    | st.text("ab1.e/\u00e9", max_size=6).map(lambda one: json.dumps(one, ensure_ascii=False)),
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda ones: f"[{', '.join(ones)}]")
        | st.lists(
            st.tuples(st.sampled_from(("a", "b", r"\"", "")), inner), max_size=4, unique_by=lambda one: one[0]
        ).map(lambda ones: "{" + ",".join(f'"{key}": {one}' for key, one in ones) + "}")
    ),
    max_leaves=12,
)


@given(TEXTS)
def test_whatever_reads_it_a_text_has_the_value_that_the_standard_parser_gives_it(text):
    read = read_nested_json(text, DEFAULT_LIMITS)
    told = json.loads(text)
    assert (read.value, repr(read.value)) == (told, repr(told))
    assert read.has_fractions == any(type(one) is float for one in _leaves(told))


def _leaves(value):
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one)
    else:
        yield value


def test_few_digits_may_be_the_limit():
    with pytest.raises(SchemaLimitExceeded):
        read_json("[1234]", Limits(digits=3))


def test_brackets_in_strings_are_not_nesting():
    assert nesting(r'["[[[", "\"[[", {"{": []}]') == 3


def test_compact_json_removes_only_white_space_between_tokens():
    assert compact_json('{ "a b" : [ 1.0 , "x\\" y" ]\n}') == '{"a b":[1.0,"x\\" y"]}'
    assert compact_json(' { "a b" :\t[ 1.0 , "", " \u2028" ]\r\n}') == '{"a b":[1.0,""," \u2028"]}'
    assert compact_json(" [ 1 ]\n") == "[1]"


def test_a_pointer_escapes_tildes_and_slashes():
    assert pointer("fields", 2, "a/b~c") == "/fields/2/a~1b~0c"
    assert pointer() == ""
