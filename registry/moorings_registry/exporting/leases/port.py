"""What every lease does."""

from typing import Protocol

EXPORTING, DELIVERING = "exporting", "delivering"
"""What a lease is for: one of each exists for a ledger."""


class Lease(Protocol):
    """The right to do something for one ledger alone; used by one thread of a process."""

    def held(self) -> bool:
        """Take the right, or keep it; True while nobody else has it.

        It has to be asked again before every request to a target: what is not asked about until it expires is lost.
        """

    def release(self) -> None:
        """Let somebody else have it; one that was never held may be released."""
