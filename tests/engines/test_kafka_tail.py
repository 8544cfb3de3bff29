"""From the records of a topic to a history: what is skipped, what is noticed, and that all readers come to the same."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from moorings_registry.entries import START, Entry, Head
from moorings_registry.ledger import HistoryLost, LedgerCorrupt
from moorings_registry.ledger.kafka_fold import Skipped
from moorings_registry.ledger.kafka_records import record_of
from moorings_registry.ledger.kafka_tail import OutOfRange
from tests.engines.kafka_topics import FakeTopic, Follower
from tests.engines.samples import chain, entry

A, B, C, D = chain(4)
RIVAL = entry(A.head, "rival")


def topic_of(*records: Entry | tuple[Entry, ...] | bytes) -> FakeTopic:
    topic = FakeTopic()
    for one in records:
        if isinstance(one, bytes):
            topic.put_bytes(one)
        else:
            topic.put(*(one if isinstance(one, tuple) else (one,)))
    return topic


FOLDED = [  # what the case shows, the records, the history, what was skipped
    ("entries that follow each other", topic_of(A, B, C), [A, B, C], {}),
    ("who comes second lost", topic_of(A, B, RIVAL, C), [A, B, C], {Skipped.LOST: 1}),
    ("a record that was sent again", topic_of(A, A, B, A), [A, B], {Skipped.AGAIN: 2}),
    ("a group", topic_of(A, (B, C), D), [A, B, C, D], {}),
    ("a group that was sent again", topic_of((A, B), (A, B), C), [A, B, C], {Skipped.AGAIN: 1}),
    ("a group that comes second", topic_of(A, B, (RIVAL, entry(RIVAL.head))), [A, B], {Skipped.LOST: 1}),
    ("a part of a group is another record", topic_of(A, (B, C), B), [A, B, C], {Skipped.AGAIN: 1}),
    ("a group with a gap", topic_of(A, (B, D), B), [A, B], {Skipped.UNREADABLE: 1}),
    ("an entry of another history", topic_of(A, entry(Head(1, "f" * 64)), B), [A, B], {Skipped.FOREIGN: 1}),
    ("an entry from beyond the end", topic_of(A, D, B), [A, B], {Skipped.FOREIGN: 1}),
    ("no JSON", topic_of(b"hello", A), [A], {Skipped.UNREADABLE: 1}),
    ("nothing", topic_of(b"", A), [A], {Skipped.UNREADABLE: 1}),
    ("JSON without a place", topic_of(b'{"position":1}', b"[]", b"null", A), [A], {Skipped.UNREADABLE: 3}),
    ("a changed entry", topic_of(A.to_line().replace(b"c-0", b"c-9"), A), [A], {Skipped.UNREADABLE: 1}),
    ("a position that is true", topic_of(A.to_line().replace(b'n":1,', b'n":true,')), [], {Skipped.UNREADABLE: 1}),
    ("a first entry that follows something", topic_of(replace(B, position=1), A), [A], {Skipped.UNREADABLE: 1}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("topic", "history", "skipped"), [case[1:] for case in FOLDED], ids=[case[0] for case in FOLDED]
)
def test_a_history_is_folded(topic: FakeTopic, history: list[Entry], skipped: dict[Skipped, int]) -> None:
    for most in (1000, 1):
        follower = Follower(topic, most).read()
        assert [Entry.from_line(line) for line in follower.taken] == history
        assert follower.fold.head == (history[-1].head if history else START)
        assert follower.fold.skipped == skipped


def test_a_member_that_is_not_known_does_not_change_the_history() -> None:
    newer = A.to_line().replace(b'"position":1', b'"newer":true,"position":1')
    assert Follower(topic_of(newer)).read().fold.skipped == {Skipped.UNREADABLE: 1}, "its digest is of another text"


def test_what_nobody_should_have_written_is_told_in_the_log_ever_more_seldom() -> None:
    topic = topic_of(A, *([b"hello"] * 9), RIVAL, RIVAL)
    with capture_logs() as logs:
        Follower(topic).read()
    assert [one["skipped"] for one in logs if one["event"] == "kafka_record_skipped"] == [1, 2, 4, 8]


def test_an_entry_behind_a_truncation_is_never_accepted_by_whoever_knew_more() -> None:
    """The reader is at C; the topic was cut off before it, and has D' there; then its own successor of C comes."""
    topic = topic_of(A, B, C)
    knew = Follower(topic).read()
    topic.cut(2)
    instead = entry(B.head, "instead")
    topic.put(instead)
    topic.put(D)
    with pytest.raises(HistoryLost) as lost:
        knew.read()
    assert lost.value.known == C.head
    assert lost.value.found == instead.head
    assert knew.fold.head == C.head
    with pytest.raises(HistoryLost):
        knew.read()
    fresh = Follower(topic).read()
    assert [Entry.from_line(line) for line in fresh.taken] == [A, B, instead]


