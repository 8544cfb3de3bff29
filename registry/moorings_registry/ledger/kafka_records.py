"""What a record of the topic holds: the line of one entry, or those of a group, one below the other.

A group is one record, so that it is in the topic as a whole or not at all.
"""

import hashlib
import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from moorings_registry.entries import GENESIS, Entry

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DIGEST_LENGTH = len(GENESIS)
_DIGEST_MEMBER = b'"digest":"'


class NotEntries(ValueError):
    """A record holds something else than entries that follow each other."""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry's place in the chain, and its line."""

    position: int
    previous: str
    digest: str
    line: bytes


def record_of(entries: Iterable[Entry]) -> bytes:
    """The record that holds *entries*."""
    return b"\n".join(one.to_line() for one in entries)


def links_of(value: bytes) -> tuple[Link, ...]:
    """Read a record: at least one entry, each following the one before.

    No more is looked at than what makes the chain. So all releases agree on what is in it, and one that does not know
    a member of an entry says so when it reads that.

    Raises:
        NotEntries
    """
    links = tuple(map(_link, value.split(b"\n")))
    for before, one in itertools.pairwise(links):
        if one.previous != before.digest or one.position != before.position + 1:
            raise NotEntries("its lines do not follow each other")
    return links


def lines_by_digest(value: bytes) -> dict[bytes, bytes]:
    """The lines of a record by the digest that each states, which nobody has checked here."""
    return {line.partition(_DIGEST_MEMBER)[2][:_DIGEST_LENGTH]: line for line in value.split(b"\n")}


def _link(line: bytes) -> Link:
    try:
        content = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise NotEntries("not JSON") from None
    if not isinstance(content, dict):
        raise NotEntries("not a JSON object")
    position = content.get("position")
    if type(position) is not int or position < 1:
        raise NotEntries("it has no position")
    previous, digest = _digest(content, "previous"), _digest(content, "digest")
    if hashlib.sha256(line.replace(_DIGEST_MEMBER + digest.encode() + b'",', b"", 1)).hexdigest() != digest:
        raise NotEntries("its digest is not that of its content")
    return Link(position, previous, digest, line)


def _digest(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if type(value) is not str or _DIGEST.fullmatch(value) is None:
        raise NotEntries(f"it has no {name}")
    return value
