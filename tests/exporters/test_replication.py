"""A target becomes and stays what its source is, whatever happens on the way."""

from typing import Any

import pytest

from moorings_registry.export_statuses import ERROR, PAUSED, RUNNING, STARTING
from moorings_registry.exporting import runner
from tests.confluent.api import PROTO, record
from tests.exporters.pairs import History, Pair, endure, subject_settings, versions_of


@pytest.fixture
def pair() -> Pair:
    return Pair()


def test_ids_versions_and_references_are_kept(pair: Pair) -> None:
    source = pair.source
    source.register("line", record("sku", name="Line"))
    using = record(name="Order") | {"fields": [{"name": "a", "type": "shop.Line"}]}
    source.register("order", using, references=[{"name": "shop.Line", "subject": "line", "version": 1}])
    source.register("proto", PROTO, schemaType="PROTOBUF")
    source.delete("/subjects/proto")
    pair.create()
    assert pair.status()["state"] == STARTING
    pair.turn()
    assert pair.status() == pair.status() | {"state": RUNNING, "offset": source.application.registry.state.position}
    assert versions_of(pair.target) == versions_of(source)
    assert len(versions_of(pair.target)) == 3


def test_nothing_is_written_twice(pair: Pair) -> None:
    pair.source.register("s", record("id"))
    pair.create()
    pair.turn(3)
    position = pair.target.application.registry.state.position
    pair.restart()
    pair.source.put("/exporters/x/reset")
    pair.turn(3)
    assert pair.status()["state"] == RUNNING
    assert pair.target.application.registry.state.position == position


