"""Views: what callers with the same right to read see, as a test of names.

The domains above readable names are readable, too: their policies hold for these names.
"""

import threading
from typing import ClassVar

from moorings_registry.access.nodes import WHOLE, Node
from moorings_registry.names import Subject

_REMEMBERED = 100_000
"""Names of which a view remembers whether they may be read."""
_MOST_VIEWS = 10_000


class View:
    """What may be read; two callers with the same nodes share one, and with it what is cached for them."""

    __slots__ = ("__weakref__", "_domains", "_subjects", "is_whole", "last", "nodes", "signed_in")

    _interned: ClassVar[dict[tuple[frozenset[Node], bool], "View"]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, nodes: frozenset[Node], *, signed_in: bool) -> None:
        self.nodes = nodes
        self.signed_in = signed_in
        """Whether its callers signed in, so that answers must not outlive what they were granted."""
        self.is_whole = WHOLE in nodes
        self.last: object = None
        """What `visible` made last; a new state is asked for far less often than the same."""
        self._subjects: dict[Subject, bool] = {}
        self._domains: dict[str, bool] = {}

    @classmethod
    def of(cls, nodes: frozenset[Node], *, signed_in: bool = True) -> "View":
        """The view of those who may read *nodes*."""
        with cls._lock:
            known = cls._interned.get((nodes, signed_in))
            if known is None:
                if len(cls._interned) >= _MOST_VIEWS:
                    cls._interned.clear()
                known = cls._interned[nodes, signed_in] = View(nodes, signed_in=signed_in)
            return known

    def reads(self, subject: Subject) -> bool:
        """Whether *subject* itself may be read."""
        answer = self._subjects.get(subject)
        if answer is None:
            answer = any(node.covers(subject.name, subject.context) for node in self.nodes)
            if len(self._subjects) < _REMEMBERED:
                self._subjects[subject] = answer
        return answer

    def sees_domain(self, name: str) -> bool:
        """Whether the domain *name* may be read: it is readable itself, or lies above something that is."""
        answer = self._domains.get(name)
        if answer is None:
            answer = any(node.covers(name, node.context) or node.lies_below(name) for node in self.nodes)
            if len(self._domains) < _REMEMBERED:
                self._domains[name] = answer
        return answer

    def touches(self, context: str) -> bool:
        """Whether something in *context* may be readable."""
        return any(node.context in ("", context) for node in self.nodes)
