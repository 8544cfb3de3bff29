"""A registry on a ledger at any URL, whose start waits for nothing."""

import json
from pathlib import Path
from typing import Any

from tests.registry.serving import Serving


class Starting(Serving):
    """A registry whose start waits for nothing; its ledger is at any URL."""

    def __init__(self, folder: Path, url: str, *options: str) -> None:
        self._url = url
        super().__init__(folder, "--workers", "2", "--no-access-log", *options)

    @property
    def ledger_url(self) -> str:
        return self._url

    def start(self) -> None:
        self.launch()

    def lines(self, event: str) -> list[dict[str, Any]]:
        """The lines of the log that tell of *event*."""
        found = (json.loads(line) for line in self.log().splitlines() if line.startswith("{"))
        return [one for one in found if one["event"] == event]
