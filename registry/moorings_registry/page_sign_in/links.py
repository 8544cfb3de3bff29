"""Links that open the pages for somebody who signed in on the command line: `moorings open`."""

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moorings_registry.errors import LinkEnded, SessionsUnavailable
from moorings_registry.expiring_records import ExpiringRecords, RecordsUnavailable
from moorings_registry.principals import Principal

LINK_S = 60
SESSION_S = 3_600
"""How long a session lasts that a link began: as long as a token at most."""
_KIND = "open-link"
_CODE_BYTES = 16


@dataclass(frozen=True, slots=True)
class LinkFor:
    """Whom a link signs in, and where it leads."""

    person: Principal
    authenticated_s: float
    """When the person proved who they are, in seconds of the epoch; 0 where their token does not say."""
    path: str


class OpenLinks:
    """Each link is valid once, for a minute. Codes are stored as digests. Safe from any thread."""

    def __init__(self, records: ExpiringRecords, clock: Callable[[], float] = time.time) -> None:
        self._records = records
        self._clock = clock

    def make(self, link: LinkFor) -> str:
        """A new code for *link*.

        Raises:
            SessionsUnavailable
        """
        code, now = secrets.token_urlsafe(_CODE_BYTES), self._clock()
        try:
            self._records.put(_KIND, _digest(code), _written(link), now + LINK_S, now)
        except RecordsUnavailable:
            raise SessionsUnavailable from None
        return code

    def show(self, code: str) -> LinkFor:
        """Whom a code would sign in; it stays good.

        Raises:
            LinkEnded, SessionsUnavailable
        """
        return self._read(self._records.get, code)

    def use(self, code: str) -> LinkFor:
        """Whom a code signs in; of several callers, exactly one gets it.

        Raises:
            LinkEnded, SessionsUnavailable
        """
        return self._read(self._records.take, code)

    def _read(self, find: Callable[[str, str, float], bytes | None], code: str) -> LinkFor:
        try:
            found = find(_KIND, _digest(code), self._clock())
        except RecordsUnavailable:
            raise SessionsUnavailable from None
        if found is None:
            raise LinkEnded
        return _read(found)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()


def _written(link: LinkFor) -> bytes:
    person = link.person
    held = {name: list(value) if isinstance(value, tuple) else value for name, value in person.claims.items()}
    scope = None if person.scope is None else list(person.scope)
    parts = {"name": person.name, "issuer": person.issuer, "claims": held, "scope": scope}
    return json.dumps({**parts, "authenticated_s": link.authenticated_s, "path": link.path}).encode()


def _read(stored: bytes) -> LinkFor:
    parts: dict[str, Any] = json.loads(stored)
    held = {name: tuple(value) if isinstance(value, list) else value for name, value in parts["claims"].items()}
    scope = None if parts["scope"] is None else tuple(parts["scope"])
    person = Principal(parts["name"], parts["issuer"], held, "session", scope=scope)
    return LinkFor(person, parts["authenticated_s"], parts["path"])
