"""What is done to the service during a run: one hand breaks ways of the network, the other processes and clocks.

Both take their faults from a shuffled deck, so that each comes before any comes again, and what they do overlaps.
"""

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from tests.chaos.databases import Database, PostgresPair
from tests.chaos.history import Fault
from tests.chaos.network import CUT, GOOD, Network, Way
from tests.chaos.nodes import Node

SHORT_S, LONG_S = (0.3, 2.0), (4.0, 12.0)
REST_S = (0.1, 0.8)
LONG_SHARE = 0.1
LONG_FROM_S = 60
"""Runs of fewer seconds have short faults alone."""
CLOCKS_S = (-3_600, -90, -5, 5, 90, 3_600, 86_400)


@dataclass
class World:
    """What can be broken."""

    network: Network
    nodes: list[Node]
    database: Database
    broken: list[str] = field(default_factory=list)

    def set_requests(self, node: str, way: Way) -> None:
        """Make the ways from a node to its database like *way*."""
        for place in self.database.places:
            self.network.set(node, place, way)

    def set_answers(self, node: str, way: Way) -> None:
        """Make the ways to a node from its database like *way*."""
        for place in self.database.places:
            self.network.set(place, node, way)

    def set_ways(self, node: str, way: Way) -> None:
        self.set_requests(node, way)
        self.set_answers(node, way)


Deed = Callable[[World, random.Random], AbstractContextManager[tuple[str, ...]]]
"""Breaks something, hands out what was hit, and repairs it at the end."""


