"""Entries: the atomic groups of facts that the ledger keeps, and the digests that chain them.

An entry is stored and exported as one line of canonical JSON, its keys in canonical order:

    {"actor":"ci","correlation_id":"c-1","digest":"9f…","facts":[{…}],"idempotency_key":null,
     "position":7,"previous":"4b…","recorded_at":"2026-11-22T10:00:00.000000Z"}

Entries of callers who signed in have one member more, `provenance`, which says how they were known and what allowed the
write; in canonical order it follows `previous`, behind the digest.

`digest` is SHA-256 over that same line less its own member, so a line is verified by cutting the member out of its
text, without encoding anything again. The cut is safe: inside a JSON string every quote follows a backslash, so
the first ``"digest":"`` of a line is always the member, which precedes the facts.

A fact is a plain JSON object here: strings, whole numbers up to 2^53, booleans, null, lists, objects.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import orjson

from moorings_compat.canonical_json import canonical_bytes

GENESIS = "0" * 64
"""What the first entry names as the digest before it."""

LARGEST_LINE_BYTES = 16 * 1024 * 1024
"""Bytes of one entry's line; written and read entries keep to the same bound."""

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_MEMBERS = frozenset(
    ("actor", "correlation_id", "digest", "facts", "idempotency_key", "position", "previous", "recorded_at")
)
_OPTIONAL = frozenset(("provenance",))
_KNOWN = _MEMBERS | _OPTIONAL


class EntryUnreadable(ValueError):
    """A line is not an entry, or not the one whose digest it carries; the text says why."""


class EntryTooNew(EntryUnreadable):
    """A line is an entry as it was written, with members that this release does not know: a newer one wrote it."""


class EntryTooLarge(ValueError):
    """An entry's line would be longer than `LARGEST_LINE_BYTES`, or than what its ledger takes."""

    def __init__(self, size_bytes: int, most_bytes: int = LARGEST_LINE_BYTES) -> None:
        super().__init__(size_bytes, most_bytes)
        self.size_bytes = size_bytes
        self.most_bytes = most_bytes

    def __str__(self) -> str:
        return f"the entry has {self.size_bytes} bytes, and at most {self.most_bytes} are kept"


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a history: the position of its last entry, and that entry's digest."""

    position: int
    digest: str


