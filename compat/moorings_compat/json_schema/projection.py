"""The two halves of a world in which only declared fields count: refusing the others, and leaving them out."""

from collections.abc import Callable
from typing import Any

import jsonschema_rs

from moorings_compat.json_schema.declared_fields import Location, locations
from moorings_compat.json_schema.documents.bundle import write_patterns
from moorings_compat.json_schema.model import declared
from moorings_compat.json_schema.patterns.engine_patterns import PATTERN_OPTIONS, engine_pattern
from moorings_compat.schema import Schema

Projection = Callable[[Any], None]
"""Removes the undeclared fields of a decoded value, in place."""


def projection(schema: Schema) -> Projection | None:
    """Compile what *schema* declares to one walk; None if it declares everything, so that nothing is left out."""
    root = declared(schema).root
    return None if root is None else projection_of(root)


def shape_validator(shape: Any) -> jsonschema_rs.Validator:
    """Compile a shape that `Declared` made."""
    for one in (shape, *shape.get("$defs", {}).values()):
        write_patterns(one, lambda pattern: engine_pattern(pattern).text)
    return jsonschema_rs.Draft202012Validator(shape, pattern_options=PATTERN_OPTIONS, offline=True)


def projection_of(root: Location) -> Projection:
    """Compile *root* and the locations below it."""
    compiled: dict[Location, Projection] = {}
    for location in locations(root):
        compiled[location] = _walk(location, compiled)
    return compiled[root]


def _walk(location: Location, compiled: dict[Location, Projection]) -> Projection:
    """Make the walk of one location; those below are looked up in *compiled*, which is complete when it runs."""
    plain = not location.patterns and location.further is None
    of_object = _named_fields(location, compiled) if plain else _any_fields(location, compiled)
    items = location.items

    def walk(value: Any) -> None:
        if value.__class__ is dict:
            of_object(value)
        elif items is not None and value.__class__ is list:
            inside = compiled[items]
            for one in value:
                inside(one)

    return walk


def _named_fields(location: Location, compiled: dict[Location, Projection]) -> Projection:
    """Make the walk of objects whose fields are declared by name alone."""
    inner = [(name, one) for name, one in location.names.items() if one is not None]
    names, closed = location.names.keys(), location.closed

    def walk(value: dict[str, Any]) -> None:
        if closed and not value.keys() <= names:
            for name in value.keys() - names:
                del value[name]
        for name, one in inner:
            if name in value:
                compiled[one](value[name])

    return walk


def _any_fields(location: Location, compiled: dict[Location, Projection]) -> Projection:
    def walk(value: dict[str, Any]) -> None:
        for name in list(value):
            if not location.declares(name):
                del value[name]
                continue
            one = location.below(name)
            if one is not None:
                compiled[one](value[name])

    return walk
