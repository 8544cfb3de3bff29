"""One run: three registries on one ledger, callers, faults, and what there is at the end."""

import json
import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.clocks import Clock, clock_library
from tests.chaos.databases import ENGINES, UNSAFE
from tests.chaos.history import Bounds, Ending, History, write_lines
from tests.chaos.nemesis import Nemesis, World
from tests.chaos.network import Network, Traffic
from tests.chaos.nodes import PROGRAM, Node, await_ready
from tests.chaos.requests import send
from tests.chaos.workload import CLIENTS_A_NODE, Board, Client, Recorder, reads_of
from tests.namespaces import enter_namespaces

NODES = ("node1", "node2", "node3")
STARTED_IN_S = 90
READY_S = 30
TIMEOUT_S = 0.5
"""`timeout_s` of the ledger's URL: shorter than most faults, so that answers are lost and writes are in doubt."""
ANSWERED_S = 10 + 4 * TIMEOUT_S
"""An answer may wait for two connections, of up to 5 seconds each in PostgreSQL, for a statement, and for what became
of it."""
QUIET_S = 2.0
"""How long callers go on before the first fault, and after the last."""
SETTLED_AFTER_S = 1.0
LAST_READS = 40
"""So many of the newest writes are read at every node at the end."""


@dataclass(frozen=True)
class Plan:
    """What is run."""

    engine: str
    seconds: float
    seed: int
    mutant: str = ""
    patience: float = 1.0
    """How many times the bounds and time-outs are allowed: more, where the machine has other work."""

    @property
    def bounds(self) -> Bounds:
        return Bounds(ANSWERED_S * self.patience, READY_S * self.patience)

    @property
    def program(self) -> tuple[str, ...]:
        return (sys.executable, "-m", "tests.chaos.mutants", self.mutant) if self.mutant else PROGRAM


def run(plan: Plan, folder: Path) -> tuple[History, Traffic]:
    """Make the run; its requests, faults and logs are in *folder*. Only once in a process, and by root."""
    folder.mkdir(parents=True)
    enter_namespaces()
    engine = {**ENGINES, **UNSAFE}[plan.engine]
    network = Network(*NODES, *engine.places, seed=plan.seed)
    with ExitStack() as ends:
        ends.callback(network.close)
        database = engine.start(network, TIMEOUT_S * plan.patience)
        ends.callback(database.stop)
        nodes = _started(plan, database.url, folder, ends)
        recorder = Recorder(folder / "requests.ndjson")
        ends.callback(recorder.close)
        board = Board()
        nemesis = Nemesis(World(network, nodes, database), plan.seconds, plan.seed)
        with _calling(board, recorder, plan):
            begun = time.monotonic()
            time.sleep(QUIET_S)
            before = (begun, time.monotonic())
            nemesis.act()
            ready_s = await_ready(nodes, 2 * plan.bounds.ready_s)
            time.sleep(SETTLED_AFTER_S)
            settled = time.monotonic()
            time.sleep(QUIET_S)
            after = (settled, time.monotonic())
        _read_at_the_end(board, recorder, plan)
        write_lines(folder / "faults.ndjson", nemesis.faults)
        ending = _ending(nodes, folder, ready_s)
        return History(recorder.operations, ending, plan.bounds, nemesis.faults, (before, after)), network.traffic()


def _started(plan: Plan, ledger: str, folder: Path, ends: ExitStack) -> list[Node]:
    """Start the registries, and return once all are ready.

    Raises:
        RuntimeError: they are not; with what one of them said.
    """
    library = clock_library(folder)
    nodes = []
    for name in NODES:
        (folder / name).mkdir()
        clock = Clock(library, folder / name / "clock") if library else None
        nodes.append(Node(name, ledger, folder / name, clock, plan.program))
        ends.callback(nodes[-1].stop)
    ready = await_ready(nodes, STARTED_IN_S)
    for one in nodes:
        if ready[one.name] == float("inf"):
            raise RuntimeError(f"{one.name} did not start within {STARTED_IN_S} s:\n{one.log[-4_000:]}")
    return nodes


@contextmanager
def _calling(board: Board, recorder: Recorder, plan: Plan) -> Iterator[None]:
    """Have callers at every node meanwhile."""
    timeout_s = plan.bounds.answered_s + 2
    clients = [
        Client(name, node, list(NODES), board, recorder, timeout_s, f"{plan.seed} {name}")
        for node in NODES
        for name in (f"{node}_{number}" for number in range(CLIENTS_A_NODE))
    ]
    for one in clients:
        one.start()
    try:
        yield
    finally:
        for one in clients:
            one.end()
        for one in clients:
            one.join()


def _read_at_the_end(board: Board, recorder: Recorder, plan: Plan) -> None:
    """Read the newest writes at every node, with the newest position of all."""
    chance, newest = random.Random(0), max((one.position for one in board.written), default=0)
    for write in list(board.written)[-LAST_READS:]:
        for node in NODES:
            ask = chance.choice(list(reads_of(write, newest)))
            recorder.note(send(ask, "end", node, plan.bounds.answered_s)[0])


def _ending(nodes: list[Node], folder: Path, ready_s: dict[str, float]) -> Ending:
    """Verify the ledger from every node, and export it from one."""
    with ThreadPoolExecutor() as together:
        export = together.submit(_exported, nodes[0], folder / "ledger.ndjson")
        verified = {one.name: together.submit(one.run, "ledger", "verify") for one in nodes}
    heads = {name: done.result().stdout + done.result().stderr for name, done in verified.items()}
    return Ending(export.result(), heads, ready_s)


def _exported(node: Node, path: Path) -> list[dict[str, Any]]:
    node.run("ledger", "export", "--to", str(path.absolute())).check_returncode()
    return [json.loads(line) for line in path.read_text().splitlines()]
