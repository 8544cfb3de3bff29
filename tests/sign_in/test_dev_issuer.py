"""The issuer for development: what it writes, when it renews it, and that no registry trusts it beside another one."""

import json
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from moorings_registry.dev_issuer import DevIssuer, Service
from moorings_registry.issuers import IssuersInvalid, read_issuers
from moorings_registry.issuers.fetching import KeysAway, fetch_keys
from tests.ports import free_port
from tests.sign_in.signed_in import WHO
from tests.sign_in.test_reach import TlsServing

PROGRAM = Path(sys.executable).parent / "moorings-registry"


@pytest.fixture
def identities(tmp_path: Path) -> Iterator[Path]:
    """The folder into which a running issuer writes."""
    folder, port = tmp_path / "identities", free_port()
    process = subprocess.Popen(
        [str(PROGRAM), "dev-issuer", "registry=127.0.0.1", "orders", "--folder", str(folder), "--port", str(port)],
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 30
    while not (folder / "registry" / "issuers.toml").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield folder
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def test_a_registry_and_its_callers_need_nothing_but_their_folders(identities: Path, tmp_path: Path) -> None:
    own, orders = identities / "registry", identities / "orders"
    context = ssl.create_default_context(cafile=str(orders / "ca.crt"))
    TlsServing.context = context
    options = ("--issuers", str(own / "issuers.toml"), "--tls-client-ca", str(own / "ca.crt"))
    serving = TlsServing(
        tmp_path, "--workers", "1", *options,
        "--tls-certificate", str(own / "tls.crt"), "--tls-key", str(own / "tls.key"),
    )  # fmt: skip
    try:
        token = (orders / "token").read_text()
        assert serving.call("GET", WHO, Authorization=f"Bearer {token}").json["name"] == "dev:orders"
        context.load_cert_chain(orders / "tls.crt", orders / "tls.key")
        assert serving.call("GET", WHO).json["name"] == "dev-mesh:dev.moorings/orders"
    finally:
        serving.stop()


def test_the_key_of_the_issuer_is_in_no_file(identities: Path) -> None:
    keys = [path for path in identities.rglob("*") if path.is_file() and b"PRIVATE KEY" in path.read_bytes()]
    assert sorted(path.relative_to(identities).as_posix() for path in keys) == ["orders/tls.key", "registry/tls.key"]
    for path in keys:
        certificate = x509.load_pem_x509_certificate(path.with_name("tls.crt").read_bytes())
        assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert identities.stat().st_mode & 0o077 == 0


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 30, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def by_hand(tmp_path: Path) -> tuple[DevIssuer, Clock, Path]:
    """An issuer whose time passes as the test says, and the folder of its only service."""
    clock = Clock()
    return DevIssuer("https://localhost:8443", tmp_path, (Service("orders"),), clock=clock), clock, tmp_path / "orders"


def test_a_token_is_renewed_at_half_its_life(by_hand: tuple[DevIssuer, Clock, Path]) -> None:
    issuer, clock, folder = by_hand
    first = (folder / "token").read_text()
    clock.now += timedelta(minutes=4)
    issuer.renew()
    assert (folder / "token").read_text() == first
    clock.now += timedelta(minutes=1)
    issuer.renew()
    assert (folder / "token").read_text() != first


def test_a_certificate_is_renewed_at_half_its_life(by_hand: tuple[DevIssuer, Clock, Path]) -> None:
    issuer, clock, folder = by_hand
    first = (folder / "tls.crt").read_bytes()
    clock.now += timedelta(minutes=31)
    issuer.renew()
    assert (folder / "tls.crt").read_bytes() != first
    newest = x509.load_pem_x509_certificate((folder / "tls.crt").read_bytes())
    assert newest.not_valid_after_utc - clock.now == timedelta(hours=1)


def test_a_new_authority_is_trusted_beside_the_one_before_it(by_hand: tuple[DevIssuer, Clock, Path]) -> None:
    issuer, clock, folder = by_hand
    first = (folder / "ca.crt").read_bytes()
    clock.now += timedelta(hours=12)
    issuer.renew()
    both = (folder / "ca.crt").read_bytes()
    assert both.startswith(first)
    assert both.count(b"BEGIN CERTIFICATE") == 2
    assert issuer.authority.bundle == both
    clock.now += timedelta(hours=12, minutes=1)
    issuer.renew()
    assert not (folder / "ca.crt").read_bytes().startswith(first)  # it has expired


def test_the_key_of_yesterdays_tokens_is_published_beside_todays(by_hand: tuple[DevIssuer, Clock, Path]) -> None:
    issuer, clock, _ = by_hand
    (before,) = json.loads(issuer.key_set())["keys"]
    clock.now += timedelta(hours=24)
    issuer.renew()
    kids = [one["kid"] for one in json.loads(issuer.key_set())["keys"]]
    assert kids[0] == before["kid"]
    assert len(kids) == 2


def test_it_is_not_trusted_beside_another_issuer(identities: Path) -> None:
    path = identities / "registry" / "issuers.toml"
    production = '\n[issuers.github]\nkind = "github"\naudience = "moorings"\n'
    path.write_text(path.read_text() + production)
    with pytest.raises(IssuersInvalid, match="development beside another"):
        read_issuers(path)


def test_it_is_not_trusted_as_anything_but_an_issuer_for_development(identities: Path) -> None:
    path = identities / "registry" / "issuers.toml"
    (one, _) = read_issuers(path).issuers
    assert len(fetch_keys(one).keys.by_id) == 1
    path.write_text(path.read_text().replace("development = true", ""))
    (one, _) = read_issuers(path).issuers
    with pytest.raises(KeysAway, match="issuer for development"):
        fetch_keys(one)


@pytest.mark.parametrize("services", [["Orders"], ["../x"], [""], ["a", "a"]], ids=str)
def test_a_service_that_is_not_the_name_of_a_host_is_refused(services: list[str], tmp_path: Path) -> None:
    command = [str(PROGRAM), "dev-issuer", *services, "--folder", str(tmp_path / "i"), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert not (tmp_path / "i").exists()
