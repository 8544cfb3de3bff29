"""Each step and each conversion, on events."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from moorings.upcasting import CONVERSIONS, StepFailed, read_mapping, upcast
from tests.client.upcasting.contracts import SUBJECT


def taken(event: Any, *steps: str) -> Any:
    return upcast(read_mapping("".join(f"[[step]]\n{one}\n" for one in steps), about=(SUBJECT, 1, 2)), event)


STEPS = [
    ("rename", {"a": 1, "b": 2}, ['rename = "/a"\nto = "c"'], {"b": 2, "c": 1}),
    ("rename what is not there", {"b": 2}, ['rename = "/a"\nto = "c"'], {"b": 2}),
    (
        "rename in every item",
        {"l": [{"a": 1}, {}, {"a": 2}]},
        ['rename = "/l/*/a"\nto = "b"'],
        {"l": [{"b": 1}, {}, {"b": 2}]},
    ),
    ("rename under every key", {"m": {"x": {"a": 1}}}, ['rename = "/m/*/a"\nto = "b"'], {"m": {"x": {"b": 1}}}),
    ("move deeper", {"a": 1}, ['move = "/a"\nto = "/b/c/d"'], {"b": {"c": {"d": 1}}}),
    ("move out", {"a": {"b": 1, "c": 2}}, ['move = "/a/b"\nto = "/b"'], {"a": {"c": 2}, "b": 1}),
    (
        "move within items",
        {"l": [{"a": 1}, {"x": 0}]},
        ['move = "/l/*/a"\nto = "/l/*/b/c"'],
        {"l": [{"b": {"c": 1}}, {"x": 0}]},
    ),
    ("drop", {"a": 1, "b": 2}, ['drop = "/a"'], {"b": 2}),
    ("drop in nothing", {"a": None}, ['drop = "/a/b"'], {"a": None}),
    ("default where absent", {}, ['default = "/a"\nvalue = [1, 2]'], {"a": [1, 2]}),
    ("default where present", {"a": 1}, ['default = "/a"\nvalue = 2'], {"a": 1}),
    ("default leaves null", {"a": None}, ['default = "/a"\nvalue = 2'], {"a": None}),
    ("default for null", {"a": None}, ['default = "/a"\nvalue = 2\nor_null = true'], {"a": 2}),
    ("default null", {}, ['default = "/a"\nnull = true'], {"a": None}),
    ("convert leaves null", {"a": None}, ['convert = "/a"\nwith = "upper"'], {"a": None}),
    ("convert every item", {"a": ["x", None, "y"]}, ['convert = "/a/*"\nwith = "upper"'], {"a": ["X", None, "Y"]}),
    ("convert every value", {"a": {"k": "x"}}, ['convert = "/a/*"\nwith = "upper"'], {"a": {"k": "X"}}),
    ("symbols", {"a": "A"}, ['convert = "/a"\nsymbols = {A = "B"}'], {"a": "B"}),
    ("symbols otherwise", {"a": "Z"}, ['convert = "/a"\nsymbols = {A = "B"}\notherwise = "?"'], {"a": "?"}),
]


@pytest.mark.parametrize(("event", "steps", "expected"), [one[1:] for one in STEPS], ids=[one[0] for one in STEPS])
def test_each_kind_of_step_changes_an_event_as_declared(event: Any, steps: list[str], expected: Any) -> None:
    before = repr(event)
    assert taken(event, *steps) == expected
    assert repr(event) == before


NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CONVERTED = {
    "integer_to_text": (42, "42"),
    "text_to_integer": (" -42 ", -42),
    "number_to_text": (2.5, "2.5"),
    "text_to_number": ("2.5", 2.5),
    "integer_to_number": (42, 42.0),
    "number_to_integer": (42.0, 42),
    "round_to_integer": (42.5, 42),
    "boolean_to_text": (True, "true"),
    "cents_to_decimal": (4205, Decimal("42.05")),
    "decimal_to_cents": (Decimal("42.05"), 4205),
    "text_to_decimal": ("42.05", Decimal("42.05")),
    "decimal_to_text": (Decimal("4E+3"), "4000"),
    "seconds_to_milliseconds": (2, 2000),
    "milliseconds_to_seconds": (1999, 1),
    "milliseconds_to_moment": (int(NOON.timestamp()) * 1000, NOON),
    "seconds_to_moment": (int(NOON.timestamp()), NOON),
    "moment_to_milliseconds": (NOON, int(NOON.timestamp()) * 1000),
    "moment_to_seconds": (NOON, int(NOON.timestamp())),
    "text_to_moment": ("2026-11-23T12:00:00Z", NOON),
    "moment_to_text": (NOON, "2026-11-23T12:00:00+00:00"),
    "moment_to_date": (NOON, date(2026, 11, 23)),
    "text_to_date": ("2026-11-23", date(2026, 11, 23)),
    "date_to_text": (date(2026, 11, 23), "2026-11-23"),
    "text_to_uuid": ("6f1c2b34-0000-4000-8000-000000000001", UUID("6f1c2b34-0000-4000-8000-000000000001")),
    "uuid_to_text": (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    "base64_to_bytes": ("aGk=", b"hi"),
    "bytes_to_base64": (b"hi", "aGk="),
    "text_to_bytes": ("hü", "hü".encode()),
    "bytes_to_text": ("hü".encode(), "hü"),
    "upper": ("ab", "AB"),
    "lower": ("AB", "ab"),
    "trim": (" a b ", "a b"),
    "to_array": (1, [1]),
    "first_item": ([1, 2], 1),
}


def test_every_conversion_has_a_test_case() -> None:
    assert set(CONVERTED) == set(CONVERSIONS)


@pytest.mark.parametrize("name", CONVERTED)
def test_each_conversion_converts_its_example(name: str) -> None:
    value, expected = CONVERTED[name]
    made = taken({"a": value}, f'convert = "/a"\nwith = "{name}"')["a"]
    assert (made, type(made)) == (expected, type(expected))


def test_decimals_of_any_length_are_converted_exactly() -> None:
    long = Decimal("12345678901234567890123456789012345678.25")
    cents = taken({"a": long}, 'convert = "/a"\nwith = "decimal_to_cents"')["a"]
    assert cents == 1234567890123456789012345678901234567825
    assert taken({"a": cents}, 'convert = "/a"\nwith = "cents_to_decimal"')["a"] == long


def test_every_conversion_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "replay.md").read_text("utf-8")
    assert [name for name in CONVERSIONS if f"`{name}`" not in page] == []


FAILING = [
    ("text_to_integer", "secret-4711"),
    ("text_to_integer", "9" * 500),
    ("text_to_number", "secret"),
    ("text_to_number", "nan"),
    ("number_to_integer", 4711.5),
    ("number_to_integer", float("inf")),
    ("round_to_integer", float("nan")),
    ("text_to_decimal", "secret"),
    ("text_to_decimal", "Infinity"),
    ("decimal_to_cents", Decimal("4711.001")),
    ("milliseconds_to_moment", 10**20),
    ("seconds_to_moment", -(10**18)),
    ("text_to_moment", "4711-99-99"),
    ("text_to_moment", "2026-11-23T12:00:00"),
    ("text_to_date", "secret"),
    ("text_to_uuid", "secret"),
    ("base64_to_bytes", "secret!"),
    ("bytes_to_text", b"\xff4711"),
    ("text_to_bytes", "secret \ud800"),
    ("first_item", []),
    ("upper", 4711),
    ("cents_to_decimal", "secret"),
]


@pytest.mark.parametrize(("name", "value"), FAILING, ids=[f"{name}-{n}" for n, (name, _) in enumerate(FAILING)])
def test_a_failed_conversion_names_the_path_and_not_the_value(name: str, value: Any) -> None:
    with pytest.raises(StepFailed) as caught:
        taken({"a": [{"b": value}]}, f'convert = "/a/*/b"\nwith = "{name}"')
    assert caught.value.path == "/a/*/b"
    said = f"{caught.value} {caught.value.__cause__} {caught.value.__context__}"
    assert "secret" not in said
    assert "4711" not in said


def test_an_unknown_symbol_is_refused_without_being_quoted() -> None:
    with pytest.raises(StepFailed, match="the symbol is not in the mapping's table"):
        taken({"a": "secret"}, 'convert = "/a"\nsymbols = {A = "B"}')


def test_a_self_containing_event_is_refused() -> None:
    event: Any = {}
    for _ in range(300):
        event = {"a": event}
    with pytest.raises(StepFailed, match="nested deeper"):
        taken(event, 'drop = "/b"')
