"""CloudEvents over HTTP: every mode, held against the official library both ways."""

import json
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import pytest
from cloudevents.core.bindings import http as official
from hypothesis import given, settings
from hypothesis import strategies as st

import moorings
from moorings.integrations.cloudevents import (
    BATCHED,
    STRUCTURED,
    CloudEvent,
    EventSource,
    HttpMessage,
    cloud_record,
    from_http,
    to_batch,
    to_binary,
    to_structured,
)
from moorings.integrations.consuming import consume_or_set_aside
from moorings.integrations.dead_letters import DeadLetter
from tests.confluent.served import ServedRegistry
from tests.integrations.shop import CAPTURED, CARRIED, PLACED, SHIPPED, ShopEvent
from tests.integrations.sinks import never

SOURCE = "https://shop.example/orders"
MODES = [to_binary, to_structured, lambda event: to_batch([event])]
MODE_NAMES = ["binary", "structured", "batch"]


def source(shop: moorings.Registry, event: ShopEvent, url: str | None = None) -> EventSource:
    return EventSource(shop.event(event.subject), SOURCE, url)


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
@pytest.mark.parametrize("mode", MODES, ids=MODE_NAMES)
@pytest.mark.parametrize("by_url", [True, False])
def test_events_are_sent_and_read_as_cloudevents(
    shop: moorings.Registry,
    served: ServedRegistry,
    event: ShopEvent,
    mode: Callable[[CloudEvent], HttpMessage],
    by_url: bool,
) -> None:
    sent = source(shop, event, served.url if by_url else None).event(event.value, subject="o-1 & é")
    message = mode(sent)
    (received,) = from_http({name.title(): value for name, value in message.headers.items()}, message.body)
    assert dict(received.attributes) == dict(sent.attributes)
    handled: list[Any] = []
    assert consume_or_set_aside(shop.event(event.subject), cloud_record(received), handled.append, never)
    assert handled == [event.value]


def test_attributes_follow_the_conventions(shop: moorings.Registry, served: ServedRegistry) -> None:
    contract = shop.event(CAPTURED.subject)
    sent = source(shop, CAPTURED, served.url).event(CAPTURED.value, subject="p-1", extensions={"traceparent": "00-1"})
    said = {name: sent[name] for name in sent.attributes if name not in ("id", "time")}
    assert said == {
        "specversion": "1.0",
        "source": SOURCE,
        "type": "shop.payments.PaymentCaptured.v1",
        "subject": "p-1",
        "datacontenttype": "application/protobuf",
        "dataschema": f"{served.url}/v1/schemas/{contract.latest.guid}#1",
        "dataschemaversion": "1.0",
        "traceparent": "00-1",
    }


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
def test_the_official_library_reads_ours(shop: moorings.Registry, event: ShopEvent) -> None:
    sent = source(shop, event).event(event.value, subject="100 % é")
    ours = to_binary(sent)
    read = official.from_http_event(official.HTTPMessage(dict(ours.headers), ours.body))
    whole = to_structured(sent)
    structured = official.from_http_event(official.HTTPMessage(dict(whole.headers), whole.body))
    for one in (read, structured):
        assert one.get_subject() == "100 % é"
        assert one.get_dataschema() == sent["dataschema"]
        assert one.get_type() == sent["type"]
        assert one.get_data() == (event.value if event is SHIPPED else sent.data)


@pytest.mark.parametrize("event", CARRIED, ids=attrgetter("format"))
@pytest.mark.parametrize("mode", [official.to_binary_event, official.to_structured_event])
def test_ours_reads_the_official_library(shop: moorings.Registry, event: ShopEvent, mode: Any) -> None:
    from cloudevents.core.v1.event import CloudEvent as Official  # beside a class of ours with the same name

    sent = source(shop, event).event(event.value)
    attributes = {name: text for name, text in sent.attributes.items() if name != "time"}
    message = mode(Official(attributes, event.value if event is SHIPPED else sent.data))
    (received,) = from_http(message.headers, message.body)
    handled: list[Any] = []
    assert consume_or_set_aside(shop.event(event.subject), cloud_record(received), handled.append, never)
    assert handled == [event.value]
    assert received["dataschemaversion"] == "1.0"


def test_an_invalid_event_makes_no_cloudevent(shop: moorings.Registry) -> None:
    with pytest.raises(moorings.EventInvalid, match="/total/cents"):
        source(shop, PLACED).event(PLACED.wrong)


