"""What a caller may do who is not there: what was granted to them once, looked at again.

A webhook outlives the token that its author showed. What is known of the author are the grants that matched then; so it
goes by those to whom they were given. A grant that is given to them again, with another end, counts too.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from moorings_registry.access.grants import UNLIMITED, Access, HeldGrant
from moorings_registry.access.nodes import Node
from moorings_registry.access.verbs import Verb, included
from moorings_registry.access.views import View
from moorings_registry.state import Grant


def lasting_access(authority: Iterable[Grant], grants: Mapping[int, Grant], now: str) -> Access:
    """What those whom *authority* was given to may do at *now*, a moment as entries have them, by *grants*.

    Without any, it is the registry's operator, who may do everything.
    """
    receivers = {_receiver(one) for one in authority}
    if not receivers:
        return UNLIMITED
    in_force = [
        one
        for _, one in sorted(grants.items())
        if _receiver(one) in receivers and (not one.expires or now < one.expires)
    ]
    held = tuple(HeldGrant(one, included(Verb(verb) for verb in one.verbs), Node.parse(one.node)) for one in in_force)
    view = View.of(frozenset(one.node for one in held if Verb.READ in one.verbs))
    return Access(is_unlimited=False, is_signed_in=True, held=held, view=view)


def subscribing_grants(access: Access, node: Node) -> tuple[Grant, ...] | None:
    """The grants by which a caller may be sent what happens in *node*: to govern it, or to audit and to read it.

    None where they do not allow it; none of them for the registry's operator.
    """
    if access.is_unlimited:
        return ()
    audits_it = access.holds(Verb.AUDIT, node) and access.holds(Verb.READ, node)
    if not audits_it and not access.holds(Verb.GOVERN, node):
        return None
    return tuple(one.grant for one in access.held if one.node.includes(node) and one.verbs & _SUBSCRIBING)


def may_subscribe(access: Access, node: Node) -> bool:
    """Whether a caller may be sent what happens in *node*, and see and end webhooks of it."""
    return subscribing_grants(access, node) is not None


def audits(access: Access) -> bool:
    """Whether a caller may read the ledger: it audits, and may read everything."""
    return access.allows(Verb.AUDIT, "") and access.view.is_whole


def _receiver(grant: Grant) -> tuple[Any, ...]:
    return grant.issuer, grant.principal, tuple(sorted(grant.claims.items())), grant.group


_SUBSCRIBING = frozenset((Verb.READ, Verb.GOVERN, Verb.AUDIT))
