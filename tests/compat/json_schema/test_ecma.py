"""Patterns of ECMA-262: which there are, what is wrong with the others, and what the validator makes of them."""

import json
import shutil
import subprocess
from random import Random
from typing import Any

import pytest

from moorings_compat import Format, Schema, SchemaInvalid, Verdict, can_read, parse
from moorings_compat.findings import verdict_of
from moorings_compat.json_schema import validator
from moorings_compat.json_schema.nodes.validator import matches
from moorings_compat.json_schema.patterns.ecma import read_ecma
from moorings_compat.json_schema.patterns.ecma_characters import NotEcma
from moorings_compat.json_schema.patterns.engine_patterns import engine_pattern, engine_takes

D2020 = "https://json-schema.org/draft/2020-12/schema"
D7 = "http://json-schema.org/draft-07/schema#"


def schema(content: Any) -> Schema:
    return parse(json.dumps(content), Format.JSON)


RUN = [  # pattern, a text that it finds a match in, one that it does not
    ("^[^]$", "\n", ""),
    ("^[^]{0,2}$", "a\n", "abc"),
    ("[]|b", "b", "a"),
    ("\\0", "a\0", "0"),
    ("^[\\b]$", "\b", "b"),
    ("^[^\\b]*$", "b", "\b"),
    ("^(?<year>\\d{4})-\\k<year>$", "1999-1999", "1999-2000"),
    ("^(?:(?<a>x)|(?<a>y))$", "y", "xy"),
    ("\\ud83d\\ude00", "😀", "d"),
    ("^[\\ud83d\\ude00-\\ud83d\\ude4f]$", "😎", "a"),
    ("^[^\\ud800-\\udfff]$", "😀", ""),
    ("^[\\u{1F600}-\\u{1F64F}]$", "😎", "a"),
    ("^([\\x20-\\ud7ff\\ue000-\\ufffd]|\\ud800[\\udc00-\\udfff])*$", "aé", "\x01"),
    ("\\ud800|a", "a", "\ufffd"),
    ("\\bé", "aé", "é"),
    ("(?=.)\\w", "a", "é"),
    ("(?=.)[\\D]", "٣", "3"),
    ("(?<=\\d)b", "1b", "٣b"),
    ("^.$", "\u0085", "\r"),
    ("^a.b$", "a b", "a\u2028b"),
    ("(?=.)[^]", "a", "\u2029"),
    ("^[.]$", ".", "a"),
    ("^[a-z]+-?[a-z]+$", "ab", "a"),
    ("^(?:a{1,}b*a+){2}$", "aaaa", "aa"),
]


@pytest.mark.parametrize(("pattern", "found", "missed"), RUN)
def test_a_construct_of_ecma_262_is_run(pattern: str, found: str, missed: str) -> None:
    made = validator(schema({"$schema": D2020, "pattern": pattern}))
    assert made.is_valid(found)
    assert not made.is_valid(missed)
    named = validator(schema({"$schema": D2020, "patternProperties": {pattern: False}}))
    assert not named.is_valid({found: 1})
    assert named.is_valid({missed: 1})


@pytest.mark.parametrize("pattern", [pattern for pattern, *_ in RUN])
def test_a_schema_with_such_a_pattern_reads_itself(pattern: str) -> None:
    one, other = ({"$schema": D2020, "type": "string", "pattern": pattern, "title": title} for title in "ab")
    assert can_read(schema(one), schema(other)) == ()


def test_a_message_has_the_pattern_as_it_was_written() -> None:
    made = schema({"type": "string", "pattern": "^a.b+c+$"})
    (finding, *_) = can_read(made, schema({"type": "string"}))
    assert finding.witness is not None
    assert 'does not match "^a.b+c+$"' in finding.witness.error


NESTED = [  # a look-behind with others in it, and whether its length varies
    ("(?<=a\\b)c", False),
    ("(?<!(?=ab|cd)[a-d]{2})e", False),
    ("(?<!\\w(?!b).?)[ab]", True),
    ("(?:(?<!(?!^)a+)[^a])", True),
    ("(?<=(?<!a)b|cd)e", True),
]


@pytest.mark.parametrize(("pattern", "varies"), NESTED)
def test_looking_around_in_a_look_behind_of_varying_length_is_not_run(pattern: str, varies: bool) -> None:
    assert ("varying length" in engine_pattern(pattern).not_run) is varies


