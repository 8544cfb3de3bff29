"""Garbage collection of a server: none while it loads, since it would look at every object of a growing state again and
again, and seldom while it serves."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """Build long-lived objects in a block: none is garbage, so nothing is collected meanwhile.

    Afterwards they are left out of every collection to come (`gc.freeze`). Workers that are forked from here go on
    sharing their memory with the master, since a collection writes to each object that it looks at.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def collect_seldom() -> None:
    """Look for garbage after as many new objects as a few requests make: most of theirs are gone by then.

    Not more seldom: a refusal refers to the request that it refuses, body included, until it is collected.
    """
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])


_NEW_OBJECTS = 2_000
