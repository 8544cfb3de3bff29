"""What has to be done in a target for some subjects to be there what they are here. Pure.

A plan is made from what is true here now and what the target holds now, whatever happened in between. So the same plan
twice does nothing, and it does not matter where an earlier one was cut off.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from moorings_registry.exporting.selecting import Selection
from moorings_registry.lifecycle import version_as_served
from moorings_registry.names import Subject
from moorings_registry.state import Place, State, Version


@dataclass(frozen=True, slots=True)
class Held:
    """What the target has of one subject."""

    active: frozenset[int] = frozenset()
    deleted: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """Versions of the target, in the order in which they are to be worked off: purge, register, restore, hide."""

    purge: tuple[Place, ...] = ()
    """Named as in the target: what is gone here, or is something else."""
    register: tuple[Place, ...] = ()
    """Named as here, like the others; what is referred to comes first."""
    restore: tuple[Place, ...] = ()
    hide: tuple[Place, ...] = ()
    """What refers to others comes first."""


def plan_export(
    state: State,
    selection: Selection,
    places: Collection[Place],
    held: Mapping[Subject, Held],
    other: Collection[Place],
) -> ExportPlan:
    """ExportPlan for *places*, which are all versions of the subjects at hand, what is referred to first.

    *held* is by the target's names; *other* are those of *places* under whose number the target has something else.
    """
    wanted = {(selection.target(subject), number) for subject, number in places}
    there = [(subject, number) for subject, one in held.items() for number in one.active | one.deleted]
    purge = [place for place in there if place not in wanted]
    purge += [(selection.target(subject), number) for subject, number in other]
    register: list[Place] = []
    restore: list[Place] = []
    hide: list[Place] = []
    for place in places:
        version = _seen(state, place)
        has = held.get(selection.target(place[0]), Held())
        missing = place in other or place[1] not in has.active | has.deleted
        if missing:
            register.append(place)
        hidden = not missing and place[1] in has.deleted
        if version is not None and version.deleted and not hidden:
            hide.append(place)
        elif version is not None and not version.deleted and hidden:
            restore.append(place)
    return ExportPlan(tuple(purge), tuple(register), tuple(restore), tuple(reversed(hide)))


def _seen(state: State, place: Place) -> Version | None:
    """The version at *place* as clients of the source see it: one of a retired major is soft-deleted.

    Not while something active refers to it, as outside the registered domains it may: the target would refuse.
    """
    version = state.version_at(place)
    if version is None or version.deleted:
        return version
    served = version_as_served(state, version)
    referrers = (one for by in state.referrers.get(place, ()) if (one := state.version_at(by)) is not None)
    used = served.deleted and any(not version_as_served(state, one).deleted for one in referrers)
    return version if used else served


def is_same(version: Version, told: Any) -> bool:
    """Whether the target's answer *told* speaks of *version*: ids stand for one definition for ever."""
    return isinstance(told, dict) and told.get("id") == version.id
