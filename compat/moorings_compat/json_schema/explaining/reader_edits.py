"""Edits of the reader's text, after which it accepts what the writer allows."""

from moorings_compat.findings import Suggestion
from moorings_compat.json_schema.explaining.blame import failing_value
from moorings_compat.json_schema.explaining.source_edits import (
    EditContext,
    annotations,
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
    Node,
    OneOf,
    PatternProperty,
    Property,
    Required,
    Types,
    Values,
    value_key,
)
from moorings_compat.json_schema.solving import Goal

_WHOLE_NUMBERS = "JSON_WHOLE_NUMBER_REFUSED"


def accept(context: EditContext) -> Suggestion | None:
    """Choose the smallest edit after which the reader accepts the payload."""
    atom, pointer = context.failing.atom, context.failing.pointer
    if "/oneOf/" in pointer or context.code == _WHOLE_NUMBERS:
        return None  # a wider branch may overlap another one
    match atom:
        case Required():
            return _without_name(context, pointer, atom.name, f"make `{atom.name}` optional")
        case Needs():
            return _without_name(
                context, pointer, atom.other, f"do not require `{atom.other}` where `{atom.name}` is present"
            )
        case Property():
            return _with_property(context, atom)
        case PatternProperty() | Item() | Never():
            return edit("replace", pointer, annotations(context.read(pointer)), "accept any value")
        case Types():
            return _with_types(context)
        case Values():
            return _with_values(context)
        case AnyOf() | OneOf():
            return _with_branch(context, atom)
        case Conditional():
            return edit("remove", f"{pointer}/if", None, "remove the condition")
    return _as_written(context)


def _without_name(context: EditContext, pointer: str, name: str, title: str) -> Suggestion | None:
    names = context.read(pointer)
    if not isinstance(names, list) or names.count(name) != 1:
        return None
    path = f"{pointer}/{names.index(name)}" if len(names) > 1 else pointer  # draft 4 wants one name at least
    return edit("remove", path, None, title)


def _with_property(context: EditContext, atom: Property) -> Suggestion | None:
    pointer = context.failing.pointer
    if atom.steps[-2:-1] == ("properties",):
        return edit("replace", pointer, annotations(context.read(pointer)), f"accept any value under `{atom.name}`")
    if atom.steps[-1:] != ("additionalProperties",):
        return None
    constraints = context.failing.spot.constraints.at_property(atom.name).schemas
    schema = context.written(constraints[0].pointer) if len(constraints) == 1 and atom.node.key == FALSE.key else None
    if not context.is_portable(schema):
        return None
    path, title = f"{parent_of(pointer)}/properties", f"keep `{atom.name}`"
    if isinstance(context.read(path), dict):
        return edit("add", path + step(atom.name), schema, title)
    return edit("add", path, {atom.name: schema}, title)


def _with_types(context: EditContext) -> Suggestion | None:
    pointer = context.failing.pointer
    counterpart = context.counterpart
    if counterpart is None or not counterpart.certain:
        return edit("remove", pointer, None, "remove the type")
    ours, theirs = listed_types(context.read(pointer)), listed_types(context.written(counterpart.pointer))
    names = [*ours, *(name for name in theirs if name not in ours)]
    if "number" in names and "integer" in names:
        names.remove("integer")
    if not ours or not theirs or set(names) == set(ours):
        return None
    return edit("replace", pointer, names, "accept the earlier types too")


def _with_values(context: EditContext) -> Suggestion | None:
    pointer, counterpart, atom = context.failing.pointer, context.counterpart, context.failing.atom
    assert isinstance(atom, Values)
    if counterpart is None or not counterpart.certain or not isinstance(counterpart.atom, Values):
        return edit("remove", pointer, None, "accept any value")
    values = [*atom.values, *(value for value in counterpart.atom.values if value_key(value) not in atom.keys)]
    if last_step(pointer) == "enum":
        return edit("replace", pointer, values, "accept the earlier values too")
    schema = context.read(parent_of(pointer))
    if not isinstance(schema, dict) or "enum" in schema:
        return None
    changed = {("enum" if word == "const" else word): one for word, one in schema.items()} | {"enum": values}
    return edit("replace", parent_of(pointer), changed, "accept the earlier values too")


def _with_branch(context: EditContext, atom: AnyOf | OneOf) -> Suggestion | None:
    pointer, counterpart = context.failing.pointer, context.counterpart
    if counterpart is None:
        return edit("remove", pointer, None, f"remove {last_step(pointer)}")
    value = failing_value(context.failing)
    if value is None or not isinstance(counterpart.atom, AnyOf | OneOf):
        return None
    index, branch = next(((i, one) for i, one in enumerate(counterpart.atom.nodes) if holds(one, value[0])), (0, None))
    content = context.written(f"{counterpart.pointer}/{index}")
    if (
        branch is None
        or not context.is_portable(content)
        or (isinstance(atom, OneOf) and _overlaps(context, branch, atom))
    ):
        return None
    return edit("add", f"{pointer}/-", content, "keep the earlier alternative")


def _overlaps(context: EditContext, branch: Node, atom: OneOf) -> bool:
    return any(not context.solver.solve(Goal([branch, node])).none for node in atom.nodes)


def _as_written(context: EditContext) -> Suggestion | None:
    """Copy the writer's value of the same keyword; remove the keyword if the writer has none."""
    pointer, counterpart, atom = context.failing.pointer, context.counterpart, context.failing.atom
    if isinstance(atom, Limit) and has_boolean_bound(context.read(parent_of(pointer))):
        return None
    keyword = last_step(pointer)
    plain = not isinstance(atom, Additional | Contains | Implies)
    if plain and counterpart is not None and counterpart.certain and last_step(counterpart.pointer) == keyword:
        value = context.written(counterpart.pointer)
        modified = isinstance(atom, Limit) and has_boolean_bound(context.written(parent_of(counterpart.pointer)))
        if context.is_portable(value) and not modified and value != context.read(pointer):
            return edit("replace", pointer, value, f"keep the earlier {keyword}")
    title = f"remove the dependent schema of `{atom.name}`" if isinstance(atom, Implies) else f"remove {keyword}"
    return edit("remove", pointer, None, title)
