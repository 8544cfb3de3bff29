"""Which user of this machine holds the other end of a loopback connection.

Linux tells by two ways: sock_diag(7) answers for one connection in microseconds; /proc/net/tcp lists all of them in
milliseconds, and is read where the first way finds nothing, since a kernel without it gives the same answer.
"""

import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path

Address = tuple[str, int]
"""An IP address and a port."""

REMEMBERED_S = 1.0
"""How long an answer is remembered for a port; short, because another user can take a port that was given up."""
MOST_REMEMBERED = 1_000

_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST = 1
_ANY_STATE = 0xFFF
_NO_COOKIE = b"\xff" * 8
_HEADER = struct.Struct("=IHHII")
_ANSWER_TIMEOUT_S = 0.5


class UserUnknown(Exception):
    """This platform does not tell which user holds a connection."""


class PeerUsers:
    """Remembers for a moment which user holds a peer's port, so that a busy connection is looked up once a second."""

    def __init__(
        self,
        lookup: "Callable[[Address, Address], int | None] | None" = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lookup = lookup or peer_user
        self._clock = clock
        self._known: dict[tuple[Address, Address], tuple[float, int | None]] = {}

    def user_of(self, peer: Address, server: Address) -> int | None:
        """The uid that holds *peer*'s end of its connection with *server*; None where nobody holds it any more.

        Raises:
            UserUnknown: the platform does not tell.
        """
        now = self._clock()
        known = self._known.get((peer, server))
        if known is not None and now - known[0] < REMEMBERED_S:
            return known[1]
        user = self._lookup(peer, server)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[peer, server] = (now, user)
        return user


def peer_user(peer: Address, server: Address) -> int | None:
    """Ask the kernel for the uid that holds *peer*'s end of its connection with *server*; None where nobody does.

    Raises:
        UserUnknown: not Linux, or neither way is open to this process.
    """
    if not sys.platform.startswith("linux"):
        raise UserUnknown
    with suppress(OSError):
        user = _from_sock_diag(peer, server)
        if user is not None:
            return user
    try:
        return _from_proc(peer, server)
    except OSError:
        raise UserUnknown from None


def _from_sock_diag(peer: Address, server: Address) -> int | None:
    family = socket.AF_INET6 if ":" in peer[0] else socket.AF_INET
    source, target = (ip_address(one).packed.ljust(16, b"\0") for one, _ in (peer, server))
    ports = struct.pack("!HH", peer[1], server[1])
    wanted = struct.pack("=BBBxI", family, socket.IPPROTO_TCP, 0, _ANY_STATE)
    request = wanted + ports + source + target + struct.pack("=I", 0) + _NO_COOKIE
    # Linux alone has these two, so the types of other platforms do not.
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as kernel:  # type: ignore[attr-defined,unused-ignore]
        kernel.settimeout(_ANSWER_TIMEOUT_S)
        kernel.send(_HEADER.pack(_HEADER.size + len(request), _SOCK_DIAG_BY_FAMILY, _REQUEST, 1, 0) + request)
        answer = kernel.recv(4_096)
    if _HEADER.unpack_from(answer)[1] != _SOCK_DIAG_BY_FAMILY:
        return None  # an error: there is no such connection, or the kernel has no part that would know
    user, inode = struct.unpack_from("=II", answer, _HEADER.size + 64)
    return int(user) if inode else None  # without an inode its process has closed it, and the uid says nothing


def _from_proc(peer: Address, server: Address) -> int | None:
    table = Path("/proc/net/tcp6" if ":" in peer[0] else "/proc/net/tcp")
    wanted = [_in_hex(peer), _in_hex(server)]
    for row in _rows(table):
        if row[1:3] == wanted:
            return int(row[7]) if row[9] != "0" else None
    return None


def _rows(table: Path) -> Iterator[list[str]]:
    with table.open() as lines:
        next(lines)
        for line in lines:
            yield line.split()


def _in_hex(address: Address) -> str:
    """*address* as the tables of /proc write it: each 32 bits in the byte order of the machine."""
    packed = ip_address(address[0]).packed
    words = struct.unpack(f"!{len(packed) // 4}I", packed)
    return struct.pack(f"={len(words)}I", *words).hex().upper() + f":{address[1]:04X}"
