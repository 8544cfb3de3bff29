"""A ledger in Kafka under faults: late answers, errors, leaders that move, brokers that are away, writers killed."""

import random
import time
from collections.abc import Iterator
from itertools import count
from threading import Event, Thread

import pytest
from confluent_kafka import Consumer, KafkaError, TopicPartition
from structlog.testing import capture_logs

from moorings_registry.entries import START
from moorings_registry.ledger import (
    HeadMoved,
    HistoryLost,
    Ledger,
    LedgerCorrupt,
    LedgerError,
    LedgerMisconfigured,
    LedgerUnavailable,
    verify,
)
from moorings_registry.ledger.kafka import KafkaLedger
from moorings_registry.ledger.kafka_client import LogWriter, Undelivered
from moorings_registry.ledger.kafka_setup import Topic
from moorings_registry.ledger.kafka_url import Durability, KafkaServer
from tests.engines.samples import append_all, append_next, chain, entry
from tests.faults.mock_kafka import FETCH, FIND_COORDINATOR, LIST_OFFSETS, PRODUCE, MockKafka
from tests.waiting import WITHIN_S

pytestmark = pytest.mark.kafka
_numbers = count()


@pytest.fixture
def cluster() -> Iterator[MockKafka]:
    with MockKafka() as cluster:
        yield cluster


class Place:
    """A topic that nobody has used yet, and the ledgers that are opened there."""

    def __init__(self, cluster: MockKafka) -> None:
        self.cluster = cluster
        self.topic = f"faults-{next(_numbers)}"
        cluster.make_topic(self.topic)
        cluster.lead(self.topic, 1)
        self._opened: list[Ledger] = []

    def open(self, timeout_s: float = 3.0) -> Ledger:
        """Open a ledger of its own."""
        server = KafkaServer(self.cluster.address, self.topic, None, Durability.ANY, None, 5, timeout_s)
        self._opened.append(KafkaLedger(server, Topic(1_048_588, 1)))  # the cluster would tell no settings
        return self._opened[-1]

    def records(self) -> int:
        """How many records the topic has."""
        consumer = Consumer({"bootstrap.servers": self.cluster.address, "group.id": "count"})
        try:
            return int(consumer.get_watermark_offsets(TopicPartition(self.topic, 0), timeout=10)[1])
        finally:
            consumer.close()

    def close(self) -> None:
        for one in self._opened:
            one.close()


@pytest.fixture
def place(cluster: MockKafka) -> Iterator[Place]:
    place = Place(cluster)
    yield place
    place.close()


def test_an_append_whose_answer_is_late_is_in_once(place: Place) -> None:
    ledger = place.open(timeout_s=3)  # half of it, and the second that the library may take to notice, leave some
    first = append_next(ledger, "one")
    place.cluster.answer_late(PRODUCE, [4.0])
    second = entry(first.head, "two")
    ledger.append(second, after=first.head)
    assert place.records() > 2, "it was sent again"
    assert list(ledger.read(0)) == [first, second]
    assert list(place.open().read(0)) == [first, second]
    assert append_next(ledger, "three").position == 3


def test_an_append_that_is_never_answered_is_in_doubt_and_settles(place: Place) -> None:
    ledger = place.open(timeout_s=1)
    first = append_next(ledger, "one")
    place.cluster.answer_late(PRODUCE, [5.0] * 9)
    second = entry(first.head, "two")
    with pytest.raises(LedgerUnavailable) as away:
        ledger.append(second, after=first.head)
    assert away.value.in_doubt
    assert away.value.retryable
    place.cluster.forgive(PRODUCE)
    assert list(ledger.read(0)) == [first, second], "the brokers had it all the while"
    with pytest.raises(HeadMoved):
        ledger.append(second, after=first.head)


ERRORS = [
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.REQUEST_TIMED_OUT,
    KafkaError.NOT_ENOUGH_REPLICAS,
    KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
]


@pytest.mark.parametrize("code", ERRORS, ids=lambda code: KafkaError(code).name())
def test_an_error_that_passes_is_not_an_error(place: Place, code: int) -> None:
    ledger = place.open()
    place.cluster.fail(PRODUCE, code, code)
    assert append_next(ledger, "one").position == 1
    assert verify(place.open().read(0)).position == 1


