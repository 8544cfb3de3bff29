"""Patterns as languages: each approximation of a pattern, compared with the engine that validates."""

import json
from itertools import islice
from random import Random
from typing import Any

import pytest

from moorings_compat import Budget, Format, Verdict, can_read, parse
from moorings_compat.findings import verdict_of
from moorings_compat.json_schema.nodes.validator import fits_format, matches
from moorings_compat.json_schema.patterns.regex_language import Languages
from moorings_compat.json_schema.patterns.regex_syntax import Approximation
from moorings_compat.json_schema.solving.string_formats import LONGEST, SAMPLES, SHAPES, SURE, stretched

MODELLED = [
    "^[A-Z]{2}\\d{6}$",
    "^\\S+@\\S+\\.\\w+$",
    "(^$|^\\d+$)",
    "^(a|b)*b$",
    "^[^\\s\\p{Cc}]+$",
    "^(?!x)[a-z]",
    "a{2,3}?",
    "^\\w+([.-]\\w+)*$",
    "^(?=.*[A-Z])(?=.*\\d).{2,}$",
    "^\\p{L}+$",
    "^\\P{L}+$",
    "^[^\\p{Lu}]+$",
    "^[\\p{L}\\p{N}]+$",
    "\\p{Script=Arabic}",
    "\\bb",
    "\\Bb",
    "^(?!\\W)\\S+$",
    "^(?=[^\\d])\\W*",
    "^(?![^\\d])",
    "^[^]{2,3}$",
    "[]|b",
    "^[\\ud800-\\udfffa]+$",
    "^[^\\ud83d\\ude00]{2}$",
    "[\\b]|\\0",
]
APPROACHED = ["^(?!\\s)[\\w .-]+(?<!\\s)$", "(?<=a)b|1", "^\\w+(?<=\\d)$"]
LETTERS = "abx1 _-AZ9.@é٣²ß\u00a0\u0301\ufeff\n\0\b😀"


def texts(seed: int) -> list[str]:
    rng = Random(seed)
    return ["".join(rng.choices(LETTERS, k=rng.randint(0, 5))) for _ in range(400)]


def is_in(languages: Languages, term: int, text: str) -> bool:
    for char in text:
        term = languages.terms.derive(term, ord(char))
    return languages.terms.accepts_empty(term)


@pytest.mark.parametrize("pattern", MODELLED)
def test_a_modelled_pattern_matches_the_same_strings_as_the_engine(pattern: str) -> None:
    languages = Languages(Budget())
    term = languages.found_by(pattern)
    assert term is not None
    assert [is_in(languages, term, text) for text in texts(1)] == [matches(pattern, text) for text in texts(1)]


@pytest.mark.parametrize("pattern", APPROACHED)
def test_the_wide_approximation_includes_every_match_and_the_narrow_one_only_matches(pattern: str) -> None:
    languages = Languages(Budget())
    assert languages.found_by(pattern) is None
    wide, narrow = (
        languages.found_by(pattern, approximation) for approximation in (Approximation.WIDE, Approximation.NARROW)
    )
    assert wide is not None
    assert narrow is not None
    for text in texts(2):
        if matches(pattern, text):
            assert is_in(languages, wide, text), text
        else:
            assert not is_in(languages, narrow, text), text


@pytest.mark.parametrize("pattern", ["(a)\\1", "(", "(?>a)", "^\\p{Shoe}", "(?i:a)"])
def test_a_pattern_that_is_not_a_regular_language_is_not_modelled(pattern: str) -> None:
    assert all(Languages(Budget()).found_by(pattern, approximation) is None for approximation in Approximation)


