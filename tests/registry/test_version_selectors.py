"""Which version is meant by a name of it."""

import pytest

from moorings_registry.errors import VersionInvalid, VersionNotFound
from moorings_registry.names import Subject
from moorings_registry.state import SubjectState, Version
from moorings_registry.version_selectors import select_version

SUBJECT = Subject.parse("shop.OrderPlaced")


def version(number: int, major: int, revision: int, *, deleted: bool = False) -> Version:
    return Version(SUBJECT, number, number, "guid", major, revision, "", deleted, "", "", number)


HELD = SubjectState(
    SUBJECT,
    (
        version(1, 1, 0),
        version(2, 1, 1),
        version(3, 2, 0),
        version(5, 1, 2),
        version(6, 2, 1, deleted=True),
        version(7, 3, 0, deleted=True),
    ),
    7,
    {1: 2, 2: 1, 3: 0},
)

CASES = [  # what is asked for, also among deleted ones, the number found
    ("1", False, 1),
    ("5", False, 5),
    ("007", True, 7),
    ("2.0", False, 3),
    ("1.2", False, 5),
    ("2.1", True, 6),
    ("v1", False, 5),
    ("v2", False, 3),
    ("v2", True, 6),
    ("latest", False, 5),
    ("latest", True, 7),
]


@pytest.mark.parametrize(("text", "deleted", "number"), CASES)
def test_a_selector_finds_its_version(text: str, deleted: bool, number: int) -> None:
    assert select_version(HELD, text, deleted=deleted).number == number


@pytest.mark.parametrize("text", ["4", "6", "2.1", "v3", "v9", "1.9", "9.0", "2147483647"])
def test_a_selector_without_a_version_is_not_found(text: str) -> None:
    with pytest.raises(VersionNotFound):
        select_version(HELD, text)


@pytest.mark.parametrize(
    "text",
    ["0", "-1", "2147483648", "9" * 400, "", "Latest", "v", "v1.0", "1.", ".1", "1.0.0", "٣", "1\n", " 1", "1e3"],
)
def test_an_invalid_selector_is_refused(text: str) -> None:
    with pytest.raises(VersionInvalid) as refused:
        select_version(HELD, text)
    assert len(str(refused.value)) < 500


def test_numbers_are_found_among_gaps() -> None:
    assert [number for number in range(-1, 10) if HELD.by_number(number)] == [1, 2, 3, 5, 6, 7]


def test_the_highest_active_major_is_the_current_one() -> None:
    assert (HELD.current_major, HELD.newest_major) == (2, 3)
