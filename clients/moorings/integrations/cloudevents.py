"""CloudEvents 1.0 over HTTP: binary, structured and batched, for webhooks and event brokers.

Conventions: `type` is the event's name with its major (``shop.orders.OrderPlaced.v1``), `source` the service that
emits it, `subject` what it is about (an order's number), `dataschema` names the schema by its guid, and the extension
`dataschemaversion` is the revision (``1.2``). For Protobuf a fragment of `dataschema` is the message's place in its
file (``#0``, ``#1,0``). A contract's JSON is inside a structured event as JSON, the other formats as base64.
"""

import base64
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote

import orjson

from moorings.codecs import json_numbers
from moorings.errors import FramingInvalid, SettingInvalid
from moorings.integrations.records import GUID_LABEL, INDEXES_LABEL, TransportRecord, WritingContract, encode_unframed

STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"

_SAFE = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"%')  # HTTP binding 1.0, 3.1.3.2
_REQUIRED = ("id", "source", "type")
_ATTRIBUTE_NAME = re.compile(r"[a-z0-9]{1,40}\Z")
_GUID_AT_END = re.compile(r"([0-9a-fA-F-]{36})(?:#([0-9,]{1,100}))?\Z")
_MOST_ATTRIBUTES = 100


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One event: its attributes as text, extensions included, and its payload; None if there is no data."""

    attributes: Mapping[str, str]
    data: bytes | None

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]


@dataclass(frozen=True, slots=True)
class HttpMessage:
    """The headers and the body of a request or response."""

    headers: dict[str, str]
    body: bytes


def _new_id() -> str:
    return str(uuid.uuid4())


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class EventSource:
    """One service as a source of one contract's events.

    *registry_url* makes `dataschema` the address of the schema in that registry; without one it is the URI
    ``moorings:guid:...``.
    """

    contract: WritingContract
    source: str
    registry_url: str | None = None
    new_id: Callable[[], str] = field(default=_new_id, kw_only=True)
    clock: Callable[[], datetime] = field(default=_now, kw_only=True)

    def event(
        self, value: Any, *, subject: str | None = None, extensions: Mapping[str, str] | None = None
    ) -> CloudEvent:
        """Validate *value* and make it an event.

        *extensions* are further attributes, such as ``traceparent``: names of lower-case letters and digits.

        Raises:
            EventInvalid: with every violation.
            SettingInvalid: an extension with an invalid or reserved name.
        """
        bare = encode_unframed(self.contract, value)
        version = bare.version
        attributes = {
            "specversion": "1.0",
            "id": self.new_id(),
            "source": self.source,
            "type": f"{version.subject}.v{version.major}",
            "time": self.clock().isoformat().replace("+00:00", "Z"),
            "datacontenttype": bare.content_type,
            "dataschema": self._schema_uri(bare.labels),
            "dataschemaversion": version.label,
            **({} if subject is None else {"subject": subject}),
        }
        for name, text in (extensions or {}).items():
            if not _ATTRIBUTE_NAME.match(name) or name in {*attributes, "data", "subject"}:
                raise SettingInvalid(f"invalid or reserved name of an extension: {name[:40]!r}")
            attributes[name] = text
        return CloudEvent(attributes, bare.payload)

    def _schema_uri(self, labels: Mapping[str, str]) -> str:
        guid = labels[GUID_LABEL]
        place = f"#{labels[INDEXES_LABEL]}" if INDEXES_LABEL in labels else ""
        if self.registry_url is None:
            return f"moorings:guid:{guid}{place}"
        return f"{self.registry_url.rstrip('/')}/v1/schemas/{guid}{place}"


def to_binary(event: CloudEvent) -> HttpMessage:
    """Return *event* with its attributes as headers and its payload as the body."""
    headers = {f"ce-{name}": quote(text, safe=_SAFE) for name, text in event.attributes.items()}
    declared = headers.pop("ce-datacontenttype", None)
    if declared is not None:
        headers["content-type"] = event["datacontenttype"]
    return HttpMessage(headers, event.data or b"")


def to_structured(event: CloudEvent) -> HttpMessage:
    """Return *event* as one JSON object."""
    return HttpMessage({"content-type": STRUCTURED}, orjson.dumps(_to_json(event)))


def to_batch(events: Iterable[CloudEvent]) -> HttpMessage:
    """Return *events* as one JSON array."""
    return HttpMessage({"content-type": BATCHED}, orjson.dumps([_to_json(event) for event in events]))


def from_http(headers: Mapping[str, str], body: bytes) -> tuple[CloudEvent, ...]:
    """Read the events of a request in any mode: one, or those of a batch. Header names are case-insensitive.

    Raises:
        FramingInvalid: not a CloudEvent 1.0; the message says what is missing.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    media_type = lowered.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == BATCHED:
        batch = _json_body(body)
        if not isinstance(batch, list):
            raise FramingInvalid("a batch of CloudEvents that is not a JSON array")
        return tuple(_from_json(one) for one in batch)
    if media_type == STRUCTURED:
        return (_from_json(_json_body(body)),)
    if media_type.startswith("application/cloudevents"):
        raise FramingInvalid(f"unsupported format of CloudEvents: {media_type[:80]}; only JSON is read")
    return (_from_binary(lowered, body),)


