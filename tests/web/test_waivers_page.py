"""Waivers on the pages: which rule is suspended, why, by whom, and what it was used for."""

import json
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from moorings_compat import Format
from moorings_registry.commands import Draft, GrantWaiver, PutDomain, RegisterSchema
from moorings_registry.errors import SchemaIncompatible
from moorings_registry.names import Subject
from moorings_registry.service import utc_now
from moorings_registry.state import WaiverKind
from moorings_registry.web import links
from tests.registry.granting import ANN, BOB, EVE, in_days
from tests.web.seed import run
from tests.web.site import Outline, Site
from tests.web.test_forms import HOST, Signed

EVENT = Subject("shop.orders.OrderPlaced")


def avro(*fields: str, **defaults: int) -> Draft:
    listed = [{"name": one, "type": "int"} for one in fields]
    listed += [{"name": name, "type": "int", "default": value} for name, value in defaults.items()]  # type: ignore[dict-item]
    return Draft(Format.AVRO, json.dumps({"type": "record", "name": "OrderPlaced", "fields": listed}))


@pytest.fixture
def waived(site: Site) -> Site:
    """An event with a revision that broke the one before it under a waiver, and a level waiver that nobody used."""
    run(site.registry, PutDomain("shop", "team"))
    run(site.registry, RegisterSchema(EVENT, avro("a")))
    with pytest.raises(SchemaIncompatible):
        run(site.registry, RegisterSchema(EVENT, avro("b")))
    guid = site.registry.state.checks[-1].guid
    people = {"requested_by": "ann <x>", "approved_by": "bob"}
    run(
        site.registry,
        GrantWaiver(
            WaiverKind.FINDING, "shop", "No event & none stored", subject=str(EVENT), major=1, guid=guid, **people
        ),
    )
    run(site.registry, RegisterSchema(EVENT, avro("b")))
    soon = utc_now() + timedelta(days=9)
    run(site.registry, GrantWaiver(WaiverKind.LEVEL, "shop", "A migration", until=soon, **people))
    return site


def test_waivers_are_listed_open_ones_first(waived: Site) -> None:
    outline = Outline(waived.page(links.WAIVERS))
    assert [one for one in outline.ids if one.startswith("waiver-")] == ["waiver-6", "waiver-4"]
    assert "No event & none stored" in outline.text
    assert "ann <x>" in outline.text
    assert links.entry_href(5) in outline.links
    assert "Never used" in outline.text


def test_open_waivers_are_shown_in_red_where_they_matter(waived: Site) -> None:
    report = waived.registry.state.checks[-1].id
    for path in (links.domain_href("shop"), links.event_href(EVENT), links.report_href(report)):
        outline = Outline(waived.page(path))
        assert links.waiver_href(6) in outline.links
        assert "Never used" in outline.text
        assert '<p class="note bad">' in waived.page(path)
    run(waived.registry, RegisterSchema(Subject("plain"), avro("a")))
    assert links.waiver_href(6) not in Outline(waived.page(links.event_href("plain"))).links


def test_waivers_are_filtered(waived: Site) -> None:
    assert "waiver-4" not in Outline(waived.page(links.waivers_href(open=1))).ids
    assert "waiver-6" not in Outline(waived.page(links.waivers_href(kind="finding"))).ids
    assert "No waiver matches" in Outline(waived.page(links.waivers_href(domain="crm"))).text


def test_a_waived_revision_says_so_where_it_is_shown(waived: Site) -> None:
    event = Outline(waived.page(links.event_href(EVENT)))
    assert links.waiver_href(4) in event.links
    report = Outline(waived.page(links.report_href(5)))
    assert links.waiver_href(4) in report.links
    assert "accepted nevertheless" in report.text
    assert "Waived" in Outline(waived.page(links.REPORTS)).text


def test_a_revision_that_does_not_meet_todays_policy_says_so(site: Site) -> None:
    run(site.registry, PutDomain("shop", "team", policy={"level": "BACKWARD"}))
    for draft in (avro("a"), avro(b=1)):
        run(site.registry, RegisterSchema(EVENT, draft))
    run(site.registry, PutDomain("shop", "team", policy={"level": "FULL"}))
    shown = Outline(site.page(links.event_href(EVENT))).text
    assert "1 revision does not meet what its major is held to now" in shown
    assert "Not met" in shown


def test_without_a_waiver_the_page_says_so(site: Site) -> None:
    assert "No waiver was ever granted." in Outline(site.page(links.WAIVERS)).text


def send(site: Site, action: str, **fields: str) -> TestResponse:
    return site.client.post(action, data=fields, headers=HOST)


