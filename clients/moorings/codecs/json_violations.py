"""Turns errors of the JSON Schema validator into violations: pointers and rules, never values."""

from collections.abc import Iterable, Sequence
from typing import Any

import jsonschema_rs

from moorings.violations import MOST_VIOLATIONS, Broken, Violation
from moorings_compat.json_text import pointer

_SHOWN_CHARACTERS = 100

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


def violations_of(validator: jsonschema_rs.Validator, value: Any) -> list[Violation]:
    """Validate *value* and return what is found, in the validator's order, at most `MOST_VIOLATIONS`."""
    found: dict[Violation, None] = {}
    for error in validator.iter_errors(value):
        found.update(dict.fromkeys(_read(error)))
        if len(found) >= MOST_VIOLATIONS:
            break
    return list(found)[:MOST_VIOLATIONS]


def _read(error: jsonschema_rs.ValidationError) -> Iterable[Violation]:
    keyword, kind = error.kind.name, error.kind
    here = pointer(*error.instance_path)
    if keyword == "required":
        name = str(getattr(kind, "property", ""))
        return [Violation(here + pointer(_shortened(name)), "this field", Broken.FIELD_MISSING)]
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        names = getattr(kind, "unexpected", ())
        return [Violation(here + pointer(_shortened(n)), "no such field", Broken.FIELD_UNDECLARED) for n in names]
    if keyword in ("anyOf", "oneOf"):
        inner = _meant_branch(error)
        if inner is not None:
            return [violation for one in inner for violation in _read(one)]
    return [Violation(here, _expected(keyword, kind), _broken_rule(keyword, kind))]


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
            return words.format(_shortened(str(getattr(kind, attribute))), keyword=keyword)
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