def test_json_payloads_are_json_in_a_structured_event(shop: moorings.Registry) -> None:
    body = json.loads(to_structured(source(shop, SHIPPED).event(SHIPPED.value)).body)
    assert body["data"] == SHIPPED.value
    assert "data_base64" not in body


def test_an_event_without_a_schema_is_set_aside(shop: moorings.Registry) -> None:
    sent = source(shop, PLACED).event(PLACED.value)
    bare = CloudEvent({name: text for name, text in sent.attributes.items() if name != "dataschema"}, sent.data)
    letters: list[DeadLetter] = []
    assert not consume_or_set_aside(shop.event(PLACED.subject), cloud_record(bare), never, letters.append)
    assert letters[0].reason.code in ("FRAMING_INVALID", "WRITER_UNKNOWN")
    assert (letters[0].record.place, letters[0].record.position) == (SOURCE, sent["id"])


REFUSED: list[tuple[str, dict[str, str], bytes]] = [
    ("no specversion", {"ce-id": "1", "ce-source": "s", "ce-type": "t"}, b""),
    ("another specversion", {"ce-specversion": "0.3", "ce-id": "1", "ce-source": "s", "ce-type": "t"}, b""),
    ("no id", {"ce-specversion": "1.0", "ce-source": "s", "ce-type": "t"}, b""),
    ("nothing", {}, b""),
    ("no JSON", {"content-type": STRUCTURED}, b"{"),
    ("no object", {"content-type": STRUCTURED}, b"[]"),
    ("deep JSON", {"content-type": STRUCTURED}, b"[" * 100_000),
    ("no array", {"content-type": BATCHED}, b"{}"),
    (
        "a name with a line break",
        {"content-type": STRUCTURED},
        b'{"specversion":"1.0","id":"1","source":"s","type":"t","a\\n":"b"}',
    ),
    ("a list in an attribute", {"content-type": STRUCTURED}, b'{"specversion":"1.0","id":["a"]}'),
    ("no base64", {"content-type": STRUCTURED}, b'{"specversion":"1.0","data_base64":"***"}'),
    ("base64 that is a number", {"content-type": STRUCTURED}, b'{"specversion":"1.0","data_base64":7}'),
    ("a format that is not read", {"content-type": "application/cloudevents+protobuf"}, b""),
]


@pytest.mark.parametrize(("shows", "headers", "body"), REFUSED, ids=[one[0] for one in REFUSED])
def test_requests_that_are_not_cloudevents_are_refused(shows: str, headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(moorings.FramingInvalid):
        from_http(headers, body)


@pytest.mark.parametrize("name", ["Trace", "with-dash", "data", "id", "subject", "", "x" * 41])
def test_invalid_or_reserved_extension_names_are_refused(shop: moorings.Registry, name: str) -> None:
    with pytest.raises(moorings.SettingInvalid):
        source(shop, PLACED).event(PLACED.value, extensions={name: "x"})


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(source=TEXT, subject=TEXT, data=st.binary(max_size=30))
def test_any_attribute_survives_every_mode(source: str, subject: str, data: bytes) -> None:
    facts = {"specversion": "1.0", "id": "1", "source": source, "type": "t", "subject": subject}
    sent = CloudEvent({**facts, "datacontenttype": "avro/binary"}, data)
    for mode in (to_binary, to_structured):
        message = mode(sent)
        (received,) = from_http(message.headers, message.body)
        assert (dict(received.attributes), received.data) == (dict(sent.attributes), data)
        assert all(value.isascii() and value.isprintable() for value in message.headers.values())


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from(["specversion", "id", "source", "type", "data", "data_base64", "datacontenttype", "dataschema"])


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.dictionaries(NAMES | TEXT, JSON_VALUES, max_size=8), st.booleans(), st.sampled_from([STRUCTURED, BATCHED]))
def test_any_json_is_an_event_or_refused(facts: dict[str, Any], complete: bool, media_type: str) -> None:
    if complete:
        facts = {**facts, "specversion": "1.0", "id": "1", "source": "s", "type": "t"}
    body = json.dumps([facts] if media_type == BATCHED else facts).encode()
    try:
        events = from_http({"content-type": media_type}, body)
    except moorings.FramingInvalid:
        events = ()
    assert all(cloud_record(event).place == "s" for event in events if complete)
