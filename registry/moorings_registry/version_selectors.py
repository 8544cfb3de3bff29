"""Which version is meant: ``5``, ``2.1``, ``latest``, or ``v2`` for the newest revision of a major."""

import re

from moorings_registry.errors import VersionInvalid, VersionNotFound
from moorings_registry.state import SubjectState, Version

_NUMBER = re.compile(r"[0-9]{1,10}", re.ASCII)
_REVISION = re.compile(r"([0-9]{1,10})\.([0-9]{1,10})", re.ASCII)
_MAJOR = re.compile(r"v([0-9]{1,10})", re.ASCII)
_LARGEST = 2**31 - 1


def select_version(held: SubjectState, text: str, *, deleted: bool = False) -> Version:
    """Find the version of *held* that *text* names; soft-deleted ones only with *deleted*.

    Raises:
        VersionInvalid: no form of version.
        VersionNotFound: there is none like that.
    """
    candidates = held.versions if deleted else held.active
    if text == "latest":
        matching = candidates
    elif _NUMBER.fullmatch(text) and 0 < int(text) <= _LARGEST:
        matching = tuple(one for one in candidates if one.number == int(text))
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
