"""What holds for last uses on every engine."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from moorings_registry.drift import MOST_ROWS, Batch, DriftStoreError, MemoryDrift
from moorings_registry.engines import open_usage
from moorings_registry.entries import moment_text
from moorings_registry.errors import UsageUnavailable
from moorings_registry.last_use import LAST_USE_DAYS, LastUses
from moorings_registry.names import Subject
from moorings_registry.usage_counts import Usage, Used
from tests.drift.conftest import SHARED, url_of

NOW = datetime(2027, 1, 31, 12, tzinfo=UTC)
SUBJECT = "shop.orders.OrderPlaced"
PLACED = Subject.parse(SUBJECT)
READ = {Used(SUBJECT, "consume", 1, "1.0"): 1}


@pytest.fixture(params=["memory", *SHARED])
def usage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Usage]:
    opened = open_usage(url_of(request, tmp_path))
    yield opened
    opened.close()


def test_the_last_use_outlives_the_counts_and_not_400_days(usage: Usage) -> None:
    assert usage.add("k", "billing", "c", READ, NOW, reported_by="people:ann")
    assert not usage.add("k", "billing", "c", READ, NOW, reported_by="people:ann"), "which notes nothing wrong"
    later = NOW + timedelta(days=LAST_USE_DAYS - 1)
    assert usage.of(PLACED, later) == ()
    (one,) = usage.last.of(PLACED, later)
    assert (one.application, one.direction, one.major, one.reported_by) == ("billing", "consume", 1, "people:ann")
    assert (one.last_seen, usage.last.since(later)) == (moment_text(NOW), moment_text(NOW))
    assert usage.last.of(PLACED, NOW + timedelta(days=LAST_USE_DAYS, seconds=1)) == ()


def test_revisions_share_a_row_and_rows_are_bounded(usage: Usage) -> None:
    usage.last.note("billing", [(SUBJECT, "consume", 1)] * 3, NOW)
    usage.add("", "billing", "c", {Used(SUBJECT, "consume", 1, f"1.{n}"): 1 for n in range(20)}, NOW)
    assert len(usage.last.of(PLACED, NOW)) == 1
    for number in range(MOST_ROWS // 100 + 1):
        usage.last.note(f"app-{number}", [(SUBJECT, "consume", major) for major in range(1, 101)], NOW)
    rows = usage.last.of(PLACED, NOW)
    assert len(rows) == MOST_ROWS + 1
    assert [(one.application, one.major) for one in rows if not one.application] == [("", 0)]


def test_a_clock_that_was_ahead_begins_again(usage: Usage) -> None:
    ahead = NOW + timedelta(days=5_000)
    assert usage.last.since(ahead) == moment_text(ahead)
    assert usage.last.since(NOW) == moment_text(NOW), "never a moment to come"
    assert usage.last.since(NOW + timedelta(days=300)) == moment_text(NOW)


class Counting(MemoryDrift):
    """A store that counts its batches, and can be away."""

    away = False
    batches = 0

    def add(self, batch: Batch, at: datetime) -> bool:
        if self.away:
            raise DriftStoreError("away")
        self.batches += 1
        return super().add(batch, at)


def test_a_process_writes_once_an_hour_and_forgets_no_use_that_was_not_written() -> None:
    store = Counting(timedelta(days=LAST_USE_DAYS))
    last = LastUses(store)
    store.away = True
    for _ in range(2):
        with pytest.raises(UsageUnavailable):
            last.note("billing", [(SUBJECT, "consume", 1)], NOW)
    store.away = False
    for minute in range(120):
        last.note("billing", [(SUBJECT, "consume", 1)], NOW + timedelta(minutes=minute))
    assert store.batches == 4, "the beginning and the use, in two hours"
    assert last.of(PLACED, NOW)[0].last_seen == moment_text(NOW + timedelta(hours=1))