def cloud_record(event: CloudEvent) -> TransportRecord:
    """Return *event* as a record that `consume_or_set_aside` takes; a `dataschema` with a guid names the writer.

    Its place is the source, its position the id: the two that identify an event.
    """
    headers = [(f"ce-{name}", text.encode("utf-8", "replace")) for name, text in event.attributes.items()]
    named = _GUID_AT_END.search(event.attributes.get("dataschema", "")[-200:])
    if named:
        headers.append((GUID_LABEL, named[1].encode()))
    if named and named[2]:
        headers.append((INDEXES_LABEL, named[2].encode()))
    return TransportRecord(event.data or b"", headers=tuple(headers), place=event["source"], position=event["id"])


def _to_json(event: CloudEvent) -> dict[str, Any]:
    facts: dict[str, Any] = dict(event.attributes)
    if event.data is None:
        return facts
    if _is_json(facts.get("datacontenttype", "")):
        facts["data"] = orjson.Fragment(event.data)
    else:
        facts["data_base64"] = base64.b64encode(event.data).decode("ascii")
    return facts


def _from_json(facts: Any) -> CloudEvent:
    if not isinstance(facts, dict):
        raise FramingInvalid("a CloudEvent in JSON that is not an object")
    data = _json_data(facts)
    facts = {name: value for name, value in facts.items() if name not in ("data", "data_base64") and value is not None}
    return _checked(CloudEvent({name: _attribute_text(value) for name, value in facts.items()}, data))


def _json_data(facts: Mapping[str, Any]) -> bytes | None:
    if "data_base64" in facts:
        text = facts["data_base64"]
        try:
            return base64.b64decode(text, validate=True)
        except (ValueError, TypeError):
            pass  # raised outside: the cause quotes the text
        raise FramingInvalid("data_base64 is not base64")
    if "data" not in facts:
        return None
    data = facts["data"]
    if isinstance(data, str) and not _is_json(facts.get("datacontenttype") or "application/json"):
        return data.encode("utf-8", "surrogatepass")
    return json_numbers.dumps(data)


def _from_binary(headers: Mapping[str, str], body: bytes) -> CloudEvent:
    attributes = {name[3:]: unquote(value) for name, value in headers.items() if name.startswith("ce-")}
    if "content-type" in headers:
        attributes["datacontenttype"] = headers["content-type"]
    return _checked(CloudEvent(attributes, body))


def _checked(event: CloudEvent) -> CloudEvent:
    if event.attributes.get("specversion") != "1.0":
        raise FramingInvalid("not a CloudEvent 1.0: specversion is missing, or another one")
    missing = [name for name in _REQUIRED if not event.attributes.get(name)]
    if missing:
        raise FramingInvalid(f"the CloudEvent has no {', '.join(missing)}")
    if not all(_ATTRIBUTE_NAME.match(name) for name in event.attributes):
        raise FramingInvalid("an attribute has an invalid name: not 1 to 40 lower-case letters and digits")
    if len(event.attributes) > _MOST_ATTRIBUTES:
        raise FramingInvalid(f"a CloudEvent with more than {_MOST_ATTRIBUTES} attributes")
    return event


def _attribute_text(value: Any) -> str:
    """Return an attribute as text; numbers and booleans as the specification writes them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    raise FramingInvalid("an attribute of a CloudEvent that is neither text, nor an integer, nor a boolean")


def _json_body(body: bytes) -> Any:
    try:
        return json_numbers.loads(body)
    except ValueError:
        pass  # raised outside: the cause quotes the body
    raise FramingInvalid("the body is not JSON")


def _is_json(media_type: Any) -> bool:
    bare = str(media_type).partition(";")[0].strip().lower()
    return bare == "application/json" or bare.endswith("+json") or bare.startswith("text/json")
