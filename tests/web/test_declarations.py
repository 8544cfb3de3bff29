"""What an event was declared to be, on the pages."""

import pytest

from moorings_compat.event_names import EventKind
from moorings_registry.commands import DeclareEvent, PutDomain
from moorings_registry.names import Subject
from moorings_registry.state import Classification, Declaration, Expectations, Idempotency, Replay
from moorings_registry.web import links
from tests.web.seed import ORDER_PLACED, run, seed_shop
from tests.web.site import Outline, Site, new_site

WHOLE = Declaration(
    description="A customer <placed> an order.",
    classification=Classification.INTERNAL,
    topics=("orders", "orders-eu"),
    replay=Replay("s3://archive", 30, "/order_id"),
    idempotency=Idempotency(("/order_id",)),
    expectations=Expectations(largest_bytes=10_000),
)


@pytest.fixture
def shop() -> Site:
    """A shop of its own: what is declared here is nobody else's business."""
    site = new_site()
    seed_shop(site.registry)
    return site


def text_of(site: Site, subject: str) -> str:
    outline = Outline(site.page(links.event_href(subject)))
    assert outline.open == []
    return outline.text


def test_an_event_shows_what_it_was_declared_to_be(shop: Site) -> None:
    before = text_of(shop, ORDER_PLACED)
    assert "Nobody declared it." in before
    assert "asks for replay, idempotency and expectations of facts" in before
    run(shop.registry, DeclareEvent(Subject(ORDER_PLACED), WHOLE))
    shown = text_of(shop, ORDER_PLACED)
    for said in (
        "A customer <placed> an order.",
        "Something that happened.",
        "internal",
        "orders, orders-eu",
        "from s3://archive, kept for 30 days, in order within /order_id",
        "10,000 bytes at most",
    ):
        assert said in shown
    assert "asks for" not in shown


def test_an_event_without_a_version_has_its_page_and_is_listed(shop: Site) -> None:
    commands = {"kinds": ["fact", "type", "command"]}
    run(shop.registry, PutDomain("shop.jobs", "team-jobs"))
    run(shop.registry, PutDomain("shop", "team-platform", policy=commands))
    declared = Declaration(EventKind.COMMAND, handler="mailer")
    run(shop.registry, DeclareEvent(Subject("shop.jobs.SendReminder"), declared))
    shown = text_of(shop, "shop.jobs.SendReminder")
    assert "no version is registered yet" in shown
    assert "Handled by mailer" in shown
    for path in (links.domain_href("shop.jobs"), links.events_href(domain="shop.jobs")):
        listed = Outline(shop.page(path))
        assert links.event_href(Subject("shop.jobs.SendReminder")) in listed.links
        assert "no version yet" in listed.text


def test_a_domain_shows_its_kinds_and_whether_it_is_complete(shop: Site) -> None:
    run(shop.registry, PutDomain("shop.types", "team-platform", policy={"kinds": ["type"], "complete": False}))
    shown = Outline(shop.page(links.domain_href("shop.types"))).text
    assert "type (from the policy of shop.types)" in shown
    assert "Facts need not say" in shown
    assert "fact and type (the default" in Outline(shop.page(links.domain_href("shop.orders"))).text
