"""Who calls. Without sign-in configured: callers on this machine, who are all `local`."""

import os
import re
from collections.abc import Mapping
from typing import Protocol

from moorings_registry.errors import CallerRefused, CredentialRefused
from moorings_registry.http.credentials import has_credential
from moorings_registry.http.messages import Request
from moorings_registry.http.peer_user import PeerUsers, UserUnknown
from moorings_registry.issuers import is_loopback_address, is_loopback_host
from moorings_registry.principals import LOCAL_PRINCIPAL, Principal

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:]*)(:\d+)?")
_FORWARDED = frozenset(("forwarded", "via", "x-real-ip"))
_ROOT = 0


class Authentication(Protocol):
    """Tells who calls, or refuses."""

    def known(self, request: Request) -> Principal | None:
        """Return who calls, if that needs no waiting; None if `principal` has to be asked, on a thread.

        Raises:
            Refusal: as `principal` does.
        """

    def principal(self, request: Request) -> Principal:
        """Return who calls.

        Raises:
            CallerRefused: access denied.
            CredentialRefused: the request carries a credential, and none can be checked.
            TokenRefused, TokenExposed, TooManyFailures: it carries one that does not hold, or that came unencrypted.
            IssuerAway: it cannot be checked now.
        """


class LoopbackAuthentication:
    """Accepts whoever calls from this machine, by a name of this machine, as a user who may act for the registry.

    The name counts too: a page of a foreign site whose host name was made to lead to 127.0.0.1 (DNS rebinding) comes
    from this machine, but asks for another one. And so does the origin: a browser on this machine lets any page send
    a form here, and says whose page it is. A proxy on this machine would make callers of the whole network look local,
    so what came through one is refused; where it does not say so, the user that it runs as gives it away.
    """

    def __init__(self, users: PeerUsers | None = None) -> None:
        self._users = users or PeerUsers()
        self._passed: set[tuple[str, str, str]] = set()

    def principal(self, request: Request) -> Principal:
        headers = request.headers
        names = (request.peer, headers.get("host", ""), headers.get("origin", ""))
        if names not in self._passed:
            _require_local(*names)
            if len(self._passed) < 1_000:
                self._passed.add(names)
        _require_direct(headers)
        if request.peer_user is not None:
            _require_own(request.peer_user)
        elif request.peer_port and request.server is not None:
            self._require_own_user((request.peer, request.peer_port), request.server)
        if "authorization" in headers and has_credential(headers):
            raise CredentialRefused("The Authorization header cannot be checked: no sign-in is configured")
        return LOCAL_PRINCIPAL

    known = principal  # nothing is verified, so nothing has to be waited for

    def _require_own_user(self, peer: tuple[str, int], server: tuple[str, int]) -> None:
        try:
            user = self._users.user_of(peer, server)
        except UserUnknown:
            return
        _require_own(user)


def _require_own(user: int | None) -> None:
    if user not in (_ROOT, os.geteuid()):
        raise CallerRefused(
            "The caller runs as another user of this machine than the registry, and no sign-in is configured. "
            "Run both as the same user"
        )


def _require_local(peer: str, host: str, origin: str) -> None:
    if not is_local_address(peer):
        raise CallerRefused("The caller is on another machine, and no sign-in is configured")
    if not _is_local_host(host):
        raise CallerRefused("The Host header names another machine, and no sign-in is configured")
    if origin and not _is_local_host(origin.partition("://")[2] or origin):
        raise CallerRefused("The Origin header names another site, and no sign-in is configured")


def is_forwarded(headers: Mapping[str, str]) -> bool:
    """Whether a request came through a proxy that says so."""
    return not _FORWARDED.isdisjoint(headers) or "\nx-forwarded-" in "\n".join(("", *headers))


def _require_direct(headers: Mapping[str, str]) -> None:
    """Pass, or refuse a request that a proxy forwarded."""
    if is_forwarded(headers):
        raise CallerRefused(
            "The request came through a proxy, and no sign-in is configured. "
            "Call the registry directly from the machine that it runs on"
        )


def is_local_address(address: str) -> bool:
    """Whether *address* is a loopback address, or empty: the other end of a local socket."""
    return not address or is_loopback_address(address)


def _is_local_host(header: str) -> bool:
    matched = _HOST.fullmatch(header)
    if matched is None:
        return False
    name = matched[1].strip("[]")
    return not name or is_loopback_host(name)
