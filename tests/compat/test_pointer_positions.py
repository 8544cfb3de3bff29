"""From a JSON Pointer to a line and a column."""

import json

from hypothesis import given
from hypothesis import strategies as st

from moorings_compat.json_text import pointer
from moorings_compat.pointer_positions import Position, locate

TEXT = """{
  "type": "record",
  "fields": [
    {"name": "id", "type": "string"},
    {"name": "a/b", "type": ["null", "int"]}
  ],
  "x~y": {"": [[], [{}]]}
}"""


def test_a_member_is_found_at_its_key_and_an_item_at_its_beginning():
    assert locate(TEXT, "") == Position(1, 1)
    assert locate(TEXT, "/fields") == Position(3, 3)
    assert locate(TEXT, "/fields/1") == Position(5, 5)
    assert locate(TEXT, "/fields/1/type/1") == Position(5, 38)
    assert locate(TEXT, "/x~0y//1/0") == Position(7, 21)


def test_a_pointer_to_a_missing_value_has_no_position():
    assert locate(TEXT, "/fields/2") is None
    assert locate(TEXT, "/fields/0/type/0") is None
    assert locate("[[", "/0/0") is None
    assert locate('{"a": 1', "/b") is None


def _paths(value, steps=()):
    yield steps, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in inner:
        yield from _paths(one, (*steps, step))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, 2]), st.booleans())
def test_every_value_is_found_at_its_position(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    lines = text.split("\n")
    for steps, expected in _paths(value):
        place = locate(text, pointer(*steps))
        assert place is not None
        rest = "\n".join([lines[place.line - 1][place.column - 1 :], *lines[place.line :]])
        if steps and isinstance(steps[-1], str):
            key, end = json.JSONDecoder().raw_decode(rest)
            assert key == steps[-1]
            rest = rest[end:].lstrip(": ")
        assert json.JSONDecoder().raw_decode(rest)[0] == expected
