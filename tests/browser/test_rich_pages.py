"""Pages with much on them and names without a break: no screen cuts them, and what is pressed is large enough."""

import json
from collections.abc import Iterator
from threading import Thread
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from moorings_registry.web import links
from tests.browser.axe import violations_in_both_schemes
from tests.chromium import chromium
from tests.web.rich_seed import CONTRACT, LONG, LONG_EVENT, seed_company
from tests.web.site import new_site

pytestmark = pytest.mark.browser

PAGES = (
    links.OVERVIEW,
    links.DOMAINS,
    links.domain_href(f"shop.identity.{LONG.lower()}"),
    links.access_href("shop.billing"),
    links.events_href(page=2),
    links.event_href(CONTRACT),
    links.event_href(LONG_EVENT),
    links.compare_href(LONG_EVENT, "1.0", "2.0"),
    links.REPORTS,
    links.INBOX,
    links.KEPT_CHECKS,
    links.POLICIES,
    links.NEW_DOMAIN,
    links.DRIFT,
    links.RULES,
    links.search_href(q="customer"),
    links.try_href(subject=LONG_EVENT),
    links.consumer_graph_href("shop"),
    links.WAIVERS,
    links.CONSUMERS,
    links.QUESTIONS,
    links.questions_href(ask="who-reads", event=CONTRACT),
    links.questions_href(ask="as-expected", event=CONTRACT),
    links.questions_href(ask="can-retire", event=LONG_EVENT, major=1),
    links.questions_href(ask="can-break", event=LONG_EVENT, drop="/nothing"),
    links.CALENDAR,
    links.LEDGER,
)
WIDTHS = (390, 1280, 1440, 1920)
_CUT = """() => [...document.querySelectorAll("html, .scroll")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.tagName + " " + one.scrollWidth)"""


@pytest.fixture(scope="module")
def company() -> Iterator[str]:
    site = new_site()
    seed_company(site.registry, site.client)
    server = make_server("127.0.0.1", 0, site.client.application, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


def pages_of(company: str) -> tuple[str, ...]:
    """The pages that are looked at, and that of a kept check."""
    with urlopen(f"{company}/v1/kept-checks") as answer:
        return (*PAGES, json.load(answer)["checks"][0]["page"])


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def test_nothing_is_cut(window: Browser, company: str) -> None:
    page = window.new_page()
    for path in pages_of(company):
        page.goto(company + path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("innerWidth") == width
            assert page.evaluate(_CUT) == [], (path, width)
            if width > 390:
                top = page.locator(".top").bounding_box()
                assert top is not None
                assert top["height"] < 80, "the navigation takes one line"
    page.close()


def test_axe_finds_nothing(window: Browser, company: str, axe: str) -> None:
    page = window.new_page(viewport={"width": 1280, "height": 900})
    for path in pages_of(company):
        page.goto(company + path)
        assert violations_in_both_schemes(page, axe) == [], path
    page.close()
