"""Reports of usage: what a client notes of its contracts, and what the registry gets of it."""

import os
import threading
from typing import Any

import httpx2
import pytest

import moorings
from moorings.errors import SettingInvalid
from moorings.usage.reporter import Counted

pytest.importorskip("moorings_registry.app", reason="the server's packages are not installed")

from moorings_registry.app import Application, build_application  # behind the question whether it is there
from moorings_registry.engines import open_ledger
from moorings_registry.http.access_log import AccessLog

SUBJECT = "shop.orders.OrderPlaced"
SCHEMA = '{"type": "record", "name": "OrderPlaced", "fields": [{"name": "a", "type": "int"}]}'


@pytest.fixture
def application() -> Application:
    return build_application(open_ledger("memory:"), access_log=AccessLog(None))


def connected(application: Application, name: str | None = "billing") -> moorings.Registry:
    transport = httpx2.WSGITransport(app=application.middleware)
    return moorings.connect(http=transport, refresh_s=None, drift=False, application=name)


@pytest.fixture
def registry(application: Application) -> Any:
    registry = connected(application)
    registry.api.send("POST", f"/v1/events/{SUBJECT}/versions", {"schema": SCHEMA, "format": "AVRO"})
    yield registry
    registry.close()


def usage(registry: moorings.Registry) -> list[tuple[str, str, int, str, int]]:
    rows = registry.api.answer(f"/v1/events/{SUBJECT}/usage")["usage"]
    return sorted((one["application"], one["direction"], one["major"], one["revision"], one["count"]) for one in rows)


def reporter(registry: moorings.Registry) -> Any:
    return registry.client_state.usage


def test_writing_and_reading_are_reported(registry: moorings.Registry) -> None:
    placed = registry.event(SUBJECT)
    data = placed.encode({"a": 1})
    assert reporter(registry).flush()
    assert usage(registry) == [("billing", "produce", 1, "1.0", 1)]
    for _ in range(5):
        placed.decode(data)
    assert reporter(registry).flush()
    assert usage(registry) == [("billing", "consume", 1, "1.0", 1), ("billing", "produce", 1, "1.0", 1)]


def test_a_consumer_with_everything_cached_still_reports(registry: moorings.Registry) -> None:
    placed = registry.event(SUBJECT)
    data = placed.encode({"a": 1})
    for _ in range(4):
        assert placed.decode(data) == {"a": 1}
        reporter(registry).flush()
    assert ("billing", "consume", 1, "1.0", 4) in usage(registry)


def test_an_idle_client_reports_nothing_more(registry: moorings.Registry) -> None:
    placed = registry.event(SUBJECT)
    placed.encode({"a": 1})
    for _ in range(3):
        reporter(registry).flush()
    assert usage(registry) == [("billing", "produce", 1, "1.0", 1)]


def test_noting_does_not_pile_up(registry: moorings.Registry) -> None:
    placed = registry.event(SUBJECT)
    data = placed.encode({"a": 1})
    placed.decode(data)
    for _ in range(2_000):
        placed.note_next_use()
    assert placed.decode(data) == {"a": 1}
    assert placed.encode({"a": 1}) == data


def test_drift_samples_and_notes_do_not_disturb_each_other(registry: moorings.Registry) -> None:
    placed = registry.event(SUBJECT)
    data = placed.encode({"a": 1})
    placed.decode(data)
    placed.take_uses()
    for order in (("sample", "note"), ("note", "sample"), ("note", "sample", "note", "sample")):
        samples: list[Any] = []
        for step in order:
            placed.sample(samples.append) if step == "sample" else placed.note_next_use()
        for _ in range(3):
            assert placed.decode(data) == {"a": 1}
        assert len(samples) == 1
        assert placed.take_uses() == {("consume", "1.0")}


def test_without_a_name_nothing_is_reported(application: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOORINGS_APPLICATION", raising=False)
    assert reporter(connected(application, None)) is None
    monkeypatch.setenv("MOORINGS_APPLICATION", "shipping")
    assert reporter(connected(application, None)).application == "shipping"


def test_a_name_that_no_application_has_is_refused(application: Application) -> None:
    with pytest.raises(SettingInvalid, match="application name"):
        connected(application, "a b")


def test_a_batch_that_may_have_arrived_is_sent_again_unchanged() -> None:
    sent: list[tuple[dict[str, Any], str]] = []
    away = [True]

    def send(body: Any, key: str) -> None:
        sent.append((dict(body), key))
        if away[0]:
            raise moorings.RegistryUnavailable("away", 1)

    usage = moorings.usage.Usage(send, "billing")
    usage._rows[SUBJECT, "consume", 1, "1.0"] = Counted(1)
    assert not usage.flush()
    usage._rows[SUBJECT, "consume", 1, "1.0"] = Counted(1)
    away[0] = False
    assert usage.flush()
    assert sent[0] == sent[1]
    assert len({key for _, key in sent}) == 2


def test_a_forked_child_starts_from_zero(registry: moorings.Registry) -> None:
    registry.event(SUBJECT).encode({"a": 1})
    held = reporter(registry)
    held._process = os.getpid() + 1  # as a child finds it
    held._rows[SUBJECT, "produce", 1, "1.0"] = Counted(7)
    held.start()
    assert not held._rows
    assert any(one.name == "moorings-usage" for one in threading.enumerate())
