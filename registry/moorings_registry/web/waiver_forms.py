"""Forms about a waiver: somebody requests it, another caller approves it, or it ends early."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, g

from moorings_registry.access import Verb, is_operator
from moorings_registry.commands import ApproveWaiver, GrantWaiver, WithdrawWaiver
from moorings_registry.errors import DomainNotFound
from moorings_registry.http.native.waiver_shapes import WaiverBody
from moorings_registry.http.requests import consult
from moorings_registry.names import domain_and_ancestors
from moorings_registry.policy import owning_domains
from moorings_registry.reports import find_check
from moorings_registry.state import CheckRecord, State, Waiver, WaiverKind
from moorings_registry.web import forms, links
from moorings_registry.web.labels import WAIVER_KINDS

_BODY = WaiverBody()
_WRITTEN = ("reason", "requested_by", "approved_by")
_DAY = len("2027-01-31")
_END_OF_DAY = "T23:59:59Z"


@dataclass(frozen=True, slots=True)
class WaiverForm:
    """A form that requests a waiver, shown to those who may send it."""

    action: str
    kinds: tuple[tuple[str, str], ...] = ()
    """What is sent and what is shown; empty where the waiver is for one change alone."""
    names_people: bool = False
    """Whether the form says who requests and who approves: where callers do not sign in."""
    guid: str = ""
    """The refused definition that a waiver of kind finding is for."""


@dataclass(frozen=True, slots=True)
class PendingWaiver:
    """A waiver that waits for somebody to approve it, and what the caller may do about that."""

    waiver: Waiver
    may_approve: bool
    may_end: bool


def domain_waiver_form(state: State, domain: str) -> WaiverForm | None:
    """The form for *domain*; None for callers who may not send it."""
    if not forms.may(Verb.GOVERN, domain):
        return None
    kinds = tuple((str(one), WAIVER_KINDS[one]) for one in WaiverKind if one is not WaiverKind.FINDING)
    return WaiverForm(links.domain_action(domain, "waivers"), kinds, _names_people(state))


def report_waiver_form(state: State, record: CheckRecord) -> WaiverForm | None:
    """The form for the change that a report refused; None for what was accepted, and for whom it is not."""
    owners = owning_domains(state, record.subject)
    if record.accepted or not owners or not forms.may(Verb.GOVERN, owners[0].name):
        return None
    action = f"{links.report_href(record.id)}/waivers"
    return WaiverForm(action, names_people=_names_people(state), guid=record.guid)


def pending_waivers(state: State, domain: str, subject: object = "") -> list[PendingWaiver]:
    """The waivers that wait for their approval and are about *domain*, or about *subject* in it; newest first."""
    above = set(domain_and_ancestors(domain))
    found = [one for one in state.waivers.values() if one.is_pending and one.domain in above]
    about = [one for one in found if not subject or one.subject in ("", str(subject))]
    return [shown_pending(one) for one in sorted(about, key=lambda one: -one.id)]


def shown_pending(waiver: Waiver) -> PendingWaiver:
    """What the caller may do about *waiver*: whoever requested it may end it and not approve it."""
    governs = forms.may(Verb.GOVERN, waiver.domain)
    return PendingWaiver(waiver, governs and waiver.requested_by != g.principal.name, governs)


def request_waiver(domain: str) -> Response:
    """Request a waiver for a domain, and lead back to its page.

    Raises:
        CrossSiteRefused, RequestInvalid, and what `GrantWaiver` raises.
    """
    sent = {name: forms.field(name) for name in ("kind", "subject")}
    until, major = forms.field("until"), forms.field("major")
    sent |= {"until": f"{until}{_END_OF_DAY}" if len(until) == _DAY else until} if until else {}
    return _request({**sent, "domain": domain, "major": _number(major)}, links.domain_href(domain))


def request_waiver_of_report(id: int) -> Response:
    """Request a waiver for the change that a report refused, and lead back to it.

    Raises:
        CrossSiteRefused, ReportNotFound, DomainNotFound, RequestInvalid, and what `GrantWaiver` raises.
    """
    scope = consult(lambda state: _scope(state, find_check(state, id)))
    return _request({**scope, "kind": str(WaiverKind.FINDING)}, links.report_href(id))


def approve_waiver(id: int) -> Response:
    """Approve a waiver, and lead back to it.

    Raises:
        CrossSiteRefused, and what `ApproveWaiver` raises.
    """
    return forms.carry_out(ApproveWaiver(id), links.waiver_href(id))


def end_waiver(id: int) -> Response:
    """Deny a waiver that waits for its approval, or end one that holds.

    Raises:
        CrossSiteRefused, and what `WithdrawWaiver` raises.
    """
    return forms.carry_out(WithdrawWaiver(id), links.waiver_href(id))


def _names_people(state: State) -> bool:
    """Whether who requests and who approves are names that the form gives, as `GrantWaiver` decides it."""
    return not state.issuers and is_operator(g.principal)


def _number(text: str) -> object:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else text or 0


def _scope(state: State, record: CheckRecord) -> dict[str, object]:
    owners = owning_domains(state, record.subject)
    if not owners:
        raise DomainNotFound(record.subject.domain or "")
    named = {"domain": owners[0].name, "subject": str(record.subject)}
    return {**named, "major": record.major, "guid": record.guid}


def _request(scope: Mapping[str, object], page: str) -> Response:
    body = forms.read(_BODY, {**scope, **{name: forms.field(name) for name in _WRITTEN}})
    guid = str(body.pop("guid") or "")
    command = GrantWaiver(kind=WaiverKind(body.pop("kind")), guid=guid, **body)
    return forms.carry_out(command, f"{page}#waivers")
