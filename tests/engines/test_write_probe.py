"""The probe of a ledger: how often it is tried, and what it remembers."""

from moorings_registry.engines import open_ledger
from moorings_registry.ledger import WriteProbe
from moorings_registry.ledger.write_probe import UNWRITABLE_S, WRITABLE_S
from tests.registry.faulty_ledger import FaultyLedger


class Watch:
    """A clock that a test sets forward."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_success_is_believed_for_a_while_and_a_failure_for_less() -> None:
    ledger, watch = FaultyLedger(open_ledger("memory:")), Watch()
    probe = WriteProbe(ledger, watch)
    assert [probe.failure() for _ in range(10)] == [None] * 10
    assert ledger.tries == 1
    ledger.appends_fail = True
    watch.now += WRITABLE_S - 0.1
    assert probe.failure() is None
    watch.now += 0.2
    assert [probe.failure() for _ in range(10)] == ["the disk is full"] * 10
    assert ledger.tries == 2
    watch.now += UNWRITABLE_S
    assert probe.failure() == "the disk is full"
    ledger.appends_fail = False
    assert probe.failure() == "the disk is full"
    watch.now += UNWRITABLE_S
    assert probe.failure() is None
    assert ledger.tries == 4


def test_an_entry_that_was_written_counts_as_a_try_and_one_that_was_not_asks_for_one() -> None:
    ledger, watch = FaultyLedger(open_ledger("memory:")), Watch()
    probe = WriteProbe(ledger, watch)
    probe.note_written()
    assert (probe.failure(), ledger.tries) == (None, 0)
    ledger.appends_fail = True
    probe.note_failed()
    assert (probe.failure(), ledger.tries) == ("the disk is full", 1)
