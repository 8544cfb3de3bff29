"""Contracts for RabbitMQ with `pika`: labels in the message's headers, an unframed payload.

The content type says what the payload is, and the message's `type` is the event.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from moorings.errors import ExtraMissing
from moorings.integrations.consuming import ReadingContract, consume_or_set_aside
from moorings.integrations.dead_letters import DeadLetter, SetAside
from moorings.integrations.records import TransportRecord, WritingContract, encode_unframed, header_pairs

try:
    from pika import BasicProperties
except ModuleNotFoundError:
    raise ExtraMissing("rabbitmq", "an event on RabbitMQ") from None

if TYPE_CHECKING:
    from pika.adapters.blocking_connection import BlockingChannel
    from pika.spec import Basic

OnMessage = Callable[["BlockingChannel", "Basic.Deliver", BasicProperties, bytes], None]

_PERSISTENT = 2
_KEPT = ("content_type", "content_encoding", "correlation_id", "reply_to", "message_id", "timestamp", "type", "app_id")


def encode(
    contract: WritingContract, event: Any, headers: Mapping[str, str] | None = None
) -> tuple[bytes, BasicProperties]:
    """Validate *event* and return body and properties; the message survives a restart of a durable queue's broker.

    Raises:
        EventInvalid: with every violation.
    """
    bare = encode_unframed(contract, event)
    properties = BasicProperties(
        content_type=bare.content_type,
        delivery_mode=_PERSISTENT,
        headers={**(headers or {}), **bare.labels},
        type=bare.version.subject,
    )
    return bare.payload, properties


def publish(
    channel: "BlockingChannel", routing_key: str, contract: WritingContract, event: Any, exchange: str = ""
) -> None:
    """Validate *event* and publish it. On a channel with `confirm_delivery()`, an unroutable message raises."""
    body, properties = encode(contract, event)
    channel.basic_publish(exchange, routing_key, body, properties, mandatory=True)


def rabbit_record(method: Any, properties: BasicProperties, body: bytes) -> TransportRecord:
    """Return a delivered message as a record; its place is the routing key, and its properties are headers too."""
    said = {name: getattr(properties, name, None) for name in _KEPT}
    kept = {f"amqp-{name.replace('_', '-')}": value for name, value in said.items() if value is not None}
    return TransportRecord(
        value=body,
        headers=header_pairs({**(properties.headers or {}), **kept}),
        place=str(method.routing_key),
        position=str(method.delivery_tag),
    )


def on_message(
    contract: ReadingContract, handle: Callable[[Any], object], set_aside: SetAside, *, patience_s: float = 30.0
) -> OnMessage:
    """Return a callback for `basic_consume`: each message is acknowledged once it was handled or set aside.

    What *handle* and *set_aside* raise ends the consumer, and the broker delivers the message again.
    """

    def consume(channel: "BlockingChannel", method: "Basic.Deliver", properties: BasicProperties, body: bytes) -> None:
        consume_or_set_aside(
            contract, rabbit_record(method, properties, body), handle, set_aside, patience_s=patience_s
        )
        channel.basic_ack(method.delivery_tag)

    return consume


class RabbitSink:
    """Sets dead letters aside in a queue, through a channel of its own; the broker confirms each."""

    def __init__(self, channel: "BlockingChannel", queue: str) -> None:
        channel.confirm_delivery()
        self._channel = channel
        self._queue = queue

    def __call__(self, letter: DeadLetter) -> None:
        """Publish *letter*; raises `pika.exceptions.UnroutableError` if the queue does not exist."""
        headers = {name: value.decode("utf-8", "replace") for name, value in letter.headers()}
        properties = BasicProperties(delivery_mode=_PERSISTENT, headers=headers)
        self._channel.basic_publish("", self._queue, letter.record.value or b"", properties, mandatory=True)
