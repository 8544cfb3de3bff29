"""A target that takes no ids of ours: it gets the same schemas, under ids and numbers of its own."""

import json
from typing import Any

import pytest

from moorings_registry.export_statuses import ERROR, RUNNING
from moorings_registry.exporting import runner
from tests.confluent.api import Api, record
from tests.exporters.pairs import History, Pair, endure, subject_settings, versions_of

REFUSALS = [(422, 42205), (404, 404), (405, 405), (501, 501), (422, 42204)]


@pytest.fixture(params=REFUSALS, ids=[str(code) for _, code in REFUSALS])
def pair(request: pytest.FixtureRequest) -> Pair:
    pair = Pair()
    pair.connection.no_import = request.param
    return pair


def texts_of(api: Api) -> dict[str, list[Any]]:
    """The active schemas of each subject, in order."""
    found: dict[str, list[Any]] = {}
    for (subject, _), version in sorted(versions_of(api).items()):
        if not version.deleted:
            found.setdefault(subject, []).append((json.loads(version.text), version.format))
    return found


def test_schemas_follow_with_what_they_refer_to(pair: Pair) -> None:
    source, target = pair.source, pair.target
    target.register("elsewhere", record("own"))
    source.put("/config", {"compatibility": "NONE"})
    source.register("line", record("first", name="Line"))
    source.delete("/subjects/line")
    source.register("line", record("sku", name="Line"))
    using = record(name="Order") | {"fields": [{"name": "a", "type": "shop.Line"}]}
    number = source.get("/subjects/line/versions").json[-1]
    source.register("order", using, references=[{"name": "shop.Line", "subject": "line", "version": number}])
    pair.create(subjects=["line", "order"])
    pair.turn(2)
    assert pair.status() == pair.status() | {"state": RUNNING}
    assert texts_of(target) == {**texts_of(source), "elsewhere": texts_of(target)["elsewhere"]}
    (used,) = versions_of(target)["order", 1].references
    assert json.loads(versions_of(target)["line", used.version].text)["fields"][0]["name"] == "sku"
    position = target.application.registry.state.position
    source.put("/exporters/x/reset")
    pair.restart()
    pair.turn(2)
    assert target.application.registry.state.position == position, "nothing is registered twice"


def test_deletes_and_restorations_follow(pair: Pair) -> None:
    for field in ("a", "b"):
        pair.source.register("s", record("id", **{field: ""}))
    pair.create()
    pair.turn()
    pair.source.delete("/subjects/s/versions/1")
    pair.turn()
    assert texts_of(pair.target) == texts_of(pair.source)
    pair.source.post("/subjects/s/undelete")
    pair.turn()
    assert texts_of(pair.target) == texts_of(pair.source)
    assert len(texts_of(pair.target)["s"]) == 2


def test_what_the_target_has_of_its_own_is_left_alone(pair: Pair) -> None:
    pair.target.register("s", record("own"))
    pair.source.register("s", record("id"))
    before = versions_of(pair.target)
    pair.create()
    pair.turn(2)
    assert pair.status()["state"] == ERROR
    assert "subject s cannot take ids of another registry" in pair.status()["trace"]
    assert versions_of(pair.target) == before


def test_a_target_that_takes_ids_after_all_gets_them(pair: Pair) -> None:
    pair.target.register("elsewhere", record("own"))
    for field in ("a", "b", "c"):
        pair.source.register("s", record("id", **{field: ""}))
    pair.source.delete("/subjects/s/versions/1")
    pair.source.delete("/subjects/s/versions/1?permanent=true")
    pair.create(subjects=["s"])
    pair.turn()
    assert texts_of(pair.target)["s"] == texts_of(pair.source)["s"]
    pair.connection.no_import = None
    assert pair.target.put("/mode/s?force=true", {"mode": "IMPORT"}).status == 200
    pair.source.put("/exporters/x/reset")
    pair.turn(3)
    assert pair.status()["state"] in (RUNNING, ERROR)
    if pair.status()["state"] == ERROR:
        assert "is not permitted" in pair.status()["trace"], "the id was given to something else meanwhile"


@pytest.mark.parametrize("seed", range(4))
def test_the_same_schemas_after_any_history_and_any_faults(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "ENTRIES_AT_A_TIME", 5)
    pair = Pair()
    pair.connection.no_import = REFUSALS[0]
    endure(pair, History(pair.source, seed, removes=False), seed, 40)
    assert pair.status() == pair.status() | {"state": RUNNING}
    there, here = texts_of(pair.target), texts_of(pair.source)
    assert {name: sorted(map(str, one)) for name, one in there.items()} == {
        name: sorted(map(str, one)) for name, one in here.items()
    }
    settings = subject_settings(pair.source)
    assert {name: one for name, one in subject_settings(pair.target).items() if name in settings} == settings
