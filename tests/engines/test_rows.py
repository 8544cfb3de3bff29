"""Stored rows: what a reader notices about them, each named by its position."""

import pytest

from moorings_registry.ledger import LedgerCorrupt
from moorings_registry.ledger.rows import Row, entries_of
from tests.engines.samples import chain

FIVE = chain(5)
OTHER = chain(5, name="another history ")


def rows(*entries: object) -> list[Row]:
    """What an engine would have stored for *entries*."""
    return [(one.position, one.digest.encode(), one.to_line()) for one in entries]  # type: ignore[attr-defined]


SOUND = rows(*FIVE)
BAD = [  # what happened, the rows, the position of the first bad one, what is said
    ("the first is missing", SOUND[1:], 1, "missing; the next entry stored is 2"),
    ("one is missing", SOUND[:2] + SOUND[3:], 3, "missing; the next entry stored is 4"),
    ("a row from another history", [*SOUND[:3], rows(OTHER[3])[0]], 4, "does not follow from the entry before"),
    ("all of them from another place", rows(*chain(2, OTHER[0].head))[:1], 1, "missing"),
    ("a first entry that follows something", [(1, *rows(chain(2)[1])[0][1:])], 1, "says that it is 2"),
    ("two lines changed places", [SOUND[0], (2, *SOUND[2][1:]), (3, *SOUND[1][1:])], 2, "says that it is 3"),
    ("another digest beside it", [(1, OTHER[0].digest.encode(), SOUND[0][2])], 1, "the digest stored beside"),
    ("no line", [(1, SOUND[0][1], b"")], 1, "not JSON"),
]


@pytest.mark.parametrize(("bad", "position", "said"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_a_bad_row_is_named(bad: list[Row], position: int, said: str) -> None:
    with pytest.raises(LedgerCorrupt, match=said) as found:
        list(entries_of(bad, 0))
    assert found.value.position == position


@pytest.mark.parametrize("after", range(6))
def test_sound_rows_are_read_from_anywhere(after: int) -> None:
    assert list(entries_of(SOUND[after:], after)) == FIVE[after:]
