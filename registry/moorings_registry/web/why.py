"""What the caller may do, and why: the page behind every "why may I not"."""

from typing import Any

from flask import Response, g

from moorings_registry.access import GRANTABLE, Access, Verb, access_of
from moorings_registry.errors import SubjectInvalid
from moorings_registry.http.explaining_access import ExplainedAccess, explain_access, other_caller
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.names import Subject, domain_and_ancestors
from moorings_registry.principals import Principal
from moorings_registry.state import Domain, State
from moorings_registry.web import query_params
from moorings_registry.web.rendering import page

_FIELDS = ("verb", "node", "principal", "group")


def show_why() -> Response:
    """Answer whether the caller, or another one, may do a verb to a node; and show what the caller holds.

    Raises:
        NotAllowed: about another caller, where the one who asks neither governs the node nor audits.
    """
    asked = {name: query_params.text(name) for name in _FIELDS}
    verb = query_params.choice("verb", [str(one) for one in GRANTABLE])
    answer = explain_access(Verb(verb), asked["node"], _other(asked)) if verb else None
    return consult(lambda state: _show(state, asked, answer))


def _show(state: State, asked: dict[str, str], answer: ExplainedAccess | None) -> Response:
    now = current_registry().dependencies.now()
    access: Access = access_of(state.grants, g.principal, now)
    return page(
        "why.html",
        title="What may I do?",
        section="",
        state=state,
        asked=asked,
        answer=answer,
        owner=_owner(state, asked["node"]) if answer is not None else None,
        verbs=[str(one) for one in GRANTABLE],
        held=[one.grant for one in access.held],
        is_unlimited=access.is_unlimited,
        facts=_facts(g.principal),
        moment_now=now,
    )


def _other(asked: dict[str, str]) -> Principal | None:
    groups = [asked["group"]] if asked["group"] else []
    return other_caller(asked["principal"], asked["principal"].partition(":")[0], {}, groups)


def _owner(state: State, node: str) -> Domain | None:
    """The nearest domain over *node* that the caller sees."""
    try:
        name = node if node in state.domains else Subject.parse(node).domain or ""
    except SubjectInvalid:
        return None
    return next((state.domains[one] for one in domain_and_ancestors(name) if one in state.domains), None)


def _facts(principal: Principal) -> list[tuple[str, Any]]:
    """What grants may match the caller by."""
    if not principal.issuer:
        return []
    shown = {"principal": principal.name, "issuer": principal.issuer, **principal.claims}
    return [(name, ", ".join(value) if isinstance(value, tuple) else value) for name, value in shown.items()]