REFUSED = [  # pattern, the construct that is named, its place
    ("^a\\Z", "\\Z", 3),
    ("\\Aa", "\\A", 1),
    ("^(?i)abc$", "(?i)", 2),
    ("^a++$", "++", 3),
    ("a**", "**", 2),
    ("(?>a)", "(?>a", 1),
    ("(?P<n>a)", "(?P<", 1),
    ("(?#why)a", "(?#w", 1),
    ("[\\w-.]", "\\w-.", 2),
    ("[z-a]", "z-a", 2),
    ("a{2,1}", "{2,1}", 2),
    ("a{,3}", "{", 2),
    ("a}", "}", 2),
    ("]", "]", 1),
    ("(a", "(", 1),
    ("a)", ")", 2),
    ("[a", "[", 1),
    ("a\\", "\\", 2),
    ("*a", "*", 1),
    ("^*", "^*", 1),
    ("(?=a)*", "(?=a)*", 1),
    ("\\p{Shoe}", "\\p{Shoe}", 1),
    ("\\pL", "\\pL", 1),
    ("(a)\\2", "\\2", 4),
    ("\\k<a>", "\\k<a>", 1),
    ("(?<1>a)", "(?<1", 1),
    ("(?<a>x)(?<a>y)", "(?<a>", 8),
    ("\\x4", "\\x", 1),
    ("\\u00g0", "\\u", 1),
    ("\\u{110000}", "\\u", 1),
    ("\\c1", "\\c", 1),
    ("[\\B]", "\\B", 2),
]


@pytest.mark.parametrize(("pattern", "construct", "at"), REFUSED)
def test_a_refusal_names_the_construct_and_its_place(pattern: str, construct: str, at: int) -> None:
    with pytest.raises(SchemaInvalid) as refused:
        schema({"$schema": D2020, "properties": {"a": {"pattern": pattern}}})
    (problem,) = refused.value.problems
    assert problem.where == "/properties/a/pattern"
    said = problem.message.split(" is not a regular expression: ", 1)[1]
    assert said.startswith(f"{construct} at character {at}: ")


BY_ANNEX_B = [
    ("^a\\Z$", "aZ", "a"),
    ("[\\w-.]", "-", "+"),
    ("^{}]$", "{}]", "{}"),
    ("^a{,3}$", "a{,3}", "aa"),
    ("^(?=a)*b", "b", "a"),
    ("^(?=a)+a", "a", "b"),
    ("^\\1$", "\x01", "1"),
    ("^\\8$", "8", ""),
    ("^\\c$", "\\c", "c"),
    ("^[\\c1]$", "\x11", "1"),
    ("^\\x4$", "x4", "4"),
    ("^\\k<a>$", "k<a>", "a"),
]


@pytest.mark.parametrize(("pattern", "found", "missed"), BY_ANNEX_B)
def test_drafts_without_the_flag_take_what_annex_b_takes(pattern: str, found: str, missed: str) -> None:
    older = validator(schema({"$schema": D7, "pattern": pattern}))
    assert older.is_valid(found)
    assert not older.is_valid(missed)
    with pytest.raises(SchemaInvalid):
        schema({"$schema": D2020, "pattern": pattern})


def test_two_names_that_become_one_keep_both_their_schemas() -> None:
    made = validator(schema({"patternProperties": {"[^]": {"type": "string"}, "[\\s\\S]": {"maxLength": 2}}}))
    assert made.is_valid({"a": "ab"})
    assert not made.is_valid({"a": "abc"})
    assert not made.is_valid({"a": 1})


NOT_RUN = "^(?i:abc)$"


def test_a_pattern_that_cannot_be_run_is_kept_and_not_checked() -> None:
    made = schema({"type": "string", "pattern": NOT_RUN})
    assert validator(made).is_valid("anything")
    (warned,) = can_read(schema({"type": "string", "pattern": NOT_RUN, "title": "a"}), made)
    assert warned.rule == "JSON_PATTERN_NOT_CHECKED"
    assert warned.reader_path == warned.writer_path == "/pattern"
    assert "(?i:" in warned.message


def test_nothing_is_proven_or_refuted_by_a_pattern_that_cannot_be_run() -> None:
    one, other = schema({"type": "string", "pattern": NOT_RUN}), schema({"type": "string", "pattern": "^(?i:abcd)$"})
    plain, short = schema({"type": "string"}), schema({"type": "string", "maxLength": 2})
    assert verdict_of(can_read(other, one)) is Verdict.UNDECIDED
    assert verdict_of(can_read(one, plain)) is Verdict.UNDECIDED
    assert verdict_of(can_read(plain, one)) is Verdict.COMPATIBLE
    assert verdict_of(can_read(short, one)) is Verdict.UNDECIDED


