"""Who hears of checks: metrics, as a value that the wiring passes in."""

from typing import Protocol

from moorings_compat import Format, Report


class CheckObserver(Protocol):
    """Counts checks; safe from any thread."""

    def worked_out(self, report: Report, versions: int, seconds: float) -> None:
        """A candidate was compared with *versions* before it, which took *seconds*; kept reports are not worked out."""

    def registration(self, format: Format, verdict: str, domain: str) -> None:
        """A registration in *domain*, empty for none, was checked, and accepted or refused."""

    def rehearsal(self, format: Format, verdict: str) -> None:
        """A registration was checked on trial."""


class NoObserver:
    """Counts nothing."""

    def worked_out(self, report: Report, versions: int, seconds: float) -> None:
        """Nothing."""

    def registration(self, format: Format, verdict: str, domain: str) -> None:
        """Nothing."""

    def rehearsal(self, format: Format, verdict: str) -> None:
        """Nothing."""
