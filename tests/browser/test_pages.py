"""The pages in a real Chromium: they look whole in any light and on any screen, and can be used without a mouse."""

import pytest
from playwright.sync_api import Browser, expect

from moorings_registry.web import links
from tests.browser.axe import violations_in_both_schemes
from tests.browser.conftest import Served, Visitor, visitor
from tests.web.seed import MONEY, ORDER_PLACED, ORDER_SHIPPED, PAYMENT_CAPTURED, UNOWNED

pytestmark = pytest.mark.browser

PAGES = {
    "overview": links.OVERVIEW,
    "domains": links.DOMAINS,
    "domain": links.domain_href("shop.orders"),
    "events": links.EVENTS,
    "nothing found": links.events_href(q="nothing"),
    "event": links.event_href(ORDER_PLACED, "1.2"),
    "protobuf event": links.event_href(PAYMENT_CAPTURED),
    "deleted version": links.event_href(UNOWNED, 1),
    "comparison": links.compare_href(ORDER_PLACED, "1.0", "2.0"),
    "reports": links.REPORTS,
    "refused": "/admin/reports/9",
    "accepted": "/admin/reports/8",
    "rules": links.RULES,
    "calendar": links.CALENDAR,
    "webhooks": links.WEBHOOKS,
    "ledger": links.ledger_href(verify=1),
    "no such page": "/admin/nowhere",
}
SCREENS = {"desk": 1280, "phone": 360}


@pytest.mark.parametrize("screen", SCREENS)
def test_pages_fit_the_screen_and_are_accessible(browser: Browser, served: Served, axe: str, screen: str) -> None:
    context = browser.new_context(viewport={"width": SCREENS[screen], "height": 800})
    someone = visitor(context, served)
    for name, path in PAGES.items():
        page = someone.go(path)
        sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert sideways == 0, f"{name} is {sideways} px too wide"
        assert violations_in_both_schemes(page, axe) == [], name
    assert someone.elsewhere == []
    assert [one for one in someone.complaints if "404" not in one] == []
    context.close()


def test_the_refused_change_of_the_shop_is_where_the_pages_expect_it(served: Served) -> None:
    assert [one.id for one in served.registry.state.checks if not one.accepted] == [9]


def test_from_the_overview_to_the_proof(person: Visitor) -> None:
    page = person.go(links.OVERVIEW)
    page.get_by_role("link", name="read report").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A change to OrderPlaced was refused")
    expect(page.locator("#change-1")).to_contain_text("A payload that shows it")
    page.get_by_role("region", name="side by side").get_by_role("link", name="Change 1").first.click()
    expect(page).to_have_url(person.url + "/admin/reports/9#change-1")
    page.get_by_role("link", name="AVRO_TYPE_MISMATCH").first.click()
    expect(page.locator("article:target h3")).to_be_visible()
    assert person.complaints == []


def test_any_two_revisions_are_chosen_and_compared(person: Visitor) -> None:
    page = person.go(links.event_href(ORDER_PLACED))
    page.get_by_label("Writer", exact=True).select_option(label="1.0")
    page.get_by_label("Reader", exact=True).select_option(label="1.2")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1.0 and 1.2")
    assert page.locator("tr.added").count() > 10
    page.get_by_role("link", name="Swap").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1.2 and 1.0")
    assert page.locator("tr.removed").count() > 10


def test_events_are_found_from_any_page(person: Visitor) -> None:
    page = person.go(links.LEDGER)
    page.get_by_role("searchbox", name="Search").fill("shipped")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=ORDER_SHIPPED).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(ORDER_SHIPPED)


def test_the_ledger_is_verified_by_a_link(person: Visitor) -> None:
    page = person.go(links.LEDGER)
    page.get_by_role("link", name="Verify the whole ledger").click()
    expect(page.get_by_role("main")).to_contain_text("19 entries recomputed")
    page.locator("#entry-9 summary").click()
    expect(page.locator("#entry-9 details")).to_contain_text('"fact": "SchemaRefused"')


def test_the_keyboard_reaches_the_content_and_shows_where_it_is(person: Visitor) -> None:
    page = person.go(links.OVERVIEW)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    inside = page.evaluate("document.activeElement.closest('main') !== null")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert inside
    assert outline == "solid"


def test_pages_need_no_script(browser: Browser, served: Served) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = visitor(context, served).go(links.event_href(ORDER_PLACED))
    page.get_by_role("link", name=MONEY).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(MONEY)
    context.close()


def test_on_a_phone_a_difference_stands_one_above_the_other(browser: Browser, served: Served) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = visitor(context, served).go("/admin/reports/9")
    row = page.locator("tr.changed").first
    writer, reader = row.locator("td.text.writer").bounding_box(), row.locator("td.text.reader").bounding_box()
    assert writer is not None
    assert reader is not None
    assert writer["x"] == reader["x"]
    assert writer["y"] + writer["height"] <= reader["y"]
    expect(page.locator("tr.same td.text.reader").first).to_be_hidden()
    context.close()


def test_a_selected_schema_is_copied_without_its_line_numbers(person: Visitor) -> None:
    page = person.go(links.event_href(MONEY))
    selected = page.evaluate("""() => {
      const code = document.querySelector(".code code");
      getSelection().selectAllChildren(code);
      return getSelection().toString();
    }""")
    assert selected.startswith('{\n  "type": "record",\n  "name": "Money",')


def test_nobody_frames_the_pages(person: Visitor) -> None:
    page = person.page
    page.set_content(f'<iframe src="{person.url}{links.OVERVIEW}"></iframe>')
    frame = page.frames[-1]
    frame.wait_for_load_state()
    assert "Overview" not in frame.content()
