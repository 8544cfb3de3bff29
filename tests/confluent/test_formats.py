"""Other forms of a schema's text."""

import base64
import json
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from tests.confluent.api import PROTO, Api, draft, record

OPTIONS = """syntax = "proto3";
package shop;

import "google/protobuf/descriptor.proto";

extend google.protobuf.FieldOptions {
  string owner = 50001;
}

message Order {
  string id = 1 [(owner) = "orders", deprecated = true];
}
"""


def reference(name: str, subject: str) -> dict[str, Any]:
    return {"name": name, "subject": subject, "version": 1}


@pytest.fixture
def order(api: Api) -> Api:
    """An Avro schema with id 2 that uses another."""
    api.register("line", record("sku", name="Line"))
    using = record(name="Order") | {"fields": [{"name": "a", "type": "Line"}, {"name": "b", "type": "Line"}]}
    api.register("order", using, references=[reference("shop.Line", "line")])
    return api


@pytest.mark.parametrize(
    "path", ["/schemas/ids/2?format=resolved", "/subjects/order/versions/1?format=resolved&deleted=false"]
)
def test_the_resolved_format_inlines_references_of_avro(order: Api, path: str) -> None:
    resolved = json.loads(order.get(path).json["schema"])
    assert resolved["fields"][0]["type"]["fields"][0]["name"] == "sku"
    assert isinstance(resolved["fields"][1]["type"], str)
    alone = order.register("alone", resolved)
    assert "references" not in alone


def test_bare_schema_texts_are_written_in_a_format_too(order: Api) -> None:
    paths = ("/schemas/ids/2/schema", "/subjects/order/versions/1/schema")
    assert {order.get(f"{path}?format=resolved").text for path in paths} == {
        order.get("/schemas/ids/2?format=resolved").json["schema"]
    }


def test_cached_answers_in_different_formats_are_kept_apart(order: Api) -> None:
    plain = order.get("/schemas/ids/2").json["schema"]
    assert order.get("/schemas/ids/2?format=resolved").json["schema"] != plain
    assert order.get("/schemas/ids/2").json["schema"] == plain
    assert order.get("/schemas/ids/2?format=unheard").json["schema"] == plain


def test_the_resolved_format_inlines_references_of_json_schema(api: Api) -> None:
    api.register("money", {"type": "object", "properties": {"cents": {"type": "integer"}}}, schemaType="JSON")
    using = {"type": "object", "properties": {"total": {"$ref": "money.json"}}}
    api.register("order", using, schemaType="JSON", references=[reference("money.json", "money")])
    resolved = api.get("/schemas/ids/2?format=resolved").json["schema"]
    assert '"cents"' in resolved
    assert api.register("alone", resolved, schemaType="JSON")["version"] == 1


def test_a_base64_protobuf_descriptor_is_the_same_schema_as_its_text(api: Api) -> None:
    api.register("p", PROTO, schemaType="PROTOBUF")
    packed = api.get("/schemas/ids/1?format=serialized").json["schema"]
    file = FileDescriptorProto.FromString(base64.b64decode(packed))
    assert [one.name for one in file.message_type] == ["Order"]
    assert api.post("/subjects/p", draft(packed, schemaType="PROTOBUF")).json["version"] == 1
    assert api.register("p", packed, schemaType="PROTOBUF")["version"] == 1


def test_ignore_extensions_leaves_out_custom_options_of_protobuf(api: Api) -> None:
    api.register("p", OPTIONS, schemaType="PROTOBUF")
    text = api.get("/subjects/p/versions/1?format=ignore_extensions").json["schema"]
    assert "orders" not in text
    assert "deprecated = true" in text
    assert "message Order" in text


def test_qualified_references_show_the_context_of_their_subjects(api: Api) -> None:
    api.register(":.eu:line", record("sku", name="Line"))
    using = record(name="Order") | {"fields": [{"name": "a", "type": "Line"}]}
    api.register(":.eu:order", using, references=[reference("shop.Line", "line")])
    path = "/subjects/:.eu:order/versions/1"
    assert api.get(path).json["references"][0]["subject"] == "line"
    for query in ("referenceFormat=qualified", "reference_format=QUALIFIED"):
        assert api.get(f"{path}?{query}").json["references"][0]["subject"] == ":.eu:line"
