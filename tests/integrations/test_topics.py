"""Stock Kafka clients with their default naming, on a real broker: a topic that an event is bound to is held to it."""

import json
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from confluent_kafka import DeserializingConsumer, SerializingProducer, TopicPartition
from confluent_kafka.error import ValueSerializationError
from confluent_kafka.schema_registry import (
    SchemaRegistryClient,
    record_subject_name_strategy,
    topic_record_subject_name_strategy,
)
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONDeserializer, JSONSerializer
from confluent_kafka.serialization import StringSerializer

from tests.brokers import KafkaBroker
from tests.confluent.served import ServedRegistry

WAIT_S = 30.0


@dataclass(frozen=True)
class Bound:
    """A topic of its own, and the domain whose events are bound to it."""

    topic: str
    domain: str
    url: str

    def declare(self, event: str) -> str:
        """Bind an event to the topic; its subject."""
        subject = f"{self.domain}.{event}"
        self.ask("PUT", f"/v1/events/{subject}", {"kind": "fact", "topics": [self.topic]})
        return subject

    def labels(self, subject: str) -> list[str]:
        """What people call the event's revisions."""
        return [one["label"] for one in self.ask("GET", f"/v1/events/{subject}/versions")["versions"]]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the native API."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
            return json.load(answer)


@pytest.fixture
def bound(served: ServedRegistry, kafka: KafkaBroker) -> Bound:
    name = uuid.uuid4().hex[:8]
    kafka.make_topics(f"orders-{name}")
    found = Bound(f"orders-{name}", f"topics.t{name}", served.url)
    found.ask("PUT", f"/v1/domains/{found.domain}", {"owner": "team-orders"})
    return found


@pytest.fixture
def client(served: ServedRegistry) -> SchemaRegistryClient:
    return SchemaRegistryClient({"url": served.url})


Read = Callable[[Any, str, int], list[Any]]


@pytest.fixture
def read(kafka: KafkaBroker) -> Iterator[Read]:
    """Read so many messages of a topic from its beginning."""
    opened: list[Any] = []

    def consume(deserializer: Any, topic: str, count: int) -> list[Any]:
        group = {"bootstrap.servers": kafka.address, "group.id": uuid.uuid4().hex, "auto.offset.reset": "earliest"}
        consumer = DeserializingConsumer({**group, "value.deserializer": deserializer})
        opened.append(consumer)
        consumer.assign([TopicPartition(topic, 0, 0)])
        found = []
        while len(found) < count:
            message = consumer.poll(WAIT_S)
            assert message is not None, f"{len(found)} of {count} messages came"
            assert message.error() is None
            found.append(message.value())
        return found

    yield consume
    for one in opened:
        one.close()


def avro(event: str, *names: str, **defaults: Any) -> str:
    fields = [{"name": one, "type": "string"} for one in names]
    fields += [{"name": one, "type": "string", "default": value} for one, value in defaults.items()]
    domain, _, name = event.rpartition(".")
    return json.dumps({"type": "record", "name": name, "namespace": domain, "fields": fields})


def producer_of(kafka: KafkaBroker, serializer: Any, key: Any = None) -> SerializingProducer:
    settings = {"bootstrap.servers": kafka.address, "value.serializer": serializer}
    return SerializingProducer({**settings, "key.serializer": key or StringSerializer()})


def send(producer: SerializingProducer, topic: str, value: Any, key: Any = "k") -> None:
    producer.produce(topic, key=key, value=value)
    assert producer.flush(WAIT_S) == 0


def test_an_avro_producer_with_default_naming_is_held_to_the_event(
    bound: Bound, client: SchemaRegistryClient, kafka: KafkaBroker, read: Read
) -> None:
    placed = bound.declare("OrderPlaced")
    first = producer_of(kafka, AvroSerializer(client, avro(placed, "order_id")))
    second = producer_of(kafka, AvroSerializer(client, avro(placed, "order_id", note="")))
    send(first, bound.topic, {"order_id": "o-1"})
    send(second, bound.topic, {"order_id": "o-2", "note": "a note"})
    assert bound.labels(placed) == ["1.0", "1.1"]
    events = read(AvroDeserializer(client), bound.topic, 2)
    assert events == [{"order_id": "o-1"}, {"order_id": "o-2", "note": "a note"}]
    breaking = producer_of(kafka, AvroSerializer(client, avro(placed, "number")))
    with pytest.raises(ValueSerializationError) as caught:
        send(breaking, bound.topic, {"number": "1"})
    assert f'incompatible with an earlier schema for subject "{placed}"' in str(caught.value)
    assert "HTTP status code 409" in str(caught.value)
    assert bound.labels(placed) == ["1.0", "1.1"]


