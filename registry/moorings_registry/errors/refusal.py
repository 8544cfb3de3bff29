"""What every refusal has, and how what callers sent is shown in one."""

from collections.abc import Sequence
from typing import ClassVar

from moorings_compat import Problem

LONGEST_PAYLOAD = 500


class Refusal(Exception):
    """The registry does not do what was asked; the message says why, and `fix` what to do next."""

    code: ClassVar[str]
    title: ClassVar[str]
    audience: ClassVar[str] = "caller"
    """Who can fix it: caller, owner (of the domain) or operator."""
    retryable: ClassVar[bool] = False
    fix: ClassVar[str]

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


def printable(text: str) -> str:
    """Cut *text* so that a hostile name cannot fill a log; control characters are escaped."""
    cut = text if len(text) <= 200 else text[:200] + "…"
    return cut.encode("unicode_escape").decode() if not cut.isprintable() else cut
