"""What rules have to know of an event's fields: names, tags, types and defaults, a module a format."""

from moorings.rules.outlines.model import (
    ABSENT,
    ANYTHING,
    Choice,
    Field,
    Leaf,
    Listing,
    Mapped,
    Outline,
    Record,
    Tags,
)
from moorings.rules.outlines.reading import outline_of

__all__ = [
    "ABSENT",
    "ANYTHING",
    "Choice",
    "Field",
    "Leaf",
    "Listing",
    "Mapped",
    "Outline",
    "Record",
    "Tags",
    "outline_of",
]
