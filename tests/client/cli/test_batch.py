"""`moorings check --batch`: an answer for every line, whatever the line is."""

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.cli.batch import answer, answers

INT = json.dumps({"type": "record", "name": "E", "fields": [{"name": "a", "type": "int"}]})
LONG = INT.replace('"int"', '"long"')
NAMED = json.dumps({"type": "record", "name": "E", "fields": [{"name": "a", "type": "x.Money"}]})
MONEY = json.dumps({"type": "record", "name": "Money", "namespace": "x", "fields": [{"name": "c", "type": "x.Cur"}]})
CURRENCY = json.dumps({"type": "enum", "name": "Cur", "namespace": "x", "symbols": ["EUR"]})


def ask(**question: Any) -> dict[str, Any]:
    return answer(json.dumps(question).encode())


ANSWERED: list[tuple[str, dict[str, Any], bool]] = [
    ("backward", {"format": "AVRO", "old": INT, "new": LONG, "mode": "BACKWARD"}, True),
    ("forward", {"format": "AVRO", "old": INT, "new": LONG, "mode": "FORWARD"}, False),
    ("backward is the default", {"format": "AVRO", "old": INT, "new": LONG}, True),
    ("none", {"format": "AVRO", "old": INT, "new": '"string"', "mode": "NONE"}, True),
    ("the newest alone", {"old": LONG, "new": LONG, "older": ['"string"'], "mode": "BACKWARD"}, True),
    ("all of them", {"old": LONG, "new": LONG, "older": ['"string"'], "mode": "BACKWARD_TRANSITIVE"}, False),
    ("nothing older", {"new": LONG, "mode": "FULL"}, True),
    ("lower case", {"format": "avro", "old": INT, "new": LONG, "mode": "full"}, False),
    ("schemas as JSON", {"old": json.loads(INT), "new": json.loads(LONG)}, True),
    ("JSON Schema", {"format": "JSON", "old": '{"type": "integer"}', "new": '{"type": "number"}'}, True),
    ("JSON Schema the other way", {"format": "JSON", "old": '{"type": "number"}', "new": '{"type": "integer"}'}, False),
    ("nothing is said for null", {"format": None, "old": INT, "new": LONG, "older": None, "mode": None}, True),
    (
        "a name of ProtoJSON",
        {
            "format": "PROTOBUF",
            "old": 'syntax = "proto3"; message M { int32 a = 1; }',
            "new": 'syntax = "proto3"; message M { int32 b = 1; }',
            "policy": {"protobuf_level": "json"},
        },
        False,
    ),
    (
        "formats that are annotations",
        {
            "format": "JSON",
            "old": '{"type": "string"}',
            "new": '{"type": "string", "format": "date"}',
            "policy": {"formats_asserted": False},
        },
        True,
    ),
    (
        "Protobuf",
        {
            "format": "PROTOBUF",
            "old": 'syntax = "proto3"; message M { int32 a = 1; }',
            "new": 'syntax = "proto3"; message M { string a = 1; }',
        },
        False,
    ),
]


@pytest.mark.parametrize(("shows", "question", "compatible"), ANSWERED)
def test_each_question_gets_its_verdict(shows: str, question: dict[str, Any], compatible: bool) -> None:
    found = ask(**question)
    assert found["compatible"] is compatible
    passes = "unchecked" if question.get("mode") == "NONE" else "compatible"
    assert found["verdict"] == (passes if compatible else "breaking")
    assert "error" not in found
    assert bool([one for one in found["findings"] if one["severity"] == "break"]) is not compatible


def test_a_break_is_proven_by_a_payload() -> None:
    (found,) = ask(old=LONG, new=INT)["findings"]
    assert found["witness"]["payload"]
    assert found["version"] == "old"


def test_positions_are_given_on_request() -> None:
    old, new = LONG.replace(", ", ",\n"), INT.replace(", ", ",\n\n")
    (found,) = ask(old=old, new=new, positions=True)["findings"]
    assert found["reader_position"]["line"] == 1 + new[: new.rindex('"type"')].count("\n")
    assert found["writer_position"]["line"] == 1 + old[: old.rindex('"type"')].count("\n")
    (found,) = ask(old=old, new=new)["findings"]
    assert "reader_position" not in found


