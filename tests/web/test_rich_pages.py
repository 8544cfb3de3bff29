"""Pages of a registry with much in it, and of one with nothing in it."""

import re
from itertools import pairwise

import pytest

from moorings_registry import errors
from moorings_registry.commands import SetConfig
from moorings_registry.errors import Refusal
from moorings_registry.names import REGISTRY_SCOPE
from moorings_registry.web import links
from moorings_registry.web.faults import advice
from tests.web.rich_seed import CONTRACT, WIDE, seed_company
from tests.web.seed import avro, run
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


def test_an_event_shows_its_fields_an_example_and_each_client(company: Site) -> None:
    outline = Outline(company.page(links.event_href(CONTRACT)))
    assert outline.open == []
    for said in ("Fields of", "An example", "Using it", "moorings.connect", "SchemaRegistryClient", "auto.register"):
        assert said in outline.text
    wide = company.page(links.event_href(WIDE))
    assert "more fields, in the schema" in wide
    assert len(wide.encode()) < 300_000


def test_a_field_says_since_when_it_is_there(site: Site) -> None:
    avro(site.registry, "shop.orders.OrderPlaced", {"name": "id", "type": "string", "doc": "Its number."})
    later = {"name": "note", "type": ["null", "string"], "default": None}
    avro(site.registry, "shop.orders.OrderPlaced", {"name": "id", "type": "string", "doc": "Its number."}, later)
    words = Outline(site.page(links.event_href("shop.orders.OrderPlaced"))).words
    assert "id string required Its number. 1.0 nobody" in words
    assert "null nothing 1.1 nobody" in words
    assert words.index("An example") < words.index('"id":') < words.index("Using it")


def test_a_revision_that_was_compared_with_nothing_is_unchecked(site: Site) -> None:
    run(site.registry, SetConfig(REGISTRY_SCOPE, {"compatibility": "NONE"}))
    for name in ("a", "b"):
        avro(site.registry, "clicks-value", {"name": name, "type": "string"}, name="clicks")
    rows = site.page(links.event_href("clicks-value"))
    assert rows.count("Unchecked") == 1


def test_the_consumers_of_a_domain_are_drawn_and_listed(company: Site) -> None:
    domain = next(
        read.event.domain
        for one in company.registry.state.consumers.values()
        for read in one.reads
        if read.event.domain
    )
    page = company.page(links.consumer_graph_href(domain.partition(".")[0]))
    outline = Outline(page.replace("<text", "<span").replace("</text", "</span"))
    assert 'class="graph"' in page
    assert page.count("<path d=") > 0
    assert len(page.encode()) < 150_000
    assert outline.open == []
    assert "No application declares" in company.page(links.consumer_graph_href(_without_consumers(company)))


def _without_consumers(company: Site) -> str:
    state = company.registry.state
    read = {str(one.event.domain) for consumer in state.consumers.values() for one in consumer.reads}
    return next(name for name in state.domains if not any(one == name or one.startswith(name + ".") for one in read))


def test_policies_say_what_is_a_domains_own(company: Site) -> None:
    outline = Outline(company.page(links.POLICIES))
    assert outline.open == []
    for word in ("Level", "Names of events", "Days of notice"):
        assert word in outline.text
    assert "at least 30 days between deprecation and sunset by default" in outline.words
    assert "bytes on the wire stay readable (wire) by default" in outline.words
    assert "past_tense)" in outline.words or "any name (any)" in outline.words
    assert re.search(r"(days|\)|events\.|sized) set here", outline.words)
    assert re.search(r"from shop\b", outline.words)


def test_no_heading_leaves_out_a_level(company: Site) -> None:
    asked = links.questions_href(ask="who-reads", event=CONTRACT)
    for path in (asked, links.QUESTIONS, links.POLICIES, links.WEBHOOKS, links.domain_href("shop.billing")):
        levels = [int(tag[1]) for tag, _ in Outline(company.page(path)).tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1, path
        assert levels.count(1) == 1, path
        assert all(after <= before + 1 for before, after in pairwise(levels)), (path, levels)


def test_faults_of_pages_speak_of_events(site: Site) -> None:
    assert "<h1>Event not found</h1>" in site.ask(links.event_href("nothing.here")).text
