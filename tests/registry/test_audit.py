"""Evidence of access: what entries say of their actors, denied writes as facts, counts of who did what by the hour."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from moorings_registry.access import Verb
from moorings_registry.access_counts import MOST_DENIED, AccessCounts, AccessFilter
from moorings_registry.access_evidence import record_evidence
from moorings_registry.engines import open_ledger
from moorings_registry.entries import START, Entry, EntryUnreadable, moment_text
from moorings_registry.ledger import verify
from moorings_registry.principals import ANONYMOUS, Principal
from moorings_registry.service import Registry
from tests.registry.asking import record, require_facts_as_described
from tests.registry.calling import Http
from tests.registry.granting import ANN, BOB, EVE, Guarded, grant_body

PLACED = "shop.OrderPlaced"


@pytest.fixture
def guarded() -> Guarded:
    guarded = Guarded()
    guarded.domain("shop")
    guarded.register(PLACED, record("a"))
    guarded.grant(EVE, "*", "audit", "read")
    return guarded


class Hours:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 29, 22, 10, tzinfo=UTC)

    def __call__(self) -> str:
        return moment_text(self.at)


# Entries.


def test_an_entry_says_how_its_actor_was_known_and_what_allowed_it(guarded: Guarded) -> None:
    caller = Principal("people:ann", "people", {"sub": "ann"}, "bearer", {"run_id": "17"})
    id = guarded.grant(ANN, "shop", "register")
    guarded.call(caller, "POST", f"/subjects/{PLACED}/versions", {"schema": record("a", b=1)})
    *_, entry = guarded.registry.ledger.read(0)
    assert entry.actor == "people:ann"
    assert entry.provenance == {
        "issuer": "people",
        "evidence": "bearer",
        "details": {"run_id": "17"},
        "needed": [{"verb": "register", "node": PLACED}],
        "grants": [id],
    }
    assert Entry.from_line(entry.to_line()) == entry
    assert guarded.get(EVE, "/v1/ledger").json["entries"][-1]["provenance"]["grants"] == [id]
    assert verify(guarded.registry.ledger.read(0)).position == entry.position


def test_entries_without_provenance_read_as_before_and_a_changed_one_is_found_out() -> None:
    plain = Entry.following(START, recorded_at=Hours()(), actor="a", correlation_id="", facts=[])
    assert b"provenance" not in plain.to_line()
    assert Entry.from_line(plain.to_line()) == plain
    told = Entry.following(
        START, recorded_at=Hours()(), actor="a", correlation_id="", facts=[], provenance={"digest": "x", "facts": [1]}
    )
    assert Entry.from_line(told.to_line()) == told
    with pytest.raises(EntryUnreadable, match="its digest"):
        Entry.from_line(told.to_line().replace(b'"x"', b'"y"'))
    with pytest.raises(EntryUnreadable, match=r"its digest|provenance"):
        Entry.from_line(told.to_line().replace(b'{"digest":"x","facts":[1]}', b"7"))


# Denied writes.


def test_the_first_denied_write_of_a_caller_verb_node_and_hour_becomes_a_fact(guarded: Guarded) -> None:
    for _ in range(3):
        assert guarded.call(BOB, "DELETE", f"/subjects/{PLACED}").status == 403
    guarded.call(BOB, "POST", "/subjects/crm.X/versions", {"schema": record("a")})
    guarded.call(ANONYMOUS, "DELETE", f"/subjects/{PLACED}")
    guarded.get(BOB, f"/subjects/{PLACED}/versions")
    before = guarded.registry.ledger.head().position
    for _ in range(2):
        record_evidence(guarded.registry)
    entries = list(guarded.registry.ledger.read(before))
    assert [entry.actor for entry in entries] == ["moorings-registry"]
    assert [(one["fact"], one["principal"], one["verb"], one["node"]) for one in entries[0].facts] == [
        ("AccessDenied", "people:bob", "govern", PLACED),
        ("AccessDenied", "people:bob", "register", "crm.X"),
    ]
    require_facts_as_described(guarded.registry.ledger)


def test_a_flood_of_denied_writes_is_bounded() -> None:
    counts = AccessCounts(None, Hours())
    for number in range(MOST_DENIED + 50):
        counts.deny("people:bob", Verb.GOVERN, f"shop.E{number}")
    assert len(counts.take_denied()) == MOST_DENIED
    counts.deny("people:bob", Verb.GOVERN, "shop.Another")
    assert counts.take_denied() == []


# Counts.


def test_reads_and_writes_are_counted_by_caller_verb_node_and_outcome(guarded: Guarded) -> None:
    guarded.grant(ANN, "shop", "read")
    for _ in range(3):  # the second is answered from the cache
        guarded.get(ANN, f"/subjects/{PLACED}/versions")
    guarded.get(ANN, "/subjects/shop.Nothing/versions")
    guarded.call(ANN, "DELETE", f"/subjects/{PLACED}")
    found = guarded.get(EVE, "/v1/audit?principal=people:ann").json["rows"]
    assert {(one["verb"], one["node"], one["ok"], one["count"]) for one in found} == {
        ("read", PLACED, True, 3),
        ("read", "shop.Nothing", False, 1),
        ("govern", PLACED, False, 1),
    }
    assert guarded.get(EVE, f"/v1/audit?node={PLACED}&ok=false").json["rows"][0]["verb"] == "govern"
    below = guarded.get(EVE, "/v1/audit?node=shop&verb=read&principal=people:ann").json["rows"]
    assert {one["node"] for one in below} == {PLACED, "shop.Nothing"}
    assert guarded.get(EVE, "/v1/audit?since=2099-01-01").json["rows"] == []
    assert guarded.get(ANN, "/v1/audit").status == 403
    assert guarded.get(EVE, "/v1/audit?since=soon").status == 422


def test_callers_of_a_registry_without_sign_in_are_not_counted() -> None:
    http = Http()
    http.register()
    http.application.registry.access_counts.flush()
    assert http.get("/v1/audit").json["rows"] == []


def test_workers_of_a_node_share_a_file_and_a_closed_hour_is_sealed_once(tmp_path: Path) -> None:
    hours, path = Hours(), tmp_path / "l.db.access"
    first, second = AccessCounts(path, hours), AccessCounts(path, hours)
    for counts in (first, second, first):
        counts.note("people:ann", Verb.READ, PLACED, ok=True)
    first.flush()
    second.flush()
    assert path.stat().st_mode & 0o777 == 0o600
    (row,) = first.find(AccessFilter(node="shop"))
    assert (row.hour, row.count, row.first) == ("2026-11-29T22", 3, "2026-11-29T22:10:00.000000Z")
    assert first.claim_closed_hours() == []
    hours.at += timedelta(hours=1)
    line = ["2026-11-29T22", "people:ann", "read", PLACED, 1, 3, row.first, row.last]
    digest = hashlib.sha256(json.dumps(line, separators=(",", ":")).encode() + b"\n").hexdigest()
    assert second.claim_closed_hours() == [("2026-11-29T22", 1, digest)]
    assert first.claim_closed_hours() == []
    first.release_hour("2026-11-29T22")
    assert len(first.claim_closed_hours()) == 1
    hours.at += timedelta(days=401)
    first.claim_closed_hours()
    assert first.find(AccessFilter()) == []


def test_counts_wait_in_memory_while_their_file_cannot_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "away"
    counts = AccessCounts(folder / "l.access", Hours())
    counts.note("people:ann", Verb.READ, PLACED, ok=True)
    counts.flush()
    folder.mkdir()
    counts.note("people:ann", Verb.READ, PLACED, ok=True)
    counts.flush()
    assert [one.count for one in counts.find(AccessFilter())] == [2]


def test_an_hour_of_counts_is_sealed_in_the_ledger() -> None:
    hours = Hours()
    registry = Registry(open_ledger("memory:"), clock=lambda: hours.at)
    registry.access_counts.note("people:ann", Verb.READ, PLACED, ok=True)
    record_evidence(registry)
    assert registry.ledger.head() == START
    hours.at += timedelta(hours=1)
    for _ in range(2):
        record_evidence(registry)
    (entry,) = registry.ledger.read(0)
    sealed = entry.facts[0]
    assert (sealed["fact"], sealed["hour"], sealed["rows"]) == ("AccessSealed", "2026-11-29T22", 1)
    require_facts_as_described(registry.ledger)


def test_a_grant_beyond_ones_own_is_a_denied_write_too() -> None:
    guarded = Guarded()
    guarded.grant(ANN, "shop", "govern")
    assert guarded.call(ANN, "POST", "/v1/grants", grant_body(BOB, "crm", "read")).code == "NOT_ALLOWED"
    (denied,) = guarded.registry.access_counts.take_denied()
    assert (denied.principal, denied.verb, denied.node) == ("people:ann", "govern", "crm")
