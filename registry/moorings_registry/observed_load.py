"""The load of events as clients sample it, and whether it parts from what the event is planned for.

Every number errs on the low side, since a part of all events is sampled, by those clients alone that report: what is
above an expectation is so for certain, and what is below it may not be.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from moorings_compat.load_buckets import RATES, SIZES, least_in
from moorings_registry.state import Expectations

MINUTES = 60
"""Of an hour: in each, a client samples one second at most, so what it saw in all is less than a minute's second."""
HOUR = "%Y-%m-%dT%H"


@dataclass(frozen=True, slots=True)
class ObservedLoad:
    """What was sampled of one event in the last 30 days; of any application that says what it is."""

    hours: Mapping[str, int]
    """Events written in sampled seconds, by the hour (`HOUR`) in which the registry heard of them."""
    seconds: Mapping[int, int]
    """How many sampled seconds of one process had how many events, by `load_buckets.RATES`."""
    sizes: Mapping[int, int]
    """How many sampled events, written or read, had which size, by `load_buckets.SIZES`."""

    @property
    def is_empty(self) -> bool:
        return not (self.hours or self.sizes)

    @property
    def busiest_hour(self) -> tuple[str, Decimal] | None:
        """The hour with most events, and how many a second that is on average, at least."""
        if not self.hours:
            return None
        hour = max(self.hours, key=lambda one: (self.hours[one], one))
        return hour, Decimal(self.hours[hour]) / MINUTES

    @property
    def fastest_second(self) -> int:
        """Events that one process wrote in one second, at least; 0 where none was seen to write."""
        return least_in(RATES, max(self.seconds)) if self.seconds else 0

    def size_at(self, share: float) -> int:
        """The size in bytes that this share of the sampled events does not exceed; 0 where none was sampled."""
        wanted, seen = share * sum(self.sizes.values()), 0
        for bucket in sorted(self.sizes):
            seen += self.sizes[bucket]
            if seen >= wanted:
                return bucket
        return 0

    @property
    def largest(self) -> int:
        """The size of the largest sampled event, at least."""
        return least_in(SIZES, max(self.sizes)) if self.sizes else 0


@dataclass(frozen=True, slots=True)
class Departure:
    """An expectation that what was observed exceeds."""

    code: str
    """It never changes its meaning."""
    message: str


def load_from(rows: Iterable[tuple[str, str, int]], now: datetime) -> ObservedLoad:
    """Make a load of rows (kind, key, count); hours after *now* are those of a clock that was wrong, and left out."""
    hours: dict[str, int] = {}
    seconds: dict[int, int] = {}
    sizes: dict[int, int] = {}
    current = now.strftime(HOUR)
    for kind, key, count in rows:
        if kind == "HOUR" and key <= current:
            hours[key] = hours.get(key, 0) + count
        elif kind == "SECOND" and int(key) in RATES:
            seconds[int(key)] = seconds.get(int(key), 0) + count
        elif kind == "SIZE" and int(key) in SIZES:
            sizes[int(key)] = sizes.get(int(key), 0) + count
    return ObservedLoad(hours, seconds, sizes)


def departures(expected: Expectations | None, load: ObservedLoad) -> tuple[Departure, ...]:
    """Say which expectations the load exceeds; nothing where none is declared, or nothing was sampled."""
    return tuple(_departures(expected, load)) if expected is not None else ()


def _departures(expected: Expectations, load: ObservedLoad) -> Iterator[Departure]:
    peak, largest = expected.peak_per_second, expected.largest_bytes
    busiest = load.busiest_hour
    if peak is not None and busiest is not None and busiest[1] > peak:
        average = f"{rate_text(busiest[1])} events a second on average in the hour from {busiest[0]}:00 UTC"
        yield Departure("RATE_ABOVE_EXPECTED", f"at least {average}, and at most {rate_text(peak)} are expected")
    elif peak is not None and load.fastest_second > peak:
        second = f"one process wrote at least {load.fastest_second:,} events in one second"
        yield Departure("RATE_ABOVE_EXPECTED", f"{second}, and at most {rate_text(peak)} are expected")
    if largest is not None and load.largest > largest:
        message = f"an event of at least {load.largest:,} bytes was seen, and at most {largest:,} are expected"
        yield Departure("SIZE_ABOVE_EXPECTED", message)


def rate_text(rate: Decimal) -> str:
    """Write a rate for people, without digits that say nothing."""
    return f"{rate.quantize(Decimal(1)):,}" if rate >= 100 else f"{rate.quantize(Decimal('0.01')).normalize():f}"
