"""How an assertion can be violated, and how a disjunctive one can be satisfied: as options, lists of facts.

The options of one assertion together cover every way; they need not exclude each other.
"""

from collections.abc import Collection, Iterable
from typing import Any

from moorings_compat.json_schema.nodes.nodes import (
    ARRAY,
    FALSE,
    NUMBER,
    NUMBER_SORTS,
    OBJECT,
    TRUE,
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
    Never,
    Node,
    OneOf,
    PatternProperty,
    Property,
    PropertyCount,
    Required,
    Rest,
    SchemaReference,
    Types,
    UnevaluatedItems,
    UnevaluatedProperties,
    Unique,
    Values,
    kind_of,
    value_key,
)
from moorings_compat.json_schema.solving.disjoint_alternatives import overlapping
from moorings_compat.json_schema.solving.facts import (
    Absent,
    AtLeast,
    AtMost,
    BadItem,
    No,
    NotAmong,
    NotFormatted,
    NotMatching,
    NotMultiple,
    Option,
    Present,
    Repeated,
    SomeItem,
    SomeProperty,
    Sorts,
    Yes,
)
from moorings_compat.json_schema.solving.unevaluated import variants

_COUNTS = (Length, ItemCount, PropertyCount)


def only(atom: Atom) -> Node:
    """The node that asserts nothing but *atom*."""
    return Node((atom,))


def ways_to_violate(node: Node, kind: str, known: Collection[bytes]) -> list[Option]:
    """Every way in which a value of *kind* can violate *node*, given that it satisfies the atoms in *known*.

    An empty option means that every value of that kind does; no option, that none can.

    Raises:
        TooManyVariants: what counts as evaluated depends on too much.
    """
    options: list[Option] = []
    for atom in node.atoms:
        if (atom.kind is None or atom.kind == kind) and atom.key not in known:
            found = violations(atom, kind)
            if [] in found:
                return [[]]
            options.extend(found)
    return options


def violations(atom: Atom, kind: str) -> list[Option]:
    """Every way in which a value of *kind* can violate *atom*."""
    if atom.kind is None:
        return _violate_any(atom, kind)
    if atom.kind == ARRAY:
        return _violate_array(atom)
    if atom.kind == OBJECT:
        return _violate_object(atom)
    match atom:
        case Limit():
            return [[Yes(only(Limit(atom.steps, not atom.lower, atom.bound, not atom.exclusive)))]]
        case Multiple():
            return [[NotMultiple(atom.of)]]
        case Matches():
            return [[NotMatching(atom.pattern)]]
        case Formatted():
            return [[NotFormatted(atom.name)]]
    assert isinstance(atom, Length)
    return _beyond(Length, atom.lower, atom.bound)


def _beyond(make: type[Length] | type[ItemCount] | type[PropertyCount], lower: bool, bound: int) -> list[Option]:
    """The other side of a count: at most one less, or at least one more."""
    if lower:
        return [[Yes(only(make((), False, bound - 1)))]] if bound > 0 else []
    return [[Yes(only(make((), True, bound + 1)))]]


def _violate_any(atom: Atom, kind: str) -> list[Option]:
    match atom:
        case Types():
            return _other_types(atom, kind)
        case Values():
            return _other_values(atom, kind)
        case SchemaReference():
            return [[No(atom.target.node)]]
        case AnyOf():
            return [[No(node) for node in atom.nodes]]
        case OneOf():
            return _none_or_two(atom)
        case Negation():
            return [[Yes(atom.node)]]
        case Conditional():
            taken: list[Option] = [[Yes(atom.condition), No(atom.then)], [No(atom.condition), No(atom.otherwise)]]
            return [option for option in taken if isinstance(option[1], No) and option[1].node.atoms]
    assert isinstance(atom, Never)
    return [[]]


def _other_types(atom: Types, kind: str) -> list[Option]:
    if kind != NUMBER:
        return [] if kind in atom.sorts else [[]]
    left = NUMBER_SORTS - atom.sorts
    if left == NUMBER_SORTS:
        return [[]]
    return [[Sorts(left)]] if left else []


def _other_values(atom: Values, kind: str) -> list[Option]:
    values = [value for value in atom.values if kind_of(value) == kind]
    if not values:
        return [[]]
    if kind in (ARRAY, OBJECT):
        return [[No(exactly(value)) for value in values]]
    return [[NotAmong(tuple(values))]]


def exactly(value: Any) -> Node:
    """The node that only *value* satisfies, in terms of its parts."""
    if isinstance(value, dict):
        atoms: list[Atom] = [Types((), frozenset([OBJECT])), Additional((), frozenset(value), (), FALSE)]
        for name, one in value.items():
            atoms += [Required((), name), Property((), name, exactly(one))]
        return Node(tuple(atoms))
    if isinstance(value, list):
        atoms = [Types((), frozenset([ARRAY])), ItemCount((), False, len(value)), ItemCount((), True, len(value))]
        atoms.extend(Item((), index, exactly(one)) for index, one in enumerate(value))
        return Node(tuple(atoms))
    return only(Values((), (value,), frozenset([value_key(value)])))


