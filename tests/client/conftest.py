"""A real registry in this process, behind the client's own HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

import moorings


@pytest.fixture
def http() -> httpx2.BaseTransport:
    """A registry of its own for each test, on the memory engine."""
    app = pytest.importorskip("moorings_registry.app")
    ledger = pytest.importorskip("moorings_registry.ledger")
    observing = pytest.importorskip("moorings_registry.http.observing")
    door: Any = app.build_application(ledger.open_ledger("memory:"), access_log=observing.AccessLog(None)).door
    return httpx2.WSGITransport(app=door)


@pytest.fixture
def registry(http: httpx2.BaseTransport) -> Iterator[moorings.Registry]:
    with moorings.connect(http=http) as connected:
        yield connected
