"""From the keywords of any draft to nodes: the only module that knows how the meaning of the drafts differs.

Sources: the validation vocabularies of drafts 4 to 2020-12. What a specification leaves open (whether `dependencies`
still counts in later drafts, whether what `contains` accepts is evaluated in 2019-09) is read as jsonschema-rs does,
the engine of registry and client.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

from moorings_compat.json_schema.documents.drafts import Draft
from moorings_compat.json_schema.documents.pointers import Steps
from moorings_compat.json_schema.nodes.nodes import (
    ARRAY,
    FALSE,
    INTEGER,
    NUMBER,
    NUMBER_SORTS,
    OBJECT,
    STRING,
    TRUE,
    WHOLE,
    Additional,
    AnyOf,
    Atom,
    Conditional,
    Contains,
    Formatted,
    Implies,
    Item,
    ItemCount,
    Length,
    Limit,
    Matches,
    Multiple,
    Names,
    Needs,
    Negation,
    Node,
    OneOf,
    PatternProperty,
    Property,
    PropertyCount,
    Required,
    Rest,
    Types,
    UnevaluatedItems,
    UnevaluatedProperties,
    Unique,
    Values,
    value_key,
)

Inner: TypeAlias = Callable[[Steps, Any], Node]
"""Compiles a schema inside another one: by the steps that lead to it, and its content."""

_ATOMS_KEPT = 8_192

FORMATS: dict[str, Draft] = {
    name: draft
    for draft, names in (
        (Draft.DRAFT_4, "date-time date time email idn-email hostname ipv4 ipv6 uri regex"),
        (Draft.DRAFT_6, "uri-reference uri-template json-pointer"),
        (Draft.DRAFT_7, "idn-hostname iri iri-reference relative-json-pointer"),
        (Draft.DRAFT_2019_09, "duration uuid"),
    )
    for name in names.split(" ")
}
"""The formats that the validator asserts, and since which draft."""


def atoms_of(content: dict[str, Any], draft: Draft, inner: Inner, *, formats: bool, marks: bool) -> Iterator[Atom]:
    """Yield what *content* asserts by itself, its references left out.

    *marks* keeps what asserts nothing but still counts as evaluating a property or an item (`unevaluated…`).
    """
    yield from _of_any_kind(content, draft, inner, marks=marks)
    kinds = _relevant_kinds(content, draft)
    if NUMBER in kinds:
        yield from _of_numbers(content)
    if STRING in kinds:
        yield from _of_strings(content, draft, formats=formats)
    if ARRAY in kinds:
        yield from _of_arrays(content, draft, inner, marks=marks)
    if OBJECT in kinds:
        yield from _of_objects(content, draft, inner, marks=marks)


def sorts_of(names: Any, draft: Draft) -> frozenset[str]:
    """Read `type`."""
    sorts: set[str] = set()
    for name in [names] if isinstance(names, str) else names:
        if name == "number":
            sorts |= NUMBER_SORTS
        elif name == "integer":
            sorts |= {INTEGER} if draft is Draft.DRAFT_4 else {INTEGER, WHOLE}
        else:
            sorts.add(name)
    return frozenset(sorts)


def _relevant_kinds(content: dict[str, Any], draft: Draft) -> frozenset[str]:
    """The kinds of value whose keywords can matter next to `type`."""
    if "type" not in content:
        return frozenset([NUMBER, STRING, ARRAY, OBJECT])
    return frozenset(NUMBER if sort in NUMBER_SORTS else sort for sort in sorts_of(content["type"], draft))


def _of_any_kind(content: dict[str, Any], draft: Draft, inner: Inner, *, marks: bool) -> Iterator[Atom]:
    if "type" in content:
        yield Types(("type",), sorts_of(content["type"], draft))
    for keyword, values in (("enum", content.get("enum")), ("const", [content.get("const")])):
        if keyword in content and (keyword == "enum" or draft >= Draft.DRAFT_6) and isinstance(values, list):
            yield _allowed_values(keyword, values)
    yield from _choices(content, inner, marks=marks)
    if "not" in content:
        yield Negation(("not",), inner(("not",), content["not"]))
    if "if" in content and draft >= Draft.DRAFT_7:
        then, otherwise = (inner((word,), content[word]) if word in content else TRUE for word in ("then", "else"))
        if marks or then is not TRUE or otherwise is not TRUE:
            yield Conditional((), inner(("if",), content["if"]), then, otherwise)


def _allowed_values(keyword: str, values: list[Any]) -> Values:
    distinct = {value_key(value): value for value in reversed(values)}
    return Values((keyword,), tuple(reversed(distinct.values())), frozenset(distinct))


def _choices(content: dict[str, Any], inner: Inner, *, marks: bool) -> Iterator[Atom]:
    for index, child in enumerate(content.get("allOf", ())):
        yield from moved(inner(("allOf", index), child), ("allOf", index))
    for keyword, make in (("anyOf", AnyOf), ("oneOf", OneOf)):
        children = content.get(keyword, ())
        nodes = tuple(inner((keyword, index), child) for index, child in enumerate(children))
        if len(nodes) == 1:
            yield from moved(nodes[0], (keyword, 0))
        elif nodes and (marks or make is OneOf or not any(node.key == TRUE.key for node in nodes)):
            yield make((keyword,), nodes)


def moved(node: Node, steps: Steps) -> Iterator[Atom]:
    """Yield the atoms of *node* as seen from a schema that has it at *steps*."""
    for atom in node.atoms:
        yield with_steps(atom, steps + atom.steps)


def with_steps(atom: Atom, steps: Steps) -> Atom:
    """Copy *atom* with other steps."""
    copied = object.__new__(type(atom))
    for slots in (getattr(one, "__slots__", ()) for one in type(atom).__mro__):
        for name in slots:
            object.__setattr__(copied, name, getattr(atom, name))
    object.__setattr__(copied, "steps", steps)
    return copied


def _of_numbers(content: dict[str, Any]) -> Iterator[Atom]:
    for keyword, strict_keyword, lower in (
        ("minimum", "exclusiveMinimum", True),
        ("maximum", "exclusiveMaximum", False),
    ):
        strict = content.get(strict_keyword)
        if keyword in content:
            yield Limit((keyword,), lower, Fraction(content[keyword]), strict is True)
        if strict is not None and not isinstance(strict, bool):
            yield Limit((strict_keyword,), lower, Fraction(strict), True)
    if "multipleOf" in content:
        yield Multiple(("multipleOf",), Fraction(content["multipleOf"]))


def _of_strings(content: dict[str, Any], draft: Draft, *, formats: bool) -> Iterator[Atom]:
    if int(content.get("minLength", 0)) > 0:
        yield Length(("minLength",), True, int(content["minLength"]))
    if "maxLength" in content:
        yield Length(("maxLength",), False, int(content["maxLength"]))
    if "pattern" in content:
        yield Matches(("pattern",), content["pattern"])
    name = content.get("format")
    if formats and name in FORMATS and draft >= FORMATS[name]:
        # hostname has two definitions: since draft 7 punycode labels are checked
        yield Formatted(("format",), "hostname@4" if name == "hostname" and draft <= Draft.DRAFT_6 else name)


def _of_arrays(content: dict[str, Any], draft: Draft, inner: Inner, *, marks: bool) -> Iterator[Atom]:
    if int(content.get("minItems", 0)) > 0:
        yield ItemCount(("minItems",), True, int(content["minItems"]))
    if "maxItems" in content:
        yield ItemCount(("maxItems",), False, int(content["maxItems"]))
    if content.get("uniqueItems") is True:
        yield Unique(("uniqueItems",))
    yield from _items(content, draft, inner, marks=marks)
    if "contains" in content and draft >= Draft.DRAFT_6:
        counted = draft >= Draft.DRAFT_2019_09
        least = int(content.get("minContains", 1)) if counted else 1
        most = int(content["maxContains"]) if counted and "maxContains" in content else None
        if least > 0 or most is not None or marks:
            yield Contains(("contains",), inner(("contains",), content["contains"]), least, most)


def _items(content: dict[str, Any], draft: Draft, inner: Inner, *, marks: bool) -> Iterator[Atom]:
    listed, rest = "items", "additionalItems"
    if draft >= Draft.DRAFT_2020_12:
        listed, rest = "prefixItems", "items"
    elif not isinstance(content.get("items"), list):
        listed, rest = "", "items"
    prefix = content.get(listed, ())
    for index, child in enumerate(prefix):
        node = inner((listed, index), child)
        if marks or node.atoms:
            yield Item((listed, index), index, node)
    if rest in content:
        node = inner((rest,), content[rest])
        if marks or node.atoms:
            yield Rest((rest,), len(prefix), node)


def _of_objects(content: dict[str, Any], draft: Draft, inner: Inner, *, marks: bool) -> Iterator[Atom]:
    if int(content.get("minProperties", 0)) > 0:
        yield PropertyCount(("minProperties",), True, int(content["minProperties"]))
    if "maxProperties" in content:
        yield PropertyCount(("maxProperties",), False, int(content["maxProperties"]))
    for name in content.get("required", ()):
        yield _required(name)
    yield from _properties(content, inner, marks=marks)
    if "propertyNames" in content and draft >= Draft.DRAFT_6:
        node = inner(("propertyNames",), content["propertyNames"])
        if node.atoms:
            yield Names(("propertyNames",), node)
    yield from _dependencies(content, draft, inner, marks=marks)


def _properties(content: dict[str, Any], inner: Inner, *, marks: bool) -> Iterator[Atom]:
    for name, child in content.get("properties", {}).items():
        node = inner(("properties", name), child)
        if marks or node.atoms:
            yield _property(name, node)
    for pattern, child in content.get("patternProperties", {}).items():
        node = inner(("patternProperties", pattern), child)
        if marks or node.atoms:
            yield PatternProperty(("patternProperties", pattern), pattern, node)
    if "additionalProperties" in content:
        node = inner(("additionalProperties",), content["additionalProperties"])
        if marks or node.atoms:
            names = frozenset(content.get("properties", ()))
            patterns = tuple(sorted(content.get("patternProperties", ())))
            yield Additional(("additionalProperties",), names, patterns, node)


@lru_cache(maxsize=_ATOMS_KEPT)
def _property(name: str, node: Node) -> Property:
    """What `properties` says about *name*, the same atom for all versions that say the same."""
    return Property(("properties", name), name, node)


@lru_cache(maxsize=_ATOMS_KEPT)
def _required(name: str) -> Required:
    return Required(("required",), name)


def _dependencies(content: dict[str, Any], draft: Draft, inner: Inner, *, marks: bool) -> Iterator[Atom]:
    later = ("dependentRequired", "dependentSchemas") if draft >= Draft.DRAFT_2019_09 else ()
    for keyword in ("dependencies", *later):
        for name, child in content.get(keyword, {}).items():
            if isinstance(child, list):
                for other in child:
                    if other != name:
                        yield Needs((keyword, name), name, other)
            else:
                node = inner((keyword, name), child)
                if marks or node.atoms:
                    yield Implies((keyword, name), name, node)


def unevaluated_atoms(content: dict[str, Any], draft: Draft, inner: Inner, adjacent: Node) -> Iterator[Atom]:
    """Yield what `unevaluatedProperties` and `unevaluatedItems` add to *adjacent*, all the rest of the schema."""
    if draft < Draft.DRAFT_2019_09:
        return
    if "unevaluatedProperties" in content:
        node = inner(("unevaluatedProperties",), content["unevaluatedProperties"])
        yield UnevaluatedProperties(("unevaluatedProperties",), adjacent, node)
    if "unevaluatedItems" in content:
        node = inner(("unevaluatedItems",), content["unevaluatedItems"])
        yield UnevaluatedItems(("unevaluatedItems",), adjacent, node)


def boolean_node(content: bool) -> Node:
    """The node of the schema ``true`` or ``false``."""
    return TRUE if content else FALSE
