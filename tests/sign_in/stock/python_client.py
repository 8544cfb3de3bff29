"""Runs a snippet that makes a `client`, and produces and consumes with it.

Arguments: the snippet's file, the broker, the topic, and a pause after each round but the last, in seconds. Each round
registers another schema, so that the registry is asked each time, and not the client's cache.
"""

import json
import runpy
import sys
import time

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

snippet, broker, topic, *pauses = sys.argv[1:]
client = runpy.run_path(snippet)["client"]


def round_trip(number):
    context = SerializationContext(f"{topic}-{number}", MessageField.VALUE)
    field = {"name": f"id{number}", "type": "string"}
    schema = json.dumps({"type": "record", "name": "Order", "fields": [field]})
    producer = Producer({"bootstrap.servers": broker})
    producer.produce(context.topic, AvroSerializer(client, schema)({field["name"]: "o-1"}, context))
    producer.flush(20)
    consumer = Consumer({"bootstrap.servers": broker, "group.id": context.topic})
    consumer.assign([TopicPartition(context.topic, 0, 0)])
    message = consumer.poll(30)
    consumer.close()
    client.clear_latest_caches()
    assert client.get_latest_version(f"{context.topic}-value").version == 1
    return AvroDeserializer(client)(message.value(), context)


read = []
for number, pause in enumerate((*map(float, pauses), 0)):
    read.append(round_trip(number))
    time.sleep(pause)
print(json.dumps(read))
