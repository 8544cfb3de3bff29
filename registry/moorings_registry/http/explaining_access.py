"""Whether a caller may do something, and which grant decides: asked about oneself, or about another caller."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import g

from moorings_registry.access import ANYWHERE, Access, Verb, access_of
from moorings_registry.callers_commands import owner_to_ask
from moorings_registry.http.requests import consult, current_registry, require_permission
from moorings_registry.principals import Principal
from moorings_registry.state import Grant, State


@dataclass(frozen=True, slots=True)
class ExplainedAccess:
    """An answer, and the grant that decides; None where none does."""

    principal: str
    verb: Verb
    node: str
    allowed: bool
    why: str
    grant: Grant | None
    ask: str
    """A sentence that says whom to ask; empty where it is allowed."""


def explain_access(verb: Verb, node: str, other: Principal | None = None) -> ExplainedAccess:
    """Whether *other*, or the caller, may do *verb* to *node*; empty for the registry as a whole.

    Raises:
        NotAllowed: it is about another caller, and the one who asks neither governs the node nor audits.
    """
    if other is not None and not current_registry().authorization.allows(g.principal, Verb.AUDIT, ANYWHERE):
        require_permission(Verb.GOVERN, node)
    about: Principal = other or g.principal

    def find(state: State) -> ExplainedAccess:
        access = access_of(state.grants, about, current_registry().dependencies.now())
        reason = access.reason(verb, node)
        allowed = access.is_unlimited or reason is not None
        ask = "" if allowed else _whom_to_ask(state, node)
        return ExplainedAccess(about.name, verb, node, allowed, _why(access, reason, verb, node), reason, ask)

    return consult(find)


def other_caller(name: str, issuer: str, claims: Mapping[str, str], groups: Sequence[str]) -> Principal | None:
    """The caller whom a question names; None where it names nobody, so that it is about the one who asks."""
    if not (name or issuer):
        return None
    shown: dict[str, str | tuple[str, ...]] = dict(claims)
    if groups:
        shown["groups"] = tuple(groups)
    return Principal(name or f"{issuer}:?", issuer or "?", shown)


def _why(access: Access, reason: Grant | None, verb: Verb, node: str) -> str:
    where = f"'{node}'" if node else "the whole registry"
    if access.is_unlimited:
        return "The caller is the registry's operator, who may do everything."
    if reason is not None:
        until = f" until {reason.expires}" if reason.expires else ""
        return f"Grant {reason.id} allows {', '.join(reason.verbs)} on '{reason.node}'{until}: {reason.because}"
    if not access.held:
        return f"No grant in force matches the caller, so {verb} on {where} is not allowed."
    ids = ", ".join(str(one.grant.id) for one in access.held)
    return f"The caller is matched by grants that do not allow {verb} on {where}: {ids}."


def _whom_to_ask(state: State, node: str) -> str:
    owner = owner_to_ask(state, node)
    return f"Ask {owner}, who owns the domain." if owner else "Ask the owner of its domain, or the registry's operator."