def test_a_key_with_default_naming_is_the_events_key(
    bound: Bound, client: SchemaRegistryClient, kafka: KafkaBroker
) -> None:
    placed = bound.declare("OrderPlaced")
    key = AvroSerializer(client, '"string"')
    send(producer_of(kafka, AvroSerializer(client, avro(placed, "order_id")), key), bound.topic, {"order_id": "o-1"})
    assert bound.labels(f"{placed}-key") == ["1.0"]


@pytest.mark.parametrize("settings", [{"use.latest.version": True}, {}], ids=["latest", "lookup"])
def test_a_producer_that_registers_nothing_finds_the_events_schema(
    bound: Bound, client: SchemaRegistryClient, kafka: KafkaBroker, read: Read, settings: dict[str, Any]
) -> None:
    placed = bound.declare("OrderPlaced")
    text = avro(placed, "order_id")
    bound.ask("POST", f"/v1/events/{placed}/versions", {"schema": text})
    serializer = AvroSerializer(client, text, conf={"auto.register.schemas": False, **settings})
    send(producer_of(kafka, serializer), bound.topic, {"order_id": "o-1"})
    assert read(AvroDeserializer(client), bound.topic, 1) == [{"order_id": "o-1"}]


def test_a_json_producer_is_held_to_the_event_too(
    bound: Bound, client: SchemaRegistryClient, kafka: KafkaBroker, read: Read
) -> None:
    placed = bound.declare("OrderPlaced")

    def text(*names: str, **more: Any) -> str:
        fields = {one: {"type": "string"} for one in names}
        return json.dumps({"type": "object", "title": "OrderPlaced", "properties": fields, **more})

    send(producer_of(kafka, JSONSerializer(text("order_id"), client)), bound.topic, {"order_id": "o-1"})
    assert bound.labels(placed) == ["1.0"]
    assert read(JSONDeserializer(text("order_id"), schema_registry_client=client), bound.topic, 1) == [
        {"order_id": "o-1"}
    ]
    breaking = producer_of(kafka, JSONSerializer(text("order_id", required=["order_id"]), client))
    with pytest.raises(ValueSerializationError, match="incompatible with an earlier schema"):
        send(breaking, bound.topic, {"order_id": "o-2"})


@pytest.mark.parametrize("strategy", [record_subject_name_strategy, topic_record_subject_name_strategy])
def test_a_topic_with_several_events_is_produced_to_by_the_names_of_records(
    bound: Bound, client: SchemaRegistryClient, kafka: KafkaBroker, read: Read, strategy: Any
) -> None:
    placed, shipped = bound.declare("OrderPlaced"), bound.declare("OrderShipped")
    unnamed = producer_of(kafka, AvroSerializer(client, avro(placed, "order_id")))
    with pytest.raises(ValueSerializationError) as caught:
        send(unnamed, bound.topic, {"order_id": "o-1"})
    assert f"carries several events, and '{bound.topic}-value' does not say which one" in str(caught.value)
    assert f"'{bound.topic}-{placed}'" in str(caught.value)
    for event, value in ((placed, {"order_id": "o-1"}), (shipped, {"parcel": "p-1"})):
        serializer = AvroSerializer(client, avro(event, *value), conf={"subject.name.strategy": strategy})
        send(producer_of(kafka, serializer), bound.topic, value)
        assert bound.labels(event) == ["1.0"]
    assert read(AvroDeserializer(client), bound.topic, 2) == [{"order_id": "o-1"}, {"parcel": "p-1"}]
    breaking = AvroSerializer(client, avro(shipped, "number"), conf={"subject.name.strategy": strategy})
    with pytest.raises(ValueSerializationError, match="incompatible with an earlier schema"):
        send(producer_of(kafka, breaking), bound.topic, {"number": "1"})


def test_a_topic_that_nobody_bound_is_nobodys(bound: Bound, client: SchemaRegistryClient, kafka: KafkaBroker) -> None:
    send(producer_of(kafka, AvroSerializer(client, avro("Anything", "a"))), bound.topic, {"a": "1"})
    assert bound.topic + "-value" in client.get_subjects()
