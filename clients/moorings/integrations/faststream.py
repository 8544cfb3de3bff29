"""Contracts for FastStream: a broker middleware that validates what is published and reads what is consumed.

    contracts = {"orders": await registry.event("shop.orders.OrderPlaced")}
    broker = KafkaBroker(middlewares=[ContractMiddleware(contracts)])

Handlers get events as dicts, and publishers take them. The keys are topics, streams, subjects or queues; other
messages are not touched. It works with every broker of FastStream, single messages and batches.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from moorings.asynchronous import AsyncEventContract
from moorings.errors import ExtraMissing, SettingInvalid
from moorings.integrations.consuming import Decoded, read_record_async
from moorings.integrations.dead_letters import AsyncSetAside
from moorings.integrations.records import EncodedEvent, TransportRecord, encode_unframed, framed_value, header_pairs

try:
    from faststream import BaseMiddleware
    from faststream.exceptions import AckMessage
    from faststream.response import BatchPublishCommand, PublishCommand
except ModuleNotFoundError:
    raise ExtraMissing("faststream", "an event in FastStream") from None

if TYPE_CHECKING:
    from faststream import ContextRepo
    from faststream.message import StreamMessage


class ContractMiddleware:
    """Validates and encodes what is published to a key of *contracts*, and reads what is received from it.

    *framing* is ``prefix``, before the payload, or ``labels``: headers that name the schema as text, and the payload
    bare. A message that cannot be read goes to *set_aside* and is acknowledged; its handler never sees it. Without
    *set_aside* the error is raised, and the subscriber's `ack_policy` decides.
    """

    def __init__(
        self,
        contracts: Mapping[str, AsyncEventContract],
        *,
        framing: str = "prefix",
        set_aside: AsyncSetAside | None = None,
        patience_s: float = 30.0,
    ) -> None:
        if framing not in ("prefix", "labels"):
            raise SettingInvalid(f"unknown framing {framing!r}: neither 'prefix' nor 'labels'")
        self._contracts = dict(contracts)
        self._labelled = framing == "labels"
        self._set_aside = set_aside
        self._patience_s = patience_s

    def __call__(self, msg: Any | None, /, *, context: "ContextRepo") -> "_Scopes":
        return _Scopes(msg, context=context, rules=self)

    def encode(self, command: PublishCommand) -> None:
        """Replace the events of *command* by encoded ones; a body of None, a tombstone, stays.

        Raises:
            EventInvalid: nothing is published.
        """
        contract = self._contracts.get(command.destination)
        if contract is None or command.body is None:
            return
        if self._labelled:
            bare = _encode_alike(contract, command.batch_bodies)
            command.add_headers({"content-type": bare[0].content_type, **bare[0].labels})
            written = [one.payload for one in bare]
        else:
            written = [contract.encode(event) for event in command.batch_bodies]
        if isinstance(command, BatchPublishCommand):
            command.batch_bodies = written
        else:
            command.body = written[0]

    async def decode(self, message: "StreamMessage[Any]") -> None:
        """Set the decoded events of *message*; those of a batch that cannot be read are left out.

        Raises:
            AckMessage: nothing is left to handle.
        """
        contract = self._contracts.get(_place(message.raw_message))
        if contract is None:
            return
        events = []
        for record in _records(message):
            outcome = await self._read(contract, record)
            if outcome is not None:
                events.append(outcome.event)
        if not events:
            raise AckMessage
        decoded = events if isinstance(message.body, list) else events[0]

        async def already(_: "StreamMessage[Any]") -> Any:
            return decoded

        message.set_decoder(already)

    async def _read(self, contract: AsyncEventContract, record: TransportRecord) -> Decoded | None:
        """Read one record; None when it was set aside."""
        if self._set_aside is None:
            return Decoded(None if record.value is None else await contract.decode(framed_value(record)))
        outcome = await read_record_async(contract, record, patience_s=self._patience_s)
        if isinstance(outcome, Decoded):
            return outcome
        await self._set_aside(outcome)
        return None


async def kafka_parser(message: Any, original: Callable[[Any], Awaitable[Any]]) -> Any:
    """Let messages with headers that are not UTF-8, as in Confluent's header framing, pass FastStream's own parser.

    It goes into the broker, `faststream.kafka.KafkaBroker(parser=kafka_parser)`; batches too.
    """
    readable = tuple(_readable(one) for one in message) if isinstance(message, tuple | list) else _readable(message)
    parsed = await original(readable)
    parsed.raw_message = message
    return parsed


def _readable(record: Any) -> Any:
    return replace(record, headers=[(name, value) for name, value in record.headers if _is_text(value)])


def _is_text(value: bytes | None) -> bool:
    if value is None:
        return False
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


class _Scopes(BaseMiddleware[Any, Any]):
    """The scopes of one message in the broker."""

    __slots__ = ("_rules",)

    def __init__(self, msg: Any | None, /, *, context: "ContextRepo", rules: ContractMiddleware) -> None:
        super().__init__(msg, context=context)
        self._rules = rules

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: "StreamMessage[Any]") -> Any:
        await self._rules.decode(msg)
        return await call_next(msg)

    async def publish_scope(self, call_next: Callable[[Any], Awaitable[Any]], cmd: PublishCommand) -> Any:
        self._rules.encode(cmd)
        return await call_next(cmd)


def _encode_alike(contract: AsyncEventContract, events: Sequence[Any]) -> list[EncodedEvent]:
    """Encode the events of a batch with one revision: they share their headers."""
    while True:
        written = [encode_unframed(contract, event) for event in events]
        if len({one.head for one in written}) == 1:
            return written
        # The handle moved to another revision in between.


def _records(message: "StreamMessage[Any]") -> list[TransportRecord]:
    raw, place = message.raw_message, _place(message.raw_message)
    if not isinstance(message.body, list):
        return [_record_of(raw, message.body, message.headers, place)]
    return [
        _record_of(one, body, headers, place)
        for one, body, headers in zip(raw, message.body, message.batch_headers, strict=True)
    ]


def _record_of(raw: Any, body: Any, headers: Mapping[str, Any], place: str) -> TransportRecord:
    key, partition, position = (_fact(raw, name) for name in ("key", "partition", "offset"))
    # FastStream turns a tombstone of Kafka into an empty body.
    is_tombstone = hasattr(raw, "value") and _fact(raw, "value") is None
    return TransportRecord(
        value=None if is_tombstone else _body_bytes(body),
        key=key if isinstance(key, bytes) else None,
        headers=header_pairs(_fact(raw, "headers") or headers),
        place=place,
        partition=partition if isinstance(partition, int) else None,
        position="" if position is None else str(position),
    )


def _body_bytes(body: Any) -> bytes:
    return bytes(body) if isinstance(body, bytes | bytearray | memoryview) else str(body).encode()


def _place(raw: Any) -> str:
    """Return where a message came from: its topic, subject, routing key, or Redis channel."""
    first = raw[0] if isinstance(raw, tuple | list) and raw else raw
    if isinstance(first, Mapping):
        channel = first.get("channel", "")
        return channel.decode("utf-8", "replace") if isinstance(channel, bytes) else str(channel)
    return str(next((found for name in ("topic", "subject", "routing_key") if (found := _fact(first, name))), ""))


def _fact(raw: Any, name: str) -> Any:
    """Return an attribute of a broker's message; confluent-kafka has methods."""
    found = getattr(raw, name, None)
    return found() if callable(found) else found
