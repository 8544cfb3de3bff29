"""Forms about domains: registering one, who owns it, whom to ask, and its policy."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, g

from moorings_compat import Problem
from moorings_compat.event_names import EventKind
from moorings_registry.access import ANYWHERE, Verb
from moorings_registry.commands import AcceptOwnerTransfer, EndOwnerTransfer, PutDomain, receives
from moorings_registry.errors import RequestInvalid
from moorings_registry.etags import domain_etag
from moorings_registry.http.native.domain_shapes import DomainBody
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.names import domain_name
from moorings_registry.policy import (
    NOTICE_DAYS,
    POLICY_CHOICES,
    QUIET_DAYS,
)
from moorings_registry.state import Domain, State
from moorings_registry.version_queries import known_domain
from moorings_registry.web import forms, links
from moorings_registry.web.rendering import page

_BODY = DomainBody()
CHOICES: dict[str, tuple[str, ...]] = {**POLICY_CHOICES, "complete": ("yes", "no")}
"""The members of a policy that are one of a few values; empty: as the domain above says."""
DAYS = (NOTICE_DAYS, QUIET_DAYS)
KINDS = tuple(map(str, EventKind))
_LONGEST_DAYS = 10


@dataclass(frozen=True, slots=True)
class DomainForms:
    """What the caller may do with a domain."""

    etag: str
    governs: bool
    accepts: bool
    """It is offered, and the caller may accept it."""
    offered: bool
    choices: Mapping[str, tuple[str, ...]]
    days: tuple[str, ...]
    kinds: tuple[str, ...]
    policy: Mapping[str, Any]
    """What the domain itself sets, in the words of the form."""

    @staticmethod
    def options(values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        """The choices of a member that may be left to the domain above."""
        return (("", "as above it"), *((value, value) for value in values))


def domain_forms(state: State, domain: Domain) -> DomainForms | None:
    """The forms for *domain*; None for callers who may send none of them."""
    governs = forms.may(Verb.GOVERN, domain.name)
    offer, now = domain.offer, current_registry().dependencies.now()
    accepts = offer is not None and g.principal.name != offer.offered_by and receives(state, offer, g.principal, now)
    if not governs and not accepts:
        return None
    words = {True: "yes", False: "no"}
    policy = {name: words[value] if isinstance(value, bool) else value for name, value in domain.policy.items()}
    etag = domain_etag(state, domain.name)
    return DomainForms(etag, governs, accepts, offer is not None, CHOICES, DAYS, KINDS, policy)


def new_domain() -> Response:
    """Show the form that registers a domain."""
    return consult(
        lambda state: page("new_domain.html", title="New domain", section="Domains", state=state, above=_above())
    )


def _above() -> str:
    """Whether the caller may register a domain that lies in no other; else below which kind it may."""
    return "" if forms.may(Verb.GOVERN, ANYWHERE) else "Register it below a domain that you govern."


def create_domain() -> Response:
    """Register a domain that there is not yet, and lead to its page.

    Raises:
        CrossSiteRefused, DomainNameInvalid, RequestInvalid, StateChanged, and what `PutDomain` raises.
    """
    name = domain_name(forms.field("domain"))
    if consult(lambda state: name in state.domains):
        said = f"Domain '{name}' is registered already"
        raise RequestInvalid(said, [Problem("/domain", said)])
    not_there = ("",)  # nor in the meantime, nor where the caller does not see it
    return forms.carry_out(_put(name, _profile(), None, not_there), links.domain_href(name))


def change_profile(domain: str) -> Response:
    """Change owner, contacts and description; another owner has to accept where callers sign in.

    Raises:
        CrossSiteRefused, RequestInvalid, and what `PutDomain` raises.
    """
    return forms.carry_out(_put(domain, _profile(), None, forms.etags()), links.domain_href(domain))


def change_policy(domain: str) -> Response:
    """Change what the domain itself asks for.

    Raises:
        CrossSiteRefused, DomainNotFound, RequestInvalid, and what `PutDomain` raises.
    """
    known = consult(lambda state: known_domain(state, domain))
    profile = {"owner": known.owner, "contacts": list(known.contacts), "description": known.description}
    return forms.carry_out(_put(domain, profile, _policy(), forms.etags()), links.domain_href(domain))


def accept_transfer(domain: str) -> Response:
    """Take over a domain that is offered.

    Raises:
        CrossSiteRefused, and what `AcceptOwnerTransfer` raises.
    """
    return forms.carry_out(AcceptOwnerTransfer(domain), links.domain_href(domain))


def end_transfer(domain: str) -> Response:
    """Withdraw or decline an offer.

    Raises:
        CrossSiteRefused, and what `EndOwnerTransfer` raises.
    """
    return forms.carry_out(EndOwnerTransfer(domain), links.domain_href(domain))


def _profile() -> dict[str, Any]:
    return {
        "owner": forms.field("owner"),
        "contacts": forms.lines("contacts"),
        "description": forms.field("description").replace("\r\n", "\n"),
        "receiver": forms.field("receiver"),
    }


def _days(text: str) -> int | str:
    """A number of days; any other text as it was sent, which is refused beside its field."""
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_DAYS else text


def _policy() -> dict[str, Any]:
    """The policy as the form has it: what is empty is left to the domain above."""
    sent: dict[str, Any] = {name: value for name in CHOICES if (value := forms.field(name))}
    if "complete" in sent:
        sent["complete"] = {"yes": True, "no": False}.get(sent["complete"], sent["complete"])
    sent |= {name: _days(value) for name in DAYS if (value := forms.field(name))}
    kinds = [one for one in KINDS if forms.field(f"kind-{one}")]
    return {**sent, "kinds": kinds} if kinds else sent


def _put(
    domain: str, profile: Mapping[str, Any], policy: Mapping[str, Any] | None, expected: tuple[str, ...]
) -> PutDomain:
    body = forms.read(_BODY, {**profile, "policy": policy})
    command = PutDomain(domain, body["owner"], tuple(body["contacts"]), body["description"], body["policy"], expected)
    return replace(command, receiver=body["receiver"])
