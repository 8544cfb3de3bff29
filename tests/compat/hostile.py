"""Schemas whose check could take forever: each is a function of a number, from which a history can be made."""

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from moorings_compat import Format

Content: TypeAlias = Callable[[int], Any]

_NEW = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


def deep_objects(version: int) -> Any:
    schema: dict[str, Any] = {
        "type": "string",
        "maxLength": 100 - version % 50,
        "pattern": f"^[a-z]{{0,{version + 1}}}$",
    }
    for level in range(28):
        name = f"level_{level}"
        schema = {"type": "object", "properties": {name: schema, "id": {"type": "integer"}}, "required": [name]}
    return schema


def wide_any_of(version: int) -> Any:
    return {
        "anyOf": [
            {"type": "object", "required": [f"kind_{n}"], "properties": {f"kind_{n}": {"maxLength": n + version}}}
            for n in range(600)
        ]
    }


def wide_one_of(version: int) -> Any:
    branches = [
        {"type": "object", "required": [f"a{n % 7}"], "properties": {f"a{n}": {"minimum": n + version}}}
        for n in range(120)
    ]
    return {"oneOf": branches}


def one_of_crossed(version: int) -> Any:
    return {
        "allOf": [{"oneOf": [{"required": [f"a{n}"]}, {"required": [f"b{(n + version) % 60}"]}]} for n in range(60)]
    }


def any_of_crossed(version: int) -> Any:
    pairs = [
        {"anyOf": [{"properties": {f"p{n}": {"minimum": version}}}, {"properties": {f"p{n + 1}": {"maximum": n}}}]}
        for n in range(40)
    ]
    return {"allOf": pairs, "type": "object", "minProperties": 3}


def catastrophic_patterns(version: int) -> Any:
    patterns = ["^(a|a)*b$", "^(a*)*c$", "^(x+x+)+y$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(?=.*a)(?=.*b)(?=.*c).{30,}"]
    return {
        "type": "object",
        "properties": {p: {"pattern": p + f"|^v{version}$"} for p in patterns},
        "required": patterns,
    }


def counted_patterns(version: int) -> Any:
    return {
        "type": "string",
        "pattern": f"^(a{{1,{900 + version}}}b{{1,900}}|[a-c]{{{800 + version}}})$",
        "minLength": 5,
    }


def many_patterns(version: int) -> Any:
    return {
        "type": "object",
        "patternProperties": {
            f"^[a-{chr(98 + n % 20)}]{{{n},{n + 5}}}x*$": {"minimum": n + version} for n in range(150)
        },
        "propertyNames": {"pattern": "^[a-z]*$", "maxLength": 40 + version},
        "additionalProperties": False,
        "minProperties": 3,
    }


def back_references(version: int) -> Any:
    return {
        "type": "array",
        "items": {"pattern": f"^(a+)(b+)\\1\\2c{{{version}}}$"},
        "minItems": 3,
        "uniqueItems": True,
    }


def recursion(version: int) -> Any:
    count = 40
    definitions = {
        f"n{n}": {
            "type": "object",
            "properties": {f"to{k}": {"$ref": f"#/$defs/n{(n * 7 + k * 3 + version) % count}"} for k in range(6)}
            | {"size": {"type": "integer", "maximum": 1_000 - version}},
            "required": ["size"],
        }
        for n in range(count)
    }
    return {**_NEW, "$ref": "#/$defs/n0", "$defs": definitions}


def recursion_in_choices(version: int) -> Any:
    definitions = {
        f"n{n}": {
            "anyOf": [
                {"type": "integer", "minimum": version},
                {"type": "array", "items": {"$ref": f"#/$defs/n{(n + 1) % 12}"}, "minItems": n % 3},
                {
                    "type": "object",
                    "additionalProperties": {"$ref": f"#/$defs/n{(n + 5) % 12}"},
                    "maxProperties": n + 2,
                },
            ]
        }
        for n in range(12)
    }
    return {**_NEW, "$ref": "#/$defs/n0", "$defs": definitions}


def endless_values(version: int) -> Any:
    return {
        **_NEW,
        "$ref": "#/$defs/tree",
        "$defs": {
            "tree": {
                "type": "array",
                "items": {"$ref": "#/$defs/tree"},
                "minItems": 1 + version % 3,
            }
        },
    }


def billion_parts(version: int) -> Any:
    schema: dict[str, Any] = {"type": "integer", "minimum": version}
    for _ in range(9):
        schema = {"type": "array", "items": schema, "minItems": 30}
    return schema


def many_properties(version: int) -> Any:
    return {
        "type": "object",
        "properties": {f"p{n}": {"type": "integer", "minimum": n + version} for n in range(5_000)},
        "required": [f"p{n}" for n in range(5_000)],
    }


