"""What has to hold on every worker of every node: keys that rotate, issuers that change or are away, and limits."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from moorings_registry.cli.main import main
from moorings_registry.issuers import take_apart
from tests.sign_in.exchanging import Node, Service, as_bearer, exchanged, service, swap
from tests.sign_in.forging_issuer import AUDIENCE
from tests.sign_in.moved_clock import VARIABLE, MovedNode
from tests.sign_in.signed_in import exchange, fresh_address
from tests.waiting import eventually

LOAD_S = 7.0
TIMES = 8
"""Requests that both workers get some of."""


class GranianNode(Node):
    """A node under granian, which serves no socket."""

    def _socket_options(self) -> tuple[str, ...]:
        return "--server", "granian"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One for all tests that leave it as it was; the clock of its issuer is off."""
    folder, more = tmp_path_factory.mktemp("shop"), 'further_audiences = ["account"]'
    with service(folder, ahead_s=300, extra=more) as one:
        one.grant("people:ann", "register")
        yield one


@pytest.fixture(scope="module")
def under_granian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with service(tmp_path_factory.mktemp("granian"), kind=GranianNode) as one:
        yield one


def statuses(node: Node, token: str) -> set[int]:
    return {as_bearer(node, token).status for _ in range(TIMES)}


def test_keys_rotate_under_load_without_a_failed_request(tmp_path: Path) -> None:
    """Two nodes of two workers, a new key every three seconds."""
    with service(tmp_path, "--rotate-keys-s", "3") as shop:
        shop.start()
        shop.grant("people:ann", "register")
        end = time.monotonic() + LOAD_S
        first = exchanged(shop.nodes[0], shop.issuer.token())

        def work(hand: int) -> tuple[set[int], set[str | None]]:
            seen, keys = set(), set()
            while time.monotonic() < end:
                token = exchanged(shop.nodes[hand % 2], shop.issuer.token())
                keys.add(take_apart(token).key_id)
                seen |= {as_bearer(node, one).status for node in shop.nodes for one in (token, first)}
            return seen, keys

        with ThreadPoolExecutor(3) as threads:
            done = list(threads.map(work, range(3)))
        assert {status for seen, _ in done for status in seen} == {200}
        used = {key for _, keys in done for key in keys}
        assert len(used) >= 4, "each node signed with several keys"
        published = {one["kid"] for one in shop.nodes[1].call("GET", "/.well-known/jwks.json").json["keys"]}
        assert used <= published, "and each is known until its last token has ended"


def test_failures_are_limited_over_all_workers(shop: Service) -> None:
    source = fresh_address()
    shop.nodes[0].source = source
    bad = shop.issuer.token(aud="https://other.example")
    answers = [as_bearer(shop.nodes[0], bad).status for _ in range(12)]
    assert answers == [401] * 10 + [429] * 2
    refused = swap(shop.nodes[0], shop.issuer.token())
    assert (refused.status, refused.json["error"]) == (429, "temporarily_unavailable")
    shop.nodes[0].source = ""
    assert as_bearer(shop.nodes[0], bad).status == 401, "nobody else is held up"


def test_an_issuer_that_is_removed_is_over_on_every_worker(shop: Service) -> None:
    node, direct = shop.nodes[0], shop.issuer.token()
    issued = exchanged(node, shop.issuer.token())
    assert statuses(node, direct) == statuses(node, issued) == {200}
    before = shop.issuers.read_text()
    shop.issuers.write_text(before.replace("[issuers.people]", "[issuers.folk]"))
    eventually(lambda: statuses(node, issued) == {401})
    eventually(lambda: {as_bearer(node, direct).json.get("name") for _ in range(TIMES)} == {"folk:ann"})
    shop.issuers.write_text(before)
    eventually(lambda: {as_bearer(node, direct).json.get("name") for _ in range(TIMES)} == {"people:ann"})


def test_a_list_of_audiences_holds_what_is_configured_and_nothing_else(shop: Service) -> None:
    node = shop.nodes[0]
    for audience in ([AUDIENCE, "account"], ["account", AUDIENCE], [AUDIENCE], AUDIENCE):
        assert as_bearer(node, shop.issuer.token(aud=audience)).status == 200
    for audience in ([AUDIENCE, "other"], ["account"], "account", [], [AUDIENCE, "account", "other"], [[AUDIENCE]]):
        assert as_bearer(node, shop.issuer.token(aud=audience)).status == 401, audience


