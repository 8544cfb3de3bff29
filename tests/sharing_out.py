"""How tests are shared out among processes: all tests of a place go to one."""

from collections.abc import Callable
from typing import Any

from xdist.scheduler import LoadScopeScheduling


class PlaceScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist carries no types
    """All tests of a place run in one process, one after another, so that what they share is started once.

    xdist's own `loadgroup` would do, but writes the group to where pytest 9.2 looks no longer: each test was a group of
    its own, without a word, and every process started every server.
    """

    def __init__(self, config: Any, log: Any, place_of: Callable[[str], str]) -> None:
        super().__init__(config, log)
        self._place_of = place_of

    def _split_scope(self, nodeid: str) -> str:
        return self._place_of(nodeid)
