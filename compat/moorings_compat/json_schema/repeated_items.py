"""Payloads whose items are different for a writer and alike for a reader that leaves fields out.

That two items become equal by what a reader leaves out has no form as a schema (`reader_projecting`), so that a
comparison alone finds arrays of different items and cannot say that they are one. Here such an array is made: an item
twice, the second time with a field that the reader does not declare. The real writer and reader confirm it.
"""

import copy
from collections.abc import Callable, Iterator
from typing import Any

from moorings_compat.json_schema.declared_fields import Location, locations

MOST = 300
"""Payloads that are tried for one."""
_SAMPLES: tuple[Any, ...] = (None, 0, 1, "", "a", False, [], {})

Variants = Callable[[Any], Iterator[Any]]
"""From a payload to others that are like it."""


def repeating(reader: Location | None, writer: Location | None) -> Variants:
    """Return what makes payloads with items that *reader* takes for equal."""
    ours = {name for one in _all(reader) for name in one.names}
    theirs = [name for one in _all(writer) for name in one.names]
    names = sorted(set(theirs), key=lambda name: (name in ours, name))

    def variants(value: Any) -> Iterator[Any]:
        for count, made in enumerate(_repeated(value, names)):
            if count == MOST:
                return
            yield made

    return variants


def _all(root: Location | None) -> Iterator[Location]:
    if root is not None:
        yield from locations(root)


def _repeated(value: Any, names: list[str]) -> Iterator[Any]:
    """Yield *value* with an item twice in one of its arrays, the second time with one field more."""
    whole = {"": copy.deepcopy(value)}
    for owner, key, array in list(_arrays(whole)):
        for item in [one for one in array if isinstance(one, dict | list)]:
            for more in _with_one_more(item, names):
                owner[key] = [item, more]
                yield copy.deepcopy(whole[""])
        owner[key] = array


def _arrays(value: Any) -> Iterator[tuple[Any, Any, list[Any]]]:
    """Yield each array inside *value* that has items, with what holds it and where."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        if isinstance(part, list) and part:
            yield value, key, part
        yield from _arrays(part)


def _with_one_more(item: Any, names: list[str]) -> Iterator[Any]:
    made = copy.deepcopy(item)
    for one in list(_objects(made)):
        for name in names:
            if name in one:
                continue
            for sample in _SAMPLES:
                one[name] = sample
                yield made
            del one[name]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(part)
