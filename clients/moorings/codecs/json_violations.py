"""Turns errors of the JSON Schema validator into violations: pointers and rules, never values."""

from collections.abc import Iterable, Sequence
from typing import Any

import jsonschema_rs

from moorings.violations import MOST_VIOLATIONS, Broken, Violation, meant
from moorings_compat.json_schema.patterns.engine_patterns import as_people_write
from moorings_compat.json_text import pointer
from moorings_compat.pointer_edits import has, value_at

_SHOWN_CHARACTERS = 100
_MOST_MEANT = 1_000
"""Fields of an object among which a similar name is looked for."""
_JSON_TYPES: tuple[tuple[str, type | tuple[type, ...]], ...] = (
    ("boolean", bool),
    ("integer", int),
    ("number", float),
    ("string", str),
    ("array", list),
    ("object", dict),
    ("null", object),
)

_RULES = {
    "additionalProperties": Broken.FIELD_UNDECLARED,
    "unevaluatedProperties": Broken.FIELD_UNDECLARED,
    "required": Broken.FIELD_MISSING,
    "type": Broken.TYPE_WRONG,
    "enum": Broken.SYMBOL_UNKNOWN,
    "const": Broken.SYMBOL_UNKNOWN,
    "anyOf": Broken.BRANCH_WRONG,
    "oneOf": Broken.BRANCH_WRONG,
    "maximum": Broken.NUMBER_OUT_OF_RANGE,
    "minimum": Broken.NUMBER_OUT_OF_RANGE,
    "exclusiveMaximum": Broken.NUMBER_OUT_OF_RANGE,
    "exclusiveMinimum": Broken.NUMBER_OUT_OF_RANGE,
    "multipleOf": Broken.NUMBER_OUT_OF_RANGE,
    "maxLength": Broken.SIZE_WRONG,
    "minLength": Broken.SIZE_WRONG,
    "maxItems": Broken.SIZE_WRONG,
    "minItems": Broken.SIZE_WRONG,
    "maxProperties": Broken.SIZE_WRONG,
    "minProperties": Broken.SIZE_WRONG,
    "pattern": Broken.TEXT_INVALID,
    "format": Broken.TEXT_INVALID,
}
_DATE_FORMATS = frozenset(("date", "time", "date-time", "duration"))
_EXPECTATIONS = {  # the attribute of an error that holds the schema's side of it, and how it reads
    "limit": "{keyword} {}",
    "multiple_of": "a multiple of {}",
    "pattern": "text that matches {}",
    "format": "{}",
}


def violations_of(validator: jsonschema_rs.Validator, value: Any, schema: Any = None) -> list[Violation]:
    """Validate *value* and return what is found, in the validator's order, at most `MOST_VIOLATIONS`.

    *schema* is the document of the validator, in which the declared fields are looked up for an undeclared name.
    """
    found: dict[Violation, None] = {}
    for error in validator.iter_errors(value):
        found.update(dict.fromkeys(_read(error, schema)))
        if len(found) >= MOST_VIOLATIONS:
            break
    return list(found)[:MOST_VIOLATIONS]


def _read(error: jsonschema_rs.ValidationError, schema: Any) -> Iterable[Violation]:
    keyword, kind = error.kind.name, error.kind
    here = pointer(*error.instance_path)
    if keyword == "required":
        name = str(getattr(kind, "property", ""))
        return [Violation(here + pointer(_shortened(name)), "this field", Broken.FIELD_MISSING)]
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        names, declared = getattr(kind, "unexpected", ()), _declared(error, schema)
        return [
            Violation(here + pointer(_shortened(one)), f"no such field{meant(one, declared)}", Broken.FIELD_UNDECLARED)
            for one in names
        ]
    if keyword in ("anyOf", "oneOf"):
        inner = _meant_branch(error)
        if inner is not None:
            return [violation for one in inner for violation in _read(one, schema)]
    got = _json_type(error.instance) if keyword == "type" else ""
    return [Violation(here, _expected(keyword, kind), _broken_rule(keyword, kind), got=got)]


def _declared(error: jsonschema_rs.ValidationError, schema: Any) -> Sequence[str]:
    """Return the fields that are declared beside the keyword that refuses others; nothing where it is not found."""
    at = schema
    for step in list(error.schema_path)[:-1]:
        at = _inside(at, step, schema)
    properties = at.get("properties") if isinstance(at, dict) else None
    return list(properties) if isinstance(properties, dict) and len(properties) <= _MOST_MEANT else ()


def _inside(at: Any, step: str | int, schema: Any) -> Any:
    """Follow one step of a schema's path; a local reference leads to what it names."""
    if isinstance(at, list):
        return at[step] if isinstance(step, int) and step < len(at) else None
    if not isinstance(at, dict) or step not in at:
        return None
    held = at[str(step)]
    if step == "$ref" and isinstance(held, str):
        return value_at(schema, held[1:]) if held.startswith("#/") and has(schema, held[1:]) else None
    return held


def _json_type(value: Any) -> str:
    """Return what JSON Schema calls the type of a value."""
    return next(name for name, types in _JSON_TYPES if isinstance(value, types))


def _broken_rule(keyword: str, kind: Any) -> Broken:
    if keyword == "format" and getattr(kind, "format", "") in _DATE_FORMATS:
        return Broken.DATE_TIME_INVALID
    return _RULES.get(keyword, Broken.KEYWORD)


def _expected(keyword: str, kind: Any) -> str:
    if keyword == "type":
        return " or ".join(str(one) for one in getattr(kind, "types", ()))
    if keyword == "enum":
        return f"one of {_shortened(str(getattr(kind, 'options', '')))}"
    if keyword in ("anyOf", "oneOf"):
        matches = "exactly one" if keyword == "oneOf" else "at least one"
        return f"a value that {matches} of the alternatives under {keyword} takes"
    for attribute, words in _EXPECTATIONS.items():
        if hasattr(kind, attribute):
            held = str(getattr(kind, attribute))
            shown = as_people_write(held) if attribute == "pattern" else held
            return words.format(_shortened(shown), keyword=keyword)
    return f"what {keyword} allows"


def _meant_branch(error: jsonschema_rs.ValidationError) -> Sequence[jsonschema_rs.ValidationError] | None:
    """Find the one alternative whose type the value has; None if there is not exactly one."""
    here = list(error.instance_path)
    branches = getattr(error.kind, "context", ())
    meant = [
        branch
        for branch in branches
        if branch and not any(one.kind.name == "type" and list(one.instance_path) == here for one in branch)
    ]
    return meant[0] if len(meant) == 1 and len(branches) > 1 else None


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
