"""With tokens of an issuer that is not ours: a certified OpenID provider, and the client's own way to get them."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from tests.registry.serving import Serving
from tests.sign_in.forging_issuer import AUDIENCE
from tests.sign_in.oidc_provider import OidcProvider
from tests.sign_in.signed_in import WHO, fault_of

pytestmark = pytest.mark.timeout(400)  # the packages may have to be installed first


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[OidcProvider]:
    one = OidcProvider(tmp_path)
    yield one
    one.stop()


@pytest.fixture
def serving(tmp_path: Path, provider: OidcProvider) -> Iterator[Serving]:
    path = tmp_path / "issuers.toml"
    path.write_text(f'[issuers.sso]\nkind = "oidc"\nissuer = "{provider.url}"\naudience = "{AUDIENCE}"\n')
    one = Serving(tmp_path, "--workers", "2", "--issuers", str(path))
    yield one
    one.stop()


def test_a_client_signs_in_with_a_private_key(provider: OidcProvider, serving: Serving) -> None:
    token = provider.token()
    for _ in range(4):  # of both workers
        who = serving.call("GET", WHO, Authorization=f"Bearer {token}").json
        assert who["name"] == "sso:orders-ci"
        assert who["claims"] == {"sub": "orders-ci", "client_id": "orders-ci"}
    reply = serving.call("GET", WHO, Authorization=f"Bearer {token[:-6]}AAAAAA")
    assert fault_of(reply) in ("signature", "malformed")


def await_keys(serving: Serving) -> None:
    """Return once both workers have keys: each fetches for itself, and tries again half a minute after a failure."""
    deadline = time.monotonic() + 20
    while serving.log().count("issuer_keys") < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_rotation_is_followed(provider: OidcProvider, serving: Serving) -> None:
    """Tokens of the new key immediately, tokens of the old one while its key is published."""
    before = provider.token()
    assert serving.call("GET", WHO, Authorization=f"Bearer {before}").status == 200
    await_keys(serving)
    provider.stop()
    provider.keys.insert(0, ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True))
    provider.start()
    after = provider.token()
    for token in (after, before):
        assert serving.call("GET", WHO, Authorization=f"Bearer {token}").json["name"] == "sso:orders-ci"


def test_the_provider_may_be_away_once_its_keys_are_known(provider: OidcProvider, serving: Serving) -> None:
    first, second = provider.token(), provider.token()
    await_keys(serving)
    provider.stop()
    for token in (first, second):
        assert serving.call("GET", WHO, Authorization=f"Bearer {token}").status == 200
