"""Which version is meant: ``5``, ``2.1``, ``latest``, or ``v2`` for the newest revision of a major.

The Confluent API knows numbers and ``latest`` alone, the latter in any letter case, or ``-1`` for it.
"""

import re

from moorings_registry.errors import VersionInvalid, VersionNotFound
from moorings_registry.lifecycle import without_drafts
from moorings_registry.state import SubjectState, Version

LATEST = -1
"""What the Confluent API sends in place of the newest version's number."""
LARGEST_VERSION = 2**31 - 1

_NUMBER = re.compile(r"[0-9]{1,10}", re.ASCII)
_REVISION = re.compile(r"([0-9]{1,10})\.([0-9]{1,10})", re.ASCII)
_MAJOR = re.compile(r"v([0-9]{1,10})", re.ASCII)


def select_version(held: SubjectState, text: str, *, deleted: bool = False) -> Version:
    """Find the version of *held* that *text* names; soft-deleted ones only with *deleted*.

    Raises:
        VersionInvalid: not a form of version.
        VersionNotFound: no version matches.
    """
    candidates = held.versions if deleted else held.active
    if text == "latest":
        matching = candidates
    elif (number := _number(text)) is not None:
        matching = tuple(one for one in candidates if one.number == number)
    elif (revision := _REVISION.fullmatch(text)) is not None:
        wanted = (int(revision[1]), int(revision[2]))
        matching = tuple(one for one in candidates if (one.major, one.revision) == wanted)
    elif (major := _MAJOR.fullmatch(text)) is not None:
        matching = tuple(one for one in candidates if one.major == int(major[1]))
    else:
        raise VersionInvalid(text)
    if not matching:
        raise VersionNotFound(text)
    return matching[-1]


def read_version(text: str) -> int:
    """The number that *text* names on the Confluent API, `LATEST` for the newest.

    Raises:
        VersionInvalid
    """
    if text.lower() == "latest" or text == str(LATEST):
        return LATEST
    number = _number(text)
    if number is None:
        raise VersionInvalid(text)
    return number


def pick_version(held: SubjectState, number: int, *, deleted: bool) -> Version:
    """The version of *held* with that number, or the newest for `LATEST`; soft-deleted ones only with *deleted*.

    The newest is none of a draft, unless there are only drafts.

    Raises:
        VersionNotFound
    """
    if number == LATEST and held.lives:
        candidates = without_drafts(held, held.versions if deleted else held.active)
        if candidates:
            return candidates[-1]
    return select_version(held, selector(number), deleted=deleted)


def selector(number: int) -> str:
    """The text that names a version by its *number*, or the newest for `LATEST`."""
    return "latest" if number == LATEST else str(number)


def _number(text: str) -> int | None:
    """The version number that *text* is; None where it is not one."""
    return int(text) if _NUMBER.fullmatch(text) and 0 < int(text) <= LARGEST_VERSION else None
