"""The append-only, hash-chained sequence of entries: the only thing that is stored."""

from moorings_registry.ledger.chain import (
    ImportedEntries,
    VerifiedHead,
    export,
    exported_entries,
    follow,
    import_,
    verify,
)
from moorings_registry.ledger.errors import (
    HeadMoved,
    HistoryLost,
    ImportRefused,
    LedgerCorrupt,
    LedgerError,
    LedgerMisconfigured,
    LedgerMissing,
    LedgerTooNew,
    LedgerUnavailable,
)
from moorings_registry.ledger.failed_writes import FailedWrites
from moorings_registry.ledger.port import Ledger, SkippingLedger
from moorings_registry.ledger.write_probe import WriteProbe

__all__ = [
    "FailedWrites",
    "HeadMoved",
    "HistoryLost",
    "ImportRefused",
    "ImportedEntries",
    "Ledger",
    "LedgerCorrupt",
    "LedgerError",
    "LedgerMisconfigured",
    "LedgerMissing",
    "LedgerTooNew",
    "LedgerUnavailable",
    "SkippingLedger",
    "VerifiedHead",
    "WriteProbe",
    "export",
    "exported_entries",
    "follow",
    "import_",
    "verify",
]
