"""What can go wrong with a ledger: one class each, the facts as attributes, a sentence that says what to do."""

from moorings_registry.entries import Head


class LedgerError(Exception):
    """An error of the ledger. `args` are those of the constructor, so errors travel between processes."""

    code = "LEDGER_ERROR"
    in_doubt = False
    """Whether what was to be appended may be in the ledger nevertheless."""


class HeadMoved(LedgerError):
    """Another writer was first: catch up, decide again, append again. This is normal, and nothing was written."""

    code = "LEDGER_HEAD_MOVED"

    def __init__(self, after: Head) -> None:
        super().__init__(after)
        self.after = after

    def __str__(self) -> str:
        return f"the ledger no longer ends at position {self.after.position} with the digest expected there"


class LedgerUnavailable(LedgerError):
    """The ledger cannot be used now. Nothing acknowledged is lost.

    `retryable`: the same call may succeed later without anybody changing the set-up. `in_doubt`: an entry may or may
    not have been written; whoever asks again with an idempotency key, or for the same content, learns which.
    """

    code = "LEDGER_UNAVAILABLE"

    def __init__(self, reason: str, *, retryable: bool = True, in_doubt: bool = False, public: str = "") -> None:
        """*public*: the reason without paths and addresses; empty where *reason* has none."""
        super().__init__(reason)
        self.public = public or reason
        self.reason = reason
        self.retryable = retryable
        self.in_doubt = in_doubt


class LedgerCorrupt(LedgerError):
    """What is stored is not what was appended.

    `position` is that of the first entry found to be bad, None when the damage lies outside the entries.
    """

    code = "LEDGER_CORRUPT"

    def __init__(self, position: int | None, why: str) -> None:
        super().__init__(position, why)
        self.position = position
        self.why = why

    def __str__(self) -> str:
        where = "the ledger" if self.position is None else f"position {self.position}"
        return f"{where}: {self.why}. Restore the ledger from a copy that verifies"


class LedgerTooNew(LedgerError):
    """A newer release wrote the entry at `position`, in a form that this one does not know; the chain is whole."""

    code = "LEDGER_TOO_NEW"

    def __init__(self, position: int, why: str) -> None:
        super().__init__(position, why)
        self.position = position
        self.why = why

    def __str__(self) -> str:
        return f"position {self.position}: {self.why}. Run the release that wrote it, or a newer one"


class HistoryLost(LedgerError):
    """The ledger no longer holds a history that was read from it: it went back, or another one took its place.

    A copy from an earlier time was restored, or a replica that had fallen behind took over.
    """

    code = "LEDGER_HISTORY_LOST"

    def __init__(self, known: Head, found: Head) -> None:
        super().__init__(known, found)
        self.known = known
        self.found = found

    def __str__(self) -> str:
        return (
            f"position {self.known.position} was read with digest {self.known.digest[:12]}…, and the ledger now ends "
            f"at position {self.found.position} in another history. Restore the newest copy, then restart"
        )


class LedgerMisconfigured(LedgerError):
    """The ledger's address or set-up is wrong; `fix` says what to change."""

    code = "LEDGER_MISCONFIGURED"

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what, fix)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.what}. {self.fix}"


class LedgerMissing(LedgerMisconfigured):
    """There is no ledger at the address, and whoever asked does not want one made."""


class ImportRefused(LedgerError):
    """A line of an export cannot be taken in; `line` counts from 1. Every line before it is in the ledger."""

    code = "LEDGER_IMPORT_REFUSED"

    def __init__(self, line: int, why: str) -> None:
        super().__init__(line, why)
        self.line = line
        self.why = why

    def __str__(self) -> str:
        return f"line {self.line}: {self.why}"
