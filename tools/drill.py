"""Practise the bad day: write to a real registry, back it up meanwhile, kill it, restore the backup elsewhere, compare.

    make drill                      SQLite to PostgreSQL, and back
    python tools/drill.py --to postgresql

Everything that was acknowledged before the backup began has to be there afterwards, with its ids, guids and version
numbers; and so has everything else up to the entry at which the backup ends. What is registered next gets the next id.
"""

import argparse
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from moorings_registry.backups import check_backup  # noqa: E402 - the line above is for what follows
from tests.ports import free_port  # noqa: E402
from tests.servers import PostgresServer, made_ledger  # noqa: E402

WRITERS = 3
PAUSE_S = 0.02
"""Between the writes of one: a drill leaves the machine room for what it is about."""
STARTED_IN_S = 60


@dataclass(frozen=True)
class Acknowledged:
    """A write that was answered."""

    subject: str
    number: int
    id: int
    guid: str
    position: int


class Served:
    """A real registry of two workers."""

    def __init__(self, ledger: str, folder: Path) -> None:
        self.port = free_port()
        program = [Path(sys.executable).parent / "moorings-registry", "serve", "--workers", "2", "--no-access-log"]
        self._log = (folder / f"{self.port}.log").open("wb")
        self._process = subprocess.Popen(
            [*map(str, program), "--port", str(self.port), "--ledger", ledger],
            stdout=self._log, stderr=self._log, cwd=folder, start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + STARTED_IN_S
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the registry did not start:\n" + Path(self._log.name).read_text()[-3_000:])
            time.sleep(0.05)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """The status and the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text.startswith(b"{") else text
        finally:
            connection.close()

    def kill(self) -> None:
        """End all of its processes: nothing is flushed, nothing is said."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()

    def _is_ready(self) -> bool:
        try:
            return self.ask("GET", "/readyz")[0] == 200
        except OSError:
            return False


class Load:
    """Threads that register revisions of events until they are stopped; what was acknowledged, in order."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._stop = threading.Event()
        self.acknowledged: list[Acknowledged] = []
        self.refused: list[Any] = []
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]
        for one in self._threads:
            one.start()

    def stop(self) -> None:
        self._stop.set()
        for one in self._threads:
            one.join()

    def _write(self, writer: int) -> None:
        for number in range(1_000_000):
            if self._stop.wait(PAUSE_S):
                return
            subject = f"drill.w{writer}.Event{number // 3}"
            fields = [{"name": f"f{one}", "type": "int", "default": number // 3} for one in range(number % 3 + 1)]
            schema = json.dumps({"type": "record", "name": "E", "fields": fields})
            try:
                status, told = self._served.ask("POST", f"/v1/events/{subject}/versions", {"schema": schema})
            except (OSError, http.client.HTTPException):
                return  # it was killed, so nobody acknowledged this one
            if status in (200, 201):
                self.acknowledged.append(
                    Acknowledged(subject, told["version"], told["id"], told["guid"], told["position"])
                )
            else:
                self.refused.append((status, told))


def drill(source: str, target: str, folder: Path, seconds: float) -> list[str]:
    """Do it once, from the ledger *source* to the empty one *target*; return what is wrong afterwards."""
    backup = folder / "backup.jsonl.gz"
    served = Served(source, folder)
    try:
        load = Load(served)
        time.sleep(seconds)
        before = list(load.acknowledged)
        took = _timed("backup", "backup", str(backup), "--ledger", source)
        time.sleep(seconds / 5)
        served.kill()
        load.stop()
    finally:
        served.kill()
    head = check_backup(backup).head
    said = f"{len(before)} writes acknowledged before the backup began, {len(load.acknowledged)} until it was killed"
    print(f"   {said}; {head.position} entries, {backup.stat().st_size} bytes, {took:.2f} s", flush=True)
    took = _timed("restore", "restore", str(backup), "--ledger", target, "--create")
    _timed("upgrade", "upgrade", "--check", "--ledger", target)
    began = time.monotonic()
    restored = Served(target, folder)
    print(f"   restored in {took:.2f} s, served again in {time.monotonic() - began:.2f} s", flush=True)
    try:
        covered = [one for one in load.acknowledged if one.position <= head.position]
        wrong = [f"acknowledged before the backup, and not in it: {one}" for one in before if one not in covered]
        return [*map(str, load.refused), *wrong, *_differences(restored, covered), *_next_id(restored, head.position)]
    finally:
        restored.kill()


def _differences(restored: Served, acknowledged: list[Acknowledged]) -> Iterator[str]:
    if not acknowledged:
        yield "nothing was acknowledged before the backup: give it more seconds"
    for one in acknowledged:
        status, told = restored.ask("GET", f"/v1/events/{one.subject}/versions/{one.number}")
        if status != 200 or (told["id"], told["guid"]) != (one.id, one.guid):
            yield f"{one} is now {status} {str(told)[:200]}"


def _next_id(restored: Served, position: int) -> Iterator[str]:
    """What is registered next gets an id that nothing has, in the entry behind the last one."""
    schema = json.dumps({"type": "record", "name": "Next", "fields": []})
    status, told = restored.ask("POST", "/v1/events/drill.next.Event/versions", {"schema": schema})
    if status != 201 or told["position"] != position + 1:
        yield f"the next registration: {status} {told}"
        return
    if restored.ask("GET", f"/schemas/ids/{told['id'] + 1}")[0] != 404:
        yield f"the next registration got id {told['id']}, which was not the next one"


def _timed(what: str, *arguments: str) -> float:
    """Seconds that a command took."""
    began = time.monotonic()
    program = Path(sys.executable).parent / "moorings-registry"
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{what} ended with {done.returncode}: {done.stdout}{done.stderr}")
    print(f"   {done.stdout.strip()}", flush=True)
    return time.monotonic() - began


@contextmanager
def _ledger(engine: str, folder: Path, name: str) -> Iterator[str]:
    """An empty ledger of *engine*."""
    if engine == "sqlite":
        yield f"sqlite:///{folder}/{name}.db"
        return
    server = PostgresServer()
    try:
        yield made_ledger(server, name)
    finally:
        server.stop()


def main() -> int:
    """Return 0 when nothing that was acknowledged is lost or different."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--to", choices=("postgresql", "sqlite"), help="the engine to restore into; both by default")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long to write before the backup")
    asked = parser.parse_args()
    wrong: list[str] = []
    for source, target in (("sqlite", "postgresql"), ("postgresql", "sqlite")):
        if asked.to not in (None, target):
            continue
        print(f"-- {source} to {target}", flush=True)
        with tempfile.TemporaryDirectory(prefix="moorings-drill-") as name:
            folder = Path(name)
            with _ledger(source, folder, "source") as url, _ledger(target, folder, "target") as restored:
                wrong += drill(url, restored, folder, asked.seconds)
    for one in wrong:
        print("FAILED", one)
    print("nothing acknowledged is lost" if not wrong else f"{len(wrong)} faults", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
