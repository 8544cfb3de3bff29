"""Patterns as languages: each approximation of a pattern, compared with the engine that validates."""

from itertools import islice
from random import Random

import pytest

from moorings_compat import Budget
from moorings_compat.json_schema.nodes.validator import fits_format, matches
from moorings_compat.json_schema.patterns.regex_language import Languages
from moorings_compat.json_schema.patterns.regex_syntax import Approximation
from moorings_compat.json_schema.solving.string_formats import SAMPLES, SHAPES, SURE

MODELLED = [
    "^[A-Z]{2}\\d{6}$",
    "^\\S+@\\S+\\.\\w+$",
    "(^$|^\\d+$)",
    "^(a|b)*b$",
    "^[^\\s\\p{Cc}]+$",
    "^(?!x)[a-z]",
    "a{2,3}?",
    "^\\w+([.-]\\w+)*$",
]
APPROACHED = [
    "^(?!\\s)[\\w .-]+(?<!\\s)$",
    "^(?=.*[A-Z])(?=.*\\d).{2,}$",
    "^\\p{L}+$",
    "^\\P{L}+$",
    "^[^\\p{Lu}]+$",
    "\\bb",
    "\\Bb",
    "(?<=a)b|1",
    "^(?!\\W)\\S+$",
    "^(?=[^\\d])\\W*",
    "^(?![^\\d])",
]
LETTERS = "abx1 _-AZ9.@é٣²ß\u00a0\u0301\ufeff\n"


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


@pytest.mark.parametrize("pattern", ["(a)\\1", "(", "a{3", "^\\p{L"])
def test_a_pattern_that_is_not_a_regular_language_is_not_modelled(pattern: str) -> None:
    assert all(Languages(Budget()).found_by(pattern, approximation) is None for approximation in Approximation)


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
