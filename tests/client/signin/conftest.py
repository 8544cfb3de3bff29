"""A token endpoint, and a private key in a file; skipped where the extra is not installed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def key() -> Any:
    return pytest.importorskip("joserfc.jwk").ECKey.generate_key("P-256")


@pytest.fixture
def key_file(key: Any, tmp_path: Path) -> Path:
    path = tmp_path / "client.pem"
    path.write_bytes(key.as_pem(private=True))
    return path


@pytest.fixture
def tokens(key: Any) -> Iterator[Any]:
    from tests.client.signin.token_server import TokenServer, served  # it needs the extra

    with served(TokenServer(key)) as server:
        yield server
