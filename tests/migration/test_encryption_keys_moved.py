"""Encryption keys come along: wrapped, in order, soft-deleted ones too, and never a plain one."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from click.testing import Result

from moorings_registry.app import build_application
from moorings_registry.engines import open_ledger
from moorings_registry.migration import Peer, WsgiTransport
from moorings_registry.migration.key_source import read_keys
from tests.migration.sources import Source, record

Import = Callable[..., Result]
KEKS = "/dek-registry/v1/keks"


@pytest.fixture
def keyed(empty_source: Source) -> Source:
    """A registry with keys of every kind."""
    source = empty_source
    source.register("orders-value", record("OrderPlaced", "id"))
    source.register(":.tenant:orders-value", record("OrderPlaced", "id"))
    for where, name in (("", "pii"), ("", "gone"), ("/contexts/.tenant", "pii")):
        source.ask("POST", f"{where}{KEKS}", kek(name, doc=f"{where} {name}", kmsProps={"region": "eu"}))
    for version, material in ((1, "b25l"), (2, "dHdv"), (3, "dGhyZWU=")):
        source.ask("POST", f"{KEKS}/pii/deks", dek("orders-value", version, material))
    source.ask("POST", f"{KEKS}/pii/deks", dek("orders-value", 1, "c2l2", algorithm="AES256_SIV"))
    source.ask("POST", f"{KEKS}/pii/deks", dek("a name/with a slash", 1, "c2xhc2g="))
    source.ask("POST", f"{KEKS}/gone/deks", dek("orders-value", 1, "Z29uZQ=="))
    source.ask("POST", f"/contexts/.tenant{KEKS}/pii/deks", dek(":.tenant:orders-value", 1, "dGVuYW50"))
    for path in ("pii/deks/orders-value/versions/2", "gone/deks/orders-value", "gone"):
        source._client.delete(f"{KEKS}/{path}").raise_for_status()
    return source


def kek(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "kmsType": "aws-kms", "kmsKeyId": f"arn:{name}", **more}


def dek(subject: str, version: int, material: str, **more: Any) -> dict[str, Any]:
    return {"subject": subject, "version": version, "encryptedKeyMaterial": material, **more}


def test_every_key_is_answered_as_it_was(keyed: Source, run_import: Import, ledger_url: str) -> None:
    result = run_import("--from", keyed.url)
    assert result.exit_code == 0, result.output
    assert "encryption keys: 3 KEKs, 7 DEKs" in result.output
    deks = f"{KEKS}/pii/deks"
    with here(ledger_url) as ours, httpx2.Client(base_url=keyed.url) as theirs:
        for path in (
            KEKS, f"{KEKS}?deleted=true", f"{KEKS}/pii", f"{KEKS}/gone?deleted=true", deks, f"{KEKS}/gone",
            f"{deks}/orders-value/versions", f"{deks}/orders-value/versions?deleted=true",
            f"{deks}/orders-value/versions/3", f"{deks}/orders-value/versions/2?deleted=true",
            f"{deks}/orders-value?algorithm=AES256_SIV", f"{deks}/a%20name%2Fwith%20a%20slash",
            f"{KEKS}/gone/deks/orders-value?deleted=true", f"/contexts/.tenant{KEKS}/pii",
            f"/contexts/.tenant{deks}/orders-value",
        ):  # fmt: skip
            assert told(ours, path) == told(theirs, path), path


def test_a_second_run_adds_nothing(keyed: Source, run_import: Import, ledger_url: str) -> None:
    run_import("--from", keyed.url)
    head = open_ledger(ledger_url).head()
    again = run_import("--from", keyed.url)
    assert (again.exit_code, open_ledger(ledger_url).head()) == (0, head)


def test_a_key_that_is_another_one_here_is_a_conflict(keyed: Source, run_import: Import, ledger_url: str) -> None:
    registry = build_application(open_ledger(ledger_url, create=True))
    with httpx2.Client(base_url="http://localhost", transport=WsgiTransport(registry.middleware)) as ours:
        ours.post(KEKS, json=kek("pii", doc=" pii", kmsProps={"region": "eu"})).raise_for_status()
        ours.post(f"{KEKS}/pii/deks", json=dek("orders-value", 1, "b3RoZXI=")).raise_for_status()
        ours.post(KEKS, json=kek("gone", doc="another")).raise_for_status()
    result = run_import("--from", keyed.url)
    assert result.exit_code == 1
    assert "KEK gone: described otherwise here" in result.output
    assert "DEK version 1 (AES256_GCM) of orders-value under KEK pii: another key here" in result.output
    assert "b25l" not in result.output
    assert "nothing written" in result.output


PLAIN: dict[str, Any] = {
    KEKS: ["open", "odd", "hidden"],
    f"{KEKS}/open": kek("open", shared=True),
    f"{KEKS}/odd": {"name": "odd", "kmsType": 3},
    f"{KEKS}/open/deks": ["s"],
    f"{KEKS}/open/deks/s/versions": [1, 2],
    f"{KEKS}/open/deks/s/versions/1": {**dek("s", 1, "d3JhcHBlZA=="), "keyMaterial": "cGxhaW4="},
    f"{KEKS}/open/deks/s/versions/2": {"subject": "s", "version": 2, "keyMaterial": "cGxhaW4="},
}


def test_what_cannot_be_read_is_said_and_plain_keys_are_not_read() -> None:
    def handle(request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if path.endswith("/hidden"):
            return httpx2.Response(403)
        listed = path in PLAIN and request.url.params.get("algorithm", "AES256_GCM") == "AES256_GCM"
        return httpx2.Response(200, json=PLAIN[path]) if listed else httpx2.Response(404, json={})

    found = read_keys(Peer("http://old", transport=httpx2.MockTransport(handle), pause=lambda _: None), [])
    assert [(one.subject, one.version, one.encrypted_key_material) for one in found.deks] == [("s", 1, "d3JhcHBlZA==")]
    assert "cGxhaW4=" not in str(found)
    assert [one.partition(":")[0] for one in found.untold] == [
        "KEK open is shared there and is not shared here",
        "DEK version 2 (AES256_GCM) of s under KEK open",
        "KEK odd",
        "KEK hidden",
    ]


def test_a_kek_with_a_secret_stops_the_import_unless_it_may_be_left_out(
    keyed: Source, run_import: Import, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Peer.find

    def with_a_secret(self: Peer, path: str) -> Any:
        content = seen(self, path)
        held = self.name == keyed.url and path.endswith("/keks/pii?deleted=true") and not path.startswith("/contexts")
        return {**content, "kmsProps": {"token.id": "hush"}} if held else content

    monkeypatch.setattr(Peer, "find", with_a_secret)
    result = run_import("--from", keyed.url)
    assert result.exit_code == 1
    assert "KEK pii: " in result.output
    assert "named like a secret" in result.output
    assert "hush" not in result.output
    lenient = run_import("--from", keyed.url, "--skip-invalid")
    assert lenient.exit_code == 0, lenient.output
    with here(ledger_url) as ours:
        assert ours.get(f"{KEKS}?deleted=true").json() == ["gone"]


def here(ledger_url: str) -> httpx2.Client:
    middleware = build_application(open_ledger(ledger_url)).middleware
    return httpx2.Client(base_url="http://localhost", transport=WsgiTransport(middleware))


def told(client: httpx2.Client, path: str) -> Any:
    """The status and the body, less the moment of registration."""
    answer = client.get(path)
    content = answer.json()
    return answer.status_code, {**content, "ts": 0} if isinstance(content, dict) and "ts" in content else content
