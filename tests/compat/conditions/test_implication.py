"""Which conditions follow from others, by their text."""

import pytest

from moorings_compat.conditions.implication import follows

FOLLOWING = [
    ("m.a > 0", ["m.a > 0"]),
    ("m.a>0", ["m.a  >  0"]),
    ("m.a >= 0", ["m.a > 0"]),
    ("m.a > -1", ["m.a >= 0"]),
    ("m.a != 3", ["m.a > 3"]),
    ("m.a <= 5.5", ["m.a == 5"]),
    ("m.a != 'b'", ["m.a == 'a'"]),
    ("m.a > 0 && m.b", ["m.b", "m.a > 1"]),
    ("m.a > 0", ["m.b && m.a > 0"]),
    ("m.a > 0 || m.b", ["m.a > 0"]),
    ("m.a > 0", ["m.a > 1 || m.a == 1"]),
    ("(m.a > 0)", ["((m.a > 0) && m.b)"]),
    ("m.a || m.b", ["m.a || m.b && m.c"]),
    ("m.s.size() < 9", ["m.s.size() < 8"]),
    ("size(message.s) < 9", ["size(message.s) < 8"]),
    ("true", []),
    ("m.a > 0 && true", ["m.a > 1"]),
]
NOT_FOLLOWING = [
    ("m.a > 0", []),
    ("m.a > 0 && true", []),
    ("m.a > 0", ["m.a >= 0"]),
    ("m.a > 0", ["m.b > 0"]),
    ("m.a > 0", ["m.a > 0 || m.b"]),
    ("m.a > 0 && m.b", ["m.a > 0"]),
    ("m.a < 5", ["m.a > 3"]),
    ("m.a != 3", ["m.a >= 3"]),
    ("m.a > '0'", ["m.a > 0"]),
    ("m.s == 'a  b'", ["m.s == 'a b'"]),
    ("m.a > 0", ["m.b ? m.a > 0 : true"]),
    ("m.a", ["(m.a) || (m.b)"]),
    ("m.s == 'x' || m.a > 0", ["m.s == 'x\\' || m.a > 0'"]),
    ("m.b ; m.a > 0", ["m.b ; m.a > 1"]),
]


@pytest.mark.parametrize(("condition", "known"), FOLLOWING, ids=str)
def test_what_follows(condition: str, known: list[str]) -> None:
    assert follows(condition, known)


@pytest.mark.parametrize(("condition", "known"), NOT_FOLLOWING, ids=str)
def test_what_does_not(condition: str, known: list[str]) -> None:
    assert not follows(condition, known)
