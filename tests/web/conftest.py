"""An empty registry for each test, and one filled shop for all tests that only read it."""

import pytest

from tests.web.seed import seed_shop
from tests.web.site import Site, new_site


@pytest.fixture
def site() -> Site:
    return new_site()


@pytest.fixture(scope="session")
def shop() -> Site:
    filled = new_site()
    seed_shop(filled.registry)
    return filled