def test_too_few_replicas_for_long_are_unavailable_and_in_doubt(place: Place) -> None:
    ledger = place.open(timeout_s=1)
    place.cluster.fail(PRODUCE, *[KafkaError.NOT_ENOUGH_REPLICAS] * 200)
    with pytest.raises(LedgerUnavailable, match=r"too few replicas|does not answer in time") as away:
        ledger.append(entry(START), after=START)
    assert away.value.in_doubt
    assert "127.0.0.1" not in away.value.public
    place.cluster.forgive(PRODUCE)
    assert append_next(ledger, "one").position in (1, 2)


def test_a_user_who_may_not_write_is_named_the_rights(place: Place) -> None:
    ledger = place.open()
    place.cluster.fail(PRODUCE, *[KafkaError.TOPIC_AUTHORIZATION_FAILED] * 3)
    with pytest.raises(LedgerMisconfigured, match="READ, WRITE, DESCRIBE and DESCRIBE_CONFIGS"):
        ledger.append(entry(START), after=START)
    place.cluster.forgive(PRODUCE)
    assert append_next(ledger, "one").position == 1


def test_no_right_on_a_group_is_needed(place: Place) -> None:
    place.cluster.fail(FIND_COORDINATOR, *[KafkaError.GROUP_AUTHORIZATION_FAILED] * 50)
    ledger = place.open()
    for number in range(3):
        append_next(ledger, str(number))
    assert not ledger.wait(3, 1.2), "the library asks for the coordinator about once a second"
    assert verify(ledger.read(0)).position == 3


def test_a_leader_that_moves_is_followed_and_compared_with(place: Place) -> None:
    ledger, other = place.open(), place.open()
    append_all(ledger, chain(3))
    assert other.head().position == 3
    with capture_logs() as logs:
        for broker in (2, 3, 1):
            place.cluster.lead(place.topic, broker)
            append_next(ledger, f"by {broker}")
            assert other.head() == ledger.head()
    assert [one["event"] for one in logs].count("kafka_history_compared") >= 3
    assert verify(other.read(0)).position == 6


def test_brokers_that_are_down_are_unavailable_and_come_back(place: Place) -> None:
    ledger = place.open(timeout_s=1)
    first = append_next(ledger, "one")
    for broker in place.cluster.brokers:
        place.cluster.take_down(broker)
    with pytest.raises(LedgerUnavailable):
        ledger.head()
    with pytest.raises(LedgerUnavailable) as away:
        ledger.append(entry(first.head), after=first.head)
    assert away.value.in_doubt
    with pytest.raises(LedgerUnavailable):
        ledger.wait(1, 0.1)
    with pytest.raises(LedgerUnavailable):
        ledger.require_writable()
    for broker in place.cluster.brokers:
        place.cluster.bring_up(broker)
    deadline = time.monotonic() + 20
    while True:
        try:
            position = append_next(ledger, "two").position
            break
        except LedgerUnavailable:
            assert time.monotonic() < deadline
    assert verify(ledger.read(0)).position == position


def test_a_partition_without_a_leader_is_not_writable(place: Place) -> None:
    ledger = place.open(timeout_s=1)
    ledger.require_writable()
    place.cluster.lead(place.topic, -1)
    with pytest.raises(LedgerUnavailable, match="0 replicas in sync, and a write needs 1"):
        ledger.require_writable()


def test_a_topic_that_dropped_its_beginning_is_damaged(place: Place) -> None:
    """The cluster keeps 5 MB of a partition."""
    ledger = place.open()
    append_all(ledger, chain(8, fact={"text": "x" * 900_000}))
    with pytest.raises(LedgerCorrupt, match="the topic begins at offset") as damage:
        place.open()
    assert damage.value.position == 1


def test_a_leader_that_moves_while_it_is_asked_has_lost_nothing(place: Place) -> None:
    """librdkafka asks for the beginning and the end together, and answers one of them twice where the other fails."""
    ledger = place.open()
    append_all(ledger, chain(3))
    for _ in range(4):
        place.cluster.fail(LIST_OFFSETS, KafkaError.NOT_LEADER_FOR_PARTITION)
        assert place.open().head().position == 3
        place.cluster.fail(LIST_OFFSETS, KafkaError.NOT_LEADER_FOR_PARTITION)
        assert ledger.head().position == 3


