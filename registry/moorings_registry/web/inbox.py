"""The inbox page: what waits for the caller's domains, or for all, each with what to do next."""

from dataclasses import dataclass

from flask import Response

from moorings_registry.access import Verb
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.inbox import InboxItem, InboxKind, in_any, inbox
from moorings_registry.state import State
from moorings_registry.web import forms, links, query_params
from moorings_registry.web.rendering import page


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a page of the inbox shows."""

    items: tuple[tuple[InboxItem, str], ...]
    """Each with the address of what to do next."""
    mine: tuple[str, ...]
    """The domains that it is narrowed to; empty: all that the caller may see."""


def waiting(state: State, domain: str, *, everything: bool) -> Waiting:
    """What waits in *domain*, or in the domains that the caller takes part in, or in all."""
    own = [] if everything or domain else _own_domains(state)
    narrowed = [domain] if domain else own
    found = inbox(current_registry(), state, in_any(narrowed)) if narrowed else inbox(current_registry(), state)
    return Waiting(tuple((one, _href(one)) for one in found), tuple(own))


def _own_domains(state: State) -> list[str]:
    """The domains that the caller registers in, where that is not all of them."""
    own = [name for name in sorted(state.domains) if forms.may(Verb.REGISTER, name)]
    return own if len(own) < len(state.domains) else []


def show_inbox() -> Response:
    """Show everything that waits."""
    return consult(_show)


def _show(state: State) -> Response:
    domain, everything = query_params.text("domain"), query_params.flag("all")
    found = waiting(state, domain, everything=everything)
    return page(
        "inbox.html",
        title="Inbox",
        section="Overview",
        state=state,
        waiting=found,
        domain=domain,
        domains=sorted(state.domains),
        everything=everything,
    )


def _href(item: InboxItem) -> str:
    if item.kind is InboxKind.REFUSED:
        return links.report_href(int(item.id))
    if item.kind is InboxKind.CHECKED:
        return links.kept_check_href(item.id)
    if item.kind in (InboxKind.WAIVER, InboxKind.EXPIRING):
        return links.waiver_href(int(item.id))
    if item.kind is InboxKind.TRANSFER:
        return links.domain_href(item.domain)
    if item.kind is InboxKind.UNOWNED:
        return links.events_href(unowned=1)
    anchor = {InboxKind.SUNSET: "#readers", InboxKind.DRIFT: "#drift"}.get(item.kind, "")
    return links.event_href(item.subject) + anchor
