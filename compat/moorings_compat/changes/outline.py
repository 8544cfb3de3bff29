"""A schema as people see it when they edit it: fields with types, in definitions that may hold one another.

The same for every format, so that two schemas are paired by one algorithm. What a format has beside types is a *facet*:
a keyword such as ``default`` or ``maxLength``, with its value as text.

It goes by declarations in the text, not by the fields that an event comes to have: those are `moorings_compat.fields`,
which says why both exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

REFERENCE = "$ref"
"""The name of a part that only leads to another definition: a facet of the same name says where."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a definition declares: a field, the items of an array, a branch of a choice."""

    name: str
    """What it is recognised by in the other schema."""
    pointer: str
    """The location of its declaration, as findings have it."""
    label: str = ""
    """Its type in a few words: ``array of string``."""
    step: str = ""
    """What it adds to a dotted path; empty for what is not a field, such as the items of an array."""
    facets: Mapping[str, str] = field(default_factory=dict)
    definitions: tuple[str, ...] = ()
    """The keys of the definitions that its values have."""
    aliases: tuple[str, ...] = ()
    number: int = 0
    doc: str = ""
    fillable: bool = True
    """Whether an event without it can be read: it has a default, or is optional."""
    zero: str = ""
    """The plainest default that it could be given; empty where there is none, or defaults are not read."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A record, an enum, a message, an object: something with parts, symbols or facets of its own."""

    key: str
    pointer: str
    noun: str
    name: str = ""
    facets: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    symbols: Mapping[str, str] = field(default_factory=dict)
    """The symbols of an enum, each with its number as text where it has one."""
    ordered: bool = False
    """Whether the order of the parts is written down, though it means nothing."""


@dataclass(frozen=True, slots=True)
class Outline:
    """All definitions that the root leads to, by key."""

    root: str
    definitions: Mapping[str, Definition]
    located: Mapping[str, str] = field(default_factory=dict)
    """The location of the declaration behind another way of writing a path, where a format has several."""

    def of(self, key: str) -> Definition:
        return self.definitions[key]
