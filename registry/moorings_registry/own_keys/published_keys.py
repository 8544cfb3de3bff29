"""The public keys of all processes of the service, as they are published beside the ledger."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from moorings_registry.expiring_records import ExpiringRecords, RecordsUnavailable
from moorings_registry.issuers.key_sets import PublicKey, read_public_key

_KIND = "keys"
_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_SOUGHT_PER_S = 20
"""Look-ups of unknown keys: what a flood of made-up key ids may cost the store."""

_AWAY = object()

log = structlog.get_logger("moorings.own_keys")


@dataclass(frozen=True, slots=True)
class _Read:
    keys: Mapping[str, PublicKey]
    documents: Mapping[str, Mapping[str, Any]]
    at_s: float


class PublishedKeys:
    """Read from the store every few seconds, and when somebody shows a key that is not known yet."""

    def __init__(self, records: ExpiringRecords) -> None:
        self.generation = object()
        """Another object whenever a key was withdrawn."""
        self._records = records
        self._read = _Read({}, {}, 0.0)
        self._sought: tuple[float, ...] = ()
        self._away = False

    @property
    def documents(self) -> Mapping[str, Mapping[str, Any]]:
        """The keys as they are published, by id."""
        return self._read.documents

    def publish(self, key_id: str, document: Mapping[str, Any], until_s: float, now_s: float) -> bool:
        """Publish a key until *until_s*; False while the store is away."""
        stored = json.dumps(document, separators=(",", ":")).encode()
        return self._asked(lambda: self._records.put(_KIND, key_id, stored, until_s, now_s)) is not _AWAY

    def refresh(self, now_s: float, *, older_than_s: float) -> None:
        """Read all keys, unless that was done a moment ago; while the store is away, keep them."""
        if abs(now_s - self._read.at_s) < older_than_s:
            return
        found = self._asked(lambda: self._records.every(_KIND, now_s))
        if found is _AWAY:
            return
        read = {name: _document(stored) for name, stored in found.items()}
        keys = {name: key for name, one in read.items() if (key := read_public_key(one)) is not None}
        documents = {name: read[name] for name in keys}
        before, self._read = self._read, _Read(keys, documents, now_s)
        if not before.keys.keys() <= keys.keys():
            self.generation = object()

    def find(self, key_id: str | None, now_s: float) -> PublicKey | None:
        """The key with that id; None if nobody published it. May ask the store."""
        if key_id is None or not _ID.fullmatch(key_id):
            return None
        return self._read.keys.get(key_id) or (self._seek(key_id, now_s) if self._may_seek() else None)

    def _seek(self, key_id: str, now_s: float) -> PublicKey | None:
        """A key that was published since all were read: its node has just started."""
        stored = self._asked(lambda: self._records.get(_KIND, key_id, now_s))
        return read_public_key(_document(stored)) if isinstance(stored, bytes) else None

    def _asked(self, question: Callable[[], Any]) -> Any:
        """The answer of the store; `_AWAY` if there is none, which is logged once until it answers again."""
        try:
            answer = question()
        except RecordsUnavailable as error:
            if not self._away:
                log.warning("own_keys_store_unavailable", cause=str(error))
            self._away = True
            return _AWAY
        if self._away:
            log.info("own_keys_store_back")
        self._away = False
        return answer

    def _may_seek(self) -> bool:
        now = time.monotonic()
        recent = tuple(one for one in self._sought if now - one < 1.0)
        if len(recent) >= _SOUGHT_PER_S:
            return False
        self._sought = (*recent, now)
        return True


def _document(stored: bytes) -> dict[str, Any]:
    """A key as a node published it; empty for anything else, which another release may have put there."""
    try:
        found = json.loads(stored)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
