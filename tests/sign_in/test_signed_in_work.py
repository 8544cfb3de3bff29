"""Sign-in and grants together: the operator grants over the local socket, and callers work with their tokens."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from moorings import connect
from moorings.errors import ContractUnknown
from moorings_registry.engines import open_ledger
from tests.registry.asking import record
from tests.registry.calling import Reply
from tests.registry.serving import Serving
from tests.sign_in.forging_issuer import ForgingIssuer
from tests.sign_in.signed_in import exchange, issuers_file

SUBJECT = "shop.orders.OrderPlaced"


@dataclass(frozen=True, slots=True)
class Shop:
    """A registry of two workers, its issuer, and the operator's socket."""

    serving: Serving
    issuer: ForgingIssuer
    socket: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.serving.port}"

    def operator(self, method: str, path: str, body: Any = None) -> Reply:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(str(self.socket))
            content = json.dumps(body).encode() if body is not None else b""
            return exchange(connection, "Content-Type: application/json", method=method, path=path, body=content)

    def grant(self, name: str, *verbs: str, node: str = "shop") -> int:
        body = {
            "issuer": "people", "principal": f"people:{name}", "verbs": verbs, "node": node, "because": "a test",
            "expires": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
        }  # fmt: skip
        reply = self.operator("POST", "/v1/grants", body)
        assert reply.status == 201, reply.body
        return int(reply.json["id"])

    def call(self, name: str, method: str, path: str, body: Any = None) -> Reply:
        token = self.issuer.token(sub=name)
        sent = {"Content_Type": "application/json"} if body is not None else {}
        return self.serving.call(method, path, body, Authorization=f"Bearer {token}", **sent)

    def stock_client(self, name: str) -> SchemaRegistryClient:
        return SchemaRegistryClient({"url": self.url, "basic.auth.user.info": f"token:{self.issuer.token(sub=name)}"})


@pytest.fixture
def shop(tmp_path: Path, issuer: ForgingIssuer) -> Iterator[Shop]:
    path = tmp_path / "http.sock"
    options = ("--workers", "2", "--issuers", str(issuers_file(tmp_path, issuer)), "--socket", str(path))
    serving = Serving(tmp_path, *options)
    yield Shop(serving, issuer, path)
    serving.stop()


def test_a_producer_registers_and_a_stranger_sees_nothing(shop: Shop) -> None:
    shop.grant("ann", "register")
    shop.grant("bob", "read", node="billing")
    ann, bob = shop.stock_client("ann"), shop.stock_client("bob")
    assert ann.register_schema(SUBJECT, Schema(record("a"), "AVRO")) == 1
    assert ann.get_subjects() == [SUBJECT]
    assert bob.get_subjects() == []
    with pytest.raises(SchemaRegistryError) as hidden:
        bob.get_latest_version(SUBJECT)
    assert (hidden.value.http_status_code, hidden.value.error_code) == (404, 40401)
    with pytest.raises(SchemaRegistryError) as denied:
        bob.register_schema(SUBJECT, Schema(record("b"), "AVRO"))
    assert (denied.value.http_status_code, denied.value.error_code) == (403, 40301)
    with pytest.raises(SchemaRegistryError) as anonymous:
        SchemaRegistryClient({"url": shop.url}).get_subjects()
    assert (anonymous.value.http_status_code, anonymous.value.error_code) == (401, 40101)


def test_our_client_works_with_a_token_file(shop: Shop, tmp_path: Path) -> None:
    shop.grant("ann", "register")
    shop.grant("bob", "read", node="billing")
    assert shop.call("ann", "POST", f"/v1/events/{SUBJECT}/versions", {"schema": record("a")}).status == 201
    (tmp_path / "ann").write_text(shop.issuer.token(sub="ann"))
    (tmp_path / "bob").write_text(shop.issuer.token(sub="bob"))
    with connect(shop.url, sign_in=f"file:{tmp_path}/ann") as registry:
        placed = registry.event(SUBJECT, major=1)
        assert placed.decode(placed.encode({"a": 1})) == {"a": 1}
    with connect(shop.url, sign_in=f"file:{tmp_path}/bob") as registry, pytest.raises(ContractUnknown) as hidden:
        registry.event(SUBJECT, major=1)
    assert f"do not allow read on '{SUBJECT}'" in str(hidden.value)
    assert "Ask the owner of its domain, or the registry's operator." in str(hidden.value)


def test_a_denied_read_says_whom_to_ask_and_not_whether_it_is_there(shop: Shop, tmp_path: Path) -> None:
    shop.operator("PUT", "/v1/domains/shop.orders", {"owner": "team-orders"})
    shop.grant("bob", "read", node="shop.orders.OrderPaid")  # and so he sees the domain above it
    shop.operator("POST", f"/subjects/{SUBJECT}/versions", {"schema": record("a", name="OrderPlaced")})
    (tmp_path / "bob").write_text(shop.issuer.token(sub="bob"))
    said = []
    with connect(shop.url, sign_in=f"file:{tmp_path}/bob") as registry:
        for event in (SUBJECT, "shop.orders.OrderLost"):
            with pytest.raises(ContractUnknown) as unknown:
                registry.event(event, major=1)
            assert "Ask team-orders, who owns the domain." in str(unknown.value)
            said.append(str(unknown.value).replace(event, "EVENT"))
    assert said[0] == said[1]
    assert "whom to ask" in shop.call("bob", "GET", f"/v1/events/{SUBJECT}").json["fix"]


def test_the_ledger_says_who_wrote(shop: Shop) -> None:
    shop.grant("ann", "register")
    shop.call("ann", "POST", f"/subjects/{SUBJECT}/versions", {"schema": record("a")})
    assert shop.serving.terminate() == 0
    actors = [entry.actor for entry in open_ledger(shop.serving.ledger_url).read(0)]
    assert actors == ["moorings-registry", "local", "people:ann"]


def test_a_revoked_grant_ends_on_every_worker(shop: Shop) -> None:
    grant = shop.grant("ann", "read")
    shop.operator("POST", f"/subjects/{SUBJECT}/versions", {"schema": record("a")})
    path = f"/subjects/{SUBJECT}/versions/1"
    assert {shop.call("ann", "GET", path).status for _ in range(8)} == {200}
    assert shop.operator("DELETE", f"/v1/grants/{grant}").status < 300
    assert {shop.call("ann", "GET", path).status for _ in range(8)} == {404}


def test_an_answer_of_one_caller_is_not_given_to_another(shop: Shop) -> None:
    """Kept answers, ETags and 304 by a known ETag."""
    shop.grant("ann", "register")
    shop.grant("bob", "read", node="billing")
    shop.call("ann", "POST", f"/subjects/{SUBJECT}/versions", {"schema": record("a")})
    for path in ("/schemas/ids/1", f"/subjects/{SUBJECT}/versions/1", "/subjects"):
        replies = [shop.call("ann", "GET", path) for _ in range(4)]
        assert {reply.status for reply in replies} == {200}
        assert {reply.headers["cache-control"] for reply in replies} <= {"private, no-cache", "no-store"}
        etag = replies[-1].headers.get("etag", "*")
        token = shop.issuer.token(sub="bob")
        seen = shop.serving.call("GET", path, Authorization=f"Bearer {token}", If_None_Match=etag)
        assert seen.json == [] if path == "/subjects" else seen.status == 404