def test_a_topic_that_was_made_again_has_lost_the_history_and_is_sent_nothing(place: Place) -> None:
    ledger = place.open(timeout_s=0.5)
    append_all(ledger, chain(3))
    place.cluster.delete_topic(place.topic)
    place.cluster.make_topic(place.topic)
    with pytest.raises(HistoryLost) as lost:
        ledger.head()
    assert lost.value.known.position == 3
    for _ in range(2):
        with pytest.raises(HistoryLost):
            ledger.append(entry(lost.value.known), after=lost.value.known)
    assert place.records() == 0
    assert place.open().head() == START


def disturb(place: Place, stop: Event) -> None:
    """Make trouble of every kind, a bit at a time."""
    chance, cluster = random.Random(20), place.cluster
    troubles = [
        lambda: cluster.lead(place.topic, chance.choice(cluster.brokers)),
        lambda: cluster.fail(PRODUCE, KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.REQUEST_TIMED_OUT),
        lambda: cluster.fail(FETCH, KafkaError.NOT_LEADER_FOR_PARTITION),
        lambda: cluster.fail(LIST_OFFSETS, KafkaError.NOT_LEADER_FOR_PARTITION),
        lambda: cluster.answer_late(PRODUCE, [1.0]),
    ]
    while not stop.wait(0.15):
        chance.choice(troubles)()
        if chance.random() < 0.2:
            broker = chance.choice(cluster.brokers)
            cluster.take_down(broker)
            stop.wait(0.2)
            cluster.bring_up(broker)


def test_in_all_that_trouble_every_acknowledged_entry_is_in_once(place: Place) -> None:
    stop, ended = Event(), time.monotonic() + 5
    acknowledged: list[str] = []
    in_doubt: list[str] = []
    unexpected: list[LedgerError] = []

    def write(ledger: Ledger, hand: int) -> None:
        number = 0
        while time.monotonic() < (ended if len(acknowledged) > 20 else ended + WITHIN_S):
            number += 1
            try:
                head = ledger.head()
                one = entry(head, f"{hand}-{number}")
                ledger.append(one, after=head)
                acknowledged.append(one.digest)
            except HeadMoved:
                time.sleep(0.02)
            except LedgerUnavailable as away:
                if away.in_doubt:
                    in_doubt.append(one.digest)
            except LedgerError as error:
                unexpected.append(error)

    writers = [Thread(target=write, args=(place.open(timeout_s=1), hand)) for hand in range(4)]
    troubling = Thread(target=disturb, args=(place, stop))
    for one in (*writers, troubling):
        one.start()
    for one in writers:
        one.join()
    stop.set()
    troubling.join()
    for request in (PRODUCE, FETCH, LIST_OFFSETS):
        place.cluster.forgive(request)
    stored = [one.digest for one in place.open(timeout_s=10).read(0)]
    assert unexpected == []
    assert len(acknowledged) > 20
    assert set(acknowledged) <= set(stored) <= {*acknowledged, *in_doubt}
    assert len(stored) == len(set(stored))
    assert verify(place.open(timeout_s=10).read(0)).position == len(stored)


def sending(monkeypatch: pytest.MonkeyPatch, *outcomes: int | KafkaError) -> None:
    """Have writers come to *outcomes* one after the other, the last of them again and again: offsets, or errors."""
    left = list(outcomes)

    def send(_writer: LogWriter, _value: bytes) -> int:
        outcome = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(outcome, KafkaError):
            raise Undelivered(outcome)
        return outcome

    monkeypatch.setattr(LogWriter, "send", send)


def test_what_was_sent_before_it_was_refused_is_in_doubt(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = place.open()
    refusal, silence = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED), KafkaError(KafkaError._MSG_TIMED_OUT)
    for outcomes, in_doubt in (((refusal,), False), ((silence, refusal), True)):
        sending(monkeypatch, *outcomes)
        with pytest.raises(LedgerMisconfigured, match="does not let this user") as refused:
            append_next(ledger, "one")
        assert refused.value.in_doubt is in_doubt


def test_an_append_that_lands_before_what_was_read_is_in_doubt(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = place.open()
    append_all(ledger, chain(3))
    with monkeypatch.context() as patched:
        sending(patched, 0)
        with pytest.raises(LedgerUnavailable, match="no longer has records") as lost:
            append_next(ledger, "four")
    assert lost.value.in_doubt
    assert append_next(ledger, "four").position == 4
