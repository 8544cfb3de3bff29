"""Runs `examples/compose/three.yaml` where no engine for containers runs: three registries on one PostgreSQL.

A producer and a consumer do their work through the proxy. Then, under reads and writes, one registry is killed and
started again, and all three are replaced one after another: no request fails beyond the client's retries, and every
acknowledged write is there afterwards. Debian's PostgreSQL, HAProxy and Redis stand in for their images.
"""

import json
import re
import sys
import time
from collections.abc import Callable
from typing import Any

from compose_project import Project, proven
from containers import Container, await_or_fail
from image_build import ROOT

FILE = ROOT / "examples/compose/three.yaml"
LOAD = ROOT / "tools/compose_load.py"
REGISTRIES = ("registry-1", "registry-2", "registry-3")
KILLED_WITHIN_S, REPLACED_WITHIN_S = 30, 150
"""How long others read and write meanwhile; it has to be longer than what happens takes."""
ENDED_IN_S = 120


def main() -> int:
    """Return 0 when nothing failed."""
    return proven(FILE, lambda project: Proof(project).ask())


class Proof:
    """What is done to the three, and what callers notice of it."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._loads = 0

    def ask(self) -> None:
        project = self._project
        handled = re.findall(r"handled: (o-\d)", project.containers["billing"].said())
        project.check("the consumer handles what the producer sent", handled, ["o-1", "o-2", "o-3"])
        self._under_load("one registry is killed", self._kill_one, KILLED_WITHIN_S)
        self._under_load("each is replaced after another", self._replace_each, REPLACED_WITHIN_S)
        busy = [name for name in REGISTRIES if '"principal":"dev:' in project.containers[name].said()]
        project.check("all three have answered callers", busy, list(REGISTRIES))
        checked = project.containers["registry-1"].run(["moorings-registry", "upgrade", "--check"], ENDED_IN_S)
        print(f"   {checked.stdout}{checked.stderr}", flush=True)
        project.check("the chain of what they wrote verifies", checked.returncode, 0)

    def _kill_one(self) -> None:
        one = self._project.containers["registry-2"]
        one.kill()
        time.sleep(2)
        one.start_again()
        self._project.wait_for("registry-2", "service_healthy")

    def _replace_each(self) -> None:
        for name in REGISTRIES:
            one = self._project.containers[name]
            one.stop()
            one.start_again()
            self._project.wait_for(name, "service_healthy")
            time.sleep(2)  # so that the proxy has seen it ready, as a rolling update waits for that

    def _under_load(self, what: str, happens: Callable[[], None], seconds: float) -> None:
        """Have it done while others read and write; all that was acknowledged is there afterwards."""
        loads = {kind: self._load(kind, whose, seconds) for kind, whose in (("read", "orders"), ("write", "ci"))}
        time.sleep(3)
        began = time.monotonic()
        happens()
        print(f"-- {what}: it took {time.monotonic() - began:.1f} s", flush=True)
        ended = [kind for kind, load in loads.items() if load.poll() is not None]
        self._project.check("those who ended before it", ended, [])
        for kind, load in loads.items():
            await_or_fail(f"{kind} ends", lambda load=load: load.poll() is not None, seconds + ENDED_IN_S)  # type: ignore[misc]
            told = json.loads(load.said().splitlines()[-1])
            print(f"   {kind}: {told['answered']} answered, the slowest in {told['slowest_s']} s", flush=True)
            self._project.check(f"{what}, {kind}: failed", (told["failed"], told["answered"] > 10), ([], True))
            if kind == "write":
                self._check_written(told["written"])

    def _check_written(self, written: list[list[Any]]) -> None:
        ids = [id for id, _ in written]
        self._project.check("ids are unique and ascend", ids == sorted(set(ids)), True)
        asked = ["python3", "-c", _ASK, json.dumps(written)]
        self._loads += 1
        lost = self._project.ran(self._project.beside(f"asks{self._loads}", "ci", asked, environment=True))
        self._project.check("acknowledged writes that are lost", lost, "[]")

    def _load(self, kind: str, whose: str, seconds: float) -> Container:
        self._loads += 1
        command = ["python3", "/load.py", kind, str(seconds)]
        given = {"/load.py": LOAD}
        spec = self._project.beside(f"load{self._loads}", whose, command, given, environment=True)
        return self._project.host.start(spec)


_ASK = """
import json, sys, moorings
with moorings.connect() as registry:
    print([one for one in json.loads(sys.argv[1]) if str(registry.api.schema_by_id(one[0]).guid) != one[1]])
"""


if __name__ == "__main__":
    sys.exit(main())
