"""The keys of a client: asked of the registry once, unwrapped by a key management service, and kept in memory.

A key encryption key (KEK) is a name in the registry for a key of a key management service; it wraps the data encryption
keys (DEK) of subjects. Whoever writes first makes what is missing; a conflict means that another one was faster.
"""

import base64
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import quote

from moorings.errors import NotFound, RegistryRefused
from moorings.rules.encryption.ciphers import CannotDecrypt, Cipher, cipher_of, new_key
from moorings.rules.interfaces import Failure, RuleFailed

BASE = "/dek-registry/v1/keks"
FIRST, LATEST = 1, -1
_DAY_MS = 24 * 60 * 60 * 1_000
_CONFLICT = 409

Ask = Callable[[str, str, Mapping[str, str], Mapping[str, Any] | None], Any]
"""Method, path, query and body of a request, to the JSON of its answer; raises what the client raises."""


class KeyManagement(Protocol):
    """A key management service, by which a client wraps and unwraps keys. What it raises reaches the caller."""

    def wrap(self, key_id: str, key: bytes, /) -> bytes: ...

    def unwrap(self, key_id: str, wrapped: bytes, /) -> bytes: ...


class Encryption:
    """What rules of type ENCRYPT are run with: ``RuleBook(encryption=Encryption({"local-kms": LocalKms(secret)}))``.

    *services* by the type that rules and KEKs name, such as ``aws-kms`` or ``local-kms``.
    """

    def __init__(self, services: Mapping[str, KeyManagement], *, clock: Callable[[], float] = time.time) -> None:
        """*clock* gives seconds since 1970, for keys that expire."""
        self.services = dict(services)
        self.clock = clock


@dataclass(frozen=True, slots=True)
class KeyNeed:
    """Which key a rule asks for."""

    kek: str
    kms_type: str
    kms_key_id: str
    subject: str
    algorithm: str
    expiry_days: int


@dataclass(frozen=True, slots=True)
class Key:
    """One version of a key, unwrapped."""

    version: int
    made_ms: int
    cipher: Cipher


