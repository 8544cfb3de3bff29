"""Names that Kafka's clients give to subjects by topic, and the one answer to which event each of them leads to.

With an event bound to the topic ``orders``, ``orders-value`` is the event and ``orders-key`` the subject of its keys:
Confluent's default naming, TopicNameStrategy. Where a topic carries several events, a client has to say which one it
means: by the name of the record, ``shop.orders.OrderPlaced``, which is the event's own (RecordNameStrategy), or by
``orders-shop.orders.OrderPlaced`` (TopicRecordNameStrategy). A name leads to subjects of its own context.
"""

from collections.abc import Iterator

from moorings_registry.errors import TopicAmbiguous
from moorings_registry.names import Subject
from moorings_registry.state import State

VALUE = "-value"
KEY = "-key"


def named_by_topic(state: State, subject: Subject) -> Subject:
    """The subject that *subject* leads to by the topic in its name; itself where no event is bound to such a topic.

    Raises:
        TopicAmbiguous: the topic carries several events.
    """
    bound = _bound(state, subject, VALUE)
    if len(bound) > 1:
        raise TopicAmbiguous(subject, subject.name.removesuffix(VALUE), bound)
    return bound[0] if bound else _key_of(state, subject) or _of_topic_and_record(state, subject) or subject


def is_taken_by_topic(state: State, subject: Subject) -> bool:
    """Whether the name of *subject* leads to something else: what it holds itself is out of reach."""
    try:
        return named_by_topic(state, subject) != subject
    except TopicAmbiguous:
        return True


def names_of_topic(context: str, topic: str, events: tuple[Subject, ...]) -> Iterator[tuple[Subject, Subject]]:
    """Yield each name that clients have for what *topic* carries, with the subject that it leads to."""
    if len(events) == 1:
        yield Subject(f"{topic}{VALUE}", context), events[0]
        yield Subject(f"{topic}{KEY}", context), key_subject(events[0])
    for one in events:
        yield Subject(f"{topic}-{one.name}", context), one


def key_subject(event: Subject) -> Subject:
    """The subject of the keys of an event's records."""
    return Subject(f"{event.name}{KEY}", event.context)


def _bound(state: State, subject: Subject, suffix: str) -> tuple[Subject, ...]:
    if not subject.name.endswith(suffix):
        return ()
    return state.topics.get((subject.context, subject.name.removesuffix(suffix)), ())


def _key_of(state: State, subject: Subject) -> Subject | None:
    """What the keys of a topic are; of one with several events, whose keys need not be alike, nothing is known."""
    bound = _bound(state, subject, KEY)
    return key_subject(bound[0]) if len(bound) == 1 else None


def _of_topic_and_record(state: State, subject: Subject) -> Subject | None:
    name, at = subject.name, subject.name.find("-")
    while at > 0:
        event = Subject(name[at + 1 :], subject.context)
        if event in state.topics.get((subject.context, name[:at]), ()):
            return event
        at = name.find("-", at + 1)
    return None
