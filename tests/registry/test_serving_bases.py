"""Bases of a service that runs: who writes them, who starts from them, and what metrics and the log say."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from moorings_registry.bases import fold_version
from moorings_registry.cli.main import main
from moorings_registry.engines import bases_path, open_ledger
from moorings_registry.exporting.leases import FileLease
from moorings_registry.http.base_metrics import BaseMetrics
from moorings_registry.server import keeping_bases
from moorings_registry.server.base_writing import open_bases
from moorings_registry.server.options import VARIABLE, Options
from moorings_registry.service import Registry
from moorings_registry.state import State
from tests.registry.asking import Asked, record
from tests.registry.serving import Serving

PATIENCE_S = 300


def until(holds: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (found := holds()):
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.1)
    return found


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """Options of a service on a file with three entries."""
    url = f"sqlite:///{tmp_path}/ledger.db"
    asked = Asked(open_ledger(url))
    for name in "abc":
        asked.register(record("a", name=f"Of{name}"), name)
    return Options(
        host="127.0.0.1", port=0, ledger=url, workers=1, threads=1, server="gunicorn", default_level="BACKWARD",
        floor="BACKWARD", require_domain=False, lock_modes=False, schema_bytes=1_000, access_log=False,
        runtime=str(tmp_path), base_entries=2,
    )  # fmt: skip


@pytest.fixture
def registry(options: Options, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """A registry with those options, which its writers find in the environment."""
    monkeypatch.setenv(VARIABLE, json.dumps({**_members(options)}))
    ledger = open_ledger(options.ledger)
    registry = Registry(ledger, bases=open_bases(options, ledger, BaseMetrics()))
    registry.catch_up()
    return registry


def _members(options: Options) -> dict[str, Any]:
    return {name: getattr(options, name) for name in options.__dataclass_fields__}


class Keeping:
    """The thread that has bases written, with short pauses."""

    def __init__(self, registry: Registry, options: Options) -> None:
        self._stop = threading.Event()
        lease = FileLease(options.runtime_path / "bases")
        arguments = (registry, lease, options.base_entries, self._stop, 0.01)
        self._thread = threading.Thread(target=keeping_bases.keep_bases, args=arguments)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def test_a_base_is_written_when_it_is_due(registry: Registry, options: Options) -> None:
    assert registry.bases is not None
    before = REGISTRY.get_sample_value("moorings_base_write_seconds_count") or 0
    with Keeping(registry, options):
        until(lambda: (REGISTRY.get_sample_value("moorings_base_write_seconds_count") or 0) > before)
    assert registry.bases.newest_state() == registry.state
    assert bases_path(options.ledger) == registry.bases.path


def test_one_that_cannot_be_written_is_counted_and_harms_nobody(
    registry: Registry, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert registry.bases is not None
    registry.bases.path.write_bytes(b"a file where the folder would be")
    monkeypatch.setattr(keeping_bases, "LONGEST_PAUSE_S", 0.01)
    before = REGISTRY.get_sample_value("moorings_base_write_failures_total") or 0
    with capture_logs() as logs, Keeping(registry, options):
        until(lambda: (REGISTRY.get_sample_value("moorings_base_write_failures_total") or 0) > before + 1)
        assert registry.catch_up().position == 3
        registry.bases.path.unlink()
        until(lambda: registry.bases is not None and registry.bases.newest())
    (told,) = (one for one in logs if one["event"] == "base_not_written")  # however often it is tried
    assert str(registry.bases.path) in told["cause"]
    assert registry.bases.newest_state() == registry.state


def test_a_writer_that_is_killed_is_a_failure(
    registry: Registry, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        keeping_bases, "_WRITER", (keeping_bases._WRITER[0], "-c", "import os; os.kill(os.getpid(), 9)")
    )
    with capture_logs() as logs, Keeping(registry, options):
        (told,) = until(lambda: [one for one in logs if one["event"] == "base_not_written"])
    assert told["cause"] == "its process ended with -9"


def test_a_writer_ends_with_the_service(registry: Registry, options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    pids = options.runtime_path / "pid"
    sleeping = f"import os,time,pathlib; pathlib.Path({str(pids)!r}).write_text(str(os.getpid())); time.sleep(600)"
    monkeypatch.setattr(keeping_bases, "_WRITER", (keeping_bases._WRITER[0], "-c", sleeping))
    with Keeping(registry, options):
        pid = int(until(lambda: pids.exists() and pids.read_text()))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_where_bases_are_kept(options: Options, tmp_path: Path) -> None:
    ledger = open_ledger(options.ledger)
    beside, elsewhere = open_bases(options, ledger), open_bases(replace(options, base_folder="/var/bases"), ledger)
    assert beside is not None
    assert beside.path == tmp_path / "ledger.db.bases"
    assert elsewhere is not None
    assert elsewhere.path == Path("/var/bases")
    assert open_bases(replace(options, base_entries=0), ledger) is None
    assert open_bases(replace(options, ledger="memory:", base_folder="/var/bases"), ledger) is None
    assert open_bases(replace(options, ledger="redis://localhost/0"), ledger) is None
    assert open_bases(replace(options, ledger="redis://localhost/0", base_folder="/var/bases"), ledger) is not None


def test_the_command_writes_one(options: Options, tmp_path: Path) -> None:
    asked = ["ledger", "base", "--ledger", options.ledger]
    written = CliRunner().invoke(main, asked)
    assert (written.exit_code, written.output.partition(",")[0]) == (0, "written: position 3")
    Asked(open_ledger(options.ledger)).register(record("d"), "d")
    refused = CliRunner().invoke(main, [*asked, "--bytes", "1000"])
    assert (refused.exit_code, "more than the 1000 bytes" in refused.output) == (1, True)
    too_few = CliRunner().invoke(main, [*asked, "--least-entries", "2"])
    assert (too_few.exit_code, too_few.output.partition(":")[0]) == (0, "nothing to write")
    CliRunner().invoke(main, asked)
    again = CliRunner().invoke(main, asked)
    assert (again.exit_code, again.output.partition(":")[0]) == (0, "nothing to write")
    names = sorted(path.name.split("-")[2:] for path in (tmp_path / "ledger.db.bases").glob("base-*"))
    assert names == [[fold_version()[:16], "3"], [fold_version()[:16], "4"]]
    unsaid = CliRunner().invoke(main, ["ledger", "base", "--ledger", "redis://localhost/0"])
    assert unsaid.exit_code == 2
    assert "--folder" in unsaid.output


@pytest.fixture
def serving(options: Options, tmp_path: Path) -> Iterator[Serving]:
    """A service whose ledger has a base already."""
    bases = open_bases(options, open_ledger(options.ledger))
    assert bases is not None
    assert bases.bring_up_to_date() is not None
    serving = Serving(tmp_path, "--workers", "1", "--base-entries", "1")
    yield serving
    serving.stop()


def test_a_service_begins_from_one_and_writes_the_next(serving: Serving) -> None:
    assert begun_from(serving)[0] == 3
    assert serving.call("GET", "/subjects/a/versions/1").status == 200
    written = serving.call("POST", "/subjects/d/versions", {"schema": record("a", name="D")})
    position = int(written.headers["moorings-position"])
    until(lambda: base_position(serving) >= position)
    assert b"moorings_base_age_seconds" in serving.call("GET", "/metrics").body
    (worker,) = serving.workers()
    os.kill(worker, signal.SIGKILL)
    until(lambda: begun_from(serving)[-1] >= position)  # the master still knows what there was when it started
    assert until(lambda: serving.answers() and serving.call("GET", "/subjects/d/versions/1").status == 200)


def begun_from(serving: Serving) -> list[int]:
    """The positions from which the master and its workers began."""
    lines = (json.loads(line) for line in serving.log().splitlines() if "begun_from_base" in line)
    return [line["position"] for line in lines]


def base_position(serving: Serving) -> float:
    lines = serving.call("GET", "/metrics").body.decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("moorings_base_position "))


class _Known:
    """What the thread asks of a registry: how far it is, and where the newest base is."""

    def __init__(self, position: int, base: int) -> None:
        self.known = State(position=position)
        self.bases = self
        self._base = base

    def newest(self) -> tuple[int, float]:
        return self._base, 0.0


@pytest.mark.parametrize(
    ("position", "base", "due"),
    [(9_999, 0, False), (10_000, 0, True), (19_999, 10_000, False), (1_019_999, 1_000_000, False),
     (1_020_000, 1_000_000, True)],
)  # fmt: skip
def test_the_larger_a_base_the_later_the_next(position: int, base: int, due: bool) -> None:
    registry: Any = _Known(position, base)
    assert keeping_bases._is_due(registry, 10_000) is due
