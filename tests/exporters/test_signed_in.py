"""Exporting to a registry that asks its callers to sign in: two served ones, which trust each other's keys and share
no secret."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from moorings_registry.app import build_application
from moorings_registry.callers import Caller
from moorings_registry.commands import ConfigureIssuers, GrantAccess
from moorings_registry.engines import open_ledger
from moorings_registry.expiring_records import MemoryRecords
from moorings_registry.exporting.signing_in import ExporterSignIn, SignInRefused, sign_in_of
from moorings_registry.issuers import Trust
from moorings_registry.issuers.fetching import FetchedKeys
from moorings_registry.issuers.key_sets import read_key_set
from moorings_registry.migration import WsgiTransport
from moorings_registry.own_keys import OwnKeys
from tests.registry.asking import record
from tests.sign_in.exchanging import Service, claims_of, service
from tests.waiting import eventually

SUBJECT = "shop.orders.OrderPlaced"
SOURCE, TARGET = "https://eu.example", "https://us.example"


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Service, Service]]:
    folders = [tmp_path / name for name in ("source", "target")]
    for folder in folders:
        folder.mkdir()
    address = "http://127.0.0.1:{port}"
    with service(folders[0], url=address) as source, service(folders[1], url=address) as target:
        yield source, target


def url_of(one: Service) -> str:
    return f"http://127.0.0.1:{one.nodes[0].port}"


def trust_source(source: Service, target: Service) -> None:
    """Let the target take assertions of the source: one table."""
    target.write_issuers(
        more=f'[issuers.eu]\nkind = "registry"\nissuer = "{url_of(source)}"\naudience = "{url_of(target)}"\n'
    )


def register(source: Service, *fields: str) -> None:
    reply = source.operator(
        "POST", f"/subjects/{SUBJECT}/versions", {"schema": record("a", **dict.fromkeys(fields, 0))}
    )
    assert reply.status == 200, reply.body


def versions(one: Service) -> Any:
    return one.operator("GET", f"/subjects/{SUBJECT}/versions").json


def status_of(source: Service) -> dict[str, Any]:
    told: dict[str, Any] = source.operator("GET", "/exporters/us/status").json
    return told


def come_to(source: Service, seen: Callable[[dict[str, Any]], bool]) -> None:
    eventually(lambda: seen(status_of(source)))


def fails_by(words: str) -> Callable[[dict[str, Any]], bool]:
    return lambda told: told["state"] == "ERROR" and words in told.get("trace", "")


def test_an_exporter_signs_in_with_the_keys_of_its_registry(pair: tuple[Service, Service]) -> None:
    source, target = pair
    register(source)
    made = {"name": "us", "contextType": "NONE", "config": {"schema.registry.url": url_of(target)}}
    assert source.operator("POST", "/exporters", made).status == 200
    come_to(source, fails_by("does not sign this exporter in (invalid_client: The token's issuer is not configured"))
    trust_source(source, target)
    come_to(source, fails_by("No grant in force matches the caller"))
    grants = [target.grant("eu:us", verb, node="*") for verb in ("govern", "operate")]
    come_to(source, lambda told: told["state"] == "RUNNING")
    assert versions(target) == [1]
    ids = [one.operator("GET", f"/subjects/{SUBJECT}/versions/1").json["id"] for one in pair]
    assert ids[0] == ids[1]

    # The target starts again: its keys are others, and so the token has to be renewed in the middle.
    target.nodes[0].stop()
    target.nodes[0].start()
    register(source, "b")
    come_to(source, lambda told: told["state"] == "RUNNING" and versions(target) == [1, 2])

    for grant in grants:
        assert target.operator("DELETE", f"/v1/grants/{grant}").status < 300
    register(source, "b", "c")
    come_to(source, fails_by("denied access (status 403): Permission"))
    assert versions(target) == [1, 2]

    for verb in ("govern", "operate"):
        target.grant("eu:us", verb, node="*")
    come_to(source, lambda told: told["state"] == "RUNNING" and versions(target) == [1, 2, 3])


class World:
    """A source's keys, and a target in this process."""

    def __init__(self, folder: Path) -> None:
        self.own_keys = OwnKeys(SOURCE, MemoryRecords())
        self.own_keys.maintain()
        issuers = folder / "issuers.toml"
        issuers.write_text(f'[issuers.eu]\nkind = "registry"\nissuer = "{SOURCE}"\naudience = "{TARGET}"\n')
        records = MemoryRecords()
        theirs = OwnKeys(TARGET, records)
        theirs.maintain()
        trust = Trust(issuers, fetch=lambda _: FetchedKeys(read_key_set(self.own_keys.key_set()), None))
        self.target = build_application(open_ledger("memory:"), trust=trust, own_keys=theirs, records=records)
        transport = WsgiTransport(self.target.middleware)
        self.client = httpx2.Client(base_url=TARGET, transport=transport)
        self.now = 0.0

    def sign_in(self, url: str = TARGET) -> ExporterSignIn:
        return ExporterSignIn(self.own_keys, "us", url, clock=lambda: self.now)


def grant_everything(world: World) -> None:
    assert world.target.trust is not None
    world.target.registry.execute(ConfigureIssuers(world.target.trust.issuers), Caller())
    command = GrantAccess("eu", ("govern",), "*", "a test", principal="eu:us")
    world.target.registry.execute(command, Caller())


def test_a_token_is_renewed_before_it_ends(tmp_path: Path) -> None:
    world = World(tmp_path)
    grant_everything(world)
    sign_in = world.sign_in()
    first = sign_in.authorize(world.client)
    claims = claims_of(first["Authorization"].removeprefix("Bearer "))
    assert (claims["sub"], claims["scope"]) == ("eu:us", "govern:*")
    world.now += 479
    assert sign_in.authorize(world.client) == first
    world.now += 2
    assert sign_in.authorize(world.client) != first


def test_an_assertion_is_for_one_target(tmp_path: Path) -> None:
    world = World(tmp_path)
    grant_everything(world)
    with pytest.raises(SignInRefused, match="audience"):
        world.sign_in("https://other.example").authorize(world.client)


def test_a_target_without_a_token_endpoint_is_asked_without_a_token(tmp_path: Path) -> None:
    world = World(tmp_path)
    plain = build_application(open_ledger("memory:"))
    client = httpx2.Client(base_url="http://localhost:8081", transport=WsgiTransport(plain.middleware))
    sign_in = world.sign_in("http://localhost:8081")
    assert sign_in.authorize(client) == {}
    assert not sign_in.has_token


@pytest.mark.parametrize("url", ["http://registry.example", "https://registry.example/?a=b"])
def test_no_assertion_goes_where_others_could_read_the_token(url: str, tmp_path: Path) -> None:
    assert sign_in_of(World(tmp_path).own_keys, "us", url) is None