PIECES = [
    *(
        "a",
        "b",
        ".",
        "^",
        "$",
        "\\d",
        "\\w",
        "\\S",
        "\\b",
        "\\B",
        "[a-c]",
        "[^a]",
        "[]",
        "[^]",
        "\\0",
        "[\\b]",
        "(",
        ")",
    ),
    *("(?:", "(?=", "(?!", "(?<=", "(?<n>", "|", "*", "+", "?", "{2}", "{1,}", "{2,1}", "{", "}", "]", "[", "-", "\\-"),
    *(
        "\\1",
        "\\k<n>",
        "\\ud83d\\ude00",
        "\\ud800",
        "[\\ud800-\\udfff]",
        "[\\w-a]",
        "[\\d\\-]",
        "[\\k]",
        "\\p{Lu}",
        "\\P{L}",
    ),
    *("\\u{61}", "\\x61", "\\cA", "\\z", "\\/", "é", "😀"),
]
TEXTS = [*("", "a", "b", "aa", "ab", "ba", "1", " ", "é", "😀", "a😀", "\0", "\b", "aé", "A", "-", "_", "\x01", "a-b")]
TEXTS += ["\r", "a\n", "\u2028a"]


def test_patterns_are_judged_and_run_as_node_does() -> None:
    """Signs behind a backslash that the flag forbids are let through, and a reference to what did not match differs."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    rng = Random(7)
    patterns = ["".join(rng.choices(PIECES, k=rng.randint(1, 5))) for _ in range(4_000)]
    patterns = [one for one in patterns if "\\-" not in one]
    told = json.loads(subprocess.run([node, "-e", _NODE], input=json.dumps([patterns, TEXTS]), capture_output=True,
                                     text=True, check=True, timeout=60).stdout)  # fmt: skip
    run = 0
    for pattern, expected in zip(patterns, told, strict=True):
        assert _is_pattern(pattern, annex_b=False) is (expected[0] is not None), pattern
        assert _is_pattern(pattern, annex_b=True) is expected[1], pattern
        if expected[0] is not None and "\\1" not in pattern and "\\k" not in pattern:
            run += 1
            assert engine_takes(engine_pattern(pattern).text)
            assert [matches(pattern, text) for text in TEXTS] == expected[0], pattern
    assert run > 400


def _nested(rng: Random, depth: int) -> str:
    """A pattern whose groups look around within each other."""
    terms = []
    for _ in range(rng.randint(1, 3)):
        if depth and rng.random() < 0.35:
            opening = rng.choice(("?=", "?!", "?<=", "?<!", "?<=", "?<!", "?:", ""))
            terms.append(f"({opening}{_nested(rng, depth - 1)})")
            can_repeat = opening in ("?:", "")
        else:
            terms.append(rng.choice(("a", "b", "[ab]", ".", "\\w", "\\b", "^", "$", "\\d", "[^a]")))
            can_repeat = terms[-1] not in ("\\b", "^", "$")
        if can_repeat and rng.random() < 0.25:
            terms[-1] += rng.choice(("*", "+", "?", "{2}", "{1,}", "*?"))
    return "".join(terms) + (f"|{_nested(rng, depth - 1)}" if depth and rng.random() < 0.15 else "")


def test_what_looks_around_within_what_looks_around_matches_as_in_node() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    rng = Random(8)
    texts = [one for one in TEXTS if "😀" not in one]  # Node looks back from between the halves of a surrogate pair
    patterns = [_nested(rng, 3) for _ in range(3_000)]
    told = json.loads(subprocess.run([node, "-e", _NODE], input=json.dumps([patterns, texts]), capture_output=True,
                                     text=True, check=True, timeout=60).stdout)  # fmt: skip
    run = 0
    for pattern, expected in zip(patterns, told, strict=True):
        if not engine_pattern(pattern).not_run:
            run += 1
            assert [matches(pattern, text) for text in texts] == expected[0], pattern
    assert run > 2_000


_NODE = """
const [patterns, texts] = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const made = (p, f) => { try { return new RegExp(p, f); } catch { return null; } };
console.log(JSON.stringify(patterns.map(p => {
  const one = made(p, 'u');
  return [one && texts.map(t => one.test(t)), made(p, '') !== null];
})));
"""


def _is_pattern(pattern: str, *, annex_b: bool) -> bool:
    try:
        read_ecma(pattern, annex_b=annex_b)
    except NotEcma:
        return False
    return True
