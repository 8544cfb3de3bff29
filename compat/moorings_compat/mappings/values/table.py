"""The table of formats, for values: one line each, imported when it is first needed."""

from importlib import import_module
from typing import Any

from moorings_compat.mappings.values.port import Values
from moorings_compat.policies import Policy
from moorings_compat.schema import Format, Schema

_MODULES = {
    Format.AVRO: "moorings_compat.mappings.values.avro",
    Format.JSON: "moorings_compat.mappings.values.json_schema",
    Format.PROTOBUF: "moorings_compat.mappings.values.protobuf",
}


def values_of(schema: Schema, event: str, policy: Policy) -> Values:
    """Return the values of *schema*; *event* names the message of Protobuf."""
    module: Any = import_module(_MODULES[schema.format])
    values: Values = module.values(schema, event, policy)
    return values
