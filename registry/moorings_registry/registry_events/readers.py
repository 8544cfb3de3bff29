"""Who may see an event: by the names that it is about."""

from collections.abc import Callable
from dataclasses import dataclass

from moorings_registry.access import WHOLE, Access, Node, Verb, audits
from moorings_registry.names import Subject


@dataclass(frozen=True, slots=True)
class Reader:
    """One who reads events, as tests of names."""

    reads: Callable[[Subject], bool]
    """Whether a subject may be named to them."""
    sees_domain: Callable[[str], bool]
    includes: Callable[[Node], bool]
    """Whether they govern all of a node."""
    audits: bool
    """Whether they may read the ledger."""


def reader_of_access(access: Access) -> Reader:
    """One who reads what *access* lets them see."""
    view = access.view
    return Reader(view.reads, view.sees_domain, lambda node: access.holds(Verb.GOVERN, node), audits(access))


def reader_of_node(node: Node, access: Access) -> Reader:
    """One who reads of what lies in *node* alone, which they govern or audit by *access*."""
    return Reader(
        lambda subject: node.covers(subject.name, subject.context),
        lambda domain: node.covers(domain, node.context),
        node.includes,
        node == WHOLE and audits(access),
    )
