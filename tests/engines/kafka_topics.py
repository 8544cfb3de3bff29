"""A topic in memory, whose records, leaders and accidents a test decides on; and what reads it."""

from dataclasses import dataclass, field

from moorings_registry.entries import Entry
from moorings_registry.ledger.kafka_fold import Fold
from moorings_registry.ledger.kafka_index import PositionIndex
from moorings_registry.ledger.kafka_records import record_of
from moorings_registry.ledger.kafka_tail import HOLE_S, OutOfRange, Record, Tail


@dataclass
class FakeTopic:
    """Records by offset. `epoch` is that of the leader who takes the next one."""

    records: dict[int, Record] = field(default_factory=dict)
    low: int = 0
    high: int = 0
    epoch: int = 0

    def put(self, *entries: Entry) -> int:
        """Add the record of *entries*; its offset."""
        return self.put_bytes(record_of(entries))

    def put_bytes(self, value: bytes) -> int:
        self.records[self.high] = Record(self.high, self.epoch, value)
        self.high += 1
        return self.high - 1

    def cut(self, high: int) -> None:
        """A leader who has only what is before *high* takes over."""
        self.epoch += 1
        self.records = {offset: one for offset, one in self.records.items() if offset < high}
        self.high = high


class FakeSource:
    """Reads a `FakeTopic` as a broker hands it over: what is there from an offset on, holes and all."""

    def __init__(self, topic: FakeTopic, most: int = 1000) -> None:
        self.topic = topic
        self.most = most
        self.starts: list[int] = []
        self._at = 0

    def start_at(self, offset: int) -> None:
        self.starts.append(offset)
        self._at = offset

    def records(self, timeout_s: float) -> list[Record]:
        if not self.topic.low <= self._at <= self.topic.high:
            raise OutOfRange
        found = [one for offset, one in sorted(self.topic.records.items()) if offset >= self._at][: self.most]
        if found:
            self._at = found[-1].offset + 1
        return found


class Follower:
    """A reader of a topic, with a clock of its own."""

    def __init__(self, topic: FakeTopic, most: int = 1000, index: PositionIndex | None = None) -> None:
        self.topic = topic
        self.source = FakeSource(topic, most)
        self.fold = Fold(index or PositionIndex(None, "topic"))
        self.taken: list[bytes] = []
        self.now = 0.0
        self.tail = Tail(
            self.fold,
            lambda links: self.taken.extend(link.line for link in links),
            clock=lambda: self.now,
            sleep=self._sleep,
        )

    def read(self) -> "Follower":
        """Read until there is nothing more."""
        quiet = 0
        while quiet < 3:  # where a history is compared, a poll ends without having moved
            before = self.tail.next_offset
            self.tail.poll(self.source, 0)
            quiet = quiet + 1 if self.tail.next_offset == before else 0
        return self

    def read_for_ever(self) -> None:
        """Read until that fails."""
        while True:
            self.tail.poll(self.source, 0)

    def reconnect(self) -> None:
        """Continue with another connection."""
        self.source = FakeSource(self.topic, self.source.most)

    def _sleep(self, _seconds: float) -> None:
        self.now += HOLE_S / 10
