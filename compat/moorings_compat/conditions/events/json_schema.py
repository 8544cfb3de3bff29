"""JSON events: made from what the writer's schema declares, and held against the real validators of both sides."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from moorings_compat.cel.values import NoCelValue, Size, text_to_cel
from moorings_compat.conditions.events.port import (
    ABSENT,
    DEEPEST,
    ITEM,
    MOST_ITEMS,
    VALUE,
    Choices,
    Event,
    Events,
    EventUnreadable,
    FieldView,
    Path,
    Site,
    View,
    leads_to,
    most_sites,
)
from moorings_compat.conditions.literals import Literals
from moorings_compat.errors import BudgetSpent
from moorings_compat.json_schema.documents.documents import Place
from moorings_compat.json_schema.documents.drafts import children
from moorings_compat.json_schema.documents.resolving import all_applied_in_place
from moorings_compat.json_schema.model import Model, model_of
from moorings_compat.json_schema.payloads import read_payload, write_payload
from moorings_compat.json_schema.projection import projection
from moorings_compat.json_schema.solving import Goal, Solver
from moorings_compat.limits import Budget
from moorings_compat.policies import JsonFields, Policy
from moorings_compat.schema import Schema

_LOW, _HIGH = -(2**53), 2**53
_MOST_PLACES = 400
_ITEMS = ("items", "prefixItems", "additionalItems", "contains")
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_SIZES = ("minLength", "maxLength", "minItems", "maxItems")
_FORMATS = {
    "date-time": "2024-01-01T00:00:00Z",
    "date": "2024-01-01",
    "time": "00:00:00Z",
    "duration": "P1D",
    "email": "a@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/a",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def events(reader: Schema, writer: Schema, event: str, policy: Policy, budget: Budget) -> Events:  # noqa: ARG001 - of other formats
    """Return the events of *writer*, as *reader* reads them."""
    return JsonEvents(reader, writer, policy, budget)


def view_of_given(text: str, reader: Schema, writer: Schema, event: str, policy: Policy) -> View:  # noqa: ARG001 - of other formats
    """Read a given event.

    Raises:
        EventUnreadable
    """
    sent, received = read_payload(text), read_payload(text)
    if not model_of(writer).validator(formats=policy.formats_asserted).is_valid(sent):
        raise EventUnreadable("the event is not valid under the revision that it was written with")
    leave_out = projection(reader) if policy.json_fields is JsonFields.DECLARED else None
    if leave_out is not None:
        leave_out(received)
    if not model_of(reader).validator(formats=policy.formats_asserted).is_valid(received):
        raise EventUnreadable("the event is not valid")
    try:
        return _view(_in_place([model_of(reader).document.places[()]]), received)
    except NoCelValue:
        raise EventUnreadable("the event has a value that CEL does not have") from None


class JsonEvents:
    """The events that one writer's schema allows, as one reader sees them."""

    def __init__(self, reader: Schema, writer: Schema, policy: Policy, budget: Budget) -> None:
        self._budget = budget
        self._formats = formats = policy.formats_asserted
        self._leave_out = projection(reader) if policy.json_fields is JsonFields.DECLARED else None
        self._writer: Model = model_of(writer)
        self._accepts = self._writer.validator(formats=formats).is_valid
        self._is_readable = model_of(reader).validator(formats=formats).is_valid
        self._root = _in_place([self._writer.document.places[()]])
        self._read_root = _in_place([model_of(reader).document.places[()]])
        self._base = self._least()

    def sites(self, literals: Literals) -> list[Site]:
        found: dict[Path, Site] = {}
        for path, places in islice(_places(self._root, ()), _MOST_PLACES):
            if literals.name(path) and path not in found and len(found) < most_sites(literals):
                found[path] = Site(path, list(_options(_contents(places), path[-1] in (ITEM, VALUE), literals)))
        return list(found.values())

    def event(self, choices: Choices) -> Event | None:
        value = _sample(self._root, (), choices, 0)
        if not self._accepts(value):
            value = _laid_over(self._base, self._root, (), choices)
        text = write_payload(value)
        sent, received = read_payload(text), read_payload(text)
        if self._leave_out is not None:
            self._leave_out(received)
        if not self._accepts(sent) or not self._is_readable(received):
            return None
        try:
            return Event(text, "", _view(self._root, sent), _view(self._read_root, received))
        except NoCelValue:
            return None

    def _least(self) -> Any:
        """Return a value that the writer allows, as far as the search finds one."""
        value = _sample(self._root, (), {}, 0)
        if self._accepts(value):
            return value
        try:
            answer = self._budget.shared(Solver).solve(Goal([self._writer.root(formats=self._formats)]))
        except BudgetSpent:
            return value
        return read_payload(write_payload(answer.value)) if answer.found else value


def _in_place(starts: list[Place]) -> list[Place]:
    return all_applied_in_place(starts, _MOST_PLACES)


