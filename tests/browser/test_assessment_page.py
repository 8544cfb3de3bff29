"""The page of an assessment: it fits every screen, is accessible in both schemes, and fetches nothing."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from moorings_registry.app import build_application
from moorings_registry.engines import open_ledger
from moorings_registry.migration import Peer
from moorings_registry.migration.assessing import assess_registry, read_as_far_as_possible
from moorings_registry.web.assessment_page import assessment_page
from tests.browser.axe import violations
from tests.browser.conftest import Served

pytestmark = pytest.mark.browser

SCREENS = [(390, "dark"), (1440, "light")]


@pytest.fixture(scope="module")
def page_file(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An assessment of the shop, with every list of it."""
    empty = build_application(open_ledger("memory:")).registry
    assessed = assess_registry(read_as_far_as_possible(Peer(served.url)), empty.state, empty.dependencies)
    assert any(change.payloads for one in assessed.subjects for each in one.failing for change in each.changes)
    path = tmp_path_factory.mktemp("assessment") / "assessment.html"
    path.write_text(assessment_page(assessed))
    return path


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_page_fits_and_is_accessible(browser: Browser, axe: str, page_file: Path, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    fetched: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(page_file.as_uri())
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert page.evaluate("getComputedStyle(document.querySelector('.top')).backgroundColor") != "rgba(0, 0, 0, 0)"
    assert violations(page, axe) == []
    assert (complaints, fetched) == ([], [page_file.as_uri()])
    context.close()
