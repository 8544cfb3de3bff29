"""Changes of JSON Schemas: one break a rule at least, and changes that only look like breaks."""

from dataclasses import dataclass
from typing import Any

D4 = {"$schema": "http://json-schema.org/draft-04/schema#"}
D7 = {"$schema": "http://json-schema.org/draft-07/schema#"}
D2020 = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
OBJECT = {"type": "object"}
CLOSED = {"type": "object", "additionalProperties": False}


@dataclass(frozen=True, slots=True)
class Case:
    """A change from *writer* to *reader*, and the codes of its breaks; none: compatible."""

    shows: str
    writer: Any
    reader: Any
    codes: tuple[str, ...] = ()


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


BREAKS = [
    Case("a type comes", {}, {"type": "string"}, ("JSON_TYPE_ADDED",)),
    Case("a type goes", {"type": ["string", "null"]}, {"type": "string"}, ("JSON_TYPE_NARROWED",)),
    Case("1.0 is no integer to draft 4", D2020 | {"type": "integer"}, D4 | {"type": "integer"},
         ("JSON_WHOLE_NUMBER_REFUSED",)),
    Case("an enum comes", {"type": "string"}, {"type": "string", "enum": ["a"]}, ("JSON_ENUM_ADDED",)),
    Case("a symbol goes", {"enum": ["a", "b"]}, {"enum": ["a"]}, ("JSON_ENUM_NARROWED",)),
    Case("a const comes", {"type": "string"}, {"const": "a"}, ("JSON_CONST_ADDED",)),
    Case("another const", {"const": "a"}, {"const": "b"}, ("JSON_CONST_CHANGED",)),
    Case("nothing is accepted", {"type": "string"}, False, ("JSON_NOTHING_ACCEPTED",)),
    Case("a minimum comes", {"type": "number"}, {"type": "number", "minimum": 0}, ("JSON_MINIMUM_ADDED",)),
    Case("a minimum rises", {"type": "number", "minimum": 0}, {"type": "number", "minimum": 1},
         ("JSON_MINIMUM_RAISED",)),
    Case("a maximum comes", {"type": "number"}, {"type": "number", "maximum": 0}, ("JSON_MAXIMUM_ADDED",)),
    Case("a maximum falls", {"type": "number", "maximum": 1}, {"type": "number", "exclusiveMaximum": 1},
         ("JSON_MAXIMUM_LOWERED",)),
    Case("a step comes", {"type": "integer"}, {"type": "integer", "multipleOf": 2}, ("JSON_MULTIPLE_OF_ADDED",)),
    Case("another step", {"type": "number", "multipleOf": 0.1}, {"type": "number", "multipleOf": 0.3},
         ("JSON_MULTIPLE_OF_CHANGED",)),
    Case("a least length comes", {"type": "string"}, {"type": "string", "minLength": 1}, ("JSON_MIN_LENGTH_ADDED",)),
    Case("a least length rises", {"type": "string", "minLength": 1}, {"type": "string", "minLength": 2},
         ("JSON_MIN_LENGTH_RAISED",)),
    Case("a greatest length comes", {"type": "string"}, {"type": "string", "maxLength": 1}, ("JSON_MAX_LENGTH_ADDED",)),
    Case("a greatest length falls", {"type": "string", "maxLength": 2000}, {"type": "string", "maxLength": 1999},
         ("JSON_MAX_LENGTH_LOWERED",)),
    Case("a pattern comes", {"type": "string"}, {"type": "string", "pattern": "^a"}, ("JSON_PATTERN_ADDED",)),
    Case("another pattern", {"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "^ab"},
         ("JSON_PATTERN_CHANGED",)),
    Case("a format comes", {"type": "string"}, {"type": "string", "format": "date"}, ("JSON_FORMAT_ADDED",)),
    Case("another format", {"type": "string", "format": "ipv4"}, {"type": "string", "format": "ipv6"},
         ("JSON_FORMAT_CHANGED",)),
    Case("word boundaries", {"pattern": "\\bfoo\\b"}, {"pattern": "foo$"}, ("JSON_PATTERN_CHANGED",)),
    Case("a short class behind a look-ahead", {"pattern": "^(?!0)\\d{3}$"}, {"pattern": "^[0-4]"},
         ("JSON_PATTERN_CHANGED",)),
    Case("look-behind", {"pattern": "(?<!a)b"}, {"pattern": "(?<=c)b"}, ("JSON_PATTERN_CHANGED",)),
    Case("a least count comes", {"type": "array"}, {"type": "array", "minItems": 1}, ("JSON_MIN_ITEMS_ADDED",)),
    Case("a least count rises", {"type": "array", "minItems": 1}, {"type": "array", "minItems": 2},
         ("JSON_MIN_ITEMS_RAISED",)),
    Case("a greatest count comes", {"type": "array"}, {"type": "array", "maxItems": 1}, ("JSON_MAX_ITEMS_ADDED",)),
    Case("a greatest count falls", {"type": "array", "maxItems": 2}, {"type": "array", "maxItems": 1},
         ("JSON_MAX_ITEMS_LOWERED",)),
    Case("items have to differ", {"type": "array"}, {"type": "array", "uniqueItems": True},
         ("JSON_UNIQUE_ITEMS_ADDED",)),
    Case("items get a schema", {"type": "array"}, {"type": "array", "items": {"type": "string"}},
         ("JSON_ITEMS_ADDED",)),
    Case("a tuple is closed", D2020 | {"type": "array", "prefixItems": [{}]},
         D2020 | {"type": "array", "prefixItems": [{}], "items": False}, ("JSON_ITEMS_CLOSED",)),
    Case("something has to be contained", {"type": "array"}, {"type": "array", "contains": {"type": "string"}},
         ("JSON_CONTAINS_ADDED",)),
    Case("something else has to be contained", {"type": "array", "contains": {"type": "string"}},
         {"type": "array", "contains": {"const": "a"}}, ("JSON_CONTAINS_CHANGED",)),
    Case("more has to be contained", D2020 | {"type": "array", "contains": {"type": "string"}, "maxContains": 2},
         D2020 | {"type": "array", "contains": {"type": "string"}, "minContains": 2}, ("JSON_CONTAINS_CHANGED",)),
    Case("unevaluated items are refused", D2020 | {"type": "array"},
         D2020 | {"type": "array", "unevaluatedItems": False}, ("JSON_UNEVALUATED_ITEMS_CLOSED",)),
    Case("a property is required", obj(a={}), obj(a={}) | {"required": ["a"]}, ("JSON_PROPERTY_REQUIRED_ADDED",)),
    Case("a property comes to an open object", OBJECT, obj(a={"type": "string"}), ("JSON_PROPERTY_ADDED_TO_OPEN",)),
    Case("a property is forbidden", obj(a={"type": "string"}), obj(a=False), ("JSON_PROPERTY_FORBIDDEN",)),
    Case("a property goes from a closed object", CLOSED | obj(a={}, b={"type": "string"}), CLOSED | obj(a={}),
         ("JSON_PROPERTY_REMOVED_FROM_CLOSED",)),
    Case("an object is closed", OBJECT, CLOSED, ("JSON_ADDITIONAL_PROPERTIES_CLOSED",)),
    Case("others have to be strings", OBJECT, OBJECT | {"additionalProperties": {"type": "string"}},
         ("JSON_ADDITIONAL_PROPERTIES_NARROWED",)),
    Case("names of a pattern get a schema", OBJECT, OBJECT | {"patternProperties": {"^x-": {"type": "string"}}},
         ("JSON_PATTERN_PROPERTY_ADDED",)),
    Case("names get a schema", OBJECT, OBJECT | {"propertyNames": {"maxLength": 2}}, ("JSON_PROPERTY_NAMES_ADDED",)),
    Case("names get a narrower schema", OBJECT | {"propertyNames": {"maxLength": 2}},
         OBJECT | {"propertyNames": {"maxLength": 1}}, ("JSON_PROPERTY_NAMES_NARROWED",)),
    Case("a least number of properties comes", OBJECT, OBJECT | {"minProperties": 1}, ("JSON_MIN_PROPERTIES_ADDED",)),
    Case("it rises", OBJECT | {"minProperties": 1}, OBJECT | {"minProperties": 2}, ("JSON_MIN_PROPERTIES_RAISED",)),
    Case("a greatest number of properties comes", OBJECT, OBJECT | {"maxProperties": 1},
         ("JSON_MAX_PROPERTIES_ADDED",)),
    Case("it falls", OBJECT | {"maxProperties": 2}, OBJECT | {"maxProperties": 1}, ("JSON_MAX_PROPERTIES_LOWERED",)),
    Case("one property asks for another", OBJECT, D2020 | OBJECT | {"dependentRequired": {"a": ["b"]}},
         ("JSON_DEPENDENT_REQUIRED_ADDED",)),
    Case("one property asks for a schema", OBJECT, D2020 | OBJECT | {"dependentSchemas": {"a": {"minProperties": 2}}},
         ("JSON_DEPENDENT_SCHEMA_ADDED",)),
    Case("unevaluated properties are refused", D2020 | OBJECT, D2020 | OBJECT | {"unevaluatedProperties": False},
         ("JSON_UNEVALUATED_PROPERTIES_CLOSED",)),
    Case("alternatives come", {}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, ("JSON_ANY_OF_ADDED",)),
    Case("an alternative goes", {"anyOf": [{"type": "string"}, {"minimum": 3, "type": "number"}, OBJECT]},
         {"anyOf": [{"type": "string"}, OBJECT]}, ("JSON_ANY_OF_NARROWED",)),
    Case("one of them has to fit", {}, {"oneOf": [{"type": "string"}, {"type": "null"}]}, ("JSON_ONE_OF_ADDED",)),
    Case("one of fewer has to fit", {"oneOf": [{"type": "string"}, {"type": "null"}, OBJECT]},
         {"oneOf": [{"type": "string"}, {"type": "null"}]}, ("JSON_ONE_OF_NARROWED",)),
    Case("alternatives overlap", {"oneOf": [{"type": "integer", "maximum": 0}, {"type": "integer", "minimum": 1}]},
         {"oneOf": [{"type": "integer", "maximum": 1}, {"type": "integer", "minimum": 1}]}, ("JSON_ONE_OF_OVERLAP",)),
    Case("something is excluded", {"type": "string"}, {"type": "string", "not": {"const": "a"}}, ("JSON_NOT_ADDED",)),
    Case("more is excluded", {"type": "string", "not": {"const": "a"}},
         {"type": "string", "not": {"enum": ["a", "b"]}}, ("JSON_NOT_WIDENED",)),
    Case("a condition comes", D7 | OBJECT, D7 | OBJECT | {"if": {"required": ["a"]}, "then": {"required": ["b"]}},
         ("JSON_CONDITION_ADDED",)),
    Case("another condition", D7 | OBJECT | {"if": {"required": ["a"]}, "then": {"required": ["b"]}},
         D7 | OBJECT | {"if": {"required": ["c"]}, "then": {"required": ["b"]}}, ("JSON_CONDITION_CHANGED",)),
]  # fmt: skip

COMPATIBLE = [
    Case("annotations alone", {"type": "string"}, {"type": "string", "title": "T", "default": 1, "examples": []}),
    Case("an optional property comes to a closed object", CLOSED | obj(a={}), CLOSED | obj(a={}, b={})),
    Case("a type widens", {"type": "integer"}, {"type": ["number", "null"]}),
    Case("a reference is written out", {"$defs": {"d": {"type": "string"}}, "$ref": "#/$defs/d"}, {"type": "string"}),
    Case("alternatives of types are one list of types", {"type": ["string", "null"]},
         {"anyOf": [{"type": "null"}, {"type": "string"}]}),
    Case("branches that cover together", {"type": "integer"},
         {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "integer", "maximum": 0}]}),
    Case("no integer lies between", {"type": "integer", "exclusiveMinimum": 5, "exclusiveMaximum": 6}, False),
    Case("an unanchored pattern accepts everything", {"type": "string"}, {"type": "string", "pattern": "[a-z]*"}),
    Case("dead keywords", {"type": "string", "minimum": 5}, {"type": "string", "minimum": 7, "maxItems": 1}),
    Case("characters that are no control characters", {"type": "string", "pattern": "^[a-z]+$"},
         {"type": "string", "pattern": "^[^\\s\\p{Cc}]+$"}),
    Case("a length that a look-ahead implies", {"type": "string", "pattern": "^(?=.*\\d).{8,}$"},
         {"type": "string", "pattern": "^(?=.*\\d).{8,}$", "minLength": 2}),
    Case("a word is a part", {"type": "string", "pattern": "\\bfoo\\b"}, {"type": "string", "pattern": "foo"}),
    Case("letters are no digits", {"type": "string", "pattern": "^\\p{L}+$", "maxLength": 3},
         {"type": "string", "pattern": "^[^0-9]{1,3}$"}),
    Case("exact steps", {"type": "number", "multipleOf": 0.3}, {"type": "number", "multipleOf": 0.1}),
    Case("recursion", {"$defs": {"t": obj(c={"$ref": "#/$defs/t"}, v={"type": "integer"})}, "$ref": "#/$defs/t"},
         {"$defs": {"t": obj(c={"$ref": "#/$defs/t"}, v={"type": "number"})}, "$ref": "#/$defs/t"}),
    Case("exclusive bounds of two drafts", D4 | {"type": "number", "minimum": 1, "exclusiveMinimum": True},
         D2020 | {"type": "number", "exclusiveMinimum": 1}),
    Case("tuples of two drafts", D7 | {"type": "array", "items": [{"type": "string"}], "additionalItems": False},
         D2020 | {"type": "array", "prefixItems": [{"type": "string"}], "items": False}),
    Case("an address is a host name, too", {"format": "ipv4"}, {"format": "hostname"}),
    Case("a limit on what is contained, met as it is asked for",
         D2020 | {"type": "array", "uniqueItems": True, "contains": {"type": "null"}, "maxContains": 2},
         D2020 | {"type": "array", "contains": {"type": "null"}, "maxContains": 1}),
    Case("a property that would bring another cannot be there",
         CLOSED | obj(a={}) | {"minProperties": 2, "dependencies": {"b": ["a"]}}, False),
    Case("the latest draft, whichever that was", {"$schema": "http://json-schema.org/schema#", "type": "string"},
         {"type": ["string", "null"]}),
    Case("a whole number as 1.0, in draft 4", D4 | {"enum": [1.0]}, D4 | {"enum": [1]}),
]  # fmt: skip
