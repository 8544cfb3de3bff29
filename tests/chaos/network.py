"""The network between the places of a run: a namespace each, all joined by a switch that fails on request.

A place has one device, `eth0`, whose other end is a descriptor of the switch: a process that reads packets and hands
each to the place that it is for, late, or not at all, as its way there demands. It needs no module of the kernel's but
the one for tunnels (`tun`), so that delay and loss work where `netem` is missing. Silence is what a cut looks like:
nobody learns that a packet was dropped, as with a cable that is pulled.
"""

import contextlib
import fcntl
import heapq
import multiprocessing
import os
import random
import select
import socket
import struct
import time
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection

from tests.namespaces import add_namespace, run

_SUBNET = "10.77.0"
_FIRST = 11
_MTU = 9_000
_SET_INTERFACE, _TUN, _WITHOUT_HEADER = 0x400454CA, 0x0001, 0x1000
_AT_A_TIME = 64
"""Packets that are read from one place before the others have their turn."""
_LATE = 100_000
"""Packets that may wait; what comes then is dropped, as by any queue."""


@dataclass(frozen=True)
class Way:
    """What becomes of packets from one place to another."""

    is_cut: bool = False
    delay_s: float = 0.0
    jitter_s: float = 0.0
    """How much later some are than others; they stay in their order."""
    loss: float = 0.0
    """The share that never arrives, from 0 to 1."""


CUT = Way(is_cut=True)
GOOD = Way(delay_s=0.001)
"""As between machines of one room: what one node has written, others cannot know immediately."""


@dataclass(frozen=True)
class Traffic:
    """What the switch has done since it was started, in packets."""

    delivered: int = 0
    delayed: int = 0
    """Of those delivered: on a way that was slower than others."""
    lost: int = 0


class Network:
    """The places and the ways between them; made once `enter_namespaces` has been called."""

    def __init__(self, *names: str, seed: int = 0) -> None:
        self.addresses = {name: f"{_SUBNET}.{_FIRST + number}" for number, name in enumerate(names)}
        descriptors = {name: _join(name, address) for name, address in self.addresses.items()}
        self._control, far = multiprocessing.Pipe()
        by_address = {socket.inet_aton(self.addresses[name]): one for name, one in descriptors.items()}
        switch = _Switch(by_address, far, random.Random(seed))
        self._process = multiprocessing.get_context("fork").Process(target=switch.run, daemon=True)
        self._process.start()
        for one in descriptors.values():
            os.close(one)

    def set(self, source: str, target: str, way: Way) -> None:
        """Make the way from *source* to *target* like this, until it is set again."""
        here, there = (socket.inet_aton(self.addresses[name]) for name in (source, target))
        self._control.send((here, there, way))

    def traffic(self) -> Traffic:
        """Ask the switch what it has done."""
        self._control.send(None)
        traffic = self._control.recv()
        assert isinstance(traffic, Traffic)
        return traffic

    def close(self) -> None:
        self._process.terminate()
        self._process.join()


class _Switch:
    """Reads packets of IPv4 from each place, and writes them to the one that they are for."""

    def __init__(self, descriptors: dict[bytes, int], control: Connection, chance: random.Random) -> None:
        self._descriptors = descriptors
        self._control = control
        self._chance = chance
        self._ways: dict[tuple[bytes, bytes], Way] = {}
        self._late: list[tuple[float, int, int, bytes]] = []
        self._newest: dict[tuple[bytes, bytes], float] = {}
        self._number = count()
        self._counts = {"delivered": 0, "delayed": 0, "lost": 0}

    def run(self) -> None:
        """Serve until the process is ended."""
        poll = select.epoll()
        for one in (self._control.fileno(), *self._descriptors.values()):
            poll.register(one, select.EPOLLIN)
        while True:
            wait_s = max(0.0, self._late[0][0] - time.monotonic()) if self._late else 1.0
            for ready, _ in poll.poll(wait_s):
                if ready == self._control.fileno():
                    self._obey()
                else:
                    self._take_from(ready)
            self._deliver_late()

    def _obey(self) -> None:
        told = self._control.recv()
        if told is None:
            self._control.send(Traffic(**self._counts))
        else:
            here, there, way = told
            self._ways[here, there] = way

    def _take_from(self, source: int) -> None:
        for _ in range(_AT_A_TIME):
            try:
                packet = os.read(source, _MTU + 100)
            except OSError:  # there is no more
                return
            self._send(packet)

    def _send(self, packet: bytes) -> None:
        here, there = packet[12:16], packet[16:20]
        target, way = self._descriptors.get(there), self._ways.get((here, there), GOOD)
        if target is None or way.is_cut or (way.loss and self._chance.random() < way.loss):
            self._counts["lost"] += 1
        elif not way.delay_s and self._newest.get((here, there), 0.0) <= time.monotonic():
            self._write(target, packet)
        elif len(self._late) < _LATE:
            due = time.monotonic() + way.delay_s + self._chance.uniform(0, way.jitter_s)
            due = self._newest[here, there] = max(due, self._newest.get((here, there), 0.0))
            heapq.heappush(self._late, (due, next(self._number), target, packet))
            self._counts["delayed"] += way != GOOD

    def _deliver_late(self) -> None:
        while self._late and self._late[0][0] <= time.monotonic():
            _, _, target, packet = heapq.heappop(self._late)
            self._write(target, packet)

    def _write(self, target: int, packet: bytes) -> None:
        with contextlib.suppress(OSError):  # a full queue drops packets
            os.write(target, packet)
            self._counts["delivered"] += 1


def _join(name: str, address: str) -> int:
    """Make the place *name* with its device; the descriptor of the device's other end."""
    add_namespace(name)
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    device = f"to-{name}"[:15]
    fcntl.ioctl(descriptor, _SET_INTERFACE, struct.pack("16sH22x", device.encode(), _TUN | _WITHOUT_HEADER))
    run("ip", "link", "set", device, "netns", name, "name", "eth0")
    run("ip", "-n", name, "address", "add", f"{address}/24", "dev", "eth0")
    run("ip", "-n", name, "link", "set", "eth0", "mtu", str(_MTU), "up")
    return descriptor