REFERENCES: list[tuple[str, Any]] = [
    ("a mapping", {"x.Money": MONEY, "x.Cur": CURRENCY}),
    ("a mapping in the better order", {"x.Cur": CURRENCY, "x.Money": MONEY}),
    ("a list", [{"name": "x.Cur", "schema": CURRENCY}, {"name": "x.Money", "schema": MONEY}]),
    (
        "a list with subjects",
        [{"name": "x.Money", "subject": "m", "version": 3, "text": MONEY}, {"name": "x.Cur", "text": CURRENCY}],
    ),
    ("a nested list", [{"name": "x.Money", "schema": MONEY, "references": [{"name": "x.Cur", "schema": CURRENCY}]}]),
    ("a nested mapping", [{"name": "x.Money", "schema": MONEY, "references": {"x.Cur": CURRENCY}, "format": "AVRO"}]),
]


@pytest.mark.parametrize(("shows", "references"), REFERENCES)
def test_references(shows: str, references: Any) -> None:
    found = ask(old=NAMED, new=NAMED, old_refs=references, new_refs=references, mode="FULL")
    assert found["compatible"] is True, found


INVALID: list[tuple[str, Any, str]] = [
    ("not JSON", b"{", "not JSON"),
    ("not UTF-8", b"\xff\n", "UTF-8"),
    ("not an object", b"[1]", "object"),
    ("no new schema", b"{}", "'new'"),
    ("an invalid schema", json.dumps({"new": '{"type": "recrod"}'}).encode(), "new: "),
    ("an invalid old schema", json.dumps({"new": INT, "old": "{"}).encode(), "old: "),
    ("an unknown format", json.dumps({"format": "XML", "new": INT}).encode(), "'format'"),
    ("an unknown level", json.dumps({"mode": "SIDEWAYS", "new": INT}).encode(), "'mode'"),
    ("an invalid policy", json.dumps({"policy": 5, "new": INT}).encode(), "'policy'"),
    ("a long word", json.dumps({"new": "x" * 100_000}).encode(), "new: at line 1, column 1: not valid JSON"),
    ("older that is not a list", json.dumps({"older": 5, "new": INT}).encode(), "'older'"),
    ("invalid references", json.dumps({"new": INT, "new_refs": 5}).encode(), "references"),
    ("a reference without a name", json.dumps({"new": INT, "new_refs": [{}]}).encode(), "no name"),
    ("a missing reference", json.dumps({"new": NAMED}).encode(), "x.Money"),
    ("deep nesting", b'{"new": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "deep"),
    ("a deep schema", json.dumps({"new": "[" * 5000 + "]" * 5000}).encode(), "new: "),
]


@pytest.mark.parametrize(("shows", "line", "reason"), INVALID)
def test_lines_that_are_not_questions_are_answered_as_invalid(shows: str, line: bytes, reason: str) -> None:
    found = answer(line)
    assert found["compatible"] is False
    assert found["verdict"] == "invalid"
    assert reason in found["error"]


def test_blank_lines_are_skipped_and_order_is_kept() -> None:
    lines = [b"\n", json.dumps({"old": INT, "new": LONG}).encode(), b"  \n", b"junk\n"]
    assert [json.loads(one)["verdict"] for one in answers(lines)] == ["compatible", "invalid"]


def test_each_line_is_answered_before_the_next_is_read() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "moorings", "check", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        for line in (
            json.dumps({"old": INT, "new": LONG}).encode(),
            b"\xff\xfe",
            json.dumps({"old": LONG, "new": INT}).encode(),
        ):
            process.stdin.write(line + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["verdict"] in ("compatible", "invalid", "breaking")
        process.stdin.close()
        assert process.wait(20) == 0


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=4),
        st.sampled_from([INT, "AVRO", "JSON", '{"type": []}']),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from(["name", "schema", "references", "type"]), inner, max_size=3),
    ),
    max_leaves=6,
)
QUESTIONS = st.dictionaries(
    st.sampled_from(["format", "old", "new", "mode", "older", "old_refs", "new_refs"]), JSON, max_size=7
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.one_of(st.binary(max_size=60), QUESTIONS.map(lambda question: json.dumps(question).encode())))
def test_any_line_gets_one_answer(line: bytes) -> None:
    found = answer(line)
    assert set(found) >= {"compatible", "verdict", "findings"}
    assert found.get("code") != "INTERNAL"
    assert "\n" not in json.dumps(found)
