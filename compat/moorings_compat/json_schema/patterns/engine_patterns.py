"""What the validator gets for a pattern: the pattern itself, the same in other words, or nothing.

The validator's own reader of ECMA-262 refuses some of it (``[^]``, ``\\0``, ``\\k<name>``, surrogates), and means
anything but a line feed by a dot, and Unicode's letters by ``\\b``, and by ``\\w`` as soon as a pattern looks around.
It also takes ``a+b?a+`` for a pattern that ``a`` matches, unless the repetitions are lazy, which changes nothing else
here. Such patterns are put in other words (`ecma`). What the grammar has and no engine here runs is kept, and not
checked.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import jsonschema_rs

from moorings_compat.json_schema.patterns.ecma import DOT, ONE_OR_MORE, EcmaPattern, read_ecma
from moorings_compat.json_schema.patterns.ecma_characters import NotEcma

PATTERN_OPTIONS = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)
"""Plain patterns run in linear time; those with look-around or back-references stop after so many steps back."""

_NEEDS_READING = re.compile(r"\[\^?\]|\\[0bBcku]|\(\?(?!:)")
"""Without any of these the validator takes a pattern for what ECMA-262 has, or nearly."""
_NEEDS_OTHER_WORDS = re.compile(r"(?<!\\)\.|\+(?s:.*)\+|\{1,\}")
"""Without any of these as well, exactly."""


_EVERYTHING = ""  # finds a match in every string


@dataclass(frozen=True, slots=True)
class EnginePattern:
    """A pattern as the validator runs it."""

    text: str
    """What it gets; where it cannot run the pattern, one that every string matches."""
    modelled: str | None
    """What is modelled as a regular language in its place; None: the validator alone knows what it means."""
    not_run: str = ""
    """Why it cannot run the pattern."""


@lru_cache(maxsize=4096)
def engine_pattern(pattern: str, *, annex_b: bool = True) -> EnginePattern:
    """Return what the validator gets for *pattern*; *annex_b* says whether the draft is older than the flag ``u``.

    Raises:
        NotEcma: it is not a regular expression, with what is wrong and where.
    """
    is_near = not _NEEDS_READING.search(pattern) and engine_takes(pattern)
    if is_near and not _NEEDS_OTHER_WORDS.search(pattern):
        return EnginePattern(pattern, pattern)
    try:
        return _run(_known(read_ecma(pattern)))
    except NotEcma:
        if is_near or engine_takes(pattern):
            return EnginePattern(pattern, pattern if is_near else None)
        if not annex_b:
            raise
    return _run(_known(read_ecma(pattern, annex_b=True)))


def _known(found: EcmaPattern) -> EcmaPattern:
    """Return *found*, unless it names a class that Unicode does not have.

    Raises:
        NotEcma
    """
    for name, at in found.properties:
        if not engine_takes(name):
            raise NotEcma(name, at, "no such class of Unicode's")
    return found


def _run(found: EcmaPattern) -> EnginePattern:
    if found.not_run:
        return EnginePattern(_EVERYTHING, None, found.not_run)
    if not engine_takes(found.text):
        return EnginePattern(_EVERYTHING, None, "it is too large, or too involved, for the validator")
    return EnginePattern(found.text, found.modelled)


@lru_cache(maxsize=4096)
def engine_takes(pattern: str) -> bool:
    """Say whether the validator compiles *pattern*."""
    try:
        jsonschema_rs.Draft7Validator({"pattern": pattern}, pattern_options=PATTERN_OPTIONS, offline=True)
    except ValueError:
        return False
    return True


def as_people_write(text: str) -> str:
    """Write a pattern of the validator, or a sentence that quotes one, with the commonest of other words taken back."""
    return text.replace(DOT, ".").replace(ONE_OR_MORE, "+")
