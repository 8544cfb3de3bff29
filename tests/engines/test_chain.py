"""The chain as a whole: verified, followed, exported, imported."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from moorings_registry.engines import open_ledger
from moorings_registry.entries import START, Entry, Head
from moorings_registry.ledger import HistoryLost, ImportRefused, Ledger, LedgerCorrupt, export, follow, import_, verify
from moorings_registry.ledger.memory import MemoryLedger
from tests.engines.places import Place
from tests.engines.samples import append_all, append_next, chain, entry

FIVE = chain(5)


def other(position: int) -> Entry:
    """An entry of another history at *position*, in itself sound."""
    return chain(position, name="another history ")[-1]


BAD_CHAINS = [  # what happened, the entries, the first bad position, what is said
    ("the first is missing", FIVE[1:], 1, "missing; the next entry is 2"),
    ("one is missing", FIVE[:2] + FIVE[3:], 3, "missing; the next entry is 4"),
    ("one is there twice", [*FIVE[:3], FIVE[2]], 4, "missing; the next entry is 3"),
    ("two changed places", [FIVE[0], FIVE[2], FIVE[1]], 2, "missing"),
    ("another history goes on", [*FIVE[:2], other(3)], 3, "does not follow from the entry before"),
    ("an actor was changed", [*FIVE[:1], replace(FIVE[1], actor="x"), *FIVE[2:]], 2, "but its content has"),
    ("a fact was changed", [replace(FIVE[0], facts=({"fact": "other"},)), *FIVE[1:]], 1, "but its content has"),
    ("a digest was changed", [*FIVE[:4], replace(FIVE[4], digest="0" * 64)], 5, "but its content has"),
    ("a fraction crept in", [replace(FIVE[0], facts=({"n": 0.5},))], 1, "no canonical form"),
]


@pytest.mark.parametrize(("bad", "position", "said"), [c[1:] for c in BAD_CHAINS], ids=[c[0] for c in BAD_CHAINS])
def test_the_first_bad_position_is_named(bad: list[Entry], position: int, said: str) -> None:
    with pytest.raises(LedgerCorrupt, match=said) as found:
        verify(bad)
    assert found.value.position == position


def test_a_good_chain_gives_its_head() -> None:
    verified = verify(FIVE)
    assert Head(verified.position, verified.digest) == FIVE[-1].head
    assert verified.recorded_at == FIVE[-1].recorded_at
    assert verify([]).position == 0


def test_an_export_is_one_line_an_entry(ledger: Ledger) -> None:
    append_all(ledger, FIVE)
    exported = BytesIO()
    assert export(ledger, exported).position == 5
    assert exported.getvalue() == b"".join(one.to_line() + b"\n" for one in FIVE)


def exported(entries: list[Entry]) -> bytes:
    """What an export of *entries* holds."""
    return b"".join(one.to_line() + b"\n" for one in entries)


def test_an_import_into_an_empty_ledger_gives_the_same_history(ledger: Ledger) -> None:
    done = import_(ledger, BytesIO(exported(FIVE)))
    assert (done.head, done.added, done.already_there) == (FIVE[-1].head, 5, 0)
    assert list(ledger.read(0)) == FIVE


def test_an_import_may_be_repeated_and_resumed(ledger: Ledger) -> None:
    append_all(ledger, FIVE[:2])
    assert import_(ledger, BytesIO(exported(FIVE))).added == 3
    again = import_(ledger, BytesIO(exported(FIVE)))
    assert (again.added, again.already_there) == (0, 5)
    assert list(ledger.read(0)) == FIVE


def test_a_ledger_that_is_further_already_is_left_alone(ledger: Ledger) -> None:
    append_all(ledger, FIVE)
    done = import_(ledger, BytesIO(exported(FIVE[:3])))
    assert (done.head, done.added, done.already_there) == (FIVE[2].head, 0, 3)
    assert ledger.head() == FIVE[-1].head


BAD_EXPORTS = [  # what happened, the bytes, the line, what is said, how many entries are in afterwards
    ("cut off within the last line", exported(FIVE)[:-20], 5, "cut off", 4),
    ("cut off before the last line feed", exported(FIVE)[:-1], 5, "cut off", 4),
    ("an empty line", exported(FIVE[:2]) + b"\n" + exported(FIVE[2:]), 3, "not JSON", 2),
    ("a byte flipped", exported(FIVE).replace(b'c-3"', b'c-9"'), 4, "but its content has", 3),
    ("a line missing", exported(FIVE[:1] + FIVE[2:]), 2, "missing; the next entry is 3", 1),
    ("another history goes on", exported([*FIVE[:2], other(3)]), 3, "does not follow", 2),
    ("Windows line ends", exported(FIVE[:1]).replace(b"\n", b"\r\n"), 1, "its digest is|not JSON", 0),
    ("not an export at all", b"\x89PNG\r\n\x1a\n", 1, "not JSON", 0),
]


@pytest.mark.parametrize("case", BAD_EXPORTS, ids=[case[0] for case in BAD_EXPORTS])
def test_a_bad_export_is_refused_by_line(case: tuple[str, bytes, int, str, int]) -> None:
    _, bad, line, said, standing = case
    ledger = MemoryLedger()
    with pytest.raises(ImportRefused, match=said) as refused:
        import_(ledger, BytesIO(bad))
    assert refused.value.line == line
    assert list(ledger.read(0)) == FIVE[:standing]


def test_an_endless_line_is_not_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moorings_registry.ledger.chain.LARGEST_LINE_BYTES", 1000)
    with pytest.raises(ImportRefused, match="too long"):
        import_(MemoryLedger(), BytesIO(b"x" * 100_000))


def test_an_import_over_another_history_is_refused(ledger: Ledger) -> None:
    append_all(ledger, chain(3, name="another history "))
    with pytest.raises(ImportRefused, match="another entry at position 1"):
        import_(ledger, BytesIO(exported(FIVE)))
    assert ledger.head() == other(3).head


def test_a_history_moves_from_engine_to_engine(place: Place, tmp_path: Path) -> None:
    source, target = place.open(), open_ledger(f"sqlite:///{tmp_path}/copy.db")
    for number in range(20):
        append_next(source, str(number))
    copy = BytesIO()
    verified = export(source, copy)
    copy.seek(0)
    import_(target, copy)
    assert verify(target.read(0)) == verified
    target.close()


def test_following_yields_what_is_new(ledger: Ledger) -> None:
    append_all(ledger, FIVE)
    assert list(follow(ledger, START)) == FIVE
    assert list(follow(ledger, FIVE[2].head)) == FIVE[3:]
    assert list(follow(ledger, FIVE[4].head)) == []


LOST = [  # what happened to the ledger since we read five entries of it, what it holds now
    ("it is empty", []),
    ("it went back", FIVE[:3]),
    ("another history, shorter", chain(3, name="another history ")),
    ("another history, as long", chain(5, name="another history ")),
    ("another history, longer", chain(9, name="another history ")),
    ("it went back and went on differently", FIVE[:3] + chain(6, FIVE[2].head, "differently ")),
]


@pytest.mark.parametrize("now", [case[1] for case in LOST], ids=[case[0] for case in LOST])
def test_a_history_that_was_lost_is_noticed(ledger: Ledger, now: list[Entry]) -> None:
    append_all(ledger, now)
    with pytest.raises(HistoryLost) as lost:
        list(follow(ledger, FIVE[-1].head))
    assert lost.value.known == FIVE[-1].head


def test_verifying_takes_no_more_memory_for_more_entries() -> None:
    def endless(length: int) -> Iterator[Entry]:
        head = START
        for _ in range(length):
            one = entry(head, text="x" * 2_000)
            head = one.head
            yield one

    def peak(length: int) -> int:
        tracemalloc.start()
        verify(endless(length))
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(10)
    assert peak(2_000) < 2 * peak(20) < 1024 * 1024
