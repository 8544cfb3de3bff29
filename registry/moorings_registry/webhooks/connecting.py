"""Connections to receivers: to addresses that were checked, and never longer than they may take.

A name is resolved once, its addresses are checked, and the connection goes to one of them: nobody can answer a check
with one address and the connection with another.
"""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LookupTimeout
from typing import Any

import httpcore2
import structlog

from moorings_registry.receiver_addresses import Address, AllowedAddresses, read_address

log = structlog.get_logger("moorings.webhooks")

Resolve = Callable[..., list[Any]]
"""Looks up the addresses of a name, as `socket.getaddrinfo` does."""
_LOOKUPS = 8
"""Names that are looked up at a time; a resolver may take longer than we wait for it."""


class AddressRefused(Exception):
    """A name leads to no address that the registry may connect to, or is not known: which of the two is not told."""


class Deadline:
    """The moment at which the request of the moment has to be over, on the clock of `time.monotonic`."""

    def __init__(self) -> None:
        self.at = 0.0

    def left_s(self, timeout_s: float | None = None) -> float:
        """Seconds that are left, at most *timeout_s*; at least a moment, so that what waits fails by itself."""
        left = max(0.001, self.at - time.monotonic())
        return left if timeout_s is None else min(left, timeout_s)


class CheckedBackend(httpcore2.NetworkBackend):
    """Opens connections for `httpcore2`."""

    def __init__(self, deadline: Deadline, resolve: Resolve = socket.getaddrinfo) -> None:
        self._deadline = deadline
        self._resolve = resolve
        self._backend = httpcore2.SyncBackend()
        self.allowed = AllowedAddresses()
        """Set before each request: what is allowed may change while a connection is kept."""
        self.only_loopback = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        failed: Exception = httpcore2.ConnectError("no address")
        for address in self._checked(host, port):
            try:
                stream = self._backend.connect_tcp(
                    str(address), port, self._deadline.left_s(timeout), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
                continue
            return _BoundedStream(stream, self._deadline)
        raise failed

    def _checked(self, host: str, port: int) -> list[Address]:
        found = [one for one in self._resolved(host, port) if self._may_use(one)]
        if not found:
            raise AddressRefused(f"{host} leads to no address that webhooks may use")
        return found

    def _may_use(self, address: Address) -> bool:
        return self.allowed.allow(address) and (address.is_loopback or not self.only_loopback)

    def _resolved(self, host: str, port: int) -> list[Address]:
        itself = read_address(host)
        if itself is not None:
            return [itself]
        looking = _resolvers.submit(self._resolve, host, port, type=socket.SOCK_STREAM)
        try:
            answers = looking.result(self._deadline.left_s())
        except (LookupTimeout, OSError, UnicodeError) as error:
            # For the operator alone: whoever tests a webhook would learn which names the inside of a network has.
            log.info("webhook_name_not_resolved", host=host, cause=type(error).__name__)
            return []
        found = (read_address(str(one[4][0])) for one in answers)
        return list(dict.fromkeys(one for one in found if one is not None))


class _BoundedStream(httpcore2.NetworkStream):
    """A connection on which everything ends with the deadline, also where bytes come one by one."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._require_time(httpcore2.ReadTimeout)
        return self._stream.read(max_bytes, self._deadline.left_s(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._require_time(httpcore2.WriteTimeout)
        self._stream.write(buffer, self._deadline.left_s(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        # A handshake takes many reads, each with the whole time-out: so it is cut from outside.
        cut = threading.Timer(self._deadline.left_s(), self._cut)
        cut.daemon = True
        cut.start()
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left_s(timeout))
        finally:
            cut.cancel()
        return _BoundedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

    def _cut(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def _require_time(self, late: type[Exception]) -> None:
        if time.monotonic() >= self._deadline.at:
            raise late("the time is over")


_resolvers = ThreadPoolExecutor(_LOOKUPS, thread_name_prefix="webhook-names")
