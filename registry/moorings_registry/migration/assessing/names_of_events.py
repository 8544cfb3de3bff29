"""Which names of events are not names of facts: the lint that a registered domain holds new events to."""

from collections.abc import Iterator

from moorings_compat import Format, Schema
from moorings_compat.event_names import NameVerdict, Verdict, judge_event_name
from moorings_registry.migration.assessing.assessed import DoubtfulName
from moorings_registry.names import Subject
from moorings_registry.schema_contents.type_names import type_names

_LONGEST_TITLE_WORDS = 6
"""A JSON Schema's title may be a sentence; a longer one is not a name."""


def doubtful_name(subject: Subject, schema: Schema | None) -> DoubtfulName | None:
    """Judge the names that an event goes by: its type's and its subject's; None where one of them is a fact."""
    judged = {name: judge_event_name(name) for name in _names(subject, schema)}
    if any(one.verdict is Verdict.FACT for one in judged.values()):
        return None
    name, verdict = next(iter(judged.items()))
    return DoubtfulName(
        str(subject), name, verdict.verdict is Verdict.NOT_A_FACT, _sentence(verdict), verdict.suggestion or ""
    )


def _sentence(verdict: NameVerdict) -> str:
    return verdict.sentence


def _names(subject: Subject, schema: Schema | None) -> Iterator[str]:
    """Yield the type's name first: events keep that one when they move to a domain."""
    if schema is not None:
        named = type_names(schema)
        if schema.format is Format.JSON:
            named = tuple(one for title in named if (one := _as_name(title)))
        event = subject.event
        yield from (event,) if event in named else named[:1]
    yield subject.event


def _as_name(title: str) -> str:
    """Return a title as a name: ``Order placed`` becomes ``OrderPlaced``; empty for a sentence."""
    words = title.split()
    if len(words) > _LONGEST_TITLE_WORDS:
        return ""
    return "".join(one[:1].upper() + one[1:] for one in words)
