"""Lines and columns of JSON Pointers."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.layout.positions import position_of
from moorings_compat.json_text import pointer

TEXT = '{\n  "a": [1, {"b/c": true}],\n  "d~": {\n    "e": null\n  }\n}'
PLACES = [
    ("", (1, 1)),
    ("/a", (2, 8)),
    ("/a/0", (2, 9)),
    ("/a/1", (2, 12)),
    ("/a/1/b~1c", (2, 20)),
    ("/d~0/e", (4, 10)),
    ("/d~0/missing", (3, 9)),
    ("/nowhere", (1, 1)),
    ("line 3, column 7", (3, 7)),
    ("line 3", (3, 1)),
    ("Money#/a", (1, 1)),
]


@pytest.mark.parametrize(("place", "position"), PLACES)
def test_a_pointer_has_the_line_and_column_of_its_value(place: str, position: tuple[int, int]) -> None:
    assert position_of(TEXT, place) == position


@pytest.mark.parametrize("text", ["", "{", "nonsense", '{"a"', "[[[", '{"a": 1]', 'syntax = "proto3";'])
def test_a_pointer_into_invalid_json_gives_the_first_position(text: str) -> None:
    assert position_of(text, "/a/b") >= (1, 1)


JSON = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(JSON)
def test_the_position_of_every_pointer_is_that_of_its_value(value: Any) -> None:
    text = json.dumps(value, indent=1)
    lines = text.split("\n")
    decoder = json.JSONDecoder()
    for path, expected in _places(value):
        line, column = position_of(text, pointer(*path))
        rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
        assert decoder.raw_decode(rest)[0] == expected


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Any:
    yield path, value
    for key, one in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield from _places(one, (*path, key))
