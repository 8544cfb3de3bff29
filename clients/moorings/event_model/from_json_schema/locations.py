"""The schemas that may apply to one value, and those below them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from moorings_compat.json_schema.documents.documents import Place, reference_texts
from moorings_compat.json_schema.documents.drafts import children
from moorings_compat.json_schema.documents.resolving import applied_in_place, target_of

_MOST_PLACES = 5_000
_CHOICES = ("anyOf", "oneOf")
_CONDITIONAL = ("if", "then", "else", "dependentSchemas", "dependencies")
Steps = tuple[Any, ...]


@dataclass(slots=True)
class Location:
    """The schemas that may apply to a value: those that do for every event, and those that do for some."""

    always: dict[int, Place] = field(default_factory=dict)
    sometimes: dict[int, Place] = field(default_factory=dict)

    @property
    def places(self) -> list[Place]:
        return [*self.always.values(), *self.sometimes.values()]


def location_of(starts: Iterable[Place]) -> Location:
    """Collect what applies together with *starts*, which always apply."""
    location = Location()
    waiting = [(place, True) for place in starts]
    while waiting:
        place, sure = waiting.pop()
        if id(place) in location.always or (not sure and id(place) in location.sometimes):
            continue
        location.sometimes.pop(id(place), None)
        (location.always if sure else location.sometimes)[id(place)] = place
        waiting += [(one, sure and always) for one, always in _in_place(place)]
    return location


def _in_place(place: Place) -> list[tuple[Place, bool]]:
    """Return the schemas that apply to the same value, and whether they always do; none of those under `not` does."""
    found = [(target_of(place, keyword, text), True) for keyword, text in reference_texts(place)]
    for steps, child in children_of(place):
        if steps[0] == "allOf":
            found.append((child, True))
        elif steps[0] in _CHOICES or steps[0] in _CONDITIONAL:
            found.append((child, False))
    return found


def possible_places(starts: Iterable[Place]) -> list[Place]:
    """Return *starts* and all that may be applied to the same value, in whatever branch, each once; `not` included."""
    found: dict[int, Place] = {}
    waiting = list(starts)
    while waiting:
        place = waiting.pop(0)
        if id(place) not in found and len(found) < _MOST_PLACES:
            found[id(place)] = place
            waiting.extend(applied_in_place(place))
    return list(found.values())


def children_of(place: Place) -> list[tuple[Steps, Place]]:
    """Return the schemas directly inside the one at *place*, with the steps that lead to them."""
    content = place.content
    if not isinstance(content, dict) or (place.draft.ref_hides_siblings and "$ref" in content):
        return []
    document = place.resource.document
    return [(steps, document.places[place.steps + steps]) for steps, _ in children(content, place.draft)]


def below(places: Iterable[Place], *keywords: str) -> list[Place]:
    """Return the schemas that *places* have under *keywords*."""
    return [child for place in places for steps, child in children_of(place) if steps[0] in keywords]


def properties_of(places: Iterable[Place]) -> dict[str, list[Place]]:
    """Collect the schemas of each property that *places* name."""
    found: dict[str, list[Place]] = {}
    for place in places:
        for steps, child in children_of(place):
            if steps[0] == "properties":
                found.setdefault(str(steps[1]), []).append(child)
    return found
