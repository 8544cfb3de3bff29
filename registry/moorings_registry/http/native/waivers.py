"""Waivers: rules of governance that two people suspended."""

from typing import Any

from moorings_registry.commands import ApproveWaiver, GrantWaiver, WithdrawWaiver
from moorings_registry.errors import (
    BodyUnreadable,
    DomainNotFound,
    OperationNotPermitted,
    OtherCallerNeeded,
    WaiverInvalid,
    WaiverNotFound,
)
from moorings_registry.http.native.blueprint import WRITING, Answer, NativeBlueprint
from moorings_registry.http.native.waiver_export import JSON, form_asked, table
from moorings_registry.http.native.waiver_shapes import WaiverBody, WaiverShape, WaiversQuery, WaiversShape
from moorings_registry.http.requests import consult, current_caller, current_registry, position_header
from moorings_registry.names import is_within
from moorings_registry.state import State, Waiver, WaiverKind
from moorings_registry.waivers import granted

_ROW = WaiverShape()

waivers = NativeBlueprint(
    "waivers", __name__, url_prefix="/v1/waivers", description="Rules of governance that two people suspended."
)


@waivers.post("")
@waivers.operation(
    "grantWaiver", *WRITING, BodyUnreadable, DomainNotFound, OperationNotPermitted, WaiverInvalid, WaiverNotFound
)
@waivers.arguments(WaiverBody)
@waivers.response(201, WaiverShape)
def grant(body: dict[str, Any]) -> Answer:
    """Grant a waiver: a reason, two people, an end. Where callers sign in, it holds once another one approves."""
    guid = str(body.pop("guid") or "")
    command = GrantWaiver(kind=WaiverKind(body.pop("kind")), guid=guid, **body)
    _, state = current_registry().execute(command, current_caller())
    return _value(granted(state, command.kind, command.domain, command.subject, command.guid)), position_header(state)


@waivers.get("")
@waivers.operation("listWaivers")
@waivers.arguments(WaiversQuery, location="query")
@waivers.response(200, WaiversShape)
@waivers.alt_response(200, schema={"type": "string"}, content_type="text/csv")
@waivers.alt_response(200, schema={"type": "string"}, content_type="application/x-ndjson")
def list_waivers(query: dict[str, Any]) -> Answer:
    """List waivers, the newest first, those that ended too; also as a table, for whoever audits them."""
    now = current_registry().dependencies.now()

    def matches(waiver: Waiver) -> bool:
        return (
            (not query["domain"] or is_within(waiver.domain, query["domain"]))
            and query["kind"] in ("", waiver.kind)
            and query["open"] in (None, waiver.is_open(now))
            and query["unused"] in (None, not waiver.uses)
        )

    def find(state: State) -> Answer:
        newest_first = (state.waivers[id] for id in sorted(state.waivers, reverse=True))
        found = [_value(one) for one in newest_first if matches(one)]
        form = form_asked(query["format"])
        return {"waivers": found} if form == JSON else table(form, _ROW.fields, map(_ROW.dump, found))

    return consult(find)


@waivers.get("/<int:id>")
@waivers.operation("showWaiver", WaiverNotFound)
@waivers.response(200, WaiverShape)
def show(id: int) -> Answer:
    """Show one waiver, and what it was used for."""
    return consult(lambda state: _value(_known(state, id)))


@waivers.post("/<int:id>/approval")
@waivers.operation("approveWaiver", *WRITING, WaiverNotFound, WaiverInvalid, OtherCallerNeeded, OperationNotPermitted)
@waivers.response(200, WaiverShape)
def approve(id: int) -> Answer:
    """Approve a waiver that another caller requested; one that was approved stays as it is."""
    _, state = current_registry().execute(ApproveWaiver(id), current_caller())
    return _value(_known(state, id)), position_header(state)


@waivers.delete("/<int:id>")
@waivers.operation("withdrawWaiver", *WRITING, WaiverNotFound, OperationNotPermitted)
@waivers.response(200, WaiverShape)
def withdraw(id: int) -> Answer:
    """End a waiver early; one that has ended stays as it is."""
    _, state = current_registry().execute(WithdrawWaiver(id), current_caller())
    return _value(_known(state, id)), position_header(state)


def _known(state: State, id: int) -> Waiver:
    waiver = state.waivers.get(id)
    if waiver is None:
        raise WaiverNotFound(id)
    return waiver


def _value(waiver: Waiver) -> dict[str, Any]:
    now = current_registry().dependencies.now()
    return {"waiver": waiver, "open": waiver.is_open(now), "unused": not waiver.uses}
