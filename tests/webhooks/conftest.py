"""What tests of webhooks share."""

import pytest

from tests.webhooks.sending import World


@pytest.fixture(scope="module")
def world() -> World:
    """A registry whose worker takes a turn when a test says so."""
    return World()
