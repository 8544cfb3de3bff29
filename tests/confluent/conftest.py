"""A fresh registry for each test, and one that is served."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.confluent.api import Api, new_api
from tests.confluent.served import ServedRegistry


@pytest.fixture
def api() -> Api:
    return new_api()


@pytest.fixture(scope="session")
def served() -> Iterator[ServedRegistry]:
    """One real server for all tests that drive other people's clients; each uses subjects of its own."""
    with tempfile.TemporaryDirectory(prefix="moorings-served-") as folder:
        registry = ServedRegistry(Path(folder))
        yield registry
        registry.stop()
