"""What holds for any reports: each engine counts as the one in memory does, and nothing is lost or counted twice."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from moorings_registry.drift import KEPT_DAYS, Batch, DriftRow, DriftStore, MemoryDrift, Observed, Reporter
from moorings_registry.drift.sqlite import SqliteDrift

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
SUBJECTS = ("shop.A", "shop.B")

OBSERVED = st.builds(
    Observed,
    st.sampled_from(SUBJECTS),
    st.sampled_from(["produce", "consume"]),
    st.sampled_from(["", "1.0", "1.1"]),
    st.sampled_from(["", "1.0"]),
    st.sampled_from(["", "/a", "/a/*", "/\u00fc"]),
    st.sampled_from(["TYPE_WRONG", "FIELD_MISSING"]),
)
BATCH = st.builds(
    Batch,
    st.sampled_from(["", "k1", "k2", "k3"]),
    st.builds(Reporter, st.sampled_from(["", "c1"]), st.sampled_from(["", "s1", "s2"])),
    st.dictionaries(OBSERVED, st.integers(1, 1000), min_size=1, max_size=6),
)
STEPS = st.lists(st.tuples(BATCH, st.integers(0, 40 * 86_400)), max_size=12)


def rows(store: DriftStore, at: datetime) -> set[DriftRow]:
    return {row for subject in SUBJECTS for row in store.of(subject, at)}


@settings(max_examples=60, derandomize=True, deadline=None)
@given(STEPS)
def test_a_file_counts_as_memory_does(steps: list[tuple[Batch, int]]) -> None:
    with TemporaryDirectory() as folder:
        memory, file = MemoryDrift(), SqliteDrift(Path(folder) / "drift")
        at = NOW
        for batch, seconds in steps:
            at += timedelta(seconds=seconds)
            assert memory.add(batch, at) == file.add(batch, at)
            assert rows(memory, at) == rows(file, at)
        file.close()


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(BATCH, max_size=12))
def test_nothing_is_lost_and_nothing_counted_twice(batches: list[Batch]) -> None:
    with TemporaryDirectory() as folder:
        memory, file = MemoryDrift(), SqliteDrift(Path(folder) / "drift")
        expected: Counter[tuple[Observed, Reporter]] = Counter()
        seen: set[str] = set()
        for batch in batches:
            if not batch.key or batch.key not in seen:
                expected.update({(one, batch.reporter): count for one, count in batch.counts.items()})
            seen.add(batch.key)
            for store in (memory, file):
                store.add(batch, NOW)
        for store in (memory, file):
            assert {(row.observed, row.reporter): row.count for row in rows(store, NOW)} == dict(expected)
            assert rows(store, NOW + timedelta(days=KEPT_DAYS, seconds=1)) == set()
        file.close()
