"""Who is let in. Without sign-in configured: callers on this machine, who are all `anonymous`."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Protocol

from moorings_registry.errors import CallerRefused

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:]*)(:\d+)?")


class Authentication(Protocol):
    """Tells who asks, or refuses."""

    def principal(self, headers: Mapping[str, str], peer: str) -> str:
        """Return the principal's name.

        Raises:
            CallerRefused: not let in.
        """


class LoopbackAuthentication:
    """Lets in whoever calls from this machine, by a name of this machine.

    The name counts too: a page of a foreign site whose host name was made to lead to 127.0.0.1 (DNS rebinding) comes
    from this machine, but asks for another one. And so does the origin: a browser on this machine lets any page send
    a form here, and says whose page it is.
    """

    def __init__(self) -> None:
        self._passed: set[tuple[str, str, str]] = set()

    def principal(self, headers: Mapping[str, str], peer: str) -> str:
        request = (peer, headers.get("host", ""), headers.get("origin", ""))
        if request not in self._passed:
            self._examine(*request)
            if len(self._passed) < 1_000:
                self._passed.add(request)
        return "anonymous"

    def _examine(self, peer: str, host: str, origin: str) -> None:
        if not is_local_address(peer):
            raise CallerRefused("Only callers on the same machine are let in while no sign-in is configured")
        if not _is_local_host(host):
            raise CallerRefused("The Host header names another machine, and no sign-in is configured")
        if origin and not _is_local_host(origin.partition("://")[2] or origin):
            raise CallerRefused("The Origin header names another site, and no sign-in is configured")


def is_local_address(address: str) -> bool:
    """Whether *address* is a loopback address, or empty: the other end of a local socket."""
    if not address:
        return True
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


def _is_local_host(header: str) -> bool:
    matched = _HOST.fullmatch(header)
    if matched is None:
        return False
    name = matched[1].strip("[]").lower()
    return name in ("", "localhost") or name.endswith(".localhost") or is_local_address(name)
