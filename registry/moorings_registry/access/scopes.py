"""Scopes: what a token is limited to, within what its principal is granted. Pairs of a verb and a node.

``register:shop.orders read:*`` is a list of two. In a node, characters that scopes must not have (RFC 6749 §3.3), and
``%``, are percent-encoded.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from moorings_registry.access.nodes import WHOLE, Node
from moorings_registry.access.verbs import GRANTABLE, ROOT_ONLY, Verb, included

MOST_PAIRS = 100
_SAFE = "".join(chr(one) for one in range(0x21, 0x7F) if chr(one) not in '"\\%')


@dataclass(frozen=True, slots=True)
class Permission:
    """One pair: a verb, with those that it includes, on a node."""

    verb: Verb
    node: Node

    def __str__(self) -> str:
        return f"{self.verb}:{quote(str(self.node), safe=_SAFE, errors='replace')}"

    @classmethod
    def parse(cls, text: str) -> "Permission":
        """Read one pair.

        Raises:
            ValueError: says why.
        """
        verb, colon, node = text.partition(":")
        if not colon or verb not in GRANTABLE:
            raise ValueError(f"not one of {', '.join(GRANTABLE)} with a node, such as read:shop.orders")
        permission = cls(Verb(verb), Node.parse(unquote(node, errors="strict")))
        if permission.verb in ROOT_ONLY and permission.node != WHOLE:
            raise ValueError(f"{verb} is granted on * alone")
        return permission

    def includes(self, other: "Permission") -> bool:
        """Whether *other* adds nothing to this one."""
        return other.verb in included((self.verb,)) and self.node.includes(other.node)


def read_scope(text: str) -> tuple[Permission, ...]:
    """Read a scope.

    Raises:
        ValueError: says which part is wrong and why.
    """
    parts = text.split(" ")
    if len(parts) > MOST_PAIRS:
        raise ValueError(f"more than {MOST_PAIRS} parts")
    found = []
    for number, part in enumerate(parts, 1):
        try:
            found.append(Permission.parse(part))
        except ValueError as error:
            raise ValueError(f"part {number}: {error}") from None
    return tuple(found)


def scope_text(permissions: Iterable[Permission]) -> str:
    """How *permissions* are written."""
    return " ".join(map(str, permissions))


def without_included(permissions: Iterable[Permission]) -> tuple[Permission, ...]:
    """*permissions* in their order of writing, without those that another one includes."""
    every = sorted(set(permissions), key=str)
    return tuple(one for one in every if not any(other != one and other.includes(one) for other in every))


def common_node(one: Node, other: Node) -> Node | None:
    """The narrower of two nodes, where one lies in the other; None where neither does."""
    if one.includes(other):
        return other
    return one if other.includes(one) else None
