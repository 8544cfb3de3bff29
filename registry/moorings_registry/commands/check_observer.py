"""Who hears of checks: metrics, as a value that the wiring passes in."""

from typing import Protocol

from moorings_compat import Format, Report
from moorings_registry.names import Subject


class CheckObserver(Protocol):
    """Counts checks; safe from any thread."""

    def worked_out(self, report: Report, seconds: float, subject: Subject | None) -> None:
        """A candidate was compared with what *subject* has, in *seconds*; kept reports are not worked out.

        *subject* is None where this registry has none.
        """

    def registration(self, format: Format, verdict: str, subject: Subject) -> None:
        """A registration was checked, and accepted or refused."""

    def rehearsal(self, format: Format, verdict: str, subject: Subject) -> None:
        """A registration was checked on trial."""


class NoObserver:
    """Counts nothing."""

    def worked_out(self, report: Report, seconds: float, subject: Subject | None) -> None:
        """Nothing."""

    def registration(self, format: Format, verdict: str, subject: Subject) -> None:
        """Nothing."""

    def rehearsal(self, format: Format, verdict: str, subject: Subject) -> None:
        """Nothing."""
