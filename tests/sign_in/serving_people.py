"""A registry that people sign in to, by a certified OpenID provider."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.registry.serving import Serving
from tests.sign_in.forging_issuer import AUDIENCE
from tests.sign_in.oidc_provider import OidcProvider


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OidcProvider]:
    one = OidcProvider(tmp_path_factory.mktemp("provider"), f"http://127.0.0.1:{free_port()}")
    yield one
    one.stop()


@contextmanager
def serving_people(
    folder: Path, provider: OidcProvider, *lines: str, fill: Callable[[str, Path], None] | None = None
) -> Iterator[Serving]:
    """Two workers where *provider* sends people back to; *lines* are more of its issuer in the issuers file.

    *fill* takes the URL of the ledger, and the issuers file, before the workers start.
    """
    path = folder / "issuers.toml"
    path.write_text(
        f'[issuers.people]\nkind = "oidc"\nissuer = "{provider.url}"\naudience = "{AUDIENCE}"\n'
        'client_id = "moorings-pages"\ngroups_claim = "groups"\n' + "".join(f"{line}\n" for line in lines)
    )
    if fill is not None:
        fill(f"sqlite:///{folder / 'ledger.db'}", path)
    port = int(provider.pages.rpartition(":")[2])
    options = ("--workers", "2", "--issuers", str(path), "--public-url", provider.pages)
    one = Serving(folder, *options, port=port)
    try:
        yield one
    finally:
        one.stop()