class KeyRing:
    """The keys that one client has met; safe from any thread."""

    def __init__(self, encryption: Encryption, ask: Ask) -> None:
        self._services = encryption.services
        self._clock = encryption.clock
        self._ask = ask
        self._lock = threading.Lock()
        self._keks: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._keys: dict[tuple[KeyNeed, int], Key] = {}

    def for_writing(self, need: KeyNeed) -> Key:
        """The key to encrypt with: the first version, or where keys expire the latest one, made if there is none.

        Raises:
            RuleFailed: there is no such key and none can be made, or it cannot be unwrapped.
        """
        which = LATEST if need.expiry_days else FIRST
        with self._lock:
            key = self._keys.get((need, which)) or self._find(need, which, deleted=False)
            if key is None:
                key = self._make(need, FIRST, which)
            elif self._is_expired(need, key):
                key = self._make(need, key.version + 1, which)
            self._keys[need, which] = self._keys[need, key.version] = key
            return key

    def for_reading(self, need: KeyNeed, version: int) -> Key:
        """The key to decrypt with, a soft-deleted one too.

        Raises:
            RuleFailed: there is no such key, or it cannot be unwrapped.
        """
        known = self._keys.get((need, version))
        if known is not None:
            return known
        with self._lock:
            key = self._find(need, version, deleted=True)
            if key is None:
                raise failed(f"KEK {need.kek} has no version {version} of a key for {need.subject}")
            self._keys[need, version] = key
            return key

    def _is_expired(self, need: KeyNeed, key: Key) -> bool:
        return need.expiry_days > 0 and self._clock() * 1_000 - key.made_ms > need.expiry_days * _DAY_MS

    def _find(self, need: KeyNeed, version: int, *, deleted: bool) -> Key | None:
        query = {"algorithm": need.algorithm, "deleted": str(deleted).lower()}
        self._kek(need, writing=not deleted)
        try:
            found = self._ask("GET", f"{self._path(need)}/versions/{version}", query, None)
        except NotFound:
            return None
        return self._unwrapped(need, found)

    def _make(self, need: KeyNeed, version: int, which: int) -> Key:
        """Make a key and have it kept; where another client was faster, its key."""
        kek = self._kek(need, writing=True)
        message = new_key(need.algorithm)
        wrapped = self._service(kek).wrap(str(kek["kmsKeyId"]), message)
        body = {
            "subject": need.subject,
            "version": version,
            "algorithm": need.algorithm,
            "encryptedKeyMaterial": base64.b64encode(wrapped).decode(),
        }
        try:
            kept = self._ask("POST", self._path(need), {}, body)
        except RegistryRefused as refused:
            if refused.status != _CONFLICT:
                raise
            other = self._find(need, which, deleted=False)
            if other is None:
                raise failed(f"the key of {need.subject} was deleted; restore it, or delete it permanently") from None
            return other
        made = self._unwrapped(need, kept)
        # By this clock: one that is ahead of the registry's must not take what it has just made for expired.
        return replace(made, made_ms=max(made.made_ms, int(self._clock() * 1_000)))

    def _unwrapped(self, need: KeyNeed, found: Mapping[str, Any]) -> Key:
        kek = self._kek(need, writing=False)
        wrapped = base64.b64decode(str(found.get("encryptedKeyMaterial") or ""))
        service = self._service(kek)
        for key_id in _key_ids(kek):
            try:
                cipher = cipher_of(need.algorithm, service.unwrap(key_id, wrapped))
            except CannotDecrypt:
                continue
            return Key(int(found["version"]), int(found.get("ts") or 0), cipher)
        raise failed(f"the key of {need.subject} cannot be unwrapped: KEK {need.kek} is another one than wrapped it")

    def _kek(self, need: KeyNeed, *, writing: bool) -> Mapping[str, Any]:
        context = need.subject[1:].partition(":")[0] if need.subject.startswith(":.") else "."
        known = self._keks.get((need.kek, context))
        if known is None:
            known = self._keks[need.kek, context] = self._found_kek(need, context, writing=writing)
        for name, asked in (("kmsType", need.kms_type), ("kmsKeyId", need.kms_key_id)):
            if asked and known.get(name) != asked:
                raise failed(f"KEK {need.kek} of the registry has another {name} than the rule")
        return known

    def _found_kek(self, need: KeyNeed, context: str, *, writing: bool) -> Mapping[str, Any]:
        query = {} if context == "." else {"context": context}
        path = f"{BASE}/{quote(need.kek, safe='')}"
        try:
            return dict(self._ask("GET", path, {**query, "deleted": str(not writing).lower()}, None))
        except NotFound:
            if not writing or not (need.kms_type and need.kms_key_id):
                raise failed(f"the registry has no KEK {need.kek}") from None
        body = {"name": need.kek, "kmsType": need.kms_type, "kmsKeyId": need.kms_key_id, "shared": False}
        try:
            return dict(self._ask("POST", BASE, query, body))
        except RegistryRefused as refused:
            if refused.status != _CONFLICT:
                raise
        return dict(self._ask("GET", path, query, None))

    def _service(self, kek: Mapping[str, Any]) -> KeyManagement:
        service = self._services.get(str(kek.get("kmsType")))
        if service is None:
            raise failed(f"no key management service of type {kek.get('kmsType')} was given to this client")
        return service

    @staticmethod
    def _path(need: KeyNeed) -> str:
        return f"{BASE}/{quote(need.kek, safe='')}/deks/{quote(need.subject, safe='')}"


def _key_ids(kek: Mapping[str, Any]) -> list[str]:
    """The key that wraps, and those of other regions that wrap the same."""
    others = str((kek.get("kmsProps") or {}).get("encrypt.alternate.kms.key.ids") or "")
    return [str(kek["kmsKeyId"]), *(one.strip() for one in others.split(",") if one.strip())]


def failed(reason: str) -> RuleFailed:
    return RuleFailed([Failure("", reason)])
