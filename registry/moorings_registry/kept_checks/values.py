"""A kept check: what a CI job asked about which commit, and what was answered; and its form in a store."""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from moorings_compat import Format, Reference
from moorings_registry.kept_checks.port import StoredCheck

_LARGEST_CONTENT = 64 * 1024 * 1024
"""Bytes of a candidate after decompression: far above what a schema may have."""


@dataclass(frozen=True, slots=True)
class CheckSource:
    """Where a check comes from, as its job says; every member is a claim of the job, and may be empty."""

    repository: str = ""
    branch: str = ""
    commit: str = ""
    pull_request: str = ""
    """Its number, as the forge writes it."""
    pull_request_url: str = ""
    system: str = ""
    """The CI system: ``GitHub Actions``."""
    job: str = ""
    job_url: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class KeptCheck:
    """One kept check; there is one for each candidate and branch."""

    id: str
    subject: str
    major: int
    guid: str
    level: str
    verdict: str
    rules: tuple[str, ...]
    against: tuple[tuple[int, int], ...]
    """The versions that it was compared with, newest first: their numbers, and the entries that registered them."""
    policy: Mapping[str, Any]
    held: tuple[Mapping[str, Any], ...]
    """Who reads what it would remove or break; see `facts.ChangeHeldBack`."""
    source: CheckSource
    kept_by: str
    """The principal that signed in for the job."""
    first_at: str
    """When it was kept first."""
    at: str
    """When a job asked last."""
    position: int
    """The position of the ledger that it was decided at."""

    @property
    def passes(self) -> bool:
        return self.verdict in ("compatible", "unchecked")

    @property
    def branch(self) -> tuple[str, str, str]:
        """What later checks of the same change share with it."""
        return (self.subject, self.source.repository, self.source.branch)


@dataclass(frozen=True, slots=True)
class KeptCandidate:
    """The definition that was checked."""

    format: Format
    text: str
    references: tuple[Reference, ...]
    metadata: Mapping[str, Any] | None
    rule_set: Mapping[str, Any] | None


def check_id(subject: str, major: int, guid: str, source: CheckSource) -> str:
    """Name the check of a candidate on a branch: 32 hexadecimal digits, the same for each run of the job."""
    named = orjson.dumps([subject, major, guid, source.repository, source.branch])
    return hashlib.sha256(named).hexdigest()[:32]


def stored(check: KeptCheck, candidate: KeptCandidate, domain: str) -> StoredCheck:
    """Write a check as a store keeps it, for the registered *domain* that it counts for."""
    content = orjson.dumps(asdict(candidate))
    return StoredCheck(check.id, domain, check.at, orjson.dumps(asdict(check)), zlib.compress(content))


def read_summary(summary: bytes) -> KeptCheck:
    """Read what `stored` wrote."""
    told = orjson.loads(summary)
    told["source"] = CheckSource(**told["source"])
    told["against"] = tuple((number, position) for number, position in told["against"])
    told["rules"], told["held"] = tuple(told["rules"]), tuple(told["held"])
    return KeptCheck(**told)


def read_candidate(content: bytes) -> KeptCandidate:
    """Read the candidate that `stored` wrote."""
    told = orjson.loads(zlib.decompressobj().decompress(content, _LARGEST_CONTENT))
    references = tuple(Reference(**one) for one in told["references"])
    return KeptCandidate(Format(told["format"]), told["text"], references, told["metadata"], told["rule_set"])
