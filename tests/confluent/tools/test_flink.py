"""Flink: the formats `avro-confluent` and `debezium-avro-confluent`, and catalogs of topics, by Java's client.

A source gets the schema of each message's id, and fails its job where there is none. A sink registers under
`subject`, `TOPIC-value` by default, or with `auto.register.schemas = false` looks its schema up, and writes the id. A
catalog takes each subject that ends with `-value` for a table, and makes its columns of the newest version, whose type
names the format. It signs in by a token in its options (`bearer-auth.token`), by Basic, or as Connect does.
"""

import json
from typing import Any, ClassVar

import pytest

from tests.confluent.tools.calling import Refused
from tests.confluent.tools.conftest import Pointed
from tests.confluent.tools.content import record
from tests.confluent.tools.java_client import JavaClient

ROW = {
    "type": "record",
    "name": "record",
    "namespace": "org.apache.flink.avro.generated",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "at", "type": ["null", {"type": "long", "logicalType": "timestamp-millis"}], "default": None},
        {
            "name": "price",
            "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}],
            "default": None,
        },
    ],
}


class Flink(JavaClient):
    on_page: ClassVar[str] = "Flink"

    def sink(self, subject: str, schema: Any, *, register: bool = True) -> bytes:
        body = {"schema": json.dumps(schema)}
        id = self.register(subject, body) if register else self.look_up(subject, body)["id"]
        return b"\0" + int(id).to_bytes(4, "big")

    def source(self, data: bytes) -> dict[str, Any]:
        """The writer's schema, which has to be Avro."""
        found = self.get_id(int.from_bytes(data[1:5], "big"))
        assert found.get("schemaType", "AVRO") == "AVRO"
        return dict(json.loads(found["schema"]))

    def tables(self) -> list[str]:
        return [one.removesuffix("-value") for one in self.get_all_subjects() if one.endswith("-value")]

    def table(self, name: str) -> tuple[str, list[str]]:
        """The format of a table and its columns."""
        newest = self.get_latest(f"{name}-value")
        kind = newest.get("schemaType", "AVRO").lower()
        fields = json.loads(newest["schema"])["fields"] if kind == "avro" else []
        return f"{kind}-confluent", [one["name"] for one in fields]


def test_a_sink_registers_its_row_and_a_source_reads_it(pointed: Pointed) -> None:
    flink = pointed.at(Flink)
    written = flink.sink("flink-value", ROW)
    assert flink.source(written) == ROW
    assert flink.sink("flink-value", ROW, register=False) == written
    row: dict[str, Any] = {
        **ROW,
        "fields": [*ROW["fields"], {"name": "more", "type": ["null", "int"], "default": None}],
    }  # type: ignore[misc]
    assert flink.sink("flink-value", row) != written


def test_a_change_stream_of_debezium_is_registered(pointed: Pointed) -> None:
    flink = pointed.at(Flink)
    value = {"type": "record", "name": "Value", "fields": [{"name": "id", "type": "int"}]}
    envelope = {
        "type": "record",
        "name": "Envelope",
        "namespace": "mysql.shop.orders",
        "fields": [
            {"name": "before", "type": ["null", value], "default": None},
            {"name": "after", "type": ["null", "Value"], "default": None},
            {"name": "op", "type": "string"},
        ],
        "connect.name": "mysql.shop.orders.Envelope",
    }
    assert flink.source(flink.sink("mysql.shop.orders-value", envelope))["name"] == "Envelope"


@pytest.mark.parametrize(
    ("subject", "schema", "register", "code"),
    [
        ("flink-none-value", ROW, False, 40401),
        ("orders-value", record("Order", "other"), False, 40403),
        ("orders-value", record("Order", "id", "must"), True, 409),
    ],
)
def test_a_job_fails_with_the_reason(pointed: Pointed, subject: str, schema: Any, register: bool, code: int) -> None:
    with pytest.raises(Refused) as refused:
        pointed.at(Flink).sink(subject, schema, register=register)
    assert refused.value.code == code


def test_a_source_reads_deleted_versions_and_refuses_unknown_ids(pointed: Pointed) -> None:
    flink = pointed.at(Flink)
    assert flink.source(b"\0" + pointed.content.id("gone-value").to_bytes(4, "big"))["name"] == "Gone"
    with pytest.raises(Refused) as refused:
        flink.source(b"\0\x7f\xff\xff\xff")
    assert refused.value.code == 40403


def test_a_catalog_makes_tables_of_subjects(pointed: Pointed) -> None:
    flink = pointed.at(Flink)
    tables = flink.tables()
    assert "orders" in tables
    assert "gone" not in tables
    assert flink.table("orders") == ("avro-confluent", ["id", "note"])
    assert flink.table("customers") == ("json-confluent", [])
    assert flink.table("shipments") == ("protobuf-confluent", [])
