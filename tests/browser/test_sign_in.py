"""People sign in with a real Chromium at a certified OpenID provider."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from moorings_registry.callers import Caller
from moorings_registry.cli.main import main
from moorings_registry.commands import ConfigureIssuers, GrantAccess, PutDomain
from moorings_registry.engines import open_ledger
from moorings_registry.issuers import read_issuers
from moorings_registry.service import Registry
from moorings_registry.web import links
from tests.browser.axe import violations
from tests.registry.serving import Serving
from tests.sign_in.oidc_provider import OidcProvider
from tests.sign_in.serving_people import provider as provider
from tests.sign_in.serving_people import serving_people
from tests.web.seed import avro, run

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
PLACED = "shop.orders.OrderPlaced"
PAGE = links.event_href(PLACED)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory, provider: OidcProvider) -> Iterator[Serving]:
    """Two workers, and a ledger in which the team of the shop governs the shop, and ben reads it."""
    with serving_people(tmp_path_factory.mktemp("registry"), provider, fill=_fill) as one:
        yield one


def _fill(ledger: str, issuers: Path) -> None:
    registry = Registry(open_ledger(ledger))
    run(registry, PutDomain("shop", "shop-team", policy={"notice_days": 10}))
    avro(registry, PLACED, {"name": "a", "type": "int"})
    avro(registry, PLACED, {"name": "b", "type": "int"}, major="next")
    registry.execute(ConfigureIssuers(read_issuers(issuers)), Caller())
    ends = registry.now().replace(year=registry.now().year + 1, day=1)
    granted = {"issuer": "people", "node": "shop", "expires": ends}
    registry.execute(GrantAccess(verbs=("govern",), group="shop-team", because="owns the shop", **granted), Caller())
    words = ("--verb", "read", "--node", "shop", "--to", "people:ben", "--because", "reads reports")
    assert CliRunner().invoke(main, ("grant", "--ledger", ledger, *words)).exit_code == 0


@pytest.fixture
def page(browser: Browser, serving: Serving, provider: OidcProvider) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=provider.pages)
    yield context.new_page()
    context.close()


def sign_in(page: Page, who: str, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to the registry")
    page.get_by_role("link", name="Sign in at people").click()
    page.locator("input[name=login]").fill(who)
    page.locator("input[name=password]").fill("x")
    page.locator("button[type=submit]").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"**{path}")


def test_a_person_signs_in_acts_on_a_form_and_signs_out(page: Page, provider: OidcProvider) -> None:
    complaints: list[str] = []
    ours = provider.pages
    page.on("console", lambda one: complaints.append(one.text) if one.location["url"].startswith(ours) else None)
    sign_in(page, "ann", PAGE)
    expect(page.locator(".who")).to_contain_text("Ann of the shop people:ann, signed in at people")
    page.locator("summary", has_text="Change the lifecycle of major 1").click()
    form = page.locator("form", has=page.get_by_role("button", name="Change major 1"))
    form.get_by_label("State").select_option("deprecated")
    form.get_by_role("button").click()
    page.wait_for_url(f"**{PAGE}#majors")
    expect(page.locator(".major", has_text="Major 1")).to_contain_text("Deprecated")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    page.get_by_role("link", name="Sign out of people, too").click()
    assert page.url.startswith(provider.url)
    page.go_back()
    page.goto(PAGE)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to the registry")
    assert complaints == []


def test_a_form_that_outlived_its_session_comes_back_filled(page: Page) -> None:
    sign_in(page, "ann", PAGE)
    page.locator("summary", has_text="Change the lifecycle of major 2").click()
    form = page.locator("form", has=page.get_by_role("button", name="Change major 2"))
    form.get_by_label("How to migrate").fill("https://wiki.example/move")
    page.context.clear_cookies(name=f"moorings-{page.url.split(':')[2].split('/')[0]}")
    form.get_by_role("button").click()
    page.get_by_role("link", name="Sign in at people").click()
    page.get_by_role("button", name="Continue").click()  # the provider knows the person still
    page.wait_for_url("**form-action**")
    expect(page.get_by_label("How to migrate").nth(0)).to_have_value("https://wiki.example/move")


def test_who_may_only_read_is_told_why_and_whom_to_ask(page: Page) -> None:
    sign_in(page, "ben", PAGE)
    assert page.locator("summary", has_text="Change the lifecycle").count() == 0
    page.goto(links.access_href("shop"))
    expect(page.get_by_role("main")).to_contain_text("Grants to others are shown to those who govern the domain")
    page.get_by_role("link", name="no grant allows it").nth(1).click()
    expect(page.get_by_role("main")).to_contain_text("people:ben may not govern shop")
    expect(page.get_by_role("main")).to_contain_text("Ask the owner of shop: shop-team.")


def test_a_form_of_another_site_finds_no_session(page: Page, provider: OidcProvider) -> None:
    sign_in(page, "ann", PAGE)
    action = f"{provider.pages}{links.lifecycle_action(PLACED, 2)}"
    with page.expect_response(lambda one: "/majors/2" in one.url) as refused:
        page.goto(provider.url)  # another site, as browsers count ports of one host: the same site, another origin
        page.set_content(f'<form method="post" action="{action}"><input name="state" value="retired"></form>')
        page.locator("form").evaluate("form => form.submit()")
    assert refused.value.status == 403


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_sign_in_and_grants_are_accessible_on_every_screen(
    browser: Browser, serving: Serving, provider: OidcProvider, axe: str, width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        base_url=provider.pages,
    )
    page = context.new_page()

    def look(path: str, name: str) -> None:
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, f"{name} is {wide} px too wide"
        assert violations(page, axe) == [], name

    look("/admin/login?why=ended", "ended")
    look("/admin/login?why=again", "again")
    sign_in(page, "ann", PAGE)
    look(links.access_href("shop"), "grants")
    look(links.why_href("govern", PLACED), "why")
    look(links.why_href("operate"), "why-not")
    look("/admin/login?why=out&from=people", "out")
    look("/admin/open?code=x", "no-link")
    context.close()