def _none_or_two(atom: OneOf) -> list[Option]:
    """`oneOf` fails where no branch holds, or where one does and then another one behind it, if there can be one."""
    nodes = atom.nodes
    options: list[Option] = [[No(node) for node in nodes]]
    for index, behind in enumerate(overlapping(atom)):
        others = tuple(nodes[other] for other in behind)
        if others:
            options.append([Yes(nodes[index]), Yes(others[0] if len(others) == 1 else only(AnyOf((), others)))])
    return options


def _one_alone(atom: OneOf) -> list[Option]:
    """`oneOf` holds where one branch does, and none of those that could besides."""
    besides: list[list[Node]] = [[] for _ in atom.nodes]
    for index, behind in enumerate(overlapping(atom)):
        for other in behind:
            besides[index].append(atom.nodes[other])
            besides[other].append(atom.nodes[index])
    return [[Yes(node), *map(No, others)] for node, others in zip(atom.nodes, besides, strict=True)]


def _violate_array(atom: Atom) -> list[Option]:
    match atom:
        case Item():
            return [[BadItem(atom.index, atom.node)]]
        case Rest():
            return [[SomeItem(atom.start, atom.node)]]
        case ItemCount():
            return _beyond(ItemCount, atom.lower, atom.bound)
        case Unique():
            return [[Repeated()]]
        case Contains():
            options: list[Option] = [[AtMost(atom.node, atom.least - 1)]] if atom.least > 0 else []
            if atom.most is not None:
                options.append([AtLeast(atom.node, atom.most + 1)])
            return options
    assert isinstance(atom, UnevaluatedItems)
    return [
        [Yes(atom.adjacent), *facts, *(No(only(rest)) for rest in [region.rest(atom.node)] if rest)]
        for facts, region in variants(atom.adjacent, ARRAY)
        if not region.everything
    ]


def _violate_object(atom: Atom) -> list[Option]:
    match atom:
        case Property():
            return [[Present(atom.name, atom.node, False)]]
        case PatternProperty():
            return [[SomeProperty(atom.node, pattern=atom.pattern)]]
        case Additional():
            return [[SomeProperty(atom.node, atom.names, atom.patterns)]]
        case Names():
            return [[SomeProperty(None, name_node=atom.node)]]
        case PropertyCount():
            return _beyond(PropertyCount, atom.lower, atom.bound)
        case Required():
            return [[Absent(atom.name)]]
        case Needs():
            return [[Present(atom.name), Absent(atom.other)]]
        case Implies():
            return [[Present(atom.name), No(atom.node)]]
    assert isinstance(atom, UnevaluatedProperties)
    return [
        [Yes(atom.adjacent), *facts, SomeProperty(atom.node, region.names, region.patterns)]
        for facts, region in variants(atom.adjacent, OBJECT)
        if not region.everything
    ]


def ways_to_satisfy(atom: Atom) -> list[Option]:
    """Every way in which a disjunctive atom can hold.

    Raises:
        TooManyVariants: what counts as evaluated depends on too much.
    """
    match atom:
        case AnyOf():
            return [[Yes(node)] for node in atom.nodes]
        case OneOf():
            return _one_alone(atom)
        case Conditional():
            return _ways_through(atom)
        case UnevaluatedItems():
            return [
                [*facts, *(Yes(only(rest)) for rest in [region.rest(atom.node)] if not region.everything)]
                for facts, region in variants(atom.adjacent, ARRAY)
            ]
    assert isinstance(atom, UnevaluatedProperties)
    return [
        [
            *facts,
            *(
                Yes(only(Additional((), region.names, region.patterns, atom.node)))
                for _ in [0]
                if not region.everything
            ),
        ]
        for facts, region in variants(atom.adjacent, OBJECT)
    ]


def _ways_through(atom: Conditional) -> list[Option]:
    if atom.then.key == TRUE.key:
        return [[Yes(atom.condition)], [Yes(atom.otherwise)]]
    if atom.otherwise.key == TRUE.key:
        return [[No(atom.condition)], [Yes(atom.then)]]
    return [[Yes(atom.condition), Yes(atom.then)], [No(atom.condition), Yes(atom.otherwise)]]


def follows(atom: Atom, known: Iterable[Atom]) -> bool:
    """Say whether one of the *known* assertions alone plainly implies *atom*; False is not a proof."""
    return any(type(other) is type(atom) and _implies(other, atom) for other in known)


def _implies(known: Atom, atom: Atom) -> bool:
    if isinstance(known, _COUNTS) and isinstance(atom, _COUNTS):
        return known.lower == atom.lower and (known.bound >= atom.bound if atom.lower else known.bound <= atom.bound)
    if isinstance(known, Limit) and isinstance(atom, Limit):
        return known.lower == atom.lower and _is_tighter(known, atom)
    if isinstance(known, Types) and isinstance(atom, Types):
        return known.sorts <= atom.sorts
    if isinstance(known, Values) and isinstance(atom, Values):
        return known.keys <= atom.keys
    if isinstance(known, Multiple) and isinstance(atom, Multiple):
        return (known.of / atom.of).denominator == 1
    return False


def _is_tighter(known: Limit, atom: Limit) -> bool:
    if known.bound == atom.bound:
        return known.exclusive or not atom.exclusive
    return (known.bound > atom.bound) == atom.lower