def test_a_truncation_that_took_losers_alone_takes_nothing_from_the_history() -> None:
    topic = topic_of(A, B, RIVAL, RIVAL)
    follower = Follower(topic).read()
    topic.cut(2)
    topic.put(C)
    topic.put(entry(C.head, "late"))
    topic.put(D)
    assert follower.read().fold.head == Follower(topic).read().fold.head != B.head


def test_a_new_leader_who_has_everything_is_compared_with_once() -> None:
    topic = topic_of(A, B)
    follower = Follower(topic).read()
    starts = len(follower.source.starts)
    topic.epoch += 1
    topic.put(C)
    topic.put(D)
    assert follower.read().fold.head == D.head
    assert follower.source.starts[starts:] == [1]


def test_another_connection_begins_with_what_is_known() -> None:
    topic = topic_of(A, B)
    follower = Follower(topic).read()
    follower.reconnect()
    topic.put(C)
    assert follower.read().fold.head == C.head
    assert follower.source.starts == [1]
    topic.cut(1)
    topic.put(RIVAL)
    topic.put(entry(RIVAL.head))
    topic.put(entry(RIVAL.head))
    topic.epoch = 0
    follower.reconnect()
    with pytest.raises(HistoryLost):
        follower.read()


def test_a_topic_that_ends_before_what_was_read_has_lost_history() -> None:
    topic = topic_of(A, B, C)
    follower = Follower(topic).read()
    known = follower.tail.next_offset
    topic.cut(2)
    follower.tail.see_end(topic.high, known)
    assert not follower.tail.is_proven
    with pytest.raises(HistoryLost):
        follower.tail.require_anchor(topic.high)


def test_a_broker_that_tells_of_an_old_end_has_lost_nothing() -> None:
    topic = topic_of(A, B, C)
    follower = Follower(topic).read()
    follower.tail.see_end(1, follower.tail.next_offset)
    assert not follower.tail.is_proven
    follower.read()
    assert follower.tail.is_proven
    assert follower.fold.head == C.head


def test_a_topic_that_is_empty_again_is_out_of_range() -> None:
    topic = topic_of(A, B, C)
    follower = Follower(topic).read()
    topic.cut(0)
    follower.tail.doubt()
    with pytest.raises(OutOfRange):
        follower.read()


def test_a_beginning_that_is_gone_is_damage() -> None:
    with pytest.raises(LedgerCorrupt, match="begins at offset 3") as damage:
        Follower(topic_of(A)).tail.see_beginning(3)
    assert damage.value.position == 1


def test_a_record_that_comes_late_is_waited_for() -> None:
    topic = topic_of(A, B, C)
    late = topic.records.pop(1)
    follower = Follower(topic)
    for _ in range(5):
        follower.tail.poll(follower.source, 0)
    assert follower.fold.head == A.head
    topic.records[1] = late
    assert follower.read().fold.head == C.head


def test_a_record_that_stays_missing_is_damage() -> None:
    topic = topic_of(A, B, C)
    del topic.records[1]
    follower = Follower(topic)
    for _ in range(2):  # and again
        with pytest.raises(LedgerCorrupt, match="records 1 to 1 of the topic are missing") as damage:
            follower.read_for_ever()
        assert damage.value.position == 2


def write(chance: random.Random, topic: FakeTopic) -> list[bytes]:
    """Let writers race, send twice, and write late; the history by the plain meaning of the rule."""
    head, history, old = START, [], [START]
    for number in range(chance.randrange(1, 60)):
        if chance.random() < 0.15:
            topic.epoch += 1
        after = head if chance.random() < 0.6 else chance.choice(old)
        group = chain(chance.choice([1, 1, 1, 3]), after, f"{number} ")
        for _ in range(chance.choice([1, 1, 2])):
            topic.put(*group)
            if after == head:
                history += [one.to_line() for one in group]
                old += [one.head for one in group]
                head = group[-1].head
        if chance.random() < 0.1:
            topic.put_bytes(chance.randbytes(9))
    return history


@pytest.mark.parametrize("seed", range(40))
def test_all_readers_come_to_the_same_history(seed: int) -> None:
    chance = random.Random(seed)
    topic = FakeTopic()
    history = write(chance, topic)
    steady, other = Follower(topic), Follower(topic, most=chance.randrange(1, 5))
    events: list[Callable[[], object]] = [other.reconnect, other.tail.doubt]
    while other.tail.next_offset < topic.high or not other.tail.is_proven:
        other.tail.poll(other.source, 0)
        if chance.random() < 0.2:
            chance.choice(events)()
    assert steady.read().taken == history == other.taken
    assert steady.fold.head == other.fold.head
    assert record_of([Entry.from_line(history[-1])]) == history[-1]
