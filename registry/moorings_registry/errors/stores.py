"""The ledger and what is kept beside it."""

from moorings_registry.errors.refusal import Refusal, printable


class PositionAhead(Refusal):
    code = "POSITION_AHEAD"
    title = "Position not reached yet"
    audience = "operator"
    retryable = True
    fix = "Retry in a moment; if the error persists, this node reads another ledger than the one that was written."

    def __init__(self, asked: int, reached: int) -> None:
        super().__init__(f"Position {asked} is ahead of the ledger, which is at {reached}")


class LedgerUnavailable(Refusal):
    code = "LEDGER_UNAVAILABLE"
    title = "Ledger unavailable"
    audience = "operator"
    retryable = True
    fix = "Retry after the time in `Retry-After`; with its Idempotency-Key, a request is never carried out twice."

    @classmethod
    def writing(cls, *, in_doubt: bool) -> "LedgerUnavailable":
        """For a write that failed; *in_doubt* where the entry may have been stored before the answer was lost."""
        if in_doubt:
            return cls("The ledger did not answer, so this request may or may not have been stored")
        return cls("The ledger cannot be written right now; nothing of this request was stored")


class LedgerTooNew(LedgerUnavailable):
    code = "LEDGER_TOO_NEW"
    title = "A newer release wrote to the ledger"
    fix = "Upgrade this node to the release that wrote the entry, or a newer one; until then, ask another node."

    def __init__(self, position: int, why: str) -> None:
        super().__init__(f"The ledger cannot be read from position {position} on: {why}")


class LedgerHistoryLost(LedgerUnavailable):
    code = "LEDGER_HISTORY_LOST"
    title = "The ledger lost entries"
    fix = (
        "Ask another node. Whoever runs the registry compares the two histories, restores the newest copy or accepts "
        "the loss, and restarts this node: docs/operations.md, After a failover."
    )

    def __init__(self) -> None:
        super().__init__("The ledger no longer holds everything that this node has read from it")


class DriftUnavailable(Refusal):
    code = "DRIFT_UNAVAILABLE"
    title = "Drift counts unavailable"
    audience = "operator"
    retryable = True
    fix = "Retry later; everything but drift counts still works."

    def __init__(self) -> None:
        super().__init__("The store of drift counts does not answer; nothing of this request was counted")


class KeptCheckNotFound(Refusal):
    code = "KEPT_CHECK_NOT_FOUND"
    title = "Kept check not found"
    fix = "Run the job again: checks are kept for 90 days, and the oldest of a domain are removed for newer ones."

    def __init__(self, id: str) -> None:
        super().__init__(f"Kept check {printable(id)} not found")


class KeptChecksUnavailable(Refusal):
    code = "KEPT_CHECKS_UNAVAILABLE"
    title = "Kept checks unavailable"
    audience = "operator"
    retryable = True
    fix = "Retry later; checking and registering still work."

    def __init__(self) -> None:
        super().__init__("The store of kept checks does not answer")


class UsageUnavailable(Refusal):
    code = "USAGE_UNAVAILABLE"
    title = "Counts of usage unavailable"
    audience = "operator"
    retryable = True
    fix = "Retry later: without them nobody knows who reads what the change removes."

    def __init__(self) -> None:
        super().__init__("The store of usage counts does not answer")


class AuditUnavailable(Refusal):
    code = "AUDIT_UNAVAILABLE"
    title = "Counts of access unavailable"
    audience = "operator"
    retryable = True
    fix = "Check the file of counts beside the ledger; everything but the counts still works."

    def __init__(self) -> None:
        super().__init__("The file with the counts of access cannot be read right now")
