"""Edits of the writer's text by which it allows nothing that the reader refuses."""

from typing import Any

from moorings_compat.findings import Suggestion
from moorings_compat.json_schema.explaining.blame import value_at_leaf
from moorings_compat.json_schema.explaining.source_edits import Texts, edit, last_step, step
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
"""What takes several keywords, or depends on those beside it."""
_OVERLAP = "JSON_ONE_OF_OVERLAP"


def refrain(texts: Texts) -> Suggestion | None:
    """Choose the smallest edit that keeps the writer from writing it."""
    atom = texts.leaf.atom
    if isinstance(atom, _NOT_OFFERED) or "#" in texts.leaf.pointer or texts.code == _OVERLAP:
        return None
    match atom:
        case Required():
            return _require(texts, atom.name)
        case Property():
            return _describe(texts, atom)
        case Types():
            return _keyword(texts, _fewer_types(texts))
        case Values():
            return _keyword(texts, _fewer_values(texts, atom))
        case AnyOf() | OneOf() if texts.counterpart is not None:
            return _drop_branch(texts)
        case Limit() if _is_modified(texts):
            return None
        case Rest() if atom.start > 0:
            return None
    return _keyword(texts, texts.read(texts.leaf.pointer))


def _require(texts: Texts, name: str) -> Suggestion | None:
    site, path, title = texts.writer_site, texts.leaf.spot.sites.pointer, f"require {name}"
    if site is None:
        return None
    if isinstance(site.get("required"), list):
        return edit("add", f"{path}/required/-", name, title)
    return edit("add", f"{path}/required", [name], title)


def _describe(texts: Texts, atom: Property) -> Suggestion | None:
    site, path = texts.writer_site, texts.leaf.spot.sites.pointer
    if site is None:
        return None
    properties = site.get("properties")
    if atom.steps[-1:] == ("additionalProperties",):
        known = isinstance(properties, dict) and atom.name in properties
        closed = site.get("additionalProperties") is False and atom.name not in site.get("required", ())
        if not known or not closed or atom.node.key != FALSE.key:
            return None
        return edit("remove", f"{path}/properties{step(atom.name)}", None, f"do not write {atom.name}")
    schema, title = texts.read(texts.leaf.pointer), f"describe {atom.name} as it is read"
    if not texts.moves(schema):
        return None
    if not isinstance(properties, dict):
        return edit("add", f"{path}/properties", {atom.name: schema}, title)
    action = "replace" if atom.name in properties else "add"
    return edit(action, f"{path}/properties{step(atom.name)}", schema, title)


def _fewer_types(texts: Texts) -> Any:
    """The types that are written and accepted; None where there is none, so that more than the type has to change."""
    read, said = texts.read(texts.leaf.pointer), texts.counterpart
    written = texts.written(said.pointer) if said is not None else None
    if said is None or read is None or written is None:
        return read if said is None else None
    ours, theirs = ([one] if isinstance(one, str) else one for one in (read, written))
    kept = [name for name in theirs if name in ours or (name == "integer" and "number" in ours)]
    if not kept and "number" in theirs and "integer" in ours:
        kept = ["integer"]
    return kept[0] if len(kept) == 1 else kept or None


def _fewer_values(texts: Texts, atom: Values) -> Any:
    said = texts.counterpart
    written = list(said.atom.values) if said is not None and isinstance(said.atom, Values) else []
    kept = [value for value in written if value_key(value) in atom.keys] or list(atom.values)
    keyword = last_step(said.pointer if said is not None else texts.leaf.pointer)
    if keyword == "enum":
        return kept
    return kept[0] if len(kept) == 1 else None


def _drop_branch(texts: Texts) -> Suggestion | None:
    """Take out the writer's branch that the payload is of."""
    said, value = texts.counterpart, value_at_leaf(texts.leaf)
    if said is None or value is None or not said.certain or not isinstance(said.atom, AnyOf | OneOf):
        return None
    nodes = said.atom.nodes
    taken = [index for index, node in enumerate(nodes) if holds(node, value[0])]
    if len(taken) != 1 or len(nodes) < 2:
        return None
    others = [node for index, node in enumerate(nodes) if index != taken[0]]
    if isinstance(said.atom, OneOf) and any(
        not texts.solver.solve(Goal([nodes[taken[0]], node])).none for node in others
    ):
        return None  # what two branches refused together, one of them would allow
    return edit("remove", f"{said.pointer}/{taken[0]}", None, "do not write that alternative")


def _is_modified(texts: Texts) -> bool:
    """Say whether a bound of draft 4 is made exclusive by the keyword beside it, on either side."""
    said = texts.counterpart
    schemas = [texts.read(_schema_of(texts.leaf.pointer)), texts.written(_schema_of(said.pointer)) if said else None]
    words = ("exclusiveMinimum", "exclusiveMaximum")
    return any(isinstance(one, dict) and isinstance(one.get(word), bool) for one in schemas for word in words)


def _schema_of(pointer: str) -> str:
    return pointer.rpartition("/")[0]


def _keyword(texts: Texts, value: Any) -> Suggestion | None:
    """Say under the same keyword what the reader does."""
    atom, said, pointer = texts.leaf.atom, texts.counterpart, texts.leaf.pointer
    keyword = last_step(pointer)
    if not texts.moves(value) or not _is_keyword(texts, keyword):
        return None
    title = f"hold {keyword} to what is read"
    if said is not None and said.certain and not isinstance(atom, Additional | Rest):
        alike = last_step(said.pointer) == keyword or isinstance(atom, Values)
        return edit("replace", said.pointer, value, title) if alike and value != texts.written(said.pointer) else None
    site, path = texts.writer_site, texts.leaf.spot.sites.pointer
    if site is None or said is not None or keyword in site:
        return None
    return edit("add", f"{path}/{keyword}", value, title)


def _is_keyword(texts: Texts, keyword: str) -> bool:
    steps = texts.leaf.atom.steps
    return bool(steps) and steps[-1] == keyword
