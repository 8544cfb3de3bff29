"""What sentences about facts are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moorings_registry import facts
from moorings_registry.web import links


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of a sentence; a link where *href* says where to."""

    text: str
    href: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """What happened. Tone and icon are those of `labels`."""

    tone: str
    icon: str
    parts: tuple[Phrase, ...]

    def __str__(self) -> str:
        return "".join(part.text for part in self.parts)


Tellers = Mapping[type[facts.Fact], Callable[[Any, int], Sentence]]
"""The function that describes each kind of fact; it gets the fact, and the position or the id of a report."""


def event_phrase(subject: str, version: object = "") -> Phrase:
    """The name of an event, which leads to its page, and to *version* there."""
    return Phrase(subject, links.event_href(subject, version), strong=True)


def brief(value: object) -> str:
    """*value* as a text of at most 61 characters."""
    text = str(value)
    return text if len(text) <= 60 else text[:60] + "…"
