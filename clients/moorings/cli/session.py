"""What the commands of one call share: the folder of contracts, and the registry, connected on first use."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from moorings.connecting import DEFAULT_URL, connect
from moorings.errors import SettingInvalid
from moorings.layout import Repository
from moorings.layout.repository_file import read_repository
from moorings.registry import Registry
from moorings.signin import LoginStore

if TYPE_CHECKING:
    import httpx2


class RepositoryFileInvalid(SettingInvalid):
    """`moorings.toml` has a fault: a finding, as in every other file of the repository."""


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
    def repository(self) -> Repository:
        """What the `moorings.toml` beside the folder of contracts says.

        Raises:
            RepositoryFileInvalid: something in it cannot be used.
        """
        repository = read_repository(self.schemas)
        for issue in repository.issues:
            line = f":{issue.line}" if issue.line else ""
            raise RepositoryFileInvalid(f"{issue.file}{line}: {issue.message}. {issue.advice}".strip())
        return repository

    @property
    def address(self) -> str | None:
        """The URL of the registry: as given, from the environment, or from `moorings.toml`."""
        return self.url or os.environ.get("MOORINGS_URL") or self.repository.url or None

    @property
    def url_in_use(self) -> str:
        """The one URL of the registry that logins are stored under: the first, without a slash at its end."""
        return (self.address or DEFAULT_URL).split(",")[0].strip().rstrip("/")

    @property
    def registry(self) -> Registry:
        if self._registry is None:
            chosen = self.sign_in or os.environ.get("MOORINGS_SIGN_IN") or self._login()
            self._registry = connect(self.address, timeout_s=self.timeout_s, sign_in=chosen, http=self.http)
        return self._registry

    def _login(self) -> str | None:
        """The way to sign in of whoever ran `moorings login` for this registry."""
        return "login" if LoginStore().find(self.url_in_use) is not None else None

    def close(self) -> None:
        if self._registry is not None:
            self._registry.close()
