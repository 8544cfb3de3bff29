"""Entries of the ledger as the pages show them: newest first, each fact as a sentence and as it is stored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from moorings_registry import facts
from moorings_registry.entries import Entry
from moorings_registry.service import Registry
from moorings_registry.state import report_id
from moorings_registry.web.fact_descriptions import Sentence, sentence

LONGEST_VALUE = 2_000
"""Characters of one value of a fact; a schema may have a million, and its text has a page of its own."""


@dataclass(frozen=True, slots=True)
class DescribedFact:
    """One fact."""

    sentence: Sentence
    stored: str
    """The JSON that the ledger keeps, over several lines, long values cut."""
    is_definition: bool
    """Whether it only says that a text was seen first; the fact beside it says what became of it."""


@dataclass(frozen=True, slots=True)
class DescribedEntry:
    """One entry with its facts described."""

    entry: Entry
    facts: tuple[DescribedFact, ...]

    @property
    def news(self) -> tuple[DescribedFact, ...]:
        """The facts worth telling in a short list."""
        return tuple(told for told in self.facts if not told.is_definition)


def entries_before(registry: Registry, position: int, count: int) -> list[DescribedEntry]:
    """Read the *count* entries before *position*, newest first.

    Raises:
        LedgerUnavailable: the ledger cannot be read now.
    """
    after = max(0, position - 1 - count)
    read = islice(registry.entries(after), max(0, min(count, position - 1 - after)))
    return [_described_entry(entry) for entry in read][::-1]


def _described_entry(entry: Entry) -> DescribedEntry:
    described: list[DescribedFact] = []
    checks = 0
    for stored in entry.facts:
        fact = facts.from_json(stored)
        is_check = isinstance(fact, facts.SchemaRegistered | facts.SchemaRefused)
        described.append(_described_fact(fact, stored, report_id(entry.position, checks if is_check else 0)))
        checks += is_check
    return DescribedEntry(entry, tuple(described))


def _described_fact(fact: facts.Fact, stored: Mapping[str, Any], position: int) -> DescribedFact:
    text = json.dumps(_cut(stored), indent=2, ensure_ascii=False)
    return DescribedFact(sentence(fact, position), text, isinstance(fact, facts.SchemaDefined))


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_VALUE:
        return f"{value[:LONGEST_VALUE]}… ({len(value) - LONGEST_VALUE} more characters)"
    if isinstance(value, Mapping):
        return {key: _cut(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_cut(inner) for inner in value[:LONGEST_VALUE]]
    return value
