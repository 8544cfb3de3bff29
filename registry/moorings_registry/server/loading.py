"""Loading without garbage collection, which would look at every object of a growing state again and again."""

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
