"""JSON events as values: JSON itself, with declared fields alone where the policy says so."""

import copy
import json
from typing import Any

from moorings_compat.conditions.events.port import Event
from moorings_compat.json_schema.model import model_of
from moorings_compat.json_schema.payloads import read_payload
from moorings_compat.json_schema.projection import projection
from moorings_compat.mappings.values.port import Invalid, Values
from moorings_compat.policies import JsonFields, Policy
from moorings_compat.schema import Schema

_LONGEST = 200


def values(schema: Schema, event: str, policy: Policy) -> Values:  # noqa: ARG001 - of other formats
    """Return the values of *schema*."""
    return JsonValues(schema, policy)


class JsonValues:
    """The events of one JSON Schema."""

    def __init__(self, schema: Schema, policy: Policy) -> None:
        self._validator = model_of(schema).validator(formats=policy.formats_asserted)
        self._leave_out = projection(schema) if policy.json_fields is JsonFields.DECLARED else None

    def read(self, event: Event) -> Any:
        """Return an event as a reader hands it over."""
        value = read_payload(event.payload)
        if self._leave_out is not None:
            self._leave_out(value)
        return value

    def require_valid(self, value: Any) -> None:
        """Pass, or say which part of the schema refuses it."""
        try:
            text = json.dumps(value, allow_nan=False)
        except (TypeError, ValueError):
            raise Invalid("", "the result is not JSON") from None
        error = next(iter(self._validator.iter_errors(json.loads(text))), None)
        if error is not None:
            path = "".join(f"/{step}" for step in error.instance_path)
            raise Invalid(path, str(error.message)[:_LONGEST])
        if self._leave_out is not None:
            kept = copy.deepcopy(value)
            self._leave_out(kept)
            if kept != value:
                raise Invalid("", "a field that the schema does not declare")
