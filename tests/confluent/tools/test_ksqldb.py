"""ksqlDB: how it infers, registers and drops schemas of topics, by Java's client.

`CREATE STREAM` without columns takes the newest version of `TOPIC-value`, or the one of `VALUE_SCHEMA_ID`, then its
schema by id and subject; a status of 404, 401 or 403 is shown as a schema that does not exist, anything else as a
failure. A schema in another format than the statement says is refused. `CREATE ... AS` registers, `CREATE` with columns
only where the subject does not exist (code 40401). Ended queries leave internal subjects, which are deleted twice, the
second time permanently; 40401, 401 and 403 end the attempts, anything else is tried again. It signs in as Connect does.
"""

import json
from typing import Any, ClassVar

import pytest

from tests.confluent.tools.calling import Refused
from tests.confluent.tools.conftest import Pointed
from tests.confluent.tools.content import CUSTOMER, record
from tests.confluent.tools.java_client import JavaClient


class KsqlDb(JavaClient):
    on_page: ClassVar[str] = "ksqlDB"

    def infer(self, topic: str, expected: str, id: int | None = None) -> dict[str, Any] | None:
        """The schema that columns are made of; None where the topic has none."""
        subject = f"{topic}-value"
        try:
            found = self.get_id(self.get_latest(subject)["id"] if id is None else id, subject)
        except Refused as refused:
            if refused.status in (404, 401, 403):
                return None
            raise
        assert found.get("schemaType", "AVRO") == expected
        return found

    def exists(self, subject: str) -> bool:
        try:
            self.get_latest(subject)
        except Refused as refused:
            if refused.code == 40401:
                return False
            raise
        return True

    def create(self, topic: str, schema: Any, *, from_query: bool = False, **more: Any) -> int | None:
        subject = f"{topic}-value"
        if self.exists(subject) and not from_query:
            return None
        text = schema if isinstance(schema, str) else json.dumps(schema)
        return self.register(subject, {"schema": text, **more})

    def clean_up(self, application: str) -> list[str]:
        """Delete the subjects of the internal topics of an ended query permanently."""
        ends = tuple(f"{kind}-{part}" for kind in ("-changelog", "-repartition") for part in ("key", "value"))
        gone = [one for one in self.get_all_subjects() if one.startswith(application) and one.endswith(ends)]
        for subject in gone:
            assert self.delete_subject(subject)
            assert self.delete_subject(subject, permanent=True)
        return gone


def test_columns_are_inferred_in_every_format(pointed: Pointed) -> None:
    ksql, content = pointed.at(KsqlDb), pointed.content
    order = ksql.infer("orders", "AVRO")
    assert order is not None
    assert [one["name"] for one in json.loads(order["schema"])["fields"]] == ["id", "note"]
    older = ksql.infer("orders", "AVRO", content.id("orders-value", 1))
    assert older is not None
    assert [one["name"] for one in json.loads(older["schema"])["fields"]] == ["id"]
    customer, shipment = ksql.infer("customers", "JSON"), ksql.infer("shipments", "PROTOBUF")
    assert customer is not None
    assert json.loads(customer["schema"]) == CUSTOMER
    assert shipment is not None
    assert shipment["references"] == [{"name": "common/money.proto", "subject": "common/money.proto", "version": 1}]


@pytest.mark.parametrize("topic", ["gone", "never", "a topic/of its own"])
def test_a_topic_without_a_schema_has_none(pointed: Pointed, topic: str) -> None:
    assert pointed.at(KsqlDb).infer(topic, "AVRO") is None


def test_streams_register_their_schemas(pointed: Pointed) -> None:
    ksql = pointed.at(KsqlDb)
    value = {
        "type": "record",
        "name": "KsqlDataSourceSchema",
        "namespace": "io.confluent.ksql.avro_schemas",
        "fields": [{"name": "ID", "type": ["null", "string"], "default": None}],
        "connect.name": "io.confluent.ksql.avro_schemas.KsqlDataSourceSchema",
    }
    first = ksql.create("PAGEVIEWS", value)
    assert first is not None
    assert ksql.create("PAGEVIEWS", value) is None
    assert ksql.create("PAGEVIEWS", value, from_query=True) == first
    proto = 'syntax = "proto3";\n\nmessage ConnectDefault1 {\n  string ID = 1;\n}\n'
    assert ksql.create("PAGEVIEWS_P", proto, from_query=True, schemaType="PROTOBUF")
    schema = {"type": "object", "title": "x", "properties": {"ID": {"connect.index": 0, "oneOf": [{"type": "null"}]}}}
    assert ksql.create("PAGEVIEWS_J", schema, from_query=True, schemaType="JSON")


def test_a_query_that_would_break_its_topic_is_refused_with_the_reason(pointed: Pointed) -> None:
    with pytest.raises(Refused, match="must has no default") as refused:
        pointed.at(KsqlDb).create("orders", record("Order", "id", "must"), from_query=True)
    assert refused.value.status == 409


def test_dropping_a_stream_and_ending_a_query_delete_subjects(pointed: Pointed) -> None:
    ksql, application = pointed.at(KsqlDb), "_confluent-ksql-default_query_CTAS_T_1"
    for kind in ("Aggregate-GroupBy-repartition", "Aggregate-Aggregate-Materialize-changelog"):
        ksql.create(f"{application}-{kind}", record("Internal", "id"))
    assert len(ksql.clean_up(application)) == 2
    assert ksql.clean_up(application) == []
    ksql.create("DROPPED", record("Dropped", "id"))
    assert ksql.delete_subject("DROPPED-value") == [1]
    with pytest.raises(Refused) as refused:
        ksql.delete_subject("never-value")
    assert refused.value.code == 40401


def test_a_token_that_may_not_register_is_refused_and_what_it_may_not_read_does_not_exist(closed: Pointed) -> None:
    guest = closed.at(KsqlDb, token=closed.target.narrow)
    assert guest.infer("orders", "AVRO") is not None
    assert guest.infer("customers", "JSON") is None
    with pytest.raises(Refused) as refused:
        guest.create("orders", record("Order", "id", note="", more=""), from_query=True)
    assert (refused.value.status, refused.value.code) == (403, 40301)
    with pytest.raises(Refused) as refused:
        closed.at(KsqlDb, token="x.y.z").get_all_subjects()
    assert (refused.value.status, refused.value.code) == (401, 40101)
