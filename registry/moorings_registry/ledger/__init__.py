"""The append-only, hash-chained sequence of entries: the only thing that is stored."""

from moorings_registry.ledger.chain import ImportedEntries, VerifiedHead, export, follow, import_, verify
from moorings_registry.ledger.errors import (
    HeadMoved,
    HistoryLost,
    ImportRefused,
    LedgerCorrupt,
    LedgerError,
    LedgerMisconfigured,
    LedgerMissing,
    LedgerUnavailable,
)
from moorings_registry.ledger.port import Ledger
from moorings_registry.ledger.write_probe import WriteProbe

__all__ = [
    "HeadMoved",
    "HistoryLost",
    "ImportRefused",
    "ImportedEntries",
    "Ledger",
    "LedgerCorrupt",
    "LedgerError",
    "LedgerMisconfigured",
    "LedgerMissing",
    "LedgerUnavailable",
    "VerifiedHead",
    "WriteProbe",
    "export",
    "follow",
    "import_",
    "verify",
]