def _contents(places: list[Place]) -> list[dict[str, Any]]:
    return [place.content for place in places if isinstance(place.content, dict)]


def _below(places: list[Place], keyword: str, name: str | None = None) -> list[Place]:
    """Return the schemas that apply to a property, or to items, with all that they apply in place."""
    found = []
    for place in places:
        if not isinstance(place.content, dict) or (place.draft.ref_hides_siblings and "$ref" in place.content):
            continue
        document = place.resource.document
        for steps, _ in children(place.content, place.draft):
            if steps[0] == keyword and (name is None or steps[1:] == (name,)):
                found.append(document.places[place.steps + steps])
    return _in_place(found)


def _items(places: list[Place]) -> list[Place]:
    return [one for keyword in _ITEMS for one in _below(places, keyword)]


def _places(places: list[Place], path: Path) -> Iterator[tuple[Path, list[Place]]]:
    if len(path) > DEEPEST:
        return
    names = dict.fromkeys(name for content in _contents(places) for name in content.get("properties", ()))
    for name in names:
        below, inner = _below(places, "properties", name), (*path, name)
        yield inner, below
        yield from _places(below, inner)
    for below, step in ((_items(places), ITEM), (_below(places, "additionalProperties"), VALUE)):
        if below:
            yield (*path, step), below
            yield from _places(below, (*path, step))


def _options(contents: list[dict[str, Any]], element: bool, literals: Literals) -> Iterator[Any]:
    """Yield values to try, of every type that may be allowed: the validator decides."""
    if not element:
        yield ABSENT
    for content in contents:
        yield from content.get("enum", ())[:50]
        if "const" in content:
            yield content["const"]
    yield from _of_types(_types(contents), contents, _wider(contents, literals))


def _wider(contents: list[dict[str, Any]], literals: Literals) -> Literals:
    """Add the bounds that the schema names to the constants."""
    bounds = tuple(c[key] for c in contents for key in _NUMBERS if isinstance(c.get(key), int | float))
    sizes = tuple(c[key] for c in contents for key in _SIZES if isinstance(c.get(key), int) and c[key] < 1_000)
    return Literals(literals.names, (*literals.numbers, *bounds, *sizes), literals.texts)


def _of_types(types: list[str], contents: list[dict[str, Any]], wider: Literals) -> Iterator[Any]:
    if not types or "integer" in types or "number" in types:
        yield from wider.whole(_LOW, _HIGH)
    if "number" in types:
        yield from wider.real()
    if not types or "string" in types:
        yield from (_FORMATS[c["format"]] for c in contents if c.get("format") in _FORMATS)
        yield from wider.words()
    if not types or "boolean" in types:
        yield from (False, True)
    if not types or "null" in types:
        yield None
    if "array" in types:
        yield from map(_Length, wider.sizes(MOST_ITEMS))
    if "object" in types:
        yield from ({}, {"a": {}}, *({one: one} for one in wider.texts))


class _Length(int):
    """The choice of how many items an array has, told from a number."""


def _types(contents: list[dict[str, Any]]) -> list[str]:
    named = [content["type"] for content in contents if "type" in content]
    return list(dict.fromkeys(one for types in named for one in (types if isinstance(types, list) else [types])))


def _sample(places: list[Place], path: Path, choices: Choices, depth: int) -> Any:
    """Make a small value: as chosen, on the way to a choice, or what the keywords ask for most plainly."""
    chosen = choices.get(path, ABSENT)
    on_the_way = leads_to(path, choices)
    if not isinstance(chosen, _Length) and chosen is not ABSENT and not on_the_way:
        return chosen
    contents = _contents(places)
    for content in () if on_the_way else contents:
        if "const" in content:
            return content["const"]
        if content.get("enum"):
            return content["enum"][0]
    types = _types(contents)
    if any("properties" in one or "required" in one for one in contents) and (not types or "object" in types):
        kind = "object"
    else:
        wanted = "array" if isinstance(chosen, _Length) or (*path, ITEM) in choices else ""
        kind = wanted if wanted in types else next((one for one in types if one != "null"), *types[:1] or [""])
    if depth > DEEPEST:
        return None
    if kind in _SCALARS:
        return _SCALARS[kind](contents)
    if kind == "array":
        return _array(places, path, choices, depth)
    return _object(places, path, choices, depth) if kind == "object" or not path or on_the_way else ""


def _object(places: list[Place], path: Path, choices: Choices, depth: int) -> Any:
    contents = _contents(places)
    names = dict.fromkeys(name for one in contents for name in one.get("properties", ()))
    required = {name for one in contents for name in one.get("required", ())}
    made = {}
    for name in dict.fromkeys((*names, *sorted(required))):
        inner = (*path, name)
        if choices.get(inner) is ABSENT and inner in choices:
            continue
        if name in required or inner in choices or leads_to(inner, choices):
            made[name] = _sample(_below(places, "properties", name), inner, choices, depth + 1)
    value = (*path, VALUE)
    if value in choices or leads_to(value, choices):
        made["a"] = _sample(_below(places, "additionalProperties"), value, choices, depth + 1)
    return made


