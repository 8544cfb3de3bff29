"""Random JSON Schemas of objects: references, recursion, alternatives, maps, odd names, defaults."""

from typing import Any

from hypothesis import strategies as st

NAMES = st.sampled_from(
    ["order_id", "class", "from", "date", "a-b", "a b", "1st", "", "list", "kind", "_id", "ünïcode", "field", "dt", "x"]
)
DOCS = st.sampled_from(["", "What it is.", 'A "quoted" word, and \\ too. ' * 6])
LEAVES: list[Any] = [
    {"type": "string"},
    {"type": "string", "format": "date-time"},
    {"type": "string", "pattern": "^[a-z]+$", "minLength": 2},
    {"type": "integer", "minimum": 0},
    {"type": "number"},
    {"type": "boolean"},
    {"type": "null"},
    {"type": ["string", "null"]},
    {"type": ["integer", "boolean"]},
    {"const": "fixed"},
    {"const": 3},
    {"enum": ["red", "it's", 'say "hi"', "green"]},
    {"enum": [1, 2, None]},
    {"enum": [0.5, 1]},
    {"enum": [{"a": 1}]},
    {"type": "object"},
    {"type": "array"},
    {"type": "object", "additionalProperties": {"type": "integer"}},
    {"type": "object", "patternProperties": {"^a": {"type": "string"}}, "additionalProperties": False},
    {},
    True,
]


@st.composite
def schemas(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a schema whose root is an object; `$defs` has an object that leads to itself."""
    root: dict[str, Any] = draw(_object(3))
    tree = {
        "type": "object",
        "properties": {"left": {"$ref": "#/$defs/tree"}, "value": draw(st.sampled_from(LEAVES))},
        "additionalProperties": False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "description": draw(DOCS),
        **root,
        "$defs": {"tree": tree, "text": {"type": "string"}},
    }


@st.composite
def _object(draw: st.DrawFn, depth: int) -> dict[str, Any]:
    names = draw(st.lists(NAMES, max_size=4, unique=True))
    properties = {name: draw(any_schema(depth - 1)) for name in names}
    required = [name for name in names if draw(st.booleans())]
    schema: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
    further = draw(st.sampled_from([None, None, False, True, {"type": "integer"}]))
    if further is not None:
        schema["additionalProperties"] = further
    if draw(st.integers(0, 4)) == 0:
        schema["title"] = draw(st.sampled_from(["Order line", "Total", "order"]))
    return schema


@st.composite
def any_schema(draw: st.DrawFn, depth: int) -> Any:
    kinds = ["leaf", "reference", "default"] + (["object", "array", "map", "alternatives", "both"] if depth else [])
    kind = draw(st.sampled_from(kinds))
    if kind == "leaf":
        return draw(st.sampled_from(LEAVES))
    if kind == "reference":
        return {"$ref": draw(st.sampled_from(["#/$defs/tree", "#/$defs/text", "#"]))}
    if kind == "default":
        default = draw(st.sampled_from([5, "text", 'q"', None, True, -1.5]))
        return {"type": ["integer", "string", "null", "boolean"], "default": default, "description": draw(DOCS)}
    if kind == "object":
        return draw(_object(depth))
    if kind == "array":
        return {"type": "array", "items": draw(any_schema(depth - 1))}
    if kind == "map":
        return {"type": "object", "additionalProperties": draw(any_schema(depth - 1))}
    if kind == "both":
        return {"allOf": [{"$ref": "#/$defs/tree"}, {"description": draw(DOCS)}]}
    keyword = draw(st.sampled_from(["anyOf", "oneOf"]))
    return {keyword: [draw(any_schema(depth - 1)) for _ in range(draw(st.integers(1, 3)))]}
