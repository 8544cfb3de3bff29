"""A served registry that trusts a forging issuer; one for all tests that leave it as it is."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.registry.serving import Serving
from tests.sign_in.forging_issuer import ForgingIssuer
from tests.sign_in.signed_in import SignedIn, issuers_file


@pytest.fixture
def issuer() -> Iterator[ForgingIssuer]:
    one = ForgingIssuer()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def signed_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignedIn]:
    folder, issuer = tmp_path_factory.mktemp("signed-in"), ForgingIssuer()
    yield from _served(folder, issuer)


@pytest.fixture
def own(tmp_path: Path, issuer: ForgingIssuer) -> Iterator[SignedIn]:
    """A registry that the test may do anything to."""
    yield from _served(tmp_path, issuer)


def _served(folder: Path, issuer: ForgingIssuer) -> Iterator[SignedIn]:
    serving = Serving(folder, "--workers", "1", "--issuers", str(issuers_file(folder, issuer)))
    deadline = time.monotonic() + 30
    while "issuer_keys" not in serving.log() and time.monotonic() < deadline:
        time.sleep(0.02)  # it fetches them by itself
    yield SignedIn(serving, issuer)
    serving.stop()
