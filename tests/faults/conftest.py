"""Servers that a test may kill."""

from collections.abc import Iterator

import pytest

from tests.servers import PostgresServer, made_ledger


@pytest.fixture
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL with a ledger."""
    server = PostgresServer()
    made_ledger(server, "moorings")
    yield server
    server.stop()
