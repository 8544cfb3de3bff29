"""Types of a contract in a few words, as violations and mismatches show them."""

from moorings.codecs.avro.logical import python_logical
from moorings_compat.avro import Array, AvroModel, Definition, Fixed, Logical, Map, Node, Primitive, Union

Resolved = Primitive | Array | Map | Union | Definition


def label(model: AvroModel, type: Node | Definition) -> str:
    """Name a type in the schema's own words: ``long (timestamp-millis)``, ``shop.types.Money``."""
    meant = type if isinstance(type, Definition) else model.resolve(type)
    if isinstance(meant, Primitive | Fixed):
        shown = meant.kind if isinstance(meant, Primitive) else f"{meant.full}, {meant.size} bytes"
        logical = python_logical(meant)
        return f"{shown} ({_logical_label(logical)})" if logical else shown
    if isinstance(meant, Array):
        return f"array of {label(model, meant.items)}"
    if isinstance(meant, Map):
        return f"map of {label(model, meant.values)}"
    if isinstance(meant, Union):
        return " or ".join(label(model, branch) for branch in meant.branches)
    return meant.full


def _logical_label(logical: Logical) -> str:
    if logical.name != "decimal":
        return logical.name
    return f"decimal, {logical.precision} digits, {logical.scale} after the point"