START = Head(0, GENESIS)
"""The head of a ledger without entries."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The facts that one command produced: in the ledger together, or not at all."""

    position: int
    """From 1, without gaps."""
    recorded_at: str
    """RFC 3339, UTC, microseconds: ``2026-11-22T10:00:00.000000Z``; see `moment_text`."""
    actor: str
    """Who asked."""
    correlation_id: str
    idempotency_key: str | None
    facts: tuple[Mapping[str, Any], ...]
    """JSON objects, oldest first; never changed once they are here."""
    previous: str
    """The digest of the entry before, `GENESIS` for the first."""
    digest: str
    provenance: Mapping[str, Any] | None = None
    """How the actor was known, and what allowed it; None for the operator, and in entries of earlier releases."""
    _text: bytes | None = field(default=None, init=False, repr=False, compare=False)
    """Its canonical JSON without the digest, where that was made for the digest already."""

    @classmethod
    def following(
        cls,
        head: Head,
        *,
        recorded_at: str,
        actor: str,
        correlation_id: str,
        facts: Iterable[Mapping[str, Any]],
        idempotency_key: str | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> Self:
        """Build the entry that comes next after *head*, with its digest.

        Raises:
            TypeError, ValueError: a fact holds what canonical JSON does not: a float, a number beyond 2^53.
            EntryTooLarge: a ValueError too.
        """
        content: dict[str, Any] = {
            "position": head.position + 1,
            "recorded_at": recorded_at,
            "actor": actor,
            "correlation_id": correlation_id,
            "idempotency_key": idempotency_key,
            "facts": tuple(facts),
            "previous": head.digest,
        }
        if provenance is not None:
            content["provenance"] = provenance
        text = canonical_bytes(content)
        size_bytes = len(text) + len(_member(GENESIS))
        if size_bytes > LARGEST_LINE_BYTES:
            raise EntryTooLarge(size_bytes)
        made = cls(**content, digest=_sha256(text))
        object.__setattr__(made, "_text", text)
        return made

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Read what `to_line` wrote, without a line feed at the end.

        Raises:
            EntryUnreadable: not an entry, or its digest is not that of its text.
            EntryTooNew: its digest is right, and it has members of a newer release.
        """
        content = _read_object(line)
        digest = content["digest"]
        found = _sha256(line.replace(_member(digest), b"", 1))
        if found != digest:
            raise EntryUnreadable(f"its digest is {digest}, but its content has {found}")
        if not content.keys() <= _KNOWN:
            raise EntryTooNew("the entry has members that this release does not know")
        content["facts"] = tuple(content["facts"])
        return cls(**content)

    def to_line(self) -> bytes:
        """Return the canonical JSON of the whole entry: one line, without a line feed."""
        text = self._text or canonical_bytes(self._content())
        return text.replace(b'"facts":[', _member(self.digest) + b'"facts":[', 1)

    @property
    def head(self) -> Head:
        """The head of a history that ends with this entry."""
        return Head(self.position, self.digest)

    def content_digest(self) -> str:
        """Compute the digest again, from the values.

        Raises:
            TypeError, ValueError: a value has no canonical form.
        """
        return _sha256(canonical_bytes(self._content()))

    def require_after(self, head: Head) -> None:
        """Pass when this entry was built to follow *head*.

        Raises:
            ValueError: it was built for another place, which is a mistake of the caller.
        """
        if self.position != head.position + 1 or self.previous != head.digest:
            raise ValueError(f"an entry built for position {self.position} cannot follow position {head.position}")

    def _content(self) -> dict[str, Any]:
        return {
            "position": self.position,
            "recorded_at": self.recorded_at,
            "actor": self.actor,
            "correlation_id": self.correlation_id,
            "idempotency_key": self.idempotency_key,
            "facts": self.facts,
            "previous": self.previous,
            **({"provenance": self.provenance} if self.provenance is not None else {}),
        }


def require_fitting(entry: Entry, most_bytes: int) -> None:
    """Pass where the line of *entry* has at most *most_bytes*.

    Raises:
        EntryTooLarge
    """
    size_bytes = len(entry.to_line()) if most_bytes < LARGEST_LINE_BYTES else 0
    if size_bytes > most_bytes:
        raise EntryTooLarge(size_bytes, most_bytes)


def moment_text(moment: datetime) -> str:
    """Write *moment*, which knows its time zone, the way `Entry.recorded_at` holds it."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _member(digest: str) -> bytes:
    return b'"digest":"' + digest.encode() + b'",'


def _sha256(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _read_object(line: bytes) -> dict[str, Any]:
    if len(line) > LARGEST_LINE_BYTES:
        raise EntryUnreadable(f"it has {len(line)} bytes, and an entry at most {LARGEST_LINE_BYTES}")
    try:
        content = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise EntryUnreadable(f"not JSON: {error.msg} at byte {error.pos + 1}") from None
    if not isinstance(content, dict):
        raise EntryUnreadable("not a JSON object")
    if not content.keys() >= _MEMBERS:
        raise EntryUnreadable(f"it has no {', '.join(sorted(_MEMBERS.difference(content)))}")
    for name, found in _wrong_values(content):
        raise EntryUnreadable(f"{name} is {found}")
    return content


def _wrong_values(content: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    position = content["position"]
    if type(position) is not int or position < 1:
        yield "position", "not a whole number from 1"
    for name in ("actor", "correlation_id"):
        if type(content[name]) is not str:
            yield name, "not a string"
    for name, shape in (("digest", _DIGEST), ("previous", _DIGEST), ("recorded_at", _MOMENT)):
        if type(content[name]) is not str or shape.fullmatch(content[name]) is None:
            yield name, "not of the right shape"
    if type(content["idempotency_key"]) not in (str, type(None)):
        yield "idempotency_key", "neither a string nor null"
    if "provenance" in content and type(content["provenance"]) is not dict:
        yield "provenance", "not an object"
    facts = content["facts"]
    if type(facts) is not list or any(type(fact) is not dict for fact in facts):
        yield "facts", "not a list of objects"
