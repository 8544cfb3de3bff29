"""A real server with a filled shop, and a real browser."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import WSGIRequestHandler, make_server

from moorings_registry.app import build_application
from moorings_registry.engines import open_ledger
from moorings_registry.http.access_log import AccessLog
from moorings_registry.service import Registry
from tests.browser.axe import axe_source
from tests.chromium import chromium
from tests.web.seed import seed_shop


@dataclass(frozen=True, slots=True)
class Served:
    """A registry, and where it listens."""

    registry: Registry
    url: str


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing: the door logs."""


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    application = build_application(open_ledger("memory:"), access_log=AccessLog(None))
    seed_shop(application.registry)
    server = make_server("127.0.0.1", 0, application.middleware, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(application.registry, f"http://127.0.0.1:{server.port}")
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")  # not longer: while it lives, this thread has a running event loop
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def axe() -> str:
    return axe_source()


@dataclass(slots=True)
class Visitor:
    """A person with a browser, who notes what goes wrong behind the pages."""

    page: Page
    url: str
    complaints: list[str]
    elsewhere: list[str]

    def go(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page


def visitor(context: BrowserContext, served: Served) -> Visitor:
    """Open a page in *context*; complaints of the console and requests to other hosts are kept."""
    page = context.new_page()
    complaints: list[str] = []
    elsewhere: list[str] = []
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request", lambda request: elsewhere.append(request.url) if not request.url.startswith(served.url) else None
    )
    return Visitor(page, served.url, complaints, elsewhere)


@pytest.fixture
def person(browser: Browser, served: Served) -> Iterator[Visitor]:
    """Someone at a desk, in the light."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    yield visitor(context, served)
    context.close()