def _array(places: list[Place], path: Path, choices: Choices, depth: int) -> Any:
    chosen, inner = choices.get(path), (*path, ITEM)
    least = max((one["minItems"] for one in _contents(places) if isinstance(one.get("minItems"), int)), default=0)
    count = int(chosen) if isinstance(chosen, _Length) else max(min(least, MOST_ITEMS), int(leads_to(path, choices)))
    return [_sample(_items(places), inner, choices, depth + 1) for _ in range(count)]


def _string(contents: list[dict[str, Any]]) -> Any:
    named = next((_FORMATS[one["format"]] for one in contents if one.get("format") in _FORMATS), None)
    least = max((one["minLength"] for one in contents if isinstance(one.get("minLength"), int)), default=0)
    return named if named is not None else "a" * min(least, 1_000)


def _number(contents: list[dict[str, Any]]) -> Any:
    for content in contents:
        for keyword, step in (("minimum", 0), ("exclusiveMinimum", 1), ("maximum", 0), ("exclusiveMaximum", -1)):
            if isinstance(content.get(keyword), int | float) and not isinstance(content[keyword], bool):
                return content[keyword] + step
    return 0


_SCALARS: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
    "string": _string,
    "integer": _number,
    "number": _number,
    "boolean": lambda _: False,
    "null": lambda _: None,
}


def _laid_over(base: Any, places: list[Place], path: Path, choices: Choices) -> Any:
    """Put what is chosen into *base*, a valid event; what is missing on the way is made as `_sample` makes it."""
    if path in choices and not isinstance(choices[path], _Length) and not leads_to(path, choices):
        return choices[path]
    if isinstance(base, dict):
        made = dict(base)
        below = {one[len(path)] for one in choices if one[: len(path)] == path and len(one) > len(path)} - {ITEM, VALUE}
        for name in sorted(below):
            inner, inside = (*path, name), _below(places, "properties", name)
            if inner in choices and choices[inner] is ABSENT:
                made.pop(name, None)
            elif name in made:
                made[name] = _laid_over(made[name], inside, inner, choices)
            else:
                made[name] = _sample(inside, inner, choices, 0)
        return made
    if isinstance(base, list) and base and not isinstance(choices.get(path), _Length):
        return [_laid_over(one, _items(places), (*path, ITEM), choices) for one in base]
    return _sample(places, path, choices, 0) if path in choices or leads_to(path, choices) else base


def _view(root: list[Place], value: Any) -> View:
    size = Size()
    seen = _to_cel(value, size)
    return View(seen, size, partial(_listed, root, seen))


def _listed(root: list[Place], seen: Any) -> list[FieldView]:
    return list(_fields(root, seen, None, "$"))


_Owner = tuple[str, frozenset[str], Any]


def _fields(places: list[Place], seen: Any, owner: _Owner | None, path: str) -> Iterator[FieldView]:
    """Yield the primitive values in *seen*; *owner* is the field around: its name, its tags and its record."""
    contents = _contents(places)
    if isinstance(seen, dict):
        for name in dict.fromkeys(name for one in contents for name in one.get("properties", ())):
            if name in seen:
                below = _below(places, "properties", name)
                tags = (one.get("confluent:tags") for one in _contents(below))
                given = frozenset(str(tag) for one in tags if isinstance(one, list) for tag in one)
                yield from _fields(below, seen[name], (name, given, seen), f"{path}.{name}")
        declared = {name for one in contents for name in one.get("properties", ())}
        further = _below(places, "additionalProperties")
        for name in seen.keys() - declared if further else ():
            yield from _fields(further, seen[name], owner, path)
    elif isinstance(seen, list):
        for one in seen:
            yield from _fields(_items(places), one, owner, path)
    elif owner is not None and not any("enum" in one or "const" in one for one in contents):
        kind = _type_name(_types(contents), seen)
        if kind:
            yield FieldView(seen, owner[0], path, kind, owner[1], owner[2])


def _type_name(types: list[str], value: Any) -> str:
    """Return the word for the primitive type, among *types*, that *value* is of; empty where it is of none."""
    if isinstance(value, bool):
        return "BOOLEAN" if "boolean" in types else ""
    if isinstance(value, str):
        return "STRING" if "string" in types else ""
    if value is None:
        return ""
    fitting = {"number": "DOUBLE"}
    if isinstance(value, int) or value == value // 1:
        fitting["integer"] = "INT"
    return next((fitting[one] for one in types if one in fitting), "")


def _to_cel(value: Any, size: Size) -> Any:
    size.values += 1
    if isinstance(value, str):
        return text_to_cel(value, size)
    if isinstance(value, dict):
        return {text_to_cel(name, size): _to_cel(one, size) for name, one in value.items()}
    if isinstance(value, list):
        return [_to_cel(one, size) for one in value]
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**64:
        raise NoCelValue
    return value
