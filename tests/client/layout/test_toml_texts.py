"""Lines of keys in TOML texts, and texts that are brought up to new values."""

from typing import Any

import pytest

from moorings.layout.json_update import updated_json
from moorings.layout.toml_lines import line_of, lines_of
from moorings.layout.toml_update import TomlInvalid, updated_text

TEXT = '''owner = "a" # [not.a.table]
"two words"."with.dot" = 1

[policy]
text = """
[not.this]
key = 1
"""
other = \'\'\'one line\'\'\'
last = 2

[[rules]]
name = "a"
[rules.params]
x = "y"
[[rules]]
  name = "b"
[[migration.step]]
drop = "/a"
'''
PLACES: list[tuple[tuple[str | int, ...], int]] = [
    (("owner",), 1),
    (("two words", "with.dot"), 2),
    (("policy",), 4),
    (("policy", "text"), 5),
    (("policy", "other"), 9),
    (("policy", "last"), 10),
    (("policy", "nothing"), 4),
    (("rules", 0), 12),
    (("rules", 0, "params", "x"), 15),
    (("rules", 1, "name"), 17),
    (("migration",), 18),
    (("migration", "step", 0, "drop"), 19),
    (("not",), 1),
    ((), 1),
]


@pytest.mark.parametrize(("keys", "line"), PLACES)
def test_the_line_of_a_key_is_found(keys: tuple[str | int, ...], line: int) -> None:
    assert line_of(lines_of(TEXT), keys) == line


UPDATES: list[tuple[str, str, dict[str, Any], str]] = [
    ("nothing differs", "# a\nb = 1 # c\n", {"b": 1}, "# a\nb = 1 # c\n"),
    ("a value", "# a\nb = 1 # c\n", {"b": 2}, "# a\nb = 2 # c\n"),
    ("a key that is gone", "b = 1\nc = 2 # d\n", {"b": 1}, "b = 1\n"),
    ("a key before tables", "b = 1\n\n[t]\nx = 1\n", {"b": 1, "c": 2, "t": {"x": 1}}, "b = 1\nc = 2\n\n[t]\nx = 1\n"),
    ("nothing is not written", "", {"b": "", "c": [], "d": None}, ""),
    ("nothing stays where it is", 'b = ""\nc = []\n', {"b": "", "c": []}, 'b = ""\nc = []\n'),
    ("a number of another kind", "b = 1_000\n", {"b": 1000.0}, "b = 1_000\n"),
    ("true is not 1", "b = 1\n", {"b": True}, "b = true\n"),
    ("a day and its text", "b = 2030-01-31 # x\n", {"b": "2030-01-31"}, "b = 2030-01-31 # x\n"),
    (
        "a named table in between",
        '[[r]]\nname = "a" # one\n\n[[r]]\nname = "b" # two\n\n[[r]]\nname = "c" # three\n',
        {"r": [{"name": "a"}, {"name": "c", "x": 1}]},
        '[[r]]\nname = "a" # one\n\n[[r]]\nname = "c" # three\nx = 1\n',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("before", "wanted", "after"), [one[1:] for one in UPDATES], ids=[one[0] for one in UPDATES])
def test_only_what_differs_is_changed(before: str, wanted: dict[str, Any], after: str) -> None:
    assert updated_text(before, wanted, {}) == after
    assert updated_text(after, wanted, {}) == after


def test_tables_are_rearranged_with_their_comments() -> None:
    before = '[[r]]\nname = "a" # one\n\n[[r]]\nname = "b" # two\n'
    after = updated_text(before, {"r": [{"name": "b"}, {"name": "a"}]}, {})
    assert after.index('name = "b" # two') < after.index('name = "a" # one')


def test_a_text_that_is_not_toml_is_refused() -> None:
    with pytest.raises(TomlInvalid):
        updated_text("b = ", {"b": 1}, {})


JSON_UPDATES: list[tuple[str, str, Any, str]] = [
    ("an item in between", '{ "f": [\n  {"name": "a"},\n  {"name":"c"}\n] }',
     {"f": [{"name": "a"}, {"name": "b"}, {"name": "c"}]},
     '{ "f": [\n  {"name": "a"},\n  {"name": "b"},\n  {"name":"c"}\n] }'),
    ("a member on one line", '{ "a": 1, "b": [1,2] }', {"a": 2, "b": [1, 2]}, '{ "a": 2, "b": [1,2] }'),
    ("an empty object", "{}", {"a": 1}, '{"a": 1}'),
    ("an object that is emptied", '{\n  "a": 1\n}', {}, "{}"),
    ("1 is not 1.0", '{"a": 1}', {"a": 1.0}, '{"a": 1.0}'),
    ("white space around", '\n{"a": 1}\n\n', {"a": 2}, '\n{"a": 2}\n\n'),
    ("a text that is not JSON", "{", {"a": 1}, '{\n  "a": 1\n}\n'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "value", "after"), [one[1:] for one in JSON_UPDATES], ids=[one[0] for one in JSON_UPDATES]
)
def test_equal_parts_of_a_schema_keep_their_text(before: str, value: Any, after: str) -> None:
    assert updated_json(before, value) == after
