"""Random Avro schemas as people write them: odd names, documentation, defaults; and events for them."""

import json
from typing import Any

from hypothesis import strategies as st

from tests.client.codecs.avro_samples import samples

NAMES = st.sampled_from(
    [
        "order_id",
        "class",
        "from_",
        "from",
        "date",
        "dt",
        "field",
        "str",
        "list",
        "_id",
        "__x",
        "None",
        "A",
        "kind",
        "Decimal",
        "a_name_that_is_as_long_as_names_of_fields_get_when_nobody_stops_them",
        "self",
        "UUID",
    ]
)
DOCS = st.sampled_from(
    [
        "",
        "One sentence.",
        'Ends with "quotes"',
        'back\\slash and """ three',
        "two\n\n  lines\n\nof it ",
        "a" * 120,
        "Many words that do not fit on one line of a usual width, so that they have to be wrapped somewhere, somehow.",
        "\x00\r\n\ttab",
    ]
)
DEFAULTS: dict[str, list[Any]] = {
    "null": [None],
    "boolean": [True],
    "int": [-1],
    "long": [2**40],
    "float": [0.5],
    "double": [1e300, 5],
    "bytes": ["\xff'\""],
    "string": ['say "hi"', "it's\n", ""],
}


@st.composite
def contracts(draw: st.DrawFn) -> tuple[Any, Any]:
    """Draw a record's schema with events' odd corners, and an event of it without the fields that have defaults."""
    schema, event, _ = draw(samples())
    fields: list[dict[str, Any]] = [{"name": "value", "type": schema}]
    extra = draw(st.lists(NAMES, max_size=4, unique=True))
    given = {"value": event}
    for name in extra:
        kind = draw(st.sampled_from(sorted(DEFAULTS)))
        field: dict[str, Any] = {"name": name, "type": kind, "doc": draw(DOCS)}
        shape = draw(st.sampled_from(["plain", "list", "map", "union", "needed"]))
        default = draw(st.sampled_from(DEFAULTS[kind]))
        if shape == "list":
            field |= {"type": {"type": "array", "items": kind}, "default": [default] * draw(st.integers(0, 2))}
        elif shape == "map":
            field |= {"type": {"type": "map", "values": kind}, "default": {"key": default}}
        elif shape == "union" and kind != "null":
            field |= {"type": ["null", kind], "default": None}
        elif shape == "needed":
            field["type"] = "long"
            given[name] = draw(st.integers(-(2**63), 2**63 - 1))
        else:
            field["default"] = default
        fields.append(field)
    record = {"type": "record", "name": "OrderPlaced", "namespace": "shop.orders", "doc": draw(DOCS), "fields": fields}
    return json.loads(json.dumps(record)), given
