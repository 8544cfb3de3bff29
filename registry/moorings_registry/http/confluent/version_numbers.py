"""Versions as this API names them: a number, ``latest`` in any letter case, or ``-1`` for the same."""

import re

from moorings_registry.errors import VersionInvalid, VersionNotFound
from moorings_registry.state import SubjectState, Version

LATEST = -1
_NUMBER = re.compile(r"[0-9]{1,10}", re.ASCII)
_LARGEST = 2**31 - 1


def read_version(text: str) -> int:
    """The number that *text* names, `LATEST` for the newest.

    Raises:
        VersionInvalid
    """
    if text.lower() == "latest" or text == "-1":
        return LATEST
    if not _NUMBER.fullmatch(text) or not 0 < int(text) <= _LARGEST:
        raise VersionInvalid(text)
    return int(text)


def pick_version(held: SubjectState, number: int, *, deleted: bool) -> Version:
    """The version of *held* with that number; soft-deleted ones only with *deleted*.

    Raises:
        VersionNotFound
    """
    shown = held.versions if deleted else held.active
    found = shown[-1] if number == LATEST and shown else next((one for one in shown if one.number == number), None)
    if found is None:
        raise VersionNotFound("latest" if number == LATEST else number)
    return found
