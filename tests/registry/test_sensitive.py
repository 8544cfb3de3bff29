"""Values of metadata that are marked sensitive never reach the ledger, whatever way they come in."""

from collections.abc import Mapping
from typing import Any

import pytest

from moorings_compat import Format, content_guid, parse
from moorings_registry.commands import Draft, ImportVersion
from moorings_registry.engines import open_ledger
from moorings_registry.entries import START, Entry
from moorings_registry.errors import MetadataInvalid
from moorings_registry.facts import SchemaDefined, SchemaRegistered, to_json
from moorings_registry.names import Subject
from tests.registry.asking import Asked, record
from tests.registry.calling import Http

SECRET = "correct horse battery staple"
METADATA = {"properties": {"token": SECRET, "team": "orders"}, "sensitive": ["token"]}
TAG = {"schemaEntity": {"entityPath": "OrderPlaced.a", "entityType": "sr_field"}, "tags": ["PII"]}


def association(metadata: Mapping[str, Any]) -> dict[str, Any]:
    schema = {"schema": record("a"), "metadata": metadata}
    one = {"subject": "t", "associationType": "value", "lifecycle": "STRONG", "schema": schema}
    named = {"resourceName": "o", "resourceNamespace": "lkc-1", "resourceId": "id-o", "resourceType": "topic"}
    return {**named, "associations": [one]}


DOORS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/v1/events/t/versions", {"schema": record("a"), "metadata": METADATA}),
    ("POST", "/v1/checks", {"subject": "t", "schema": record("a"), "metadata": METADATA}),
    ("POST", "/subjects/t/versions", {"schema": record("a"), "metadata": METADATA}),
    ("POST", "/subjects/s/versions", {"metadata": METADATA}),
    ("POST", "/subjects/s/versions/1/tags", {"metadata": METADATA, "tagsToAdd": [TAG]}),
    ("POST", "/compatibility/subjects/t/versions", {"schema": record("a"), "metadata": METADATA}),
    ("POST", "/associations", association(METADATA)),
    ("PUT", "/config", {"defaultMetadata": METADATA}),
    ("PUT", "/config/t", {"overrideMetadata": METADATA}),
]


@pytest.mark.parametrize(("method", "path", "body"), DOORS, ids=[f"{row[0]} {row[1]}" for row in DOORS])
def test_a_sensitive_value_is_refused_with_its_place_and_kept_nowhere(
    method: str, path: str, body: dict[str, Any]
) -> None:
    http = Http()
    http.register(path="/v1/events/s")
    before = http.ledger.head()
    refused = http.call(method, path, body)
    assert refused.status == 422
    assert refused.json.get("code", "METADATA_INVALID") == "METADATA_INVALID"
    assert refused.json.get("error_code", 42210) == 42210
    assert b"'token'" in refused.body
    assert SECRET.encode() not in refused.body
    assert http.ledger.head() == before


def test_the_native_api_points_to_the_value() -> None:
    refused = Http().post("/v1/events/t/versions", {"schema": record("a"), "metadata": METADATA})
    assert [one["pointer"] for one in refused.json["errors"]] == ["/metadata/properties/token"]


def test_a_value_that_a_setting_marks_is_refused_as_well() -> None:
    http = Http()
    assert http.put("/config", {"overrideMetadata": {"sensitive": ["token"]}}).status == 200
    for path in ("/v1/events/t/versions", "/subjects/t/versions"):
        body = {"schema": record("a"), "metadata": {"properties": {"token": SECRET}}}
        assert http.post(path, body).status == 422
        assert http.post(path, {**body, "metadata": {"properties": {"team": "orders"}}}).status in (200, 201)


def test_a_name_without_a_value_is_no_secret() -> None:
    http = Http()
    kept = http.register(metadata={"properties": {"team": "orders"}, "sensitive": ["token"]})
    assert kept["metadata"]["sensitive"] == ["token"]


def test_nothing_secret_is_imported() -> None:
    asked = Asked()
    draft = Draft(Format.AVRO, record("a"), metadata=METADATA)
    with pytest.raises(MetadataInvalid):
        asked.do(ImportVersion(Subject.parse("s"), draft, 7, 1))
    http = Http()
    http.put("/mode", {"mode": "IMPORT"})
    body = {"schema": record("a"), "metadata": METADATA, "id": 7, "version": 1}
    assert http.post("/subjects/s/versions", body).json["error_code"] == 42210


def test_a_revision_from_before_is_found_again_and_not_refused() -> None:
    text = record("a")
    guid = str(content_guid(Format.AVRO, parse(text, Format.AVRO).identity, (), METADATA, None))
    kept = [
        SchemaDefined(guid=guid, format="AVRO", text=text, references=[], metadata=METADATA, rule_set=None),
        SchemaRegistered(subject="s", version=1, id=1, guid=guid, major=1, revision=0, group="", level="BACKWARD",
                         compared=[], policy={}),
    ]  # fmt: skip
    entry = Entry.following(
        START, recorded_at="2026-11-22T10:00:00.000000Z", actor="ci", correlation_id="c", facts=map(to_json, kept)
    )
    ledger = open_ledger("memory:")
    ledger.append(entry, after=START)
    http = Http(ledger)
    for path in ("/v1/events/s/versions", "/subjects/s/versions"):
        assert http.post(path, {"schema": text, "metadata": METADATA}).status == 200
    assert http.post("/v1/events/s/versions", {"schema": record("a", b=1)}).code == "METADATA_INVALID"
    assert http.register(record("a", b=1), "/v1/events/s", metadata={"properties": {"team": "orders"}})["version"] == 2
