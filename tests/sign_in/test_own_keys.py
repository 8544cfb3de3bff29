"""The registry's own keys: who knows them when, and that no token is taken for another."""

import json
import multiprocessing
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from moorings_registry.errors import SigningUnavailable, TokenFault, TokenRefused
from moorings_registry.expiring_records import MemoryRecords, RecordsUnavailable
from moorings_registry.issuers import take_apart
from moorings_registry.own_keys import ACCESS_TOKEN, LONGEST_LIFE_S, SESSION, OwnKeys
from moorings_registry.own_keys.own_keys import LEAD_S, ROTATION_S
from moorings_registry.own_keys.signing_key import SigningKey
from tests.registry.serving import Serving

URL = "https://registry.example"
CLAIMS = {"sub": "people:ann", "aud": URL}


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Records(MemoryRecords):
    """Records that can be away."""

    away = False

    def put(self, *arguments: Any) -> None:
        if self.away:
            raise RecordsUnavailable("away")
        super().put(*arguments)

    def every(self, kind: str, now_s: float) -> dict[str, bytes]:
        if self.away:
            raise RecordsUnavailable("away")
        return super().every(kind, now_s)


class World:
    """Nodes of one service."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.records = Records()

    def node(self, url: str = URL) -> OwnKeys:
        node = OwnKeys(url, self.records, clock=self.clock)
        node.maintain()
        return node

    def passes(self, seconds: float, *nodes: OwnKeys, step_s: float = 30.0) -> None:
        """Let time pass while *nodes* are maintained."""
        end = self.clock.now + seconds
        while self.clock.now < end:
            self.clock.now = min(end, self.clock.now + step_s)
            for node in nodes:
                node.maintain()


@pytest.fixture
def world() -> World:
    return World()


def key_of(token: str) -> str:
    return str(take_apart(token).key_id)


def published(node: OwnKeys) -> Mapping[str, Mapping[str, Any]]:
    return {one["kid"]: one for one in json.loads(node.key_set())["keys"]}


def fault(node: OwnKeys, token: str, token_type: str = ACCESS_TOKEN) -> TokenFault:
    with pytest.raises(TokenRefused) as refused:
        node.verify(take_apart(token), token_type)
    return refused.value.fault


def test_a_node_verifies_what_another_one_signed(world: World) -> None:
    first = world.node()
    token = world.node().sign(ACCESS_TOKEN, CLAIMS, 600)
    claims = first.verify(take_apart(token), ACCESS_TOKEN)
    assert claims["sub"] == "people:ann"
    assert claims["exp"] - claims["iat"] == 600
    world.passes(1, first)
    assert len(published(first)) == 2


def test_public_keys_say_how_long_they_are_used_and_hold_no_secret(world: World) -> None:
    node = world.node()
    (key,) = published(node).values()
    assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use", "not_after"}
    assert world.clock.now + ROTATION_S + LONGEST_LIFE_S <= key["not_after"] <= world.clock.now + ROTATION_S + 2 * 3600
    assert key_of(node.sign(ACCESS_TOKEN, CLAIMS, 600)) == key["kid"]


def test_no_token_is_taken_for_one_of_another_type(world: World) -> None:
    node = world.node()
    session, access = node.sign(SESSION, CLAIMS, 600), node.sign(ACCESS_TOKEN, CLAIMS, 600)
    assert fault(node, session) is TokenFault.TYPE
    assert fault(node, access, SESSION) is TokenFault.TYPE


def test_a_token_of_another_registry_is_refused(world: World) -> None:
    ours, theirs = world.node(), OwnKeys(URL, MemoryRecords(), clock=world.clock)
    theirs.maintain()
    assert fault(ours, theirs.sign(ACCESS_TOKEN, CLAIMS, 600)) is TokenFault.KEY
    elsewhere = world.node("https://other.example").sign(ACCESS_TOKEN, CLAIMS, 600)
    assert fault(ours, elsewhere) is TokenFault.ISSUER
    assert fault(ours, ours.sign(ACCESS_TOKEN, {**CLAIMS, "aud": "https://other.example"}, 600)) is TokenFault.AUDIENCE


def test_a_token_ends_with_its_time_and_a_minute(world: World) -> None:
    node = world.node()
    token = node.sign(ACCESS_TOKEN, CLAIMS, 600)
    world.passes(659, node)
    assert node.verify(take_apart(token), ACCESS_TOKEN)
    world.passes(2, node)
    assert fault(node, token) is TokenFault.EXPIRED


def test_the_next_key_is_published_before_its_first_use(world: World) -> None:
    node, other = world.node(), world.node()
    before = key_of(node.sign(ACCESS_TOKEN, CLAIMS, 600))
    world.passes(ROTATION_S - LEAD_S - 60, node, other)
    assert len(published(node)) == 2
    world.passes(120, node, other)
    assert len(published(node)) == 4, "the next one of each node"
    assert key_of(node.sign(ACCESS_TOKEN, CLAIMS, 600)) == before
    world.passes(LEAD_S, node, other)
    token = node.sign(ACCESS_TOKEN, CLAIMS, 600)
    assert key_of(token) != before
    assert other.verify(take_apart(token), ACCESS_TOKEN)


def test_a_key_is_known_until_its_last_token_has_ended(world: World) -> None:
    node, other = world.node(), world.node()
    world.passes(ROTATION_S - 60, node, other)
    last = node.sign(ACCESS_TOKEN, CLAIMS, LONGEST_LIFE_S)
    world.passes(LONGEST_LIFE_S + 59, node, other)
    assert node.verify(take_apart(last), ACCESS_TOKEN)
    assert other.verify(take_apart(last), ACCESS_TOKEN)
    world.passes(2 * 3600, node, other)
    assert key_of(last) not in published(other)
    assert len(published(other)) == 2


def test_the_key_of_a_node_that_ended_goes_after_its_last_token(world: World) -> None:
    node, ended = world.node(), world.node()
    world.passes(3600, node, ended)
    last = ended.sign(ACCESS_TOKEN, CLAIMS, LONGEST_LIFE_S)
    generation = node.generation
    world.passes(LONGEST_LIFE_S + 59, node)
    assert node.verify(take_apart(last), ACCESS_TOKEN)
    assert node.generation is generation
    world.passes(700, node)
    assert list(published(node)) == [key_of(node.sign(ACCESS_TOKEN, CLAIMS, 600))]
    assert node.generation is not generation


def test_a_node_whose_store_is_away_signs_what_others_can_verify_and_no_more(world: World) -> None:
    node = OwnKeys(URL, world.records, clock=world.clock)
    with pytest.raises(SigningUnavailable):
        node.sign(ACCESS_TOKEN, CLAIMS, 600)
    node.maintain()
    world.records.away = True
    world.passes(LONGEST_LIFE_S, node)
    assert node.verify(take_apart(node.sign(ACCESS_TOKEN, CLAIMS, 500)), ACCESS_TOKEN), "known keys are kept"
    with pytest.raises(SigningUnavailable):
        node.sign(ACCESS_TOKEN, CLAIMS, 600)
    world.passes(ROTATION_S / 2, node)
    world.records.away = False
    node.maintain()
    token = node.sign(ACCESS_TOKEN, CLAIMS, 600)
    assert list(published(node)) == [key_of(token)], "one that nobody knew any more is not used again"


def test_unknown_keys_are_sought_a_few_times_a_second(world: World) -> None:
    node = world.node()
    asked: list[str] = []
    get = world.records.get

    def counted(kind: str, name: str, now_s: float) -> bytes | None:
        asked.append(name)
        return get(kind, name, now_s)

    world.records.get = counted  # type: ignore[method-assign]
    for _ in range(30):
        forged = SigningKey.generate(world.clock.now).sign(ACCESS_TOKEN, {"iss": URL})
        assert fault(node, forged) is TokenFault.KEY
    assert len(asked) == 20


def test_workers_of_a_node_publish_one_key(tmp_path: Path) -> None:
    serving = Serving(tmp_path, "--workers", "2", "--public-url", "http://127.0.0.1:8081")
    try:
        answers = [serving.call("GET", "/.well-known/jwks.json") for _ in range(8)]
        assert {one.headers["content-type"] for one in answers} == {"application/jwk-set+json"}
        assert len({one.body for one in answers}) == 1
        assert len(answers[0].json["keys"]) == 1
    finally:
        serving.stop()


@pytest.mark.parametrize(
    "url", ["http://registry.example", "https://u:p@registry.example", "https://registry.example/", "registry"]
)
def test_an_address_that_tokens_cannot_name_is_refused_at_the_start(url: str, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="--public-url"):
        Serving(tmp_path, "--public-url", url)


def test_processes_of_a_node_sign_with_one_key_also_after_a_rotation(world: World) -> None:
    node = world.node()
    before = key_of(node.sign(ACCESS_TOKEN, CLAIMS, 600))

    def worker() -> None:
        world.passes(ROTATION_S + 60, node)

    child = multiprocessing.get_context("fork").Process(target=worker)
    child.start()
    child.join()
    assert child.exitcode == 0
    world.clock.now += ROTATION_S + 60  # its clock, too
    assert key_of(node.sign(ACCESS_TOKEN, CLAIMS, 600)) != before
