"""Contracts for `confluent-kafka`: serialisers, deserialisers, and dead letters in a topic.

`EventSerializer` and `EventDeserializer` go where Confluent's own go, in a `SerializingProducer`, in a
`DeserializingConsumer`, or are called around a plain producer and consumer; the bytes are the same.
"""

from collections.abc import Callable
from typing import Any, Protocol

from moorings.codecs.framing import HEADER_NAME, KEY_HEADER_NAME
from moorings.contracts.contract import EventContract
from moorings.errors import SetAsideFailed, SettingInvalid
from moorings.integrations.consuming import ReadingContract
from moorings.integrations.dead_letters import DeadLetter
from moorings.integrations.records import (
    SCHEMA_HEADERS,
    TransportRecord,
    WritingContract,
    encode_unframed,
    framed_by_headers,
    header_pairs,
)

KafkaHeaders = list[tuple[str, bytes]]


class Context(Protocol):
    """The attributes of a `confluent_kafka.serialization.SerializationContext` that are used."""

    @property
    def field(self) -> str | None:
        """``key`` or ``value``."""

    @property
    def headers(self) -> Any:
        """A list of pairs, a dict, or None."""


class EventSerializer:
    """Writes events of one contract; for a key or for a value, as the context says.

    *framing* is ``prefix``, before the payload (id or guid as the contract frames), or ``header``: the guid in a
    record header and the payload bare.
    """

    def __init__(self, contract: WritingContract, *, framing: str = "prefix") -> None:
        if framing not in ("prefix", "header"):
            raise SettingInvalid(f"unknown framing {framing!r}: neither 'prefix' nor 'header'")
        self._contract = contract
        self._in_header = framing == "header"

    def __call__(self, event: Any, context: Context | None = None) -> bytes | None:
        """Validate and write *event*; None, a tombstone, stays None. With the header framing, a header is added.

        Raises:
            EventInvalid: with every violation.
            SettingInvalid: header framing without headers to write to: pass ``headers=[]`` to `produce`.
        """
        if event is None:
            return None
        if not self._in_header:
            return self._contract.encode(event)
        headers = context.headers if context is not None else None
        if context is None or headers is None:
            raise SettingInvalid("header framing without headers to write to: produce(..., headers=[])")
        bare = encode_unframed(self._contract, event)
        _add_header(headers, _header_name(context), bare.head)
        return bare.payload


class EventDeserializer:
    """Reads events of any framing as one contract."""

    def __init__(self, contract: ReadingContract, *, as_message: bool = False) -> None:
        """With *as_message*, a Protobuf event is returned as a message instead of a dict."""
        if as_message and not isinstance(contract, EventContract):
            raise SettingInvalid("as_message needs a Protobuf contract")
        self._decode: Callable[[bytes], Any] = (
            contract.decode_message if as_message and isinstance(contract, EventContract) else contract.decode
        )

    def __call__(self, data: bytes | None, context: Context | None = None) -> Any:
        """Return the event; None, a tombstone, stays None. Raises as `EventContract.decode`."""
        if data is None:
            return None
        headers = context.headers if context is not None else None
        if context is not None and headers:
            pairs = headers.items() if isinstance(headers, dict) else headers
            named = [pair for pair in pairs if pair[0] in SCHEMA_HEADERS]
            if named:
                data = framed_by_headers(data, header_pairs(named), _header_name(context))
        return self._decode(data)


def encode_value(
    contract: WritingContract, event: Any, *, framing: str = "prefix"
) -> tuple[bytes | None, KafkaHeaders]:
    """Return value and headers for a plain producer: ``produce(topic, value, headers=headers)``."""
    context = _Value([])
    return EventSerializer(contract, framing=framing)(event, context), context.headers


def kafka_record(message: Any) -> TransportRecord:
    """Return a `confluent_kafka.Message` as a record.

    The consumer must return bytes: a plain `Consumer`, not one that decodes.
    """
    return TransportRecord(
        value=message.value(),
        key=message.key(),
        headers=header_pairs(message.headers()),
        place=message.topic(),
        partition=message.partition(),
        position=str(message.offset()),
    )


class KafkaProducer(Protocol):
    """The methods of a `confluent_kafka.Producer` that are used."""

    def produce(self, topic: str, value: bytes | None, **rest: Any) -> None: ...

    def flush(self, timeout: float) -> int: ...


class KafkaSink:
    """Sets dead letters aside in a topic; each is acknowledged by the broker before the next message is taken."""

    def __init__(self, producer: KafkaProducer, topic: str, *, timeout_s: float = 30.0) -> None:
        self._producer = producer
        self._topic = topic
        self._timeout_s = timeout_s

    def __call__(self, letter: DeadLetter) -> None:
        """Write *letter* with its key, its bytes and its headers.

        Raises:
            SetAsideFailed: the broker did not acknowledge it in time.
        """
        outcomes: list[Any] = []
        self._producer.produce(
            self._topic,
            letter.record.value,
            key=letter.record.key,
            headers=letter.headers(),
            on_delivery=lambda error, _: outcomes.append(error),
        )
        self._producer.flush(self._timeout_s)
        if not outcomes:
            raise SetAsideFailed(self._topic, f"no acknowledgement within {self._timeout_s} s")
        if outcomes[0] is not None:  # not `==`: comparing a KafkaError with None breaks the interpreter's state
            raise SetAsideFailed(self._topic, str(outcomes[0]))


class _Value:
    """The context of a value for a plain producer."""

    def __init__(self, headers: KafkaHeaders) -> None:
        self.field: str | None = "value"
        self.headers: KafkaHeaders = headers


def _header_name(context: Context) -> str:
    return KEY_HEADER_NAME if context.field == "key" else HEADER_NAME


def _add_header(headers: Any, name: str, head: bytes) -> None:
    if isinstance(headers, dict):
        headers[name] = head
    else:
        headers.append((name, head))
