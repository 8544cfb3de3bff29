"""The waivers: which rules of governance are suspended, for whom, why, and what that was used for."""

from flask import Response, g

from moorings_registry.access import Verb
from moorings_registry.http.requests import consult, current_registry
from moorings_registry.names import is_within
from moorings_registry.state import State, Waiver, WaiverKind
from moorings_registry.web import forms, query_params
from moorings_registry.web.rendering import page

MOST_USES = 20
"""Uses of a waiver that are listed."""


def list_waivers() -> Response:
    """Show the waivers, or those that match: first those that wait for approval, then open ones, then the newest."""
    return consult(_list)


def _governs(waiver: Waiver) -> bool:
    return forms.may(Verb.GOVERN, waiver.domain)


def _list(state: State) -> Response:
    domain, kind = query_params.text("domain"), query_params.choice("kind", tuple(WaiverKind))
    open_alone, now = query_params.flag("open"), current_registry().dependencies.now()

    def matches(waiver: Waiver) -> bool:
        fits = (not domain or is_within(waiver.domain, domain)) and kind in ("", waiver.kind)
        return fits and (waiver.is_open(now) or not open_alone)

    def waits(waiver: Waiver) -> bool:
        return waiver.is_pending and (not waiver.until or now < waiver.until)

    found = [one for one in state.waivers.values() if matches(one)]
    return page(
        "waivers.html",
        title="Waivers",
        section="Waivers",
        state=state,
        waivers=sorted(found, key=lambda one: (not waits(one), not one.is_open(now), -one.id)),
        is_open=lambda waiver: waiver.is_open(now),
        waits=waits,
        is_own=lambda waiver: waiver.requested_by == g.principal.name,
        filtered=bool(domain or kind or open_alone),
        domain=domain,
        kind=kind,
        open_alone=open_alone,
        kinds=tuple(WaiverKind),
        may_approve=lambda one: one.is_pending and one.requested_by != g.principal.name and _governs(one),
        may_end=lambda one: (one.is_pending or one.is_open(now)) and _governs(one),
        most_uses=MOST_USES,
    )
