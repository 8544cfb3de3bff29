"""The event model of a JSON Schema. What it means for an event depends on the question, so there are three readings.

`types`: which types does every event keep to? For classes and payloads. Alternatives (`anyOf`, `oneOf`) are unions of
exact types; what would not be exact is `Any`, with the reason.

`shape`: what may an event look like? For mappings between majors, and for drift. What always applies decides kinds and
required fields; alternatives and conditions (`if`, `dependentSchemas`) only add fields.

`possible`: which fields may an event have, with which tags? For rules. Every schema that may apply counts, whichever
does in the end, those under `not` included.
"""

from moorings.event_model.from_json_schema.reader import READER

__all__ = ["READER"]