def test_a_waiver_is_requested_on_the_page_of_its_domain(waived: Site) -> None:
    page = links.domain_href("shop")
    assert f'action="{page}/waivers"' in waived.page(page)
    asked = {"kind": "retire", "subject": str(EVENT), "major": "1", "reason": "It moved", "until": in_days(9)[:10]}
    twice = send(waived, f"{page}/waivers", **asked, requested_by="ann", approved_by="Ann ")
    assert (twice.status_code, 'id="approved_by-fault"' in twice.text) == (422, True)
    assert 'value="Ann "' in twice.text
    assert '<option value="retire" selected>' in twice.text
    for wrong, field in (
        ({"until": in_days(200)[:10]}, "until"),
        ({"major": "one"}, "major"),
        ({"reason": ""}, "reason"),
    ):
        refused = send(waived, f"{page}/waivers", **{**asked, **wrong}, requested_by="ann", approved_by="bob")
        assert (refused.status_code, f'id="{field}-fault"' in refused.text) == (422, True), field
    sent = send(waived, f"{page}/waivers", **asked, requested_by="ann", approved_by="bob")
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{page}#waivers")
    granted = waived.registry.state.waivers[waived.registry.state.position]
    assert (granted.kind, granted.subject, granted.major, granted.approved_by) == ("retire", str(EVENT), 1, "bob")
    assert granted.until == f"{asked['until']}T23:59:59.000000Z"


def test_a_waiver_of_a_refused_change_is_for_that_change_alone(waived: Site) -> None:
    with pytest.raises(SchemaIncompatible):
        run(waived.registry, RegisterSchema(EVENT, avro("c")))
    record = waived.registry.state.checks[-1]
    page = links.report_href(record.id)
    people = {"requested_by": "ann", "approved_by": "bob"}
    other = {"kind": "level", "subject": "shop.orders.Other", "guid": "0" * 32}
    assert send(waived, f"{page}/waivers", reason="None stored", **people, **other).status_code == 303
    granted = waived.registry.state.waivers[waived.registry.state.position]
    assert (granted.kind, granted.domain, granted.subject, granted.guid) == ("finding", "shop", str(EVENT), record.guid)
    run(waived.registry, RegisterSchema(EVENT, avro("c")))
    accepted = waived.registry.state.checks[-1]
    assert f"{links.report_href(accepted.id)}/waivers" not in waived.page(links.report_href(accepted.id))


def test_who_requested_a_waiver_does_not_approve_it_and_another_one_does() -> None:
    made = Signed()
    made.guarded.grant(BOB, "shop", "read", "govern")
    page = links.domain_href("shop.orders")
    asked = {"kind": "import", "reason": "A <b>move</b>", "until": in_days(9)[:10]}
    assert "Request a waiver" not in made.page(EVE, page)
    assert "Who approves it" not in made.page(ANN, page)
    assert made.send(EVE, f"{page}/waivers", **asked).status == 403
    assert made.send(ANN, f"{page}/waivers", **asked).status == 303
    mine, theirs, eves = (made.page(one, page) for one in (ANN, BOB, EVE))
    id = made.guarded.registry.state.position
    assert ">Withdraw<" in mine
    assert f"{id}/approval" not in mine
    assert f"{id}/approval" in theirs
    assert "A &lt;b&gt;move&lt;/b&gt;" in eves
    assert f"{id}/end" not in eves
    listed = {one: made.page(one, links.WAIVERS) for one in (ANN, BOB)}
    for one, button in ((ANN, ">Withdraw<"), (BOB, ">Deny<")):
        assert button in listed[one]
        said = Outline(listed[one]).text
        assert ("Waits" in said, "Requested" in said) == (True, True)
        assert not any(word in said for word in ("Ended", "Never used", "Granted"))
    assert made.send(ANN, f"/admin/waivers/{id}/approval").status == 403
    assert made.send(BOB, f"/admin/waivers/{id}/approval").status == 303
    assert made.guarded.registry.state.waivers[id].approved_by == "people:bob"
    said = Outline(made.page(BOB, links.WAIVERS)).text
    assert ("Open" in said, "Granted" in said, "Waits" in said) == (True, True, False)


def test_a_request_that_was_denied_does_not_wait() -> None:
    made = Signed()
    made.guarded.grant(BOB, "shop", "read", "govern")
    asked = {"kind": "import", "reason": "A move", "until": in_days(9)[:10]}
    assert made.send(ANN, f"{links.domain_href('shop.orders')}/waivers", **asked).status == 303
    id = made.guarded.registry.state.position
    assert made.send(BOB, f"/admin/waivers/{id}/end").status == 303
    said = Outline(made.page(ANN, links.WAIVERS)).text
    assert ("nobody approved it" in said, "Ended" in said, "waits" in said) == (True, True, False)
