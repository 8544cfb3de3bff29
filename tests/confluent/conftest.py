"""A fresh registry for each test."""

import pytest

from tests.confluent.api import Api, new_api


@pytest.fixture
def api() -> Api:
    return new_api()
