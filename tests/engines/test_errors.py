"""The ledger's errors: what they say, and that they arrive whole from another process."""

import pickle

import pytest

from moorings_registry.entries import EntryTooLarge, Head
from moorings_registry.ledger import (
    HeadMoved,
    HistoryLost,
    ImportRefused,
    LedgerCorrupt,
    LedgerMisconfigured,
    LedgerUnavailable,
)

ERRORS = [  # the error, what it says
    (HeadMoved(Head(3, "a" * 64)), "no longer ends at position 3"),
    (HistoryLost(Head(3, "a" * 64), Head(2, "b" * 64)), "position 3 .* now ends at position 2"),
    (ImportRefused(7, "cut off"), "line 7: cut off"),
    (LedgerCorrupt(4, "missing"), "position 4: missing. Restore"),
    (LedgerCorrupt(None, "damaged"), "the ledger: damaged. Restore"),
    (LedgerMisconfigured("no file", "Name one"), "no file. Name one"),
    (LedgerUnavailable("the disk is full", retryable=False, in_doubt=True), "the disk is full"),
    (EntryTooLarge(99), "the entry has 99 bytes"),
]


@pytest.mark.parametrize(("error", "said"), ERRORS, ids=[type(error).__name__ for error, _ in ERRORS])
def test_an_error_says_what_happened_and_travels(error: Exception, said: str) -> None:
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is type(error)
    assert vars(arrived) == vars(error)
    with pytest.raises(type(error), match=said):
        raise arrived
