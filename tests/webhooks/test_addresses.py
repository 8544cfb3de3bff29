"""Where webhooks may lead: to public addresses, and to those that the operator allows."""

import ipaddress
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import pytest

from moorings_registry.receiver_addresses import AllowedAddresses, read_networks
from moorings_registry.webhooks.cloud_events import HttpEvent
from moorings_registry.webhooks.sending import Answer, Fate, Sender
from tests.sign_in.certificates import SERVER, TestAuthority
from tests.webhooks.receivers import listening
from tests.webhooks.sending import World

REFUSED = (
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:0:0:0:0:f5ff:fffe", "2001:db8::1",
    "::7f00:1", "::a9fe:a9fe", "::ffff:0:7f00:1", "64:ff9b:1::7f00:1", "3fff::1", "5f00::1",
    "168.63.129.16", "192.0.0.192", "192.88.99.1",
)  # fmt: skip


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not AllowedAddresses().allow(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert AllowedAddresses().allow(ipaddress.ip_address(address))


def test_the_operator_allows_networks() -> None:
    allowed = AllowedAddresses(read_networks(["10.20.0.0/16", "fd00::/8"]))
    assert [allowed.allow(ipaddress.ip_address(one)) for one in ("10.20.3.4", "10.21.0.1", "fd00::1", "::1")] == [
        True, False, True, False,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="not a network"):
        read_networks(["10.0.0.1/8"])


class Resolver:
    """Answers with one address after another."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, **_more: Any) -> list[Any]:
        self.asked.append(host)
        if not self.addresses:
            raise socket.gaierror(-2, "Name or service not known")
        address = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


def _never(*_asked: Any, **_more: Any) -> list[Any]:
    time.sleep(0.5)
    return []


def test_a_name_is_checked_and_used_as_it_was_resolved() -> None:
    world, event = World(), HttpEvent({"Content-Type": "application/json"}, b"{}")
    with listening() as receiver:
        url = receiver.url.replace("127.0.0.1", "hooks.example")
        only_loopback = AllowedAddresses(loopback=True)
        rebinding = Resolver("127.0.0.1", "10.0.0.1")
        sender = Sender(url, world.keys, resolve=rebinding)
        assert sender.send(event, only_loopback).fate is Fate.DELIVERED
        assert rebinding.asked == ["hooks.example"]  # once: what was checked is what is connected to
        sender.close()
        for address in ("10.0.0.1", "169.254.169.254", "93.184.215.14"):  # http is for this machine alone
            answer = Sender(url, world.keys, resolve=Resolver(address)).send(event, only_loopback)
            assert (answer.fate, answer.reason) == (
                Fate.UNREACHED, "hooks.example leads to no address that webhooks may use",
            )  # fmt: skip
        refused = Sender(url, world.keys, resolve=Resolver("127.0.0.1")).send(event, AllowedAddresses())
        assert refused.fate is Fate.UNREACHED
        away = Sender(url, world.keys, resolve=Resolver()).send(event, only_loopback)
        assert away == Answer(Fate.UNREACHED, "hooks.example leads to no address that webhooks may use")
        slow = Sender(url, world.keys, timeout_s=0.05, resolve=_never).send(event, only_loopback)
        assert slow == away, "what a name of the inside resolves to is not told"
    assert len(receiver.received) == 1


@pytest.fixture
def authority(tmp_path: Path) -> TestAuthority:
    return TestAuthority.make()


@pytest.mark.parametrize(
    ("hosts", "days", "fate", "said"),
    [
        (("hooks.example",), 1.0, Fate.DELIVERED, ""),
        (("other.example",), 1.0, Fate.UNREACHED, "its certificate is not valid"),
        (("hooks.example",), -1.0, Fate.UNREACHED, "its certificate is not valid"),
    ],
    ids=["right", "of another name", "expired"],
)
def test_a_certificate_is_that_of_the_name(
    world: World, authority: TestAuthority, tmp_path: Path, hosts: tuple[str, ...], days: float, fate: Fate, said: str
) -> None:
    pair = authority.issue(tmp_path, "hooks", usage=SERVER, ids=(), hosts=hosts, days=days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    trust = ssl.create_default_context(cadata=authority.pem.decode())
    with listening() as receiver:
        receiver.encrypt(context)
        url = f"https://hooks.example:{receiver.port}/events"
        sender = Sender(url, world.keys, resolve=Resolver("127.0.0.1"), trust=trust)
        answer = sender.send(HttpEvent({"Content-Type": "application/json"}, b"{}"), AllowedAddresses(loopback=True))
    assert answer.fate is fate
    assert said in answer.reason
    assert len(receiver.received) == (fate is Fate.DELIVERED)


def test_a_handshake_that_never_ends_ends_with_the_deadline(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://hooks.example:{silent.getsockname()[1]}/"
        sender = Sender(url, world.keys, resolve=Resolver("127.0.0.1"), timeout_s=0.4)
        began = time.monotonic()
        answer = sender.send(HttpEvent({"Content-Type": "application/json"}, b"{}"), AllowedAddresses(loopback=True))
    assert time.monotonic() - began < 20  # as against for ever
    assert answer.fate is Fate.UNREACHED


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.example/", "use https"),
        ("https://10.0.0.1/", "not public"),
        ("https://169.254.169.254/latest", "not public"),
        ("https://[::ffff:10.0.0.1]/", "not public"),
        ("https://ann:s3cr3t@hooks.example/", "keeps no secrets"),
        ("https://hooks.example/?token=s3cr3t", "keeps no secrets"),
        ("https://hooks.example/#a", "keeps no secrets"),
        ("ftp://hooks.example/", "not an https URL"),
        ("hooks.example", "not an https URL"),
        ("https:///path", "not an https URL"),
        ("https://hooks.example:0/", "not an https URL"),
        ("https://hooks.example:x/", "not an https URL"),
        ("https://hooks.example/ a", "printable ASCII"),
        ("https://hooks.exämple/", "printable ASCII"),
        ("https://" + "h" * 1_000, "1000"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused(url: str, said: str, world: World) -> None:
    reply = world.call(world.operator, "POST", "/v1/webhooks", {"url": url, "node": "*"})
    assert reply.code == "REQUEST_INVALID"
    assert any(one["pointer"] == "/url" and said in one["detail"] for one in reply.json["errors"]), reply.body
    assert "s3cr3t" not in reply.body.decode()


def test_a_url_is_kept_as_receivers_see_it(world: World) -> None:
    id = world.subscribe("https://Hooks.Example:443")
    assert world.registry.state.webhooks[id].url == "https://hooks.example/"