DECIDED = [  # the writer's pattern, the reader's schema, whether the reader reads all of it
    ("^\\p{L}+$", {"pattern": "^\\p{L}*$"}, True),
    ("^\\p{Lu}$", {"pattern": "^\\p{L}$"}, True),
    ("^\\p{L}$", {"pattern": "^[\\p{L}\\p{N}]$"}, True),
    ("^[\\p{L}\\p{N}]$", {"pattern": "^\\p{L}$"}, False),
    ("^\\p{L}$", {"pattern": "^[A-Za-z]$"}, False),
    ("^(?!foo)\\w+$", {"pattern": "^\\w+$"}, True),
    ("^\\w+$", {"pattern": "^(?!foo)\\w+$"}, False),
    ("^(?=.*\\d)[a-z\\d]{4,8}$", {"pattern": "^[a-z\\d]{4,8}$"}, True),
    ("\\bfoo\\b", {"pattern": "foo"}, True),
    ("^[a-z]{1,5000}$", {"pattern": "^[a-z]{1,6000}$"}, True),
    ("^[a-z]{1,6000}$", {"pattern": "^[a-z]{1,5000}$"}, False),
    ("^[a-z]{1,5000}$", {"pattern": "^[a-y]{1,6000}$"}, False),
    ("^https://.{1,2000}$", {"maxLength": 2008}, True),
    ("^https://.{1,2000}$", {"maxLength": 2007}, False),
    ("^https://.{1,2000}$", {"minLength": 9}, True),
    ("^(a|bc){1,90}$", {"pattern": "^(a|bc){1,100}$"}, True),
    ("^[a-z]{1,64}@[a-z]{1,255}$", {"pattern": "^[a-z]+@[a-z]+$"}, True),
    ("^[a-z]{1,64}@[a-z]{1,255}$", {"maxLength": 320}, True),
    ("^[a-z]{1,64}@[a-z]{1,255}$", {"maxLength": 319}, False),
]


LONG = [
    ("email", 320, True),
    ("email", 1000, True),
    ("email", 317, False),
    ("idn-email", 320, True),
    ("hostname", 253, True),
    ("hostname", 252, False),
    ("idn-hostname", 255, True),
    ("date", 10, True),
    ("date", 9, False),
    ("ipv6", 45, True),
    ("ipv6", 44, False),
    ("uuid", 36, True),
    ("uri", 5000, False),
]


@pytest.mark.parametrize(("name", "most", "reads"), LONG)
def test_a_format_bounds_the_length(name: str, most: int, reads: bool) -> None:
    schemas = ({"type": "string", "format": name, **more} for more in ({"maxLength": most}, {}))
    found = can_read(*(parse(json.dumps(one), Format.JSON) for one in schemas))
    assert verdict_of(found) is (Verdict.COMPATIBLE if reads else Verdict.BREAKING)


@pytest.mark.parametrize("name", LONGEST)
def test_no_string_of_a_format_is_longer_than_its_bound(name: str) -> None:
    rng = Random(3)
    longer = [stretched(name, LONGEST[name] + more) for more in range(1, 200)]
    longer += ["".join(rng.choices("a1.:@-", k=LONGEST[name] + 1)) for _ in range(200)]
    assert not any(fits_format(name, text) for text in longer if len(text) > LONGEST[name])


@pytest.mark.parametrize(("pattern", "reader", "reads"), DECIDED)
def test_a_pattern_within_another_is_decided(pattern: str, reader: dict[str, Any], reads: bool) -> None:
    one, other = ({"type": "string", **more} for more in ({"pattern": pattern}, reader))
    found = can_read(parse(json.dumps(other), Format.JSON), parse(json.dumps(one), Format.JSON))
    assert verdict_of(found) is (Verdict.COMPATIBLE if reads else Verdict.BREAKING)


@pytest.mark.parametrize("name", SURE)
def test_a_string_of_a_sure_pattern_has_the_format(name: str) -> None:
    languages = Languages(Budget())
    term = languages.found_by(SURE[name])
    assert term is not None
    for text in islice(languages.strings(term, 0, 60), 300):
        assert fits_format(name, text), text


@pytest.mark.parametrize("name", SHAPES)
def test_a_sample_of_a_format_has_its_shape(name: str) -> None:
    for text in SAMPLES[name]:
        assert fits_format(name, text)
        assert matches(SHAPES[name], text), text
