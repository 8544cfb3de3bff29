"""A real registry in this process, behind the client's own HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

import moorings


@pytest.fixture
def http() -> httpx2.BaseTransport:
    """A registry of its own for each test, on the memory engine."""
    service: Any = pytest.importorskip("moorings_registry.testing")
    return httpx2.WSGITransport(app=service.in_memory())


@pytest.fixture
def registry(http: httpx2.BaseTransport) -> Iterator[moorings.Registry]:
    with moorings.connect(http=http) as connected:
        yield connected
