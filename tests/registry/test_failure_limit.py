"""The limit on refused credentials: one for all processes of a node."""

import multiprocessing
from pathlib import Path

from moorings_registry.http.failure_limit import BUCKETS, MOST_FAILURES, WINDOW_S, FailureLimit


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_ten_failures_are_a_limit_for_ten_seconds() -> None:
    clock = Clock()
    limit = FailureLimit(clock=clock)
    for _ in range(MOST_FAILURES):
        assert not limit.is_reached(("203.0.113.9", "people"))
        limit.count(("203.0.113.9", "people"))
    assert limit.is_reached(("203.0.113.9", "people"))
    assert not limit.is_reached(("203.0.113.9", "ci"))
    assert not limit.is_reached(("203.0.113.8", "people"))
    clock.now += WINDOW_S
    assert not limit.is_reached(("203.0.113.9", "people"))


def test_a_window_that_has_ended_begins_again_at_one() -> None:
    clock = Clock()
    limit = FailureLimit(clock=clock)
    for _ in range(3 * MOST_FAILURES):
        clock.now += 1.5
        limit.count(("a", ""))
    assert not limit.is_reached(("a", ""))


def test_a_count_does_not_overflow_into_its_neighbours() -> None:
    limit = FailureLimit(clock=Clock())
    for _ in range(700):
        limit.count(("a", ""))
    assert limit.is_reached(("a", ""))


def test_processes_count_together(tmp_path: Path) -> None:
    path = tmp_path / "failures"

    def fail(times: int) -> None:
        limit = FailureLimit(path, clock=Clock())
        for _ in range(times):
            limit.count(("a", "people"))

    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=fail, args=(3,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    limit = FailureLimit(path, clock=Clock())
    assert not limit.is_reached(("a", "people"))
    fail(1)
    assert limit.is_reached(("a", "people"))


def test_many_addresses_cost_no_more_memory_and_push_out_the_oldest() -> None:
    clock = Clock()
    limit = FailureLimit(clock=clock)
    for number in range(8 * BUCKETS):
        clock.now += 0.0001
        limit.count((f"10.0.{number // 250}.{number % 250}", ""))
    for _ in range(MOST_FAILURES):
        limit.count(("new", ""))
    assert limit.is_reached(("new", ""))
