"""Edits of the reader's text by which it accepts again what the writer allows."""

from typing import Any

from moorings_compat.findings import Suggestion
from moorings_compat.json_schema.explaining.blame import value_at_leaf
from moorings_compat.json_schema.explaining.source_edits import Texts, annotations, edit, last_step, parent_of, step
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


def accept(texts: Texts) -> Suggestion | None:
    """Choose the smallest edit that lets the reader accept it."""
    atom, pointer = texts.leaf.atom, texts.leaf.pointer
    if "/oneOf/" in pointer or texts.code == _WHOLE_NUMBERS:
        return None  # a wider branch may overlap another one
    match atom:
        case Required():
            return _without_name(texts, pointer, atom.name, f"let {atom.name} stay optional")
        case Needs():
            return _without_name(texts, pointer, atom.other, f"do not ask for {atom.other} beside {atom.name}")
        case Property():
            return _with_property(texts, atom)
        case PatternProperty() | Item() | Never():
            return edit("replace", pointer, annotations(texts.read(pointer)), "accept anything there")
        case Types():
            return _with_types(texts)
        case Values():
            return _with_values(texts)
        case AnyOf() | OneOf():
            return _with_branch(texts, atom)
        case Conditional():
            return edit("remove", f"{pointer}/if", None, "leave the condition out")
    return _as_written(texts)


def _without_name(texts: Texts, pointer: str, name: str, title: str) -> Suggestion | None:
    names = texts.read(pointer)
    if not isinstance(names, list) or names.count(name) != 1:
        return None
    path = f"{pointer}/{names.index(name)}" if len(names) > 1 else pointer  # draft 4 wants one name at least
    return edit("remove", path, None, title)


def _with_property(texts: Texts, atom: Property) -> Suggestion | None:
    pointer = texts.leaf.pointer
    if atom.steps[-2:-1] == ("properties",):
        return edit("replace", pointer, annotations(texts.read(pointer)), f"accept any value under {atom.name}")
    if atom.steps[-1:] != ("additionalProperties",):
        return None
    sites = texts.leaf.spot.sites.at_property(atom.name).sites
    schema = texts.written(sites[0].pointer) if len(sites) == 1 and atom.node.key == FALSE.key else None
    if not texts.moves(schema):
        return None
    path, title = f"{parent_of(pointer)}/properties", f"keep {atom.name}"
    if isinstance(texts.read(path), dict):
        return edit("add", path + step(atom.name), schema, title)
    return edit("add", path, {atom.name: schema}, title)


def _with_types(texts: Texts) -> Suggestion | None:
    pointer = texts.leaf.pointer
    said = texts.counterpart
    if said is None or not said.certain:
        return edit("remove", pointer, None, "leave the type out")
    ours, theirs = _listed(texts.read(pointer)), _listed(texts.written(said.pointer))
    names = [*ours, *(name for name in theirs if name not in ours)]
    if "number" in names and "integer" in names:
        names.remove("integer")
    if not ours or not theirs or set(names) == set(ours):
        return None
    return edit("replace", pointer, names, "accept the types that are written")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _with_values(texts: Texts) -> Suggestion | None:
    pointer, said, atom = texts.leaf.pointer, texts.counterpart, texts.leaf.atom
    assert isinstance(atom, Values)
    if said is None or not said.certain or not isinstance(said.atom, Values):
        return edit("remove", pointer, None, "accept any value")
    values = [*atom.values, *(value for value in said.atom.values if value_key(value) not in atom.keys)]
    if last_step(pointer) == "enum":
        return edit("replace", pointer, values, "accept the values that are written")
    schema = texts.read(parent_of(pointer))
    if not isinstance(schema, dict) or "enum" in schema:
        return None
    changed = {("enum" if word == "const" else word): one for word, one in schema.items()} | {"enum": values}
    return edit("replace", parent_of(pointer), changed, "accept the values that are written")


def _with_branch(texts: Texts, atom: AnyOf | OneOf) -> Suggestion | None:
    pointer, said = texts.leaf.pointer, texts.counterpart
    if said is None:
        return edit("remove", pointer, None, "leave the alternatives out")
    value = value_at_leaf(texts.leaf)
    if value is None or not isinstance(said.atom, AnyOf | OneOf):
        return None
    index, branch = next(((i, one) for i, one in enumerate(said.atom.nodes) if holds(one, value[0])), (0, None))
    content = texts.written(f"{said.pointer}/{index}")
    if branch is None or not texts.moves(content) or (isinstance(atom, OneOf) and _overlaps(texts, branch, atom)):
        return None
    return edit("add", f"{pointer}/-", content, "keep the alternative that is written")


def _overlaps(texts: Texts, branch: Node, atom: OneOf) -> bool:
    return any(not texts.solver.solve(Goal([branch, node])).none for node in atom.nodes)


def _as_written(texts: Texts) -> Suggestion | None:
    """Take over what the writer says under the same keyword; leave the keyword out where it says nothing."""
    pointer, said, atom = texts.leaf.pointer, texts.counterpart, texts.leaf.atom
    if isinstance(atom, Limit) and _is_modified(texts.read(parent_of(pointer))):
        return None
    keyword = last_step(pointer)
    plain = not isinstance(atom, Additional | Contains | Implies)
    if plain and said is not None and said.certain and last_step(said.pointer) == keyword:
        value = texts.written(said.pointer)
        modified = isinstance(atom, Limit) and _is_modified(texts.written(parent_of(said.pointer)))
        if texts.moves(value) and not modified and value != texts.read(pointer):
            return edit("replace", pointer, value, f"keep {keyword} as it is written")
    return edit("remove", pointer, None, f"leave {keyword} out")


def _is_modified(schema: Any) -> bool:
    """Say whether a bound of draft 4 is made exclusive by the keyword beside it."""
    words = ("exclusiveMinimum", "exclusiveMaximum")
    return isinstance(schema, dict) and any(isinstance(schema.get(word), bool) for word in words)
