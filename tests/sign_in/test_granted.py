"""From a token to a permission: the first grant is written into the ledger beside a registry that serves, and holds."""

import json
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from moorings_registry.cli.main import main
from moorings_registry.engines import open_ledger
from tests.registry.asking import record
from tests.sign_in.signed_in import SignedIn

SCHEMA = json.dumps({"schema": record("a", name="OrderPlaced")}).encode()
REGISTER = "/subjects/shop.OrderPlaced/versions"


def grant(own: SignedIn, verbs: str, node: str) -> None:
    words = ("--verb", verbs, "--node", node, "--to", "people:ann", "--because", "first")
    result = CliRunner().invoke(main, ("grant", "--ledger", own.serving.ledger_url, *words))
    assert result.exit_code == 0, result.output


def test_a_token_may_do_what_was_granted_while_the_registry_serves(own: SignedIn) -> None:
    token = own.issuer.token()

    def ask(method: str, path: str, body: bytes = b"") -> int:
        lines = (f"Authorization: Bearer {token}", "Content-Type: application/json")
        return own.ask(*lines, method=method, path=path, body=body).status

    assert ask("POST", REGISTER, SCHEMA) == 403
    assert own.ask(method="POST", path=REGISTER, body=SCHEMA).status == 401
    grant(own, "register", "shop")
    assert ask("POST", REGISTER, SCHEMA) == 200
    for _ in range(2):
        assert ask("GET", "/schemas/ids/1") == 200
    assert ask("DELETE", "/subjects/shop.OrderPlaced") == 403
    grant(own, "audit,read", "*")
    assert ask("GET", "/v1/audit") == 200
    *_, entry = (one for one in open_ledger(own.serving.ledger_url).read(0) if one.actor == "people:ann")
    assert entry.provenance is not None
    assert (entry.provenance["issuer"], entry.provenance["evidence"]) == ("people", "bearer")
    require_evidence(own)


def require_evidence(own: SignedIn) -> None:
    """When the registry ends, what was counted is in the file, and the denied writes are in the ledger."""
    own.serving.process.send_signal(signal.SIGTERM)
    own.serving.process.wait(30)
    path = Path(f"{own.serving.ledger_path}.access")
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT verb, node, ok, count FROM rows WHERE principal = 'people:ann'").fetchall()
    assert {("register", "shop.OrderPlaced", 1, 1), ("register", "shop.OrderPlaced", 0, 1)} <= set(rows)
    assert ("read", "", 1, 2) in rows
    denied = [
        (fact["verb"], fact["node"])
        for entry in open_ledger(own.serving.ledger_url).read(0)
        for fact in entry.facts
        if fact["fact"] == "AccessDenied"
    ]
    assert sorted(denied) == [("govern", "shop.OrderPlaced"), ("register", "shop.OrderPlaced")]


def test_a_grant_without_a_reason_is_a_mistake_of_usage() -> None:
    result = CliRunner().invoke(main, ("grant", "--verb", "read", "--node", "*", "--to", "people:ann"))
    assert result.exit_code == 2
    assert "--because" in result.output


@pytest.mark.parametrize("path", ["/subjects", "/v1/events", "/v1/domains"])
def test_callers_without_a_token_are_asked_to_sign_in(signed_in: SignedIn, path: str) -> None:
    reply = signed_in.ask(path=path)
    assert reply.status == 401
    assert reply.headers["www-authenticate"].startswith('Bearer realm="moorings"')
