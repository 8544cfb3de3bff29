"""Keys of locations, and targets at locations: what a schema that contains itself becomes at each of its locations.

Equal keys of locations mean that the same is declared, there and below, in whatever schema.
"""

from moorings_compat.errors import BudgetSpent
from moorings_compat.json_schema.declared_fields import Location, locations
from moorings_compat.json_schema.nodes.nodes import ReferenceTarget, digest

_MOST_TARGETS = 2_000


def location_key(
    location: Location, known: dict[Location, bytes], dropping: frozenset[Location] = frozenset()
) -> bytes:
    """Digest *location* and all below it, and which of them are *dropping*; *known* remembers the keys."""
    key = known.get(location)
    if key is None:
        numbers = {one: number for number, one in enumerate(locations(location))}
        key = known[location] = digest("location", *(_described(one, numbers, dropping) for one in numbers))
    return key


def _described(location: Location, numbers: dict[Location, int], dropping: frozenset[Location]) -> tuple[object, ...]:
    def number(one: Location | None) -> int:
        return -1 if one is None else numbers[one]

    names = tuple((name, number(one)) for name, one in sorted(location.names.items()))
    below = (number(location.of_patterns), number(location.further), number(location.items))
    return names, location.patterns, below, location.closed, location in dropping


def compile_targets(targets: dict[bytes, ReferenceTarget]) -> None:
    """Compile *targets*, and those that this adds.

    Raises:
        BudgetSpent: the budget ended first, or there are too many.
    """
    waiting = list(targets)
    done: set[bytes] = set()
    while waiting:
        for key in waiting:
            assert targets[key].node is not None
        done.update(waiting)
        if len(done) > _MOST_TARGETS:
            raise BudgetSpent(f"more than {_MOST_TARGETS} schemas at locations of their own")
        waiting = [key for key in targets if key not in done]
