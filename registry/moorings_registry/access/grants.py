"""From grants to what one caller may do: pure, over the grants of a state.

Grants only ever allow. What a caller may do is the union of all that match it, so there is nothing to order, and every
"why" has one answer: the first grant, by id, that covers it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from moorings_registry.access.nodes import WHOLE, Node, target_of
from moorings_registry.access.scopes import Permission, common_node
from moorings_registry.access.verbs import ANYWHERE, Verb, included
from moorings_registry.access.views import View
from moorings_registry.principals import ANONYMOUS, LOCAL_PRINCIPAL, Principal
from moorings_registry.state import Grant

ONE_SEGMENT = "/*"
"""At the end of a principal: any one segment of a SPIFFE path."""
_REMEMBERED = 4_096
"""Answers kept for one caller."""


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """A grant that matches a caller, read."""

    grant: Grant
    verbs: frozenset[Verb]
    node: Node


@dataclass(frozen=True, slots=True)
class Access:
    """What one caller may do."""

    is_unlimited: bool
    """For the registry's operator, and for everybody while no sign-in is configured."""
    is_signed_in: bool
    held: tuple[HeldGrant, ...]
    view: View
    ends: str = ""
    """The moment at which the first of the grants ends; empty where none does."""
    _answers: dict[tuple[Verb, str], bool] = field(default_factory=dict, compare=False, repr=False)

    def allows(self, verb: Verb, target: str) -> bool:
        """Whether the caller may do *verb* to *target*: a subject, a domain, a context, or `ANYWHERE`.

        Reading is not refused to whoever signed in: what may not be read is absent from the view.
        """
        if self.is_unlimited or verb is Verb.OPEN:
            return True
        answer = self._answers.get((verb, target))
        if answer is None:
            answer = self._decide(verb, target)
            if len(self._answers) < _REMEMBERED:
                self._answers[verb, target] = answer
        return answer

    def _decide(self, verb: Verb, target: str) -> bool:
        if verb is Verb.READ and (self.is_signed_in or (target == ANYWHERE and self.held)):
            return True
        return self.reason(verb, target) is not None

    def reason(self, verb: Verb, target: str) -> Grant | None:
        """The grant, the first by id, that allows *verb* on all of *target*; None where none does."""
        node = target_of(target)
        if node.is_prefix:
            return self.reason_for_node(verb, node)
        covering = (one for one in self.held if verb in one.verbs and one.node.covers(node.name, node.context))
        return next((one.grant for one in covering), None)

    def reason_for_node(self, verb: Verb, node: Node) -> Grant | None:
        """Like `reason`, for all that *node* covers."""
        return next((one.grant for one in self.held if verb in one.verbs and one.node.includes(node)), None)

    def holds(self, verb: Verb, node: Node) -> bool:
        """Whether the caller may do *verb* to all that *node* covers, and so grant it."""
        return self.is_unlimited or self.reason_for_node(verb, node) is not None

    def reads(self, target: str) -> bool:
        """Whether the caller was granted to read *target*."""
        return self.is_unlimited or self.reason(Verb.READ, target) is not None


def access_of(grants: Mapping[int, Grant], principal: Principal, now: str) -> Access:
    """What *principal* may do at *now*, a moment as entries have them."""
    if is_operator(principal):
        return UNLIMITED
    matching = sorted((one for one in grants.values() if matches(one, principal)), key=lambda one: one.id)
    in_force = [one for one in matching if not one.expires or now < one.expires]
    held = tuple(HeldGrant(one, _verbs(one, principal), Node.parse(one.node)) for one in in_force)
    if principal.scope is not None:
        held = _narrowed(held, principal.scope)
    readable = frozenset(one.node for one in held if Verb.READ in one.verbs)
    ends = min((one.expires for one in in_force if one.expires), default="")
    return Access(is_unlimited=False, is_signed_in=principal != ANONYMOUS, held=held, view=View.of(readable), ends=ends)


def _narrowed(held: Iterable[HeldGrant], scope: Iterable[str]) -> tuple[HeldGrant, ...]:
    """What is both granted and in the scope of a token."""
    asked = [Permission.parse(one) for one in scope]
    found = []
    for one in held:
        for permission in asked:
            verbs, node = one.verbs & included((permission.verb,)), common_node(one.node, permission.node)
            if verbs and node is not None:
                found.append(HeldGrant(one.grant, verbs, node))
    return tuple(found)


def is_operator(principal: Principal) -> bool:
    """Whether no issuer vouches for *principal* because it is the registry itself, or whoever runs it."""
    return principal is LOCAL_PRINCIPAL or (not principal.issuer and principal != ANONYMOUS)


def matches(grant: Grant, principal: Principal) -> bool:
    """Whether *grant* is for *principal*: every part of it that says something has to agree."""
    if grant.issuer != principal.issuer or not (grant.principal or grant.claims or grant.group):
        return False
    if grant.principal and not _is_named(grant.principal, principal.name):
        return False
    if any(principal.claims.get(name) != value for name, value in grant.claims.items()):
        return False
    groups = principal.claims.get("groups", ())
    return not grant.group or (isinstance(groups, tuple) and grant.group in groups)


def _is_named(pattern: str, name: str) -> bool:
    if not pattern.endswith(ONE_SEGMENT):
        return name == pattern
    folder = pattern[: -len(ONE_SEGMENT)] + "/"
    rest = name.removeprefix(folder)
    return name.startswith(folder) and bool(rest) and "/" not in rest


def _verbs(grant: Grant, principal: Principal) -> frozenset[Verb]:
    """The verbs of a grant; whoever shows no credential reads at most."""
    verbs = included(Verb(one) for one in grant.verbs)
    return verbs & {Verb.READ} if principal == ANONYMOUS else verbs


UNLIMITED = Access(is_unlimited=True, is_signed_in=False, held=(), view=View.of(frozenset((WHOLE,)), signed_in=False))
"""The access of the registry's operator."""
