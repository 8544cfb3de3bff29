"""A retired major is soft-deleted to clients of this API: producers stop and learn why, consumers read on."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient, SchemaRegistryError
from confluent_kafka.schema_registry import header_schema_id_serializer as in_header
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from tests.confluent.api import Api, record
from tests.confluent.node_clients import run_script
from tests.confluent.served import ServedRegistry

SUBJECT = "orders-value"
LONG = "o-2, which is long enough for a header"
USE_2 = f"Major 1 of '{SUBJECT}' is retired; use major 2 instead"
FIRST, SECOND = {"schema": json.dumps(record("id"))}, {"schema": json.dumps(record("number"))}


def major(text: dict[str, str], number: str) -> dict[str, Any]:
    return {**text, "metadata": {"properties": {"major": number}}}


@pytest.fixture
def retired(api: Api) -> Api:
    """A subject whose first major is retired, and whose second is not."""
    for number, text in (("1", FIRST), ("2", SECOND)):
        assert api.post(f"/subjects/{SUBJECT}/versions", major(text, number)).status == 200
    assert api.put(f"/v1/events/{SUBJECT}/majors/1", {"state": "retired"}).status == 200
    return api


def retire_the_rest(api: Api) -> None:
    assert api.put(f"/v1/events/{SUBJECT}/majors/2", {"state": "retired"}).status == 200


def test_a_retired_major_is_not_listed(retired: Api) -> None:
    assert retired.get(f"/subjects/{SUBJECT}/versions").json == [2]
    assert retired.get(f"/subjects/{SUBJECT}/versions?deleted=true").json == [1, 2]
    assert retired.get(f"/subjects/{SUBJECT}/versions?deletedOnly=true").json == [1]
    assert [one["version"] for one in retired.get("/schemas").json] == [2]
    assert [(one["version"], one.get("deleted")) for one in retired.get("/schemas?deleted=true").json] == [
        (1, True),
        (2, None),
    ]
    assert retired.get("/schemas/ids/1/subjects").json == []
    assert retired.get("/schemas/ids/1/versions?deleted=true").json == [{"subject": SUBJECT, "version": 1}]
    retire_the_rest(retired)
    assert retired.get("/subjects").json == []
    assert retired.get("/subjects?deleted=true").json == [SUBJECT]
    assert retired.get("/subjects?deletedOnly=true").json == [SUBJECT]


def test_a_retired_major_is_not_found_and_the_error_names_what_to_use(retired: Api) -> None:
    reply = retired.get(f"/subjects/{SUBJECT}/versions/1")
    assert (reply.code, reply.json["message"]) == (40402, f"Version 1 not found: {USE_2}.")
    assert retired.get(f"/subjects/{SUBJECT}/versions/1?deleted=true").json["deleted"] is True
    assert retired.get(f"/subjects/{SUBJECT}/versions/latest").json["version"] == 2
    looked_up = retired.post(f"/subjects/{SUBJECT}", FIRST)
    assert (looked_up.code, looked_up.json["message"]) == (40403, f"Schema not found: {USE_2}")
    assert retired.post(f"/subjects/{SUBJECT}?deleted=true", FIRST).json["version"] == 1
    by_metadata = retired.get(f"/subjects/{SUBJECT}/metadata?key=major&value=1")
    assert (by_metadata.code, by_metadata.json["message"]) == (40403, f"Schema not found: {USE_2}")
    retire_the_rest(retired)
    latest = retired.get(f"/subjects/{SUBJECT}/versions/latest")
    assert (latest.code, latest.json["message"]) == (40401, f"Subject '{SUBJECT}' not found: {_retired(2)}.")


def _retired(number: int) -> str:
    return f"Major {number} of '{SUBJECT}' is retired"


@pytest.mark.parametrize(
    "text", [FIRST, major({"schema": json.dumps(record("id", note=""))}, "1")], ids=["same", "new"]
)
def test_a_retired_major_takes_no_registration(retired: Api, text: dict[str, Any]) -> None:
    reply = retired.post(f"/subjects/{SUBJECT}/versions", text)
    assert reply.code == 42205
    assert reply.json["message"] == f"{_retired(1)} and accepts no new revisions; use major 2 instead"


def test_tags_of_a_retired_major_do_not_change(retired: Api) -> None:
    change = {"rulesToMerge": {"domainRules": [{"name": "a", "mode": "WRITE", "type": "CEL"}]}}
    assert retired.post(f"/subjects/{SUBJECT}/versions/1/tags", change).code == 40402
    assert retired.get(f"/subjects/{SUBJECT}/versions").json == [2]


def test_a_retired_major_still_resolves_by_id_and_guid(retired: Api) -> None:
    guid = retired.get(f"/subjects/{SUBJECT}/versions/1?deleted=true").json["guid"]
    text = json.loads(FIRST["schema"])
    assert json.loads(retired.get("/schemas/ids/1").json["schema"]) == text
    assert json.loads(retired.get("/schemas/ids/1/schema").text) == text
    assert json.loads(retired.get(f"/schemas/guids/{guid}").json["schema"]) == text


@pytest.mark.parametrize("version", ["", "/1", "/latest"])
def test_a_schema_of_a_retired_major_is_not_compatible(retired: Api, version: str) -> None:
    if version == "/latest":
        retire_the_rest(retired)
    reply = retired.post(f"/compatibility/subjects/{SUBJECT}/versions{version}", FIRST)
    assert reply.json["is_compatible"] is False
    assert "is retired" in reply.json["messages"][0]
    if version != "/latest":
        assert retired.post(f"/compatibility/subjects/{SUBJECT}/versions", SECOND).json == {"is_compatible": True}


def test_a_kept_answer_does_not_outlive_the_major(api: Api) -> None:
    api.post(f"/subjects/{SUBJECT}/versions", FIRST)
    path = f"/subjects/{SUBJECT}/versions/latest"
    assert [api.get(path).status for _ in range(3)] == [200] * 3
    api.put(f"/v1/events/{SUBJECT}/majors/1", {"state": "retired"})
    assert api.get(path).code == 40401
    api.put(f"/v1/events/{SUBJECT}/majors/1", {"state": "active"})
    assert api.get(path).status == 200


def test_a_version_in_use_is_not_deleted_in_a_domain(api: Api) -> None:
    api.put("/v1/domains/shop", {"owner": "team", "policy": {"type_names": "any"}})
    api.post("/subjects/shop.OrderPlaced/versions", FIRST)
    for path in ("/subjects/shop.OrderPlaced", "/subjects/shop.OrderPlaced/versions/1"):
        reply = api.delete(path)
        assert (reply.status, reply.code) == (422, 42205)
        assert "moorings retire shop.OrderPlaced@1" in reply.json["message"]


# The official Python client, unmodified.


class Shop:
    """A topic in a registered domain, with an event of two majors, the first of which is retired."""

    def __init__(self, url: str, name: str) -> None:
        self.url = url
        self.topic = f"{name}.OrderPlaced"
        self.subject = f"{self.topic}-value"
        self.client = SchemaRegistryClient({"url": url})
        self._put(f"/v1/domains/{name}", {"owner": "team", "policy": {"type_names": "any"}})
        self.first = json.dumps(record("id"))
        self.context = SerializationContext(self.topic, MessageField.VALUE)
        self.stored = AvroSerializer(self.client, self.first)({"id": "o-1"}, self.context)
        headers: list[Any] = []
        self.in_header = SerializationContext(self.topic, MessageField.VALUE, headers)
        writer = AvroSerializer(self.client, self.first, conf={"schema.id.serializer": in_header})
        self.stored_bare = writer({"id": LONG}, self.in_header)
        self._put(f"/v1/events/{name}.OrderSent/versions", {"schema": self.first}, "POST")
        people = {"reason": "a migration", "requested_by": "ann", "approved_by": "bob"}
        self._put("/v1/waivers", {"kind": "retire", "domain": name, **people, "until": _soon()}, "POST")
        self._put(f"/v1/events/{self.subject}/majors/1", {"state": "retired", "replacement": f"{name}.OrderSent@1"})
        self.reason = f"Major 1 of '{self.subject}' is retired; use major 1 of '{name}.OrderSent' instead"

    def _put(self, path: str, body: dict[str, Any], method: str = "PUT") -> None:
        reply = httpx2.request(method, f"{self.url}{path}", json=body)
        assert reply.status_code < 300, reply.text

    def fresh(self, **conf: Any) -> AvroSerializer:
        return AvroSerializer(SchemaRegistryClient({"url": self.url}), self.first, conf=conf)


def _soon() -> str:
    return (datetime.now(UTC) + timedelta(days=5)).isoformat(timespec="seconds")


@pytest.fixture(scope="module")
def shop(served: ServedRegistry) -> Shop:
    return Shop(served.url, "retiring")


MODES = {
    "auto-register": ({}, 42205),
    "lookup": ({"auto.register.schemas": False}, 40401),
    "use.latest.version": ({"auto.register.schemas": False, "use.latest.version": True}, 40401),
}


@pytest.mark.parametrize("mode", MODES)
def test_a_stock_producer_of_a_retired_major_fails_with_what_to_use(shop: Shop, mode: str) -> None:
    conf, code = MODES[mode]
    with pytest.raises(SchemaRegistryError) as caught:
        shop.fresh(**conf)({"id": LONG}, shop.context)
    assert caught.value.error_code == code
    assert "use major 1 of 'retiring.OrderSent' instead" in str(caught.value)


def test_a_stock_consumer_reads_stored_events_on(shop: Shop) -> None:
    for stored, context, id in (
        (shop.stored, shop.context, "o-1"),
        (shop.stored_bare, shop.in_header, LONG),
    ):
        reader = AvroDeserializer(SchemaRegistryClient({"url": shop.url}))
        assert reader(stored, context) == {"id": id}


def test_a_stock_client_learns_that_nothing_is_compatible(shop: Shop) -> None:
    assert shop.client.test_compatibility(shop.subject, Schema(shop.first, "AVRO")) is False
    assert shop.subject not in shop.client.get_subjects()


def test_the_official_node_client_stops_and_reads_on(shop: Shop) -> None:
    seen = run_script("lifecycle.mjs", shop.url, shop.topic, shop.first, shop.stored.hex())
    assert seen.pop("read") == {"id": "o-1"}
    assert set(seen) == {"register", "lookup", "latest"}
    for mode, message in seen.items():
        assert "use major 1 of 'retiring.OrderSent' instead" in message, mode
