"""Nodes: the parts of the tree of names that permissions are granted on.

``shop.orders`` is that name, its ``-key`` and ``-value``, and everything below it by dots. A trailing ``*`` makes a
prefix of it: ``orders*``. A context precedes the name: ``.eu/shop.orders``, ``.eu/*``; without one, the default context
is meant. ``*`` alone is the whole registry.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from moorings_registry.errors import SubjectInvalid
from moorings_registry.names import DEFAULT_CONTEXT, LONGEST_NAME, Scope, Subject

EVERYTHING = "*"
_IN_CONTEXT = re.compile(r"(?P<context>\.[A-Za-z0-9_.-]{0,200})/(?P<name>.*)", re.DOTALL)
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_OF_RECORDS = ("-key", "-value")


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the tree of names."""

    context: str
    """The context that it lies in; empty for the whole registry."""
    name: str
    is_prefix: bool = False

    @classmethod
    def parse(cls, text: str) -> "Node":
        """Read a node.

        Raises:
            ValueError: empty, too long, with control characters or with a ``*`` before its end; the text says which.
        """
        if text == EVERYTHING:
            return WHOLE
        matched = _IN_CONTEXT.fullmatch(text)
        context, name = (matched["context"], matched["name"]) if matched else (DEFAULT_CONTEXT, text)
        bare = name.removesuffix(EVERYTHING)
        if not name:
            raise ValueError("empty node")
        if len(name) > LONGEST_NAME or _UNUSABLE.search(name):
            raise ValueError(f"a node must have at most {LONGEST_NAME} printable characters")
        if EVERYTHING in bare:
            raise ValueError("a node has a * before its end")
        if bare.endswith(".") or (bare.startswith(".") and matched is None):
            raise ValueError("a node must not begin or end with a dot")
        return cls(context, bare, is_prefix=bare != name)

    def __str__(self) -> str:
        if self == WHOLE:
            return EVERYTHING
        name = f"{self.name}{EVERYTHING if self.is_prefix else ''}"
        ambiguous = self.context == DEFAULT_CONTEXT and (name == EVERYTHING or _IN_CONTEXT.fullmatch(name) is not None)
        return name if self.context == DEFAULT_CONTEXT and not ambiguous else f"{self.context}/{name}"

    def covers(self, name: str, context: str) -> bool:
        """Whether the one subject or domain *name* in *context* lies in this node."""
        if not self.context:
            return True
        if context != self.context:
            return False
        if self.is_prefix:
            return name.startswith(self.name)
        return _is_at(name, self.name) or name.startswith(self.name + ".")

    def includes(self, other: "Node") -> bool:
        """Whether everything that *other* covers is covered by this node, too."""
        if not self.context:
            return True
        if other.context != self.context:
            return False
        if self.is_prefix:
            return other.name.startswith(self.name)
        if other.name.startswith(self.name + "."):
            return True
        return other.name == self.name and not other.is_prefix

    def lies_below(self, name: str) -> bool:
        """Whether this node covers something below the domain *name*, and perhaps not that itself.

        Domains are the same in every context.
        """
        return bool(self.context) and self.name.startswith(name + ".")


WHOLE = Node("", "", is_prefix=True)
"""The whole registry."""


@lru_cache(maxsize=1024)  # one request asks several times about the same
def target_of(text: str) -> Node:
    """What a request is about, as the node that has to be covered whole.

    *text* is a subject, plain or qualified, a domain, a context as ``:.name:``, or empty for the registry.
    """
    if not text:
        return WHOLE
    try:
        scope = Scope.parse(text)
    except SubjectInvalid:
        return Node(DEFAULT_CONTEXT, text)
    if scope.subject is not None:
        return Node(scope.context, scope.subject.name)
    return WHOLE if scope.context == DEFAULT_CONTEXT else Node(scope.context, "", is_prefix=True)


def node_of(subject: Subject) -> str:
    """How the node of one subject is written in a grant."""
    return str(Node(subject.context, subject.name))


def _is_at(name: str, base: str) -> bool:
    return name == base or (name.startswith(base) and name[len(base) :] in _OF_RECORDS)