def test_readiness_tells_of_a_clock_that_is_off(shop: Service) -> None:
    told = {shop.nodes[0].call("GET", "/readyz").body.decode().partition("\n")[2] for _ in range(TIMES)}
    assert told == {"the clock differs by more than a minute from that of: people\n"}


class Moved:
    """A service whose clock is moved."""

    def __init__(self, shop: Service, path: Path) -> None:
        self.shop = shop
        self._path = path
        self._ahead_s = 0.0

    def pass_time(self, seconds: float) -> None:
        self._ahead_s += seconds
        fresh = self._path.with_suffix(".new")
        fresh.write_text(str(self._ahead_s))
        fresh.replace(self._path)

    def token(self, **changed: object) -> str:
        now = int(time.time() + self._ahead_s)
        return self.shop.issuer.token(iat=now, exp=now + 300, **changed)

    def statuses(self, **changed: object) -> set[int]:
        return statuses(self.shop.nodes[0], self.token(**changed))


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    folder = tmp_path_factory.mktemp("moved")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder / "ahead"))
        with service(folder, kind=MovedNode) as shop:
            yield Moved(shop, folder / "ahead")


def test_known_keys_hold_for_a_day_while_their_issuer_is_away(moved: Moved) -> None:
    issuer, known = moved.shop.issuer, moved.shop.issuer.answer_keys
    assert moved.statuses() == {200}
    issuer.answer_keys = lambda: (500, "text/plain", b"")
    moved.pass_time(600)
    assert moved.statuses() == {200}
    moved.pass_time(25 * 3_600)
    reply = as_bearer(moved.shop.nodes[0], moved.token())
    assert (reply.status, reply.code) == (503, "ISSUER_AWAY")
    assert moved.statuses() == {503}
    issuer.answer_keys = known
    moved.pass_time(31)
    eventually(lambda: moved.statuses() == {200})


def test_an_issuer_rotates(moved: Moved) -> None:
    """The new key signs in immediately, the old one as long as it is published and five minutes at most after."""
    issuer = moved.shop.issuer
    old, new = issuer.key, type(issuer.key).generate_key("P-256", auto_kid=True)
    before = moved.token()
    assert statuses(moved.shop.nodes[0], before) == {200}
    moved.pass_time(31)
    issuer.publish(old, new)
    assert moved.statuses(key=new, header={"kid": new.kid}) == {200}
    assert statuses(moved.shop.nodes[0], before) == {200}
    issuer.publish(new)
    moved.pass_time(301)
    assert moved.statuses(key=new, header={"kid": new.kid}) == {200}
    assert moved.statuses() == {401}


@pytest.mark.parametrize("server", ["shop", "under_granian"])
def test_no_header_speaks_for_a_caller_on_a_port(server: str, request: pytest.FixtureRequest) -> None:
    node = request.getfixturevalue(server).nodes[0]
    spiffe = "URI=spiffe://example.org/ns/shop/sa/orders"
    for name in ("X_Forwarded_Client_Cert", "X-Forwarded-Client-Cert", "Client-Cert", "X-SPIFFE-ID"):
        for value in (spiffe, f"By=x;{spiffe},By=y;{spiffe}", f'Subject="x;{spiffe}"', f"{spiffe};{spiffe}"):
            with socket.create_connection(("127.0.0.1", node.port), timeout=20) as connection:
                reply = exchange(connection, f"{name}: {value}")
            assert (reply.status, reply.json["name"]) == (200, "anonymous"), name


def test_workers_of_granian_accept_each_other(under_granian: Service) -> None:
    node = under_granian.nodes[0]
    words = ("--verb", "register", "--node", "shop", "--to", "people:ann", "--because", "a test")
    granted = CliRunner().invoke(main, ("grant", "--ledger", node.ledger_url, *words))
    assert granted.exit_code == 0, granted.output
    assert statuses(node, exchanged(node, under_granian.issuer.token())) == {200}

    def published() -> int:
        return len(node.call("GET", "/.well-known/jwks.json").json["keys"])

    # A worker publishes its key when it starts, and reads those of others once a second: both come to know both.
    eventually(lambda: {published() for _ in range(TIMES)} == {2})