def _one_node_cut(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    node = chance.choice(world.nodes).name
    world.set_ways(node, CUT)
    yield (node,)
    world.set_ways(node, GOOD)


def _requests_cut(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    node = chance.choice(world.nodes).name
    world.set_requests(node, CUT)
    yield (node,)
    world.set_requests(node, GOOD)


def _answers_cut(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    node = chance.choice(world.nodes).name
    world.set_answers(node, CUT)
    yield (node,)
    world.set_answers(node, GOOD)


def _all_cut(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    for node in world.nodes:
        world.set_ways(node.name, CUT)
    yield tuple(node.name for node in world.nodes)
    for node in world.nodes:
        world.set_ways(node.name, GOOD)


def _slow(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    node = chance.choice(world.nodes).name
    world.set_ways(node, Way(delay_s=chance.uniform(0.01, 0.2), jitter_s=chance.uniform(0, 0.1)))
    yield (node,)
    world.set_ways(node, GOOD)


def _lossy(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    node = chance.choice(world.nodes).name
    world.set_ways(node, Way(loss=chance.uniform(0.05, 0.4)))
    yield (node,)
    world.set_ways(node, GOOD)


def _node_killed(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    node = chance.choice(world.nodes)
    node.kill()
    yield (node.name,)
    node.start()


def _worker_killed(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    node = chance.choice(world.nodes)
    _signal(node.workers()[:1], signal.SIGKILL)
    yield (node.name,)


def _node_paused(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    node = chance.choice(world.nodes)
    with _stopped(node.processes()):
        yield (node.name,)


def _worker_paused(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    node = chance.choice(world.nodes)
    with _stopped(node.workers()[-1:]):
        yield (node.name,)


def _clock_set(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    name, clock = chance.choice([(one.name, one.clock) for one in world.nodes if one.clock])
    clock.set(chance.choice(CLOCKS_S))
    yield (name,)
    clock.set(0)


def _database_killed(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    world.database.kill()
    yield _everybody(world)
    world.database.start()


def _database_restarted(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    world.database.terminate()
    world.database.start()
    yield _everybody(world)


def _database_paused(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    with _stopped(world.database.processes()):
        yield _everybody(world)


def _standby_cut(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    here, there = world.database.places
    for way in ((here, there), (there, here)):
        world.network.set(*way, CUT)
    yield _everybody(world)
    for way in ((here, there), (there, here)):
        world.network.set(*way, GOOD)


def _standby_killed(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    assert isinstance(world.database, PostgresPair)
    world.database.kill_standby()
    yield _everybody(world)
    world.database.start_standby()


def _failed_over(world: World, chance: random.Random) -> Iterator[tuple[str, ...]]:
    assert isinstance(world.database, PostgresPair)
    if not world.database.fail_over():
        yield ()
        return
    yield _everybody(world)
    world.database.join_again()


_NETWORK: dict[str, Callable[[World, random.Random], Iterator[tuple[str, ...]]]] = {
    "cut one node": _one_node_cut,
    "cut requests": _requests_cut,
    "cut answers": _answers_cut,
    "cut all nodes": _all_cut,
    "slow": _slow,
    "lossy": _lossy,
    "cut standby": _standby_cut,
}
_PROCESSES = {
    "kill node": _node_killed,
    "kill worker": _worker_killed,
    "pause node": _node_paused,
    "pause worker": _worker_paused,
    "set clock": _clock_set,
    "kill database": _database_killed,
    "restart database": _database_restarted,
    "pause database": _database_paused,
    "kill standby": _standby_killed,
    "fail over": _failed_over,
}
HANDS = (_NETWORK, _PROCESSES)
_OF_PAIRS = frozenset(("cut standby", "kill standby", "fail over"))
_OF_KEPT = frozenset(("kill database", "restart database"))


class Nemesis:
    """Breaks and repairs until its time is up; what it did is in `faults`."""

    def __init__(self, world: World, seconds: float, seed: int) -> None:
        self.faults: list[Fault] = []
        self._world = world
        self._seconds = seconds
        self._failed: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._act, args=(deck, random.Random(f"{seed} {number}")))
            for number, deck in enumerate(HANDS)
        ]

    def act(self) -> None:
        """Return once everything is repaired."""
        self._deadline = time.monotonic() + self._seconds
        for one in self._threads:
            one.start()
        for one in self._threads:
            one.join()
        if self._failed:
            raise self._failed[0]

    def _act(
        self, deck: dict[str, Callable[[World, random.Random], Iterator[tuple[str, ...]]]], chance: random.Random
    ) -> None:
        try:
            for name in _dealt([one for one in deck if self._can(one)], chance):
                if time.monotonic() >= self._deadline:
                    return
                self._do(name, contextlib.contextmanager(deck[name]), chance)
                self._rest(chance.uniform(*REST_S))
        except BaseException as error:  # noqa: BLE001 - raised again by `act`
            self._failed.append(error)

    def _can(self, name: str) -> bool:
        if name in _OF_PAIRS:
            return isinstance(self._world.database, PostgresPair)
        if name in _OF_KEPT:
            return self._world.database.is_kept
        return name != "set clock" or any(one.clock for one in self._world.nodes)

    def _do(self, name: str, deed: Deed, chance: random.Random) -> None:
        is_long = self._seconds >= LONG_FROM_S and chance.random() < LONG_SHARE
        lasts_s = chance.uniform(*(LONG_S if is_long else SHORT_S))
        begun = time.monotonic()
        with deed(self._world, chance) as targets:
            self._rest(lasts_s)
        if targets:
            self.faults.append(Fault(name, targets, begun, time.monotonic()))

    def _rest(self, seconds: float) -> None:
        time.sleep(max(0.0, min(seconds, self._deadline - time.monotonic())))


def _dealt(deck: list[str], chance: random.Random) -> Iterator[str]:
    """Deal the whole deck, shuffled, and again."""
    while True:
        yield from chance.sample(deck, len(deck))


@contextlib.contextmanager
def _stopped(processes: Iterable[int]) -> Iterator[None]:
    stopped = list(processes)
    _signal(stopped, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(stopped, signal.SIGCONT)


def _signal(processes: Iterable[int], number: signal.Signals) -> None:
    for one in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, number)


def _everybody(world: World) -> tuple[str, ...]:
    return tuple(node.name for node in world.nodes)