def many_requirements(version: int) -> Any:
    return {
        "type": "object",
        "dependentRequired": {f"p{n}": [f"p{n + 1}", f"q{(n + version) % 997}"] for n in range(1_500)},
        "required": ["p0"],
    }


def dependent_schemas(version: int) -> Any:
    return {
        "type": "object",
        "dependentSchemas": {
            f"p{n}": {"anyOf": [{"required": [f"p{n + 1}"]}, {"required": [f"q{(n + version) % 50}"]}]}
            for n in range(50)
        },
        "minProperties": 4,
        "propertyNames": {"pattern": "^[pq]"},
    }


def big_enums(version: int) -> Any:
    return {"enum": [f"value-{n * (version % 3 + 1)}" for n in range(20_000)]}


def enums_of_objects(version: int) -> Any:
    return {"enum": [{"id": n, "tags": [str(k) for k in range(20)], "v": version} for n in range(400)]}


def big_constant(version: int) -> Any:
    return {"const": {f"k{n}": {"a": [n, version, "x" * 20]} for n in range(5_000)}}


def giant_numbers(version: int) -> Any:
    return {
        "type": "object",
        "properties": {
            "a": {"type": "number", "multipleOf": 1e-300, "minimum": 10.0**300 + version},
            "b": {"type": "number", "multipleOf": 3 * 10**350 + version, "maximum": 10**390},
            "c": {"allOf": [{"multipleOf": 10**30 + n} for n in range(40)], "not": {"multipleOf": 7 + version}},
            "d": {"type": "integer", "multipleOf": 0.1 ** (version % 20 + 1), "exclusiveMinimum": -(10**390)},
        },
        "required": ["a", "b", "c", "d"],
    }


def awkward_multiples(version: int) -> Any:
    return {
        "type": "number",
        "minimum": 1,
        "allOf": [{"not": {"multipleOf": n}} for n in (2, 3, 5, 7, 11, 13, 17)],
        "multipleOf": 1 + version % 2,
        "maximum": 10**200,
    }


def unique_items(version: int) -> Any:
    return {
        **_NEW,
        "type": "array",
        "uniqueItems": True,
        "items": {"enum": list(range(60 + version % 5))},
        "minItems": 55,
        "contains": {"minimum": 30},
        "minContains": 25 + version % 5,
        "maxContains": 45,
    }


def counted_items(version: int) -> Any:
    return {
        **_NEW,
        "type": "array",
        "allOf": [
            {"contains": {"multipleOf": n}, "minContains": 5 + version % 4, "maxContains": 40} for n in (2, 3, 5, 7, 11)
        ],
        "prefixItems": [{"type": "integer", "minimum": n} for n in range(30)],
        "uniqueItems": True,
    }


def unevaluated(version: int) -> Any:
    return {
        **_NEW,
        "type": "object",
        "anyOf": [
            {"properties": {f"p{n}": {"minimum": n + version}, f"q{n}": True}, "required": [f"p{n}"]} for n in range(30)
        ],
        "oneOf": [{"properties": {f"r{n}": {"maxLength": version}}, "required": [f"r{n}"]} for n in range(30)],
        "unevaluatedProperties": False,
    }


def conditions(version: int) -> Any:
    return {
        "allOf": [
            {
                "if": {"properties": {f"p{n}": {"const": n}}, "required": [f"p{n}"]},
                "then": {"required": [f"p{(n + 1) % 40}"]},
                "else": {"properties": {f"p{n}": {"minimum": version}}},
            }
            for n in range(40)
        ],
        "type": "object",
    }


def negations(version: int) -> Any:
    schema: dict[str, Any] = {"properties": {"a": {"minimum": version}}, "required": ["a"]}
    for level in range(20):
        schema = {"not": {"anyOf": [schema, {"required": [f"n{level}"], "maxProperties": level + version}]}}
    return schema


def dynamic_scopes(version: int) -> Any:
    definitions = {
        f"d{n}": {
            "$id": f"d{n}",
            "$dynamicAnchor": f"a{n % 6}",
            "properties": {f"p{k}": {"$dynamicRef": f"d{(n + k + 1) % 18}#a{(n + k + 1) % 6}"} for k in range(3)},
            "maxProperties": 10 + version,
        }
        for n in range(18)
    }
    return {**_NEW, "$id": "https://example.com/root", "$ref": "d0", "$defs": definitions}


def reference_chain(version: int) -> Any:
    definitions: dict[str, Any] = {f"n{n}": {"$ref": f"#/$defs/n{n + 1}"} for n in range(600)}
    definitions["n600"] = {"type": "integer", "minimum": version}
    return {**_NEW, "$ref": "#/$defs/n0", "$defs": definitions}


