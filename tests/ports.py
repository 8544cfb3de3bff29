"""Ports for servers that tests start."""

import socket
from contextlib import suppress
from random import SystemRandom

_PORTS = range(10_000, 32_768)
"""Below those that systems give to outgoing connections: one could take a port between the look and the start."""


def free_port() -> int:
    """Find a loopback port that nobody has right now."""
    while True:
        port = SystemRandom().choice(_PORTS)  # hypothesis makes the other generator repeat itself
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
