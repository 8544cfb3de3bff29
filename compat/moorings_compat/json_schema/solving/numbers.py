"""Numbers: bounds, multiples and their negations, in exact rationals.

The multiples of a step form a lattice, along which the multiples of another step repeat, so that a short search
decides. JSON has only decimals, which are dense: between two bounds there is always one.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import count, islice
from math import ceil, floor, gcd, lcm
from typing import Any

from moorings_compat.json_schema.nodes.nodes import FRACTION, INTEGER, NUMBER_SORTS, WHOLE, Limit, Multiple
from moorings_compat.json_schema.solving.goals import NONE, OPEN, GoalAnswer, Status
from moorings_compat.limits import Budget

_MOST_TRIED = 10_000
_DEEPEST = 420
"""Decimal places that are tried; bounds have at most 400."""
_MOST_SPELLED_OUT = 400
"""Digits before the point of a number that is written out as an integer or a decimal."""


class NumberFacts:
    """What is known about a number."""

    def __init__(self) -> None:
        self.sorts = NUMBER_SORTS
        self.low: tuple[Fraction, bool] | None = None
        """Bound, and whether it is excluded."""
        self.high: tuple[Fraction, bool] | None = None
        self.step: Fraction | None = None
        self.not_multiples: frozenset[Fraction] = frozenset()
        self.excluded: frozenset[Fraction] = frozenset()

    def copy(self) -> "NumberFacts":
        copied = NumberFacts()
        copied.sorts, copied.low, copied.high = self.sorts, self.low, self.high
        copied.step, copied.not_multiples, copied.excluded = self.step, self.not_multiples, self.excluded
        return copied

    def limit(self, atom: Limit) -> None:
        if atom.lower:
            new = (atom.bound, atom.exclusive)
            self.low = new if self.low is None else max(self.low, new)
        elif self.high is None or (atom.bound, not atom.exclusive) < (self.high[0], not self.high[1]):
            self.high = (atom.bound, atom.exclusive)

    def multiple(self, atom: Multiple) -> None:
        self.step = atom.of if self.step is None else common_multiple(self.step, atom.of)

    def exclude(self, values: Iterable[Any]) -> None:
        self.excluded |= {Fraction(value) for value in values}

    @property
    def consistent(self) -> bool:
        """False where the bounds cross, or no sort is left."""
        if not self.sorts:
            return False
        if self.low is None or self.high is None or self.low[0] < self.high[0]:
            return True
        return self.low[0] == self.high[0] and not (self.low[1] or self.high[1])

    def solve(self, budget: Budget) -> GoalAnswer:
        """Find a number, a whole one near zero if there is one."""
        if not self.consistent:
            return NONE
        status = Status.NONE
        if self.sorts & {INTEGER, WHOLE}:
            answer = self._on_lattice(
                common_multiple(self.step or Fraction(1), Fraction(1)), self.not_multiples, budget
            )
            if answer.found:
                whole = int(answer.value)
                return GoalAnswer(Status.FOUND, whole if INTEGER in self.sorts else _whole_decimal(whole))
            status = answer.status
        if FRACTION in self.sorts:
            avoided = self.not_multiples | {Fraction(1)}
            answer = self._on_lattice(self.step, avoided, budget) if self.step else self._between(avoided, budget)
            if answer.found:
                return GoalAnswer(Status.FOUND, to_decimal(answer.value))
            if answer.status is Status.OPEN:
                status = Status.OPEN
        return NONE if status is Status.NONE else OPEN

    def _allows(self, value: Fraction, avoided: frozenset[Fraction]) -> bool:
        if self.low is not None and (value < self.low[0] or (self.low[1] and value == self.low[0])):
            return False
        if self.high is not None and (value > self.high[0] or (self.high[1] and value == self.high[0])):
            return False
        return value not in self.excluded and all((value / one).denominator != 1 for one in avoided)

    def _on_lattice(self, step: Fraction, avoided: frozenset[Fraction], budget: Budget) -> GoalAnswer:
        if any((step / one).denominator == 1 for one in avoided):
            return NONE
        least = None if self.low is None else ceil(self.low[0] / step)
        most = None if self.high is None else floor(self.high[0] / step)
        limit = _MOST_TRIED + len(self.excluded)
        factors = _near_zero(least, most)
        for factor in islice(factors, limit):
            budget.spend(4 + 2 * len(avoided))
            if self._allows(factor * step, avoided):
                return GoalAnswer(Status.FOUND, factor * step)
        return NONE if next(factors, None) is None else OPEN

    def _between(self, avoided: frozenset[Fraction], budget: Budget) -> GoalAnswer:
        for places in range(_DEEPEST):
            unit = Fraction(1, 10**places)
            least = None if self.low is None else ceil(self.low[0] / unit)
            most = None if self.high is None else floor(self.high[0] / unit)
            for factor in islice(_near_zero(least, most), 40 + len(self.excluded)):
                budget.spend(4 + 2 * len(avoided))
                if self._allows(factor * unit, avoided):
                    return GoalAnswer(Status.FOUND, factor * unit)
        single = self.low is not None and self.high is not None and self.low[0] == self.high[0]
        return NONE if single else OPEN


def common_multiple(left: Fraction, right: Fraction) -> Fraction:
    """The least positive number that is a multiple of both."""
    return Fraction(lcm(left.numerator, right.numerator), gcd(left.denominator, right.denominator))


def to_decimal(value: Fraction) -> Decimal:
    """Write a fraction whose denominator has only the factors 2 and 5."""
    with localcontext() as context:
        context.prec = 2 * _DEEPEST
        return Decimal(value.numerator) / Decimal(value.denominator)


def _whole_decimal(value: int) -> Decimal:
    return Decimal(f"{value}.0")


def _near_zero(least: int | None, most: int | None) -> Iterator[int]:
    """Yield the integers from *least* to *most*, those near zero first."""
    if least is not None and least > 0:
        yield from count(least) if most is None else range(least, most + 1)
        return
    if most is not None and most < 0:
        yield from count(most, -1) if least is None else range(most, least - 1, -1)
        return
    for size in count():
        above = most is None or size <= most
        below = least is None or -size >= least
        if not above and not below:
            return
        if above:
            yield size
        if below and size > 0:
            yield -size


def spellings(values: Iterable[Any]) -> Iterator[Any]:
    """Yield each value as it is, then with its whole numbers all as integers, then with all of them as decimals.

    An `enum` with `1.0` allows `1` too, and the other way round, since JSON Schema compares numbers by what they are.
    """
    for value in values:
        yield value
        for spelled in (_spelled(value, as_integer=True), _spelled(value, as_integer=False)):
            if repr(spelled) != repr(value):
                yield spelled


def _spelled(value: Any, *, as_integer: bool) -> Any:
    if isinstance(value, dict):
        return {key: _spelled(one, as_integer=as_integer) for key, one in value.items()}
    if isinstance(value, list):
        return [_spelled(one, as_integer=as_integer) for one in value]
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return value
    exact = Decimal(value)
    if exact.adjusted() > _MOST_SPELLED_OUT or exact != exact.to_integral_value():
        return value
    return int(exact) if as_integer else Decimal(f"{int(exact)}.0")