def one_knot(version: int) -> Any:
    definitions = {
        f"n{n}": {"properties": {"next": {"$ref": f"#/$defs/n{(n + 1) % 600}"}, f"v{version}": {"type": "integer"}}}
        for n in range(600)
    }
    return {**_NEW, "$ref": "#/$defs/n0", "$defs": definitions}


def long_names(version: int) -> Any:
    return {"required": [chr(97 + n) * 20_000 for n in range(20)], "maxProperties": 30 + version, "type": "object"}


JSON: tuple[Content, ...] = (
    *(deep_objects, wide_any_of, wide_one_of, one_of_crossed, any_of_crossed, catastrophic_patterns, counted_patterns),
    *(many_patterns, back_references, recursion, recursion_in_choices, endless_values, billion_parts, many_properties),
    *(many_requirements, dependent_schemas, big_enums, enums_of_objects, big_constant, giant_numbers),
    *(awkward_multiples, unique_items, counted_items, unevaluated, conditions, negations, dynamic_scopes),
    *(reference_chain, one_knot, long_names),
)


def avro_fields(version: int) -> Any:
    kinds = ("int", "long", "float", "double", "string", "bytes")
    fields = [{"name": f"f{n}", "type": kinds[(n + version) % 6]} for n in range(5_000)]
    return {"type": "record", "name": "Event", "fields": fields}


def avro_union(version: int) -> Any:
    records = [
        {"type": "record", "name": f"R{(n * 3 + version) % 700}", "fields": [{"name": f"x{version}", "type": "int"}]}
        for n in range(600)
    ]
    return {"type": "record", "name": "Event", "fields": [{"name": "u", "type": records}]}


def avro_recursion(version: int) -> Any:
    def record(level: int) -> Any:
        fields: list[Any] = [{"name": "again", "type": ["null", *(f"R{n}" for n in range(level + 1))]}]
        fields.append({"name": f"v{version}", "type": "int"})
        if level < 20:
            fields.append({"name": "next", "type": record(level + 1)})
        return {"type": "record", "name": f"R{level}", "fields": fields}

    return record(0)


def avro_symbols(version: int) -> Any:
    symbols = [f"S{n * (version % 3 + 1)}" for n in range(20_000)]
    return {
        "type": "record",
        "name": "Event",
        "fields": [{"name": "e", "type": {"type": "enum", "name": "E", "symbols": symbols}}],
    }


def avro_unions_in_unions(version: int) -> Any:
    def array(level: int) -> Any:
        inner = array(level + 1) if level < 12 else "int"
        return [{"type": "array", "items": inner}, {"type": "map", "values": inner}, "null"] if level < 9 else inner

    return {"type": "record", "name": "Event", "fields": [{"name": f"f{version % 4}", "type": array(0)}]}


AVRO: tuple[Content, ...] = (avro_fields, avro_union, avro_recursion, avro_symbols, avro_unions_in_unions)


def proto_fields(version: int) -> str:
    kinds = ("int32", "int64", "string", "bytes", "double", "sint32", "fixed64", "bool")
    lines = [f"  {kinds[(n + version) % 8]} f{n} = {n + 1 if n < 18_000 else n + 2_001};" for n in range(5_000)]
    return 'syntax = "proto3";\npackage p;\nmessage Event {\n' + "\n".join(lines) + "\n}\n"


def proto_recursion(version: int) -> str:
    messages = [
        f"message M{n} {{\n"
        + "".join(f"  M{(n * k + version + 1) % 60} to{k} = {k};\n" for k in range(1, 30))
        + f"  {('int32', 'string')[version % 2]} v = 30;\n}}\n"
        for n in range(60)
    ]
    return 'syntax = "proto3";\npackage p;\n' + "".join(messages)


def proto_required(version: int) -> str:
    messages = [
        f"message M{n} {{\n" + "".join(f"  required M{n + 1} r{k} = {k};\n" for k in range(1, 8)) + "}\n"
        for n in range(9)
    ]
    last = f"message M9 {{ required {('int32', 'string')[version % 2]} v = 1; }}\n"
    return 'syntax = "proto2";\npackage p;\n' + "".join(messages) + last


PROTOBUF: tuple[Content, ...] = (proto_fields, proto_recursion, proto_required)

CASES: tuple[tuple[Format, Content], ...] = (
    *((Format.JSON, one) for one in JSON),
    *((Format.AVRO, one) for one in AVRO),
    *((Format.PROTOBUF, one) for one in PROTOBUF),
)


def text_of(content: Any) -> str:
    """Write a schema; for Protobuf it is source already."""
    return content if isinstance(content, str) else json.dumps(content)
