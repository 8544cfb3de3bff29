"""A fresh registry for each test, held to the contracts of its own facts at the end."""

from collections.abc import Iterator

import pytest

from tests.registry.asking import Asked, require_facts_as_described


@pytest.fixture
def asked() -> Iterator[Asked]:
    """A registry in memory."""
    asked = Asked()
    yield asked
    require_facts_as_described(asked.ledger)
