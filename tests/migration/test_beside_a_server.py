"""Moving in while the registry serves."""

import time
from pathlib import Path

import httpx2

from tests.confluent.served import ServedRegistry
from tests.migration.conftest import Import
from tests.migration.sources import Source


def test_a_running_registry_shows_what_was_taken_over(source: Source, run_import: Import, tmp_path: Path) -> None:
    served = ServedRegistry(tmp_path)
    try:
        result = run_import("--ledger", f"sqlite:///{tmp_path / 'ledger.db'}", "--from", source.url)
        assert result.exit_code == 0, result.output
        with httpx2.Client(base_url=served.url) as client:
            deadline = time.monotonic() + 20
            while client.get("/mode/money").status_code == 404 and time.monotonic() < deadline:
                time.sleep(0.05)
            assert client.get("/subjects/a-placed/versions/1").json()["id"] == 3
        # And the other way round: what is served is a source like any other.
        again = run_import("--ledger", f"sqlite:///{tmp_path / 'third.db'}", "--from", served.url)
        assert again.exit_code == 0, again.output
        assert "verified: 15 versions" in again.output
    finally:
        served.stop()
