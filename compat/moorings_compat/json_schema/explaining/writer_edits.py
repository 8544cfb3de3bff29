"""Edits of the writer's text, after which it allows nothing that the reader refuses."""

from typing import Any

from moorings_compat.findings import Suggestion
from moorings_compat.json_schema.explaining.blame import failing_value
from moorings_compat.json_schema.explaining.source_edits import (
    EditContext,
    edit,
    has_boolean_bound,
    last_step,
    listed_types,
    parent_of,
    step,
)
from moorings_compat.json_schema.nodes.evaluating import holds
from moorings_compat.json_schema.nodes.nodes import (
    FALSE,
    Additional,
    AnyOf,
    Conditional,
    Contains,
    Implies,
    Item,
    Limit,
    Needs,
    Never,
    OneOf,
    PatternProperty,
    Property,
    Required,
    Rest,
    Types,
    UnevaluatedItems,
    UnevaluatedProperties,
    Values,
    value_key,
)
from moorings_compat.json_schema.solving import Goal

_NOT_OFFERED = (
    *(Conditional, Contains, Item, Never, PatternProperty, UnevaluatedItems, UnevaluatedProperties, Implies),
    Needs,
)
"""Assertions of several keywords, or that depend on the keywords beside them."""
_OVERLAP = "JSON_ONE_OF_OVERLAP"


def refrain(context: EditContext) -> Suggestion | None:
    """Choose the smallest edit after which the writer no longer allows the payload."""
    atom = context.failing.atom
    if isinstance(atom, _NOT_OFFERED) or "#" in context.failing.pointer or context.code == _OVERLAP:
        return None
    match atom:
        case Required():
            return _require(context, atom.name)
        case Property():
            return _describe(context, atom)
        case Types():
            return _keyword(context, _fewer_types(context))
        case Values():
            return _keyword(context, _fewer_values(context, atom))
        case AnyOf() | OneOf() if context.counterpart is not None:
            return _drop_branch(context)
        case Limit() if _has_boolean_bound(context):
            return None
        case Rest() if atom.start > 0:
            return None
    return _keyword(context, context.read(context.failing.pointer))


def _require(context: EditContext, name: str) -> Suggestion | None:
    writer_schema, path, title = context.writer_schema, context.failing.spot.constraints.pointer, f"require `{name}`"
    if writer_schema is None:
        return None
    if isinstance(writer_schema.get("required"), list):
        return edit("add", f"{path}/required/-", name, title)
    return edit("add", f"{path}/required", [name], title)


def _describe(context: EditContext, atom: Property) -> Suggestion | None:
    writer_schema, path = context.writer_schema, context.failing.spot.constraints.pointer
    if writer_schema is None:
        return None
    properties = writer_schema.get("properties")
    if atom.steps[-1:] == ("additionalProperties",):
        known = isinstance(properties, dict) and atom.name in properties
        closed = writer_schema.get("additionalProperties") is False and atom.name not in writer_schema.get(
            "required", ()
        )
        if not known or not closed or atom.node.key != FALSE.key:
            return None
        return edit("remove", f"{path}/properties{step(atom.name)}", None, f"remove `{atom.name}`")
    schema, title = context.read(context.failing.pointer), f"describe `{atom.name}` as before"
    if not context.is_portable(schema):
        return None
    if not isinstance(properties, dict):
        return edit("add", f"{path}/properties", {atom.name: schema}, title)
    action = "replace" if atom.name in properties else "add"
    return edit(action, f"{path}/properties{step(atom.name)}", schema, title)


def _fewer_types(context: EditContext) -> Any:
    """Return the types that the writer has and the reader accepts; None if more than the type must change."""
    read, counterpart = context.read(context.failing.pointer), context.counterpart
    ours = listed_types(read)  # none where leaving fields out made a type of another keyword
    if counterpart is None or not ours:
        return read if counterpart is None and ours else None
    theirs = listed_types(context.written(counterpart.pointer))
    kept = [name for name in theirs if name in ours or (name == "integer" and "number" in ours)]
    if not kept and "number" in theirs and "integer" in ours:
        kept = ["integer"]
    return kept[0] if len(kept) == 1 else kept or None


def _fewer_values(context: EditContext, atom: Values) -> Any:
    counterpart = context.counterpart
    written = list(counterpart.atom.values) if counterpart is not None and isinstance(counterpart.atom, Values) else []
    kept = [value for value in written if value_key(value) in atom.keys] or list(atom.values)
    keyword = last_step(counterpart.pointer if counterpart is not None else context.failing.pointer)
    if keyword == "enum":
        return kept
    return kept[0] if len(kept) == 1 else None


def _drop_branch(context: EditContext) -> Suggestion | None:
    """Remove the writer's branch that the payload belongs to."""
    counterpart, value = context.counterpart, failing_value(context.failing)
    if (
        counterpart is None
        or value is None
        or not counterpart.certain
        or not isinstance(counterpart.atom, AnyOf | OneOf)
    ):
        return None
    nodes = counterpart.atom.nodes
    taken = [index for index, node in enumerate(nodes) if holds(node, value[0])]
    if len(taken) != 1 or len(nodes) < 2:
        return None
    others = [node for index, node in enumerate(nodes) if index != taken[0]]
    if isinstance(counterpart.atom, OneOf) and any(
        not context.solver.solve(Goal([nodes[taken[0]], node])).none for node in others
    ):
        return None  # the remaining branch would allow what two branches refused together
    return edit("remove", f"{counterpart.pointer}/{taken[0]}", None, "remove that alternative")


def _has_boolean_bound(context: EditContext) -> bool:
    """Say whether either side makes the bound exclusive by a boolean keyword beside it (draft 4)."""
    counterpart = context.counterpart
    if has_boolean_bound(context.read(parent_of(context.failing.pointer))):
        return True
    return counterpart is not None and has_boolean_bound(context.written(parent_of(counterpart.pointer)))


def _keyword(context: EditContext, value: Any) -> Suggestion | None:
    """Copy the reader's value of the same keyword."""
    atom, counterpart, pointer = context.failing.atom, context.counterpart, context.failing.pointer
    keyword = last_step(pointer)
    if not context.is_portable(value) or not _is_keyword(context, keyword):
        return None
    title = f"use the earlier {keyword}"
    if counterpart is not None and counterpart.certain and not isinstance(atom, Additional | Rest):
        alike = last_step(counterpart.pointer) == keyword or isinstance(atom, Values)
        return (
            edit("replace", counterpart.pointer, value, title)
            if alike and value != context.written(counterpart.pointer)
            else None
        )
    writer_schema, path = context.writer_schema, context.failing.spot.constraints.pointer
    if writer_schema is None or counterpart is not None or keyword in writer_schema:
        return None
    return edit("add", f"{path}/{keyword}", value, title)


def _is_keyword(context: EditContext, keyword: str) -> bool:
    steps = context.failing.atom.steps
    return bool(steps) and steps[-1] == keyword
