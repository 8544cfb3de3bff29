"""The event that was meant, where the registry does not have the one that a command names."""

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import islice

from moorings.api.api import Api
from moorings.errors import MooringsError, RegistryRefused

_UNKNOWN = "SUBJECT_NOT_FOUND"
_MOST_EVENTS = 5_000
"""Events whose names are compared."""


@contextmanager
def naming_meant_event(api: Api, subject: str) -> Iterator[None]:
    """Do something with an event; a refusal since there is no *subject* says which one was meant, if one is close.

    Raises:
        RegistryRefused
    """
    try:
        yield
    except RegistryRefused as refused:
        meant = _meant(api, subject) if refused.code == _UNKNOWN and f"'{subject}'" in refused.detail else None
        if meant is None:
            raise
        detail = f"{refused.detail.rstrip('.')}; did you mean {meant}?"
        raise type(refused)(refused.status, {**refused.problem, "detail": detail}) from None


def _meant(api: Api, subject: str) -> str | None:
    """The event with a name like *subject*, in its domain or one with a similar name; in any, if it has none."""
    domain, _, name = subject.rpartition(".")
    try:
        near = get_close_matches(domain, [one.domain for one in api.domains()], n=1) if domain else []
        found = [one.subject for one in islice(api.events(*near), _MOST_EVENTS)]
    except MooringsError:  # what it was refused for matters more
        return None
    called = {one.rpartition(".")[2]: one for one in found}
    close = get_close_matches(name, called, n=1)
    return called[close[0]] if close else None
