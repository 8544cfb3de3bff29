"""Two releases on one ledger: what the newer one writes, the older one never misreads. It says that it cannot go on."""

import json
import random
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from moorings_compat.canonical_json import canonical_bytes
from moorings_registry import facts
from moorings_registry.app import build_application
from moorings_registry.cli.main import main
from moorings_registry.commands import DeleteSubject, RegisterSchema
from moorings_registry.engines import open_ledger
from moorings_registry.entries import START, Entry
from moorings_registry.errors import LedgerTooNew
from moorings_registry.ledger import Ledger
from moorings_registry.ledger import errors as ledger_errors
from moorings_registry.ledger.rows import entries_of
from moorings_registry.names import Subject
from moorings_registry.state import State, apply
from tests.engines.places import Place
from tests.registry.asking import PLACED, Asked, avro, record
from tests.registry.calling import EVENT, Http
from tests.registry.fact_examples import EXAMPLES
from tests.registry.newer_facts import newer_fact

TOLD: Any = {"recorded_at": "2026-11-22T12:00:00.000000Z", "actor": "newer", "correlation_id": "c"}


def test_no_fact_of_a_newer_release_is_read() -> None:
    chance = random.Random(44)
    for _ in range(2_000):
        newer = newer_fact(chance)
        with pytest.raises(facts.FactUnknown):
            pytest.fail(f"read: {facts.from_json(newer)}")


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: type(fact).__name__)
def test_what_is_read_is_read_whole(fact: facts.Fact) -> None:
    stored = facts.to_json(fact)
    for name in stored:
        less = {one: value for one, value in stored.items() if one != name}
        for changed in (less, {**less, f"{name}_": stored[name]}, {**stored, f"{name}_": None}):
            with pytest.raises(facts.FactUnknown):
                facts.from_json(changed)
    assert facts.to_json(facts.from_json(stored)) == stored


def test_an_older_release_stops_where_a_newer_one_wrote(place: Place) -> None:
    ledger = place.open()
    older, newer = Asked(ledger), Asked(place.open())
    for number in range(3):
        newer.register(record("a"), f"shop.early.Event{number}")
    chance = random.Random(place.engine)
    readable = ledger.head().position
    _append(ledger, newer_fact(chance))
    _append(ledger, facts.to_json(facts.ModeChanged("shop.late.Event", "READONLY")))
    end = ledger.head()

    for _ in range(2):
        with pytest.raises(LedgerTooNew, match=f"from position {readable + 1} on"):
            older.registry.catch_up()
    assert older.registry.known == apply(State(), (one for one in ledger.read(0) if one.position <= readable))
    assert older.registry.known.subject(Subject.parse("shop.early.Event2")) is not None
    for command in (RegisterSchema(PLACED, avro(record("b"))), DeleteSubject(Subject.parse("shop.early.Event1"))):
        with pytest.raises(LedgerTooNew):
            older.do(command)
    assert ledger.head() == end
    assert older.registry.away_s > 0


def test_what_is_there_already_is_answered_meanwhile(place: Place) -> None:
    ledger = place.open()
    asked = Asked(ledger)
    version = asked.register(record("a"))
    _append(ledger, {"fact": "ShipSailed", "v": 1})
    assert asked.register(record("a")) == version


def test_an_entry_with_members_of_a_newer_release_is_not_called_damaged() -> None:
    whole = json.loads(Entry.following(START, facts=(), **TOLD).to_line()) | {"signed_by": "k1"}
    del whole["digest"]
    digest = sha256(canonical_bytes(whole)).hexdigest()
    line = canonical_bytes({**whole, "digest": digest})
    with pytest.raises(ledger_errors.LedgerTooNew, match="Run the release that wrote it"):
        list(entries_of([(1, digest.encode(), line)], 0))
    with pytest.raises(ledger_errors.LedgerCorrupt):
        list(entries_of([(1, digest.encode(), line.replace(b"k1", b"k2"))], 0))


def test_callers_are_told(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    http = Http(open_ledger(url))
    http.register()
    _append(open_ledger(url), {"fact": "ShipSailed", "v": 1})
    ready = http.get("/readyz")
    assert (ready.status, ready.body) == (
        503, b"The ledger cannot be read from position 2 on: Fact ShipSailed v1 is not known to this release\n",
    )  # fmt: skip
    assert http.get("/healthz").status == 200
    assert http.get(f"{EVENT}/versions").status == 200
    assert http.get("/v1/events/shop.orders.Unknown").code == "LEDGER_TOO_NEW"  # nobody knows: the newer release may
    assert http.post(f"{EVENT}/versions", {"schema": record("b")}).code == "LEDGER_TOO_NEW"
    refused = http.post("/subjects/other/versions", {"schema": record("b")})
    assert (refused.status, refused.json["error_code"], refused.headers["retry-after"]) == (503, 50302, "1")
    assert http.get("/admin/").status == 200


def test_an_older_release_does_not_start(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    _append(open_ledger(url), {"fact": "ShipSailed", "v": 1})
    with pytest.raises(LedgerTooNew, match="position 1"):
        build_application(open_ledger(url))
    ran = CliRunner().invoke(main, ["grant", "--ledger", url, "--to", "people:ann", "--verb", "read", "--node", "*",
                                    "--because", "x"])  # fmt: skip
    assert ran.exit_code == 3
    assert "ShipSailed" in ran.output
    assert "verified: 1 entry, " in CliRunner().invoke(main, ["ledger", "verify", "--ledger", url]).output


def _append(ledger: Ledger, *stored: dict[str, Any]) -> None:
    """Append an entry as another release would."""
    head = ledger.head()
    ledger.append(Entry.following(head, facts=stored, **TOLD), after=head)
