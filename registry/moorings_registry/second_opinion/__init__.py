"""What a second, independent engine answers to the witnesses of JSON Schema: `jsonschema`, run within bounds."""

from moorings_registry.second_opinion.opinions import (
    ComparedSchemas,
    SecondOpinion,
    SecondOpinions,
    opinion_on,
    second_opinions,
)

__all__ = ["ComparedSchemas", "SecondOpinion", "SecondOpinions", "opinion_on", "second_opinions"]
