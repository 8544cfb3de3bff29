"""What the log says of writes that fail: a line when it begins, seldom one while it lasts, and one when it is over."""

from typing import Any

from structlog.testing import capture_logs

from moorings_registry.entries import START
from moorings_registry.ledger import FailedWrites, HistoryLost, LedgerUnavailable
from moorings_registry.ledger.failed_writes import LOGGED_EVERY_S

FULL = LedgerUnavailable("the disk is full")


class Watched:
    """Failed writes by a clock that the test sets, and what was logged."""

    def __init__(self) -> None:
        self.now_s = 1_000.0
        self._writes = FailedWrites(lambda: self.now_s)
        self.lines: list[Any] = []

    def fail(self, *ids: str, error: Any = FULL) -> None:
        with capture_logs() as lines:
            self._writes.note_failed(error, 7, ids)
        self.lines += lines

    def write(self) -> None:
        with capture_logs() as lines:
            self._writes.note_written()
        self.lines += lines

    @property
    def told(self) -> list[tuple[str, int]]:
        return [(one["event"], one["failed"]) for one in self.lines]


def test_a_failure_that_lasts_is_logged_when_it_begins_now_and_then_and_when_it_is_over() -> None:
    watched = Watched()
    watched.fail("a")
    for _ in range(600):
        watched.now_s += 0.2
        watched.fail("b", "c")
    watched.now_s += 1
    watched.write()
    assert watched.told == [
        ("append_failed", 1),
        ("append_failed", 600),
        ("append_failed", 600),
        ("append_works_again", 1201),
    ]
    begun, over = watched.lines[0], watched.lines[-1]
    assert (begun["cause"], begun["code"], begun["position"]) == ("the disk is full", "LEDGER_UNAVAILABLE", 7)
    assert over["lasted_s"] == 121


def test_writes_that_fail_now_and_then_are_counted_though_not_each_is_logged() -> None:
    watched = Watched()
    for _ in range(10):
        watched.fail("a")
        watched.write()
        watched.now_s += 1
    watched.now_s += LOGGED_EVERY_S
    watched.fail("a")
    assert watched.told == [("append_failed", 1), ("append_works_again", 1), ("append_failed", 10)]


def test_another_cause_is_logged_though_the_first_was_a_moment_ago() -> None:
    watched = Watched()
    watched.fail("a")
    watched.fail("a", error=HistoryLost(START, START))
    watched.fail("a", error=HistoryLost(START, START))
    assert [one["code"] for one in watched.lines] == ["LEDGER_UNAVAILABLE", "LEDGER_HISTORY_LOST"]


def test_another_cause_with_the_same_code_is_logged_too() -> None:
    watched = Watched()
    away = [LedgerUnavailable(f"away (port {port})", public="away") for port in range(3)]
    for error in (FULL, *away, FULL):
        watched.fail("a", error=error)
    assert [one["cause"] for one in watched.lines] == ["the disk is full", "away (port 0)"]


def test_causes_without_end_are_a_few_lines() -> None:
    watched = Watched()
    for number in range(1_000):
        watched.fail("a", error=LedgerUnavailable(f"cause {number}"))
    assert len(watched.lines) == 16
    watched.now_s += LOGGED_EVERY_S
    watched.fail("a")
    assert watched.told[-1] == ("append_failed", 985)


def test_a_line_names_some_of_the_requests_and_counts_all() -> None:
    watched = Watched()
    watched.fail(*(f"id-{number}" for number in range(50)))
    (line,) = watched.lines
    assert (line["failed"], len(line["correlation_ids"])) == (50, 20)


def test_nothing_is_logged_while_all_is_well() -> None:
    watched = Watched()
    watched.write()
    assert watched.lines == []
