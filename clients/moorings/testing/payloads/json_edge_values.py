"""Values of JSON's scalar types that satisfy a schema: bounds, lengths, patterns, formats.

Candidates come from a table and from the schema's own numbers; the validator keeps the valid ones. If none is, for a
pattern for instance, the solver that proves verdicts is asked for one.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from random import Random
from string import ascii_lowercase, ascii_uppercase
from typing import Any

import jsonschema_rs

from moorings.event_model import model
from moorings.event_model.model import JsonConstraints, ScalarType
from moorings.testing.payloads.edge_values import TEXTS, EdgeValue, text
from moorings_compat import Budget, Format, Schema, SchemaError, parse
from moorings_compat.json_schema import validator
from moorings_compat.json_schema.model import model_of
from moorings_compat.json_schema.solving import Goal, Solver

_KEYWORDS = frozenset(
    ("type", "enum", "const", "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "multipleOf")
) | {"exclusiveMinimum", "exclusiveMaximum"}
_LONGEST_TEXT = 10_000
_FORMATS = {
    "date-time": ("2026-02-28T23:59:59.999999Z", "1970-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
    "date": ("2028-02-29", "0001-01-01", "9999-12-31"),
    "time": ("00:00:00Z", "23:59:59.999999-12:00"),
    "duration": ("P1D", "PT0S", "P400Y"),
    "email": ("a@example.org", "very.long+tag@sub.example.org"),
    "idn-email": ("ä@example.org", "a@example.org"),
    "hostname": ("example.org", "a"),
    "idn-hostname": ("bücher.example", "example.org"),
    "ipv4": ("127.0.0.1", "255.255.255.255"),
    "ipv6": ("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::ffff:1.2.3.4"),
    "uri": ("https://example.org/a?b=c#d", "urn:isbn:0451450523"),
    "uri-reference": ("", "../a?b", "https://example.org/"),
    "iri": ("https://bücher.example/ä", "https://example.org/"),
    "iri-reference": ("ä", ""),
    "uri-template": ("https://example.org/{id}", ""),
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    "json-pointer": ("", "/a~1b/0"),
    "relative-json-pointer": ("0", "1/a"),
    "regex": ("", "^a+$"),
}
_NUMBERS = (0, 1, -1, 2**31, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 0.5, -0.0, 1e308, 5e-324)


def edges(simple: ScalarType) -> Iterator[EdgeValue]:
    """Yield the values at the edges of a place of a JSON Schema, all of them valid there."""
    yield from _kept(*_key(simple))


def usual(simple: ScalarType, rng: Random) -> Any:
    """Make an ordinary value of the place; None, which is then refused, where none was found."""
    if simple.kind in (model.NONE, model.ANY):
        return None if simple.kind == model.NONE else rng.choice([None, True, 1, "any", ["any"], {}])
    fits = _validator(_key(simple)[1])
    for _ in range(4):
        made = _random(simple, rng)
        if fits.is_valid(made):
            return made
    known = _kept(*_key(simple))
    return rng.choice(known).value if known else None


def _random(simple: ScalarType, rng: Random) -> Any:
    if simple.kind == model.STR:
        return text(rng)
    if simple.kind == model.BOOL:
        return rng.randrange(2) == 1
    low, high = _bounds(simple.constraints)
    number = rng.randrange(low, max(high, low) + 1)
    return number if simple.kind == model.INT or rng.randrange(2) else number + 0.5


def _bounds(rules: JsonConstraints | None) -> tuple[int, int]:
    """Choose a range for ordinary numbers: that of the schema where it has one, else a small one."""
    said = [one for schema in (rules.schemas if rules else ()) for one in schema.items()]
    low = [int(value) for key, value in said if key in ("minimum", "exclusiveMinimum") and _is_number(value)]
    high = [int(value) for key, value in said if key in ("maximum", "exclusiveMaximum") and _is_number(value)]
    least = max(low) if low else min(-1000, *high) if high else -1000
    return least, min(high) if high else max(least, 0) + 10_000


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _key(simple: ScalarType) -> tuple[str, str]:
    """Write down what the schema says of a place: its kind and assertions, as JSON, with the dialect."""
    words = {model.NONE: "null", model.BOOL: "boolean", model.INT: "integer", model.FLOAT: "number"}
    schemas: list[Any] = [{"type": words.get(simple.kind, "string")}]
    rules = simple.constraints
    asserted = rules.schemas if rules else ()
    schemas += [{key: value for key, value in schema.items() if key in _KEYWORDS} for schema in asserted]
    if not rules and simple.format:
        schemas.append({"format": simple.format})
    dialect = {"$schema": rules.dialect} if rules else {}
    return simple.kind, json.dumps({**dialect, "allOf": schemas})


@lru_cache(maxsize=512)
def _validator(schema: str) -> jsonschema_rs.Validator:
    return validator(parse(schema, Format.JSON))


@lru_cache(maxsize=512)
def _kept(kind: str, schema: str) -> tuple[EdgeValue, ...]:
    """Keep the valid candidates; ask the solver if there are fewer than two."""
    fits = _validator(schema)
    kept = [leaf for leaf in _candidates(kind, json.loads(schema)["allOf"]) if fits.is_valid(leaf.value)]
    if len(kept) < 2:
        solved = [other for value in _solved(schema) for other in _alike(value) if fits.is_valid(other)]
        kept += [EdgeValue("a value that the pattern allows", value) for value in dict.fromkeys(solved)]
    return tuple(kept)


def _alike(value: Any) -> Iterator[Any]:
    """Yield a value, and texts with other digits and letters in the same places."""
    yield value
    for replaced, by in (("0123456789", "9"), ("0123456789", "3"), (ascii_uppercase, "Z"), (ascii_lowercase, "z")):
        if isinstance(value, str):
            yield value.translate(str.maketrans(replaced, by * len(replaced)))


def _candidates(kind: str, schemas: list[dict[str, Any]]) -> Iterator[EdgeValue]:
    if kind == model.BOOL:
        yield from (EdgeValue("true", True), EdgeValue("false", False))
    elif kind == model.NONE:
        yield EdgeValue("null", None)
    elif kind == model.STR:
        yield from TEXTS
        for schema in schemas:
            for one in _FORMATS.get(schema.get("format", ""), ()):
                yield EdgeValue(f"the {schema['format']} {one!r}", one)
            for keyword in ("minLength", "maxLength"):
                length = min(int(schema.get(keyword, 0)), _LONGEST_TEXT)
                yield from (
                    EdgeValue(f"{length} characters", "x" * length),
                    EdgeValue(f"{length} emoji", "😀" * length),
                )
    else:
        yield from _number_candidates(kind, schemas)


def _number_candidates(kind: str, schemas: list[dict[str, Any]]) -> Iterator[EdgeValue]:
    numbers: list[Any] = list(_NUMBERS)
    for schema in schemas:
        step = schema.get("multipleOf", 1)
        for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
            if _is_number(schema.get(keyword)):
                edge = schema[keyword]
                numbers += [edge, edge + step, edge - step, edge // step * step, (edge // step + 1) * step]
    for number in dict.fromkeys(numbers):
        if kind == model.FLOAT or isinstance(number, int):
            yield EdgeValue(f"the number {number}", number)


def _solved(schema: str) -> Iterator[Any]:
    """Ask the solver for a value, and for some that are longer."""
    for more in ({}, {"minLength": 12}, {"minLength": 40}):
        try:
            parsed = parse(json.dumps({**json.loads(schema), **more}), Format.JSON)
        except SchemaError:
            return
        yield from solved(parsed)


def solved(schema: Schema) -> list[Any]:
    """Ask the solver for a value of a JSON Schema; nothing where it finds none."""
    answer = Solver(Budget()).solve(Goal([model_of(schema).root(formats=True)]))
    return [python_numbers(answer.value)] if answer.found else []


def python_numbers(value: Any) -> Any:
    """Turn the solver's numbers into Python's usual ones."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [python_numbers(one) for one in value]
    return {key: python_numbers(one) for key, one in value.items()} if isinstance(value, dict) else value
