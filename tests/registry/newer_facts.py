"""Facts as releases to come might write them: made-up kinds and versions, and forms that differ from today's."""

import random
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from moorings_registry import facts
from tests.registry.fact_examples import EXAMPLES

Stored = dict[str, Any]
_FILLED_BY_CALLERS = ("claims", "config", "kms_props", "metadata", "rule_set", "steps")
"""Members whose content is kept and handed on as it was sent."""


def newer_fact(chance: random.Random) -> Stored:
    """A fact that this release does not know, near to one that it does."""
    stored: Stored = deepcopy(facts.to_json(chance.choice(EXAMPLES)))
    return chance.choice(_CHANGES)(stored, chance)


def _another_kind(stored: Stored, chance: random.Random) -> Stored:
    return {**stored, "fact": chance.choice(("ShipSailed", stored["fact"].lower(), "", stored["fact"] + "2"))}


def _next_version(stored: Stored, chance: random.Random) -> Stored:
    return {**stored, "v": stored["v"] + chance.randint(1, 9)}


def _version_of_another_type(stored: Stored, chance: random.Random) -> Stored:
    return {**stored, "v": chance.choice((str(stored["v"]), True, None, [1], {}))}


def _one_member_more(stored: Stored, chance: random.Random) -> Stored:
    chance.choice(list(_closed(stored)))["reviewers_needed"] = chance.choice((2, "x", None, [], {}))
    return stored


def _one_member_less(stored: Stored, chance: random.Random) -> Stored:
    del stored[chance.choice(list(stored))]
    return stored


def _a_member_of_another_type(stored: Stored, chance: random.Random) -> Stored:
    names = [name for name in stored if name not in ("fact", "v", *_FILLED_BY_CALLERS)]
    return {**stored, chance.choice(names or ["v"]): {"new": [True]}}


def _a_value_that_is_not_in_a_list(stored: Stored, chance: random.Random) -> Stored:
    return {**facts.to_json(facts.ConfigChanged("", {"compatibility": f"SIDEWAYS_{chance.randint(1, 9)}"}))}


def _closed(value: Any) -> Iterator[Stored]:
    """The objects whose members this release knows by their names: all but those that callers fill."""
    if isinstance(value, Mapping):
        yield value
        for name, inner in value.items():
            if name not in _FILLED_BY_CALLERS:
                yield from _closed(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _closed(inner)


_CHANGES: tuple[Callable[[Stored, random.Random], Stored], ...] = (
    _another_kind,
    _next_version,
    _version_of_another_type,
    _one_member_more,
    _one_member_less,
    _a_member_of_another_type,
    _a_value_that_is_not_in_a_list,
)
