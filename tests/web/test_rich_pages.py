"""Pages of a registry with much in it, and of one with nothing in it."""

import re

import pytest

from moorings_registry import errors
from moorings_registry.errors import Refusal
from moorings_registry.web import links
from moorings_registry.web.faults import advice
from tests.web.rich_seed import CONTRACT, WIDE, seed_company
from tests.web.site import Outline, Site, new_site

LARGEST_REPORT = 150_000
REFUSALS = [
    one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Refusal) and one is not Refusal
]


@pytest.fixture(scope="module")
def company() -> Site:
    site = new_site()
    seed_company(site.registry, site.client)
    return site


def test_a_contract_shows_its_rules_tags_and_properties(company: Site) -> None:
    outline = Outline(company.page(links.event_href(CONTRACT)))
    assert outline.open == []
    for said in ("amountIsPositive", "message.amount > 0", "$merge([$, {}])", "finance", "runbook"):
        assert said in outline.text
    assert "marked sensitive: values are not shown" in outline.text
    assert "Rules and metadata" not in Outline(company.page(links.event_href(WIDE))).text


def test_the_report_of_a_wide_change_stays_small(company: Site) -> None:
    refused = next(one for one in company.registry.state.checks if str(one.subject) == WIDE and not one.accepted)
    html = company.page(links.report_href(refused.id))
    assert html.count('id="change-') == 57
    assert len(html.encode()) < LARGEST_REPORT


def test_an_empty_registry_does_not_speak_of_filters(site: Site) -> None:
    assert "No event is registered yet" in Outline(site.page(links.EVENTS)).text
    assert "No event matches" in Outline(site.page(links.events_href(q="a"))).text


def test_no_fault_page_advises_calls_of_an_api() -> None:
    assert len(REFUSALS) > 80
    named = [one.code for one in REFUSALS if re.search(r"/v1|/openapi|\b(GET|PUT|POST|DELETE) /", advice(one))]
    assert named == []


def test_an_unknown_event_says_what_a_person_can_do(site: Site) -> None:
    reply = site.ask(links.event_href("nothing.here"))
    assert reply.status_code == 404
    assert "look for a part of the name" in reply.text
    assert "/v1/" not in reply.text
