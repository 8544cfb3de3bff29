"""Names by the kind of what they name."""

import pytest

from moorings_compat.event_names import EventKind, kind_name_problem

CASES = [  # a name, and the kinds that it fits: for certain, or once it is reviewed
    ("OrderPlaced", "fact type", ""),
    ("PlaceOrder", "command type", ""),
    ("CancelPlacedOrder", "command type", ""),
    ("BillCustomer", "command type", ""),
    ("RebookFlight", "command type", ""),
    ("TestRun", "command type", "fact"),
    ("Address", "type", "command"),
    ("Refund", "type", "command"),
    ("place_order", "type", ""),
    ("", "type", ""),
]


@pytest.mark.parametrize(("name", "fits", "reviewed"), CASES, ids=[one[0] or "empty" for one in CASES])
@pytest.mark.parametrize("kind", list(EventKind), ids=str)
def test_a_name_fits_its_kind_or_is_asked_about(name: str, fits: str, reviewed: str, kind: EventKind) -> None:
    assert (kind_name_problem(name, kind) is None) == (kind in fits.split())
    assert (kind_name_problem(name, kind, reviewed=True) is None) == (kind in f"{fits} {reviewed}".split())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("OrderPlaced", "'OrderPlaced' is not a command: it says what happened"),
        ("place_order", "'place_order' is not in PascalCase"),
        ("Address", "'Address' may or may not be a command: 'Address' in front is not known as a verb"),
    ],
)
def test_what_is_wrong_with_the_name_of_a_command_is_said(name: str, said: str) -> None:
    assert (kind_name_problem(name, EventKind.COMMAND) or "").startswith(said)


def test_a_name_of_a_million_characters_is_cut_off() -> None:
    for kind in EventKind:
        assert len(kind_name_problem("a" * 1_000_000, kind) or "") < 400
