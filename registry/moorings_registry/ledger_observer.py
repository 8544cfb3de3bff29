"""Who hears of writes to the ledger and of its absence: metrics, as a value that the wiring passes in."""

from typing import Protocol


class LedgerObserver(Protocol):
    """Counts; safe from any thread."""

    def appended(self, entries: int, seconds: float) -> None:
        """*entries* were appended together, which took *seconds*."""

    def race_lost(self) -> None:
        """Another writer was first: what waits is decided again."""

    def failed(self, operation: str, code: str) -> None:
        """The ledger could not be used to ``read`` or to ``append``, for the reason that *code* names."""

    def left_in_doubt(self, entries: int) -> None:
        """It is not known whether *entries* that were to be appended are stored."""

    def away(self, seconds: float) -> None:
        """The ledger has been unreadable for *seconds*."""

    def back(self) -> None:
        """It can be read again."""

    def followed(self, seconds: float) -> None:
        """An entry was applied *seconds* after it was recorded, by the clock of the node that recorded it."""


class NoLedgerObserver:
    """Counts nothing."""

    def appended(self, entries: int, seconds: float) -> None:
        """Nothing."""

    def race_lost(self) -> None:
        """Nothing."""

    def failed(self, operation: str, code: str) -> None:
        """Nothing."""

    def left_in_doubt(self, entries: int) -> None:
        """Nothing."""

    def away(self, seconds: float) -> None:
        """Nothing."""

    def back(self) -> None:
        """Nothing."""

    def followed(self, seconds: float) -> None:
        """Nothing."""
