"""What a second, independent engine answers to the witnesses of JSON Schema: `jsonschema`, run within bounds."""

from moorings_registry.second_opinion.opinions import (
    ACCEPTS,
    NO_OPINIONS,
    NOT_RUN,
    REFUSES,
    ComparedSchemas,
    SecondOpinion,
    SecondOpinions,
    opinions_by_payload,
    second_opinions,
)

__all__ = [
    "ACCEPTS",
    "NOT_RUN",
    "NO_OPINIONS",
    "REFUSES",
    "ComparedSchemas",
    "SecondOpinion",
    "SecondOpinions",
    "opinions_by_payload",
    "second_opinions",
]