@pytest.mark.parametrize("seed", range(8))
def test_the_target_equals_the_source_after_any_history_and_any_faults(seed: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(runner, "ENTRIES_AT_A_TIME", 5)
    monkeypatch.setattr(runner, "RECORDED_EVERY", 10)
    pair = Pair()
    endure(pair, History(pair.source, seed), seed, 60)
    assert pair.status() == pair.status() | {"state": RUNNING}
    assert pair.status()["offset"] == pair.source.application.registry.state.position
    assert versions_of(pair.target) == versions_of(pair.source)
    assert subject_settings(pair.target) == subject_settings(pair.source)


def test_a_pause_holds_and_what_was_missed_follows(pair: Pair) -> None:
    pair.create()
    pair.turn()
    pair.source.put("/exporters/x/pause")
    pair.source.register("s", record("id"))
    pair.turn(2)
    assert pair.status()["state"] == PAUSED
    assert versions_of(pair.target) == {}
    pair.source.put("/exporters/x/resume")
    pair.turn(2)
    assert pair.status()["state"] == RUNNING
    assert versions_of(pair.target) == versions_of(pair.source)


def test_a_retired_major_is_soft_deleted_in_the_target(pair: Pair) -> None:
    pair.source.register("line", record("sku", name="Line"))
    using = record(name="Order") | {"fields": [{"name": "a", "type": "shop.Line"}]}
    pair.source.register("order", using, references=[{"name": "shop.Line", "subject": "line", "version": 1}])
    pair.create()
    pair.turn()
    for subject in ("line", "order"):
        assert pair.source.put(f"/v1/events/{subject}/majors/1", {"state": "retired"}).status == 200
        pair.turn()
        assert pair.status()["state"] == RUNNING
    assert pair.target.get("/subjects").json == []
    assert pair.target.get("/subjects?deleted=true").json == ["line", "order"]
    for subject in ("line", "order"):
        pair.source.put(f"/v1/events/{subject}/majors/1", {"state": "active"})
    pair.turn(2)
    assert pair.target.get("/subjects").json == ["line", "order"]


def test_a_reset_brings_back_what_somebody_took_away(pair: Pair) -> None:
    pair.source.register("s", record("id"))
    pair.create()
    pair.turn()
    pair.target.delete("/subjects/s")
    pair.target.delete("/subjects/s?permanent=true")
    pair.turn(2)
    assert versions_of(pair.target) == {}
    pair.source.put("/exporters/x/reset")
    assert pair.status()["state"] == STARTING
    pair.turn()
    assert versions_of(pair.target) == versions_of(pair.source)


@pytest.mark.parametrize(
    ("more", "there"),
    [
        ({"contextType": "CUSTOM", "context": "eu"}, [":.eu:orders", ":.eu:shop.line"]),
        ({"contextType": "DEFAULT"}, ["orders", "shop.line"]),
        (
            {"contextType": "CUSTOM", "context": "eu", "subjects": [":*:"]},
            [":.eu.t:u", ":.eu:orders", ":.eu:shop.line"],
        ),
        ({"subjects": [":.t:*"]}, [":.t:u"]),
        ({"subjects": ["shop.*"]}, ["shop.line"]),
        ({"subjects": ["ord*s"]}, ["orders", "shop.line"]),
        ({"subjectRenameFormat": "eu-${subject}"}, ["eu-orders", "eu-shop.line"]),
    ],
)
def test_subjects_are_chosen_placed_and_renamed(pair: Pair, more: dict[str, Any], there: list[str]) -> None:
    pair.source.register("shop.line", record("sku", name="Line"))
    using = record(name="Order") | {"fields": [{"name": "a", "type": "shop.Line"}]}
    pair.source.register("orders", using, references=[{"name": "shop.Line", "subject": "shop.line", "version": 1}])
    pair.source.register(":.t:u", record("id"))
    pair.create(**more)
    pair.turn()
    assert pair.status() == pair.status() | {"state": RUNNING}
    assert sorted(pair.target.get("/subjects?subjectPrefix=:*:").json) == there


def test_what_the_target_has_of_its_own_is_left_alone(pair: Pair) -> None:
    pair.source.register("s", record("id"))
    pair.target.register("s", record("own"))
    before = versions_of(pair.target)
    pair.create()
    pair.turn(3)
    assert pair.status()["state"] == ERROR
    assert "subject s cannot take ids of another registry" in pair.status()["trace"]
    assert versions_of(pair.target) == before


def test_what_is_gone_here_says_nothing_of_what_the_target_has_of_that_name(pair: Pair) -> None:
    pair.source.register("s", record("id"))
    pair.source.delete("/subjects/s")
    pair.source.delete("/subjects/s?permanent=true")
    pair.target.register("s", record("own"))
    before = versions_of(pair.target)
    pair.create()
    pair.turn(2)
    assert pair.status()["state"] == RUNNING
    assert versions_of(pair.target) == before


def test_two_subjects_do_not_become_one(pair: Pair) -> None:
    pair.source.register("s", record("id"))
    pair.create(contextType="DEFAULT", subjects=[":*:"])
    pair.turn()
    pair.source.register(":.eu:s", record("other"))
    pair.turn()
    assert pair.status()["state"] == ERROR
    assert "would both be s in the target" in pair.status()["trace"]
    pair.source.delete("/subjects/s")
    pair.source.delete("/subjects/s?permanent=true")
    pair.turn(3)
    assert pair.status()["state"] == RUNNING
    assert [one.text for one in versions_of(pair.target).values()] == [
        one.text for one in versions_of(pair.source).values()
    ]


def test_an_alias_of_the_target_is_never_followed_by_a_delete(pair: Pair) -> None:
    pair.source.register("s", record("id"))
    pair.source.register("t", record("id"))
    pair.create()
    pair.turn()
    pair.target.put("/config/s", {"alias": "t"})
    pair.source.delete("/subjects/s")
    pair.source.delete("/subjects/s?permanent=true")
    pair.turn(2)
    assert pair.status()["state"] == ERROR
    assert "s is an alias of t in the target" in pair.status()["trace"]
    assert pair.target.get("/subjects/t/versions").json == [1]


def test_a_fault_of_one_exporter_is_its_own(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    pair.source.register("s", record("id"))
    pair.create()
    pair.create(name="y", subjects=["other"])
    monkeypatch.setattr(pair.connection, "handle_request", lambda request: 1 / 0)
    pair.turn(2)
    assert pair.status()["trace"] == "Internal error; see the registry's log"
    assert pair.source.get("/exporters/y/status").json["state"] == RUNNING


def test_a_target_that_is_away_is_told_and_tried_again(pair: Pair) -> None:
    pair.source.register("s", record("id"))
    pair.connection.fault = lambda: "there"
    pair.create()
    pair.turn(2)
    assert (pair.status()["state"], pair.status()["offset"]) == (ERROR, 0)
    assert pair.status()["trace"] == "localhost:8081 does not answer: ConnectError"
    pair.connection.fault = lambda: ""
    pair.turn()
    assert pair.status()["state"] == RUNNING
    assert versions_of(pair.target) == versions_of(pair.source)


def test_progress_survives_in_the_ledger(pair: Pair, monkeypatch: Any) -> None:
    monkeypatch.setattr(runner, "RECORDED_EVERY", 2)
    pair.create()
    for name in "abc":
        pair.source.register(name, record("id"))
    pair.turn(2)
    assert pair.source.application.registry.state.exporters["x"].advanced == 4
