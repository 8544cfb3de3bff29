"""Metrics of the ledger, of what is away, and of the log."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from prometheus_client import REGISTRY

from moorings_registry.engines import open_ledger
from moorings_registry.entries import Entry, Head
from moorings_registry.http.ledger_metrics import StateMetrics
from moorings_registry.http.log_metrics import count_line
from moorings_registry.http.operations import WorkersMetrics, forget_the_dead
from moorings_registry.issuers.fetching import KeysAway
from moorings_registry.issuers.issuer_keys import IssuerKeys
from tests.registry.asking import record
from tests.registry.calling import EVENT, Http
from tests.registry.faulty_ledger import FaultyLedger


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def ledger() -> FaultyLedger:
    return FaultyLedger(open_ledger("memory:"))


@pytest.fixture
def followed(ledger: FaultyLedger) -> Iterator[Http]:
    """A registry whose thread follows the ledger, and that nobody asks for anything."""
    http, stop = Http(ledger), threading.Event()
    thread = threading.Thread(target=http.application.registry.keep_up, args=(stop, 0.02))
    thread.start()
    yield http
    stop.set()
    thread.join()


@pytest.mark.usefixtures("followed")
def test_a_ledger_that_is_away_and_back_is_noticed_though_nobody_asks(ledger: FaultyLedger) -> None:
    failures = {"operation": "read", "code": "LEDGER_UNAVAILABLE"}
    before = value("moorings_ledger_failures_total", **failures)
    ledger.reads_fail = True
    until(lambda: value("moorings_ledger_away_seconds") > 0)
    assert value("moorings_ledger_failures_total", **failures) > before
    ledger.reads_fail = False
    until(lambda: value("moorings_ledger_away_seconds") == 0)


def test_appends_that_fail_are_counted_by_why(ledger: FaultyLedger) -> None:
    http = Http(ledger)
    failures = {"operation": "append", "code": "LEDGER_UNAVAILABLE"}
    before, doubted = (
        value("moorings_ledger_failures_total", **failures),
        value("moorings_ledger_entries_in_doubt_total"),
    )
    ledger.appends_fail = True
    assert http.post(f"{EVENT}/versions", {"schema": record("a")}).status == 503
    assert value("moorings_ledger_entries_in_doubt_total") == doubted
    ledger.appends_fail, ledger.confirms_nothing = False, True
    assert http.post(f"{EVENT}/versions", {"schema": record("b")}).status == 503
    assert value("moorings_ledger_failures_total", **failures) == before + 2
    assert value("moorings_ledger_entries_in_doubt_total") == doubted + 1


def test_a_newer_release_has_a_code_of_its_own(ledger: FaultyLedger) -> None:
    http = Http(ledger)
    failures = {"operation": "read", "code": "LEDGER_TOO_NEW"}
    before = value("moorings_ledger_failures_total", **failures)
    head = ledger.head()
    told = {"recorded_at": "2026-01-01T00:00:00.000000Z", "actor": "", "correlation_id": ""}
    sailed = Entry.following(head, **told, facts=[{"fact": "ShipSailed", "v": 1}])
    ledger.append(sailed, after=Head(head.position, head.digest))
    assert http.get("/readyz").status == 503
    assert value("moorings_ledger_failures_total", **failures) > before


def test_gauges_of_workers_that_have_ended_are_forgotten(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    files = [tmp_path / f"gauge_livemax_{pid}.db" for pid in (ended.pid, os.getpid())]
    counter = tmp_path / f"counter_{ended.pid}.db"
    for path in (*files, counter):
        path.touch()
    forget_the_dead(tmp_path)
    assert [path.exists() for path in (*files, counter)] == [False, True, True]


def test_a_file_that_a_worker_is_just_beginning_does_not_fail_the_scrape(tmp_path: Path) -> None:
    made = "import prometheus_client as p; p.Counter('moorings_made', 'x').inc(3)"
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", made], env=environment, check=True)
    (tmp_path / "counter_1.db").touch()
    (made_too,) = WorkersMetrics(tmp_path).collect()
    assert [sample.value for sample in made_too.samples if sample.name == "moorings_made_total"] == [3]


def test_lines_that_warn_are_counted_and_texts_of_libraries_are_no_labels() -> None:
    counted = {"level": "warning", "event": "issuer_away"}, {"level": "error", "event": "(library)"}
    before = [value("moorings_log_lines_total", **one) for one in counted]
    log = structlog.wrap_logger(None, [structlog.stdlib.add_log_level, count_line, _nothing])
    log.warning("issuer_away")
    log.error("Worker (pid:17) was sent SIGKILL!")
    log.info("ledger_back")
    assert [value("moorings_log_lines_total", **one) for one in counted] == [one + 1 for one in before]


def _nothing(*_told: object) -> str:
    raise structlog.DropEvent


def test_an_issuer_is_away_until_its_keys_are_fetched() -> None:
    now = [100.0]

    def away(_issuer: object) -> object:
        raise KeysAway("it does not answer")

    keys = IssuerKeys(_Issuer(), lambda: None, fetch=away, clock=lambda: now[0])  # type: ignore[arg-type]
    assert keys.away_s == 0
    done = keys.refresh(unknown_key=False)
    assert done is not None
    assert done.wait(10)
    now[0] += 40
    assert keys.away_s == 40


class _Issuer:
    alias = "ci"


def test_a_scrape_has_exporters_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moorings_registry.http.ledger_metrics.EXPORTERS", 1)
    http = Http()
    for name in ("a", "b", "c"):
        reply = http.post("/exporters", {"name": name, "config": {"schema.registry.url": "https://eu.example"}})
        assert reply.status == 200, reply.body
    found = {one.name: one for one in StateMetrics(http.application.registry).collect()}
    lag = {sample.labels["exporter"]: sample.value for sample in found["moorings_exporter_lag_entries"].samples}
    assert set(lag) == {"a", "(other)"}
    assert lag["(other)"] > 0
