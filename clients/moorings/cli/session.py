"""What the commands of one call share: the folder of contracts, and the registry, connected on first use."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from moorings.connecting import connect
from moorings.registry import Registry

if TYPE_CHECKING:
    import httpx2


@dataclass(slots=True)
class Session:
    """One call of `moorings`; *http* replaces the network in tests."""

    url: str | None = None
    schemas: Path = Path("schemas")
    timeout_s: float = 10.0
    sign_in: str | None = None
    http: "httpx2.BaseTransport | None" = None
    _registry: Registry | None = field(default=None, repr=False)

    @property
    def registry(self) -> Registry:
        if self._registry is None:
            self._registry = connect(self.url, timeout_s=self.timeout_s, sign_in=self.sign_in, http=self.http)
        return self._registry

    def close(self) -> None:
        if self._registry is not None:
            self._registry.close()
