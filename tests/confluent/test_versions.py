"""Registering, reading, and what registering again comes to."""

import json
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar

import pytest

from tests.confluent.api import JSON_OBJECT, PROTO, Api, draft, record


def test_the_answer_to_a_registration_is_the_whole_version(api: Api) -> None:
    answer = api.register("orders-value", record("id"), metadata={"properties": {"owner": "orders"}})
    assert answer["id"] == answer["version"] == 1
    assert answer["subject"] == "orders-value"
    assert answer["schemaType"] == "AVRO"
    assert json.loads(answer["schema"]) == record("id")
    assert answer["metadata"] == {"properties": {"owner": "orders"}}
    assert len(answer["guid"]) == 36
    assert answer["ts"] > 1_600_000_000_000
    assert "references" not in answer
    assert "ruleSet" not in answer
    assert answer == api.get("/subjects/orders-value/versions/1").json


@pytest.mark.parametrize(
    ("schema", "kind"),
    [(record("id"), "AVRO"), ('"string"', "AVRO"), (JSON_OBJECT, "JSON"), (PROTO, "PROTOBUF")],
)
def test_registering_the_same_schema_again_gives_the_same_version(api: Api, schema: Any, kind: str) -> None:
    first = api.register("orders-value", schema, schemaType=kind)
    again = api.register("orders-value", schema, schemaType=kind)
    assert first == again
    assert first["schemaType"] == kind
    assert api.get("/subjects/orders-value/versions").json == [1]


def test_a_change_of_white_space_does_not_make_a_version(api: Api) -> None:
    api.register("orders-value", json.dumps(record("id"), indent=4))
    assert api.register("orders-value", json.dumps(record("id")))["version"] == 1


LINE = {"type": "record", "name": "Line", "fields": [{"name": "sku", "type": "string"}]}


def order(line: Any, again: Any = "Line", **others: Any) -> dict[str, Any]:
    fields = [{"name": "first", "type": line}, {"name": "second", "type": again}]
    return {"type": "record", "name": "Order", "namespace": "shop", "fields": fields, **others}


SPELLINGS = [  # what differs, two texts of one schema
    ("the namespace of an inner type, written again", order({**LINE, "namespace": "shop"}), order(LINE)),
    ("the full name of a type that is used again", order(LINE, "shop.Line"), order(LINE)),
    ("the long way of writing a primitive type", order(LINE, {"type": "int"}), order(LINE, "int")),
    (
        "the same, deeper",
        order(LINE, {"type": "array", "items": {"type": "int"}}),
        order(LINE, {"type": "array", "items": "int"}),
    ),
    ("the full name of an alias", order(LINE, aliases=["shop.Purchase"]), order(LINE, aliases=["Purchase"])),
    ("aliases without any", order(LINE, aliases=[]), order(LINE)),
    ("an empty namespace", {**LINE, "namespace": ""}, LINE),
    ("escaped characters", '{"title": "caf\\u00e9", "type": "object"}', '{"title": "café", "type": "object"}'),
    ("an escaped slash", '{"title": "a\\/b", "type": "object"}', '{"title": "a/b", "type": "object"}'),
]


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in SPELLINGS], ids=[case[0] for case in SPELLINGS])
@pytest.mark.parametrize("turned", [False, True])
def test_another_spelling_is_the_version_that_is_there(api: Api, one: Any, other: Any, turned: bool) -> None:
    first, second = (other, one) if turned else (one, other)
    kind = {"schemaType": "JSON"} if isinstance(one, str) else {}
    there = api.register("orders-value", first, **kind)
    assert api.post("/subjects/orders-value", draft(second, **kind)).json["version"] == 1
    again = api.register("orders-value", second, **kind)
    assert (again["version"], again["id"], again["guid"]) == (1, there["id"], there["guid"])
    assert again["schema"] == there["schema"], "the text that came first is served"


DIFFERENT = [  # what differs, and makes a version
    ("documentation", order(LINE), order(LINE, doc="What was bought.")),
    ("an attribute", order(LINE), order(LINE, owner="team-orders")),
    ("the order of properties", '{"title": "é", "type": "object"}', '{"type": "object", "title": "\\u00e9"}'),
]


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in DIFFERENT], ids=[case[0] for case in DIFFERENT])
def test_what_may_matter_makes_a_version(api: Api, one: Any, other: Any) -> None:
    kind = {"schemaType": "JSON"} if isinstance(one, str) else {}
    api.register("orders-value", one, **kind)
    assert api.register("orders-value", other, **kind)["version"] == 2


def test_one_definition_has_one_id_in_every_subject(api: Api) -> None:
    first = api.register("a", record("id"))
    second = api.register("b", record("id"))
    other = api.register("b", record("id", note=""))
    assert (first["id"], second["id"], other["id"]) == (1, 1, 2)
    assert first["guid"] == second["guid"] != other["guid"]


def test_an_incompatible_schema_is_refused_and_leaves_no_version(api: Api) -> None:
    api.register("orders-value", record("id"))
    reply = api.post("/subjects/orders-value/versions", draft(record("id", "total")))
    assert (reply.status, reply.code) == (409, 409)
    message = reply.json["message"]
    assert message.startswith("Schema being registered is incompatible with an earlier schema")
    assert "orders-value" in message
    assert "total" in message
    page = message.rpartition(" ")[2]  # with the payload, for whoever reads this in a producer's log
    assert "Report 2: orders-value" in api.get(page).text
    assert api.get("/subjects/orders-value/versions").json == [1]


@pytest.mark.parametrize("version", ["latest", "LATEST", "Latest", "-1", "2"])
def test_the_latest_version_has_several_names(api: Api, version: str) -> None:
    api.register("s", record("id"))
    api.register("s", record("id", note=""))
    assert api.get(f"/subjects/s/versions/{version}").json["version"] == 2


@dataclass(frozen=True, slots=True)
class Case:
    shows: str
    method: str
    path: str
    body: Any
    status: int
    code: int


REFUSED = [
    Case("an unknown subject has no versions", "GET", "/subjects/none/versions", None, 404, 40401),
    Case("an unknown subject has no latest", "GET", "/subjects/none/versions/latest", None, 404, 40401),
    Case("an unknown version", "GET", "/subjects/s/versions/9", None, 404, 40402),
    Case("an unknown version's text", "GET", "/subjects/s/versions/9/schema", None, 404, 40402),
    Case("version zero", "GET", "/subjects/s/versions/0", None, 422, 42202),
    Case("a word for a version", "GET", "/subjects/s/versions/first", None, 422, 42202),
    Case("a version number beyond 31 bits", "GET", "/subjects/s/versions/2147483648", None, 422, 42202),
    Case("version minus two", "DELETE", "/subjects/s/versions/-2", None, 422, 42202),
    Case("a body that is not JSON", "POST", "/subjects/s/versions", b"{", 400, 400),
    Case("a repeated key", "POST", "/subjects/s/versions", b'{"schema":"1","schema":"2"}', 400, 400),
    Case("a body that is not UTF-8", "POST", "/subjects/s/versions", b'{"schema":"\xff"}', 400, 400),
    Case("unbounded nesting", "POST", "/subjects/s/versions", b"[" * 100_000, 400, 400),
    Case("a number of a million digits", "POST", "/subjects/s/versions", b"1" * 1_000_000, 400, 400),
    Case("no body", "POST", "/subjects/s/versions", None, 422, 422),
    Case("null for a body", "POST", "/subjects/s/versions", b"null", 422, 422),
    Case("a list for a body", "POST", "/subjects/s/versions", [], 422, 422),
    Case("an empty schema", "POST", "/subjects/s/versions", {"schema": ""}, 422, 42201),
    Case("null for a schema", "POST", "/subjects/s/versions", {"schema": None}, 422, 42201),
    Case("no schema at all", "POST", "/subjects/s/versions", {"schemaType": "JSON"}, 422, 42201),
    Case("a schema that is not a string", "POST", "/subjects/s/versions", {"schema": {"type": "string"}}, 422, 422),
    Case("invalid Avro", "POST", "/subjects/s/versions", draft('{"type":"nonsense"}'), 422, 42201),
    Case("invalid JSON Schema", "POST", "/subjects/s/versions", draft('{"type":"?"}', schemaType="JSON"), 422, 42201),
    Case("invalid Protobuf", "POST", "/subjects/s/versions", draft("message {", schemaType="PROTOBUF"), 422, 42201),
    Case("an unknown schema type", "POST", "/subjects/s/versions", draft('"int"', schemaType="XML"), 422, 42201),
    Case("a schema type that is a number", "POST", "/subjects/s/versions", draft('"int"', schemaType=7), 422, 42201),
    Case("references that are not a list", "POST", "/subjects/s/versions", draft('"int"', references={}), 422, 422),
    Case("a reference that is not an object", "POST", "/subjects/s/versions", draft('"int"', references=[1]), 422, 422),
    Case(
        "a reference to nothing",
        "POST",
        "/subjects/s/versions",
        draft('"int"', references=[{"name": "x", "subject": "none", "version": 1}]),
        422,
        42201,
    ),
    Case(
        "a reference from Protobuf to Avro",
        "POST",
        "/subjects/s/versions",
        draft(PROTO, schemaType="PROTOBUF", references=[{"name": "x", "subject": "s", "version": 1}]),
        422,
        42201,
    ),
    Case(
        "a reference from JSON Schema to Avro",
        "POST",
        "/subjects/s/versions",
        draft(JSON_OBJECT, schemaType="JSON", references=[{"name": "x", "subject": "s", "version": 1}]),
        422,
        42201,
    ),
    Case(
        "a reference from Avro to JSON Schema",
        "POST",
        "/subjects/s/versions",
        draft('"int"', references=[{"name": "x", "subject": "in-json", "version": 1}]),
        422,
        42201,
    ),
    Case("a name with a control character", "POST", "/subjects/a%0Ab/versions", draft('"int"'), 422, 42208),
    Case("a reserved name", "POST", "/subjects/__GLOBAL/versions", draft('"int"'), 422, 42208),
    Case("another reserved name", "POST", "/subjects/__EMPTY/versions", draft('"int"'), 422, 42208),
    Case("an unknown context", "GET", "/subjects/:.none:s/versions", None, 404, 40401),
]


@pytest.mark.parametrize("case", REFUSED, ids=attrgetter("shows"))
def test_a_request_is_refused(api: Api, case: Case) -> None:
    api.register("s", record("id"))
    api.register("in-json", JSON_OBJECT, schemaType="JSON")
    before = api.application.registry.state.position
    reply = api.call(case.method, case.path, case.body, Content_Type="application/json")
    assert (reply.status, reply.code) == (case.status, case.code), reply.text
    assert set(reply.json) == {"error_code", "message"}
    assert reply.json["message"]
    assert api.application.registry.state.position == before


def test_unknown_members_of_a_body_are_ignored_and_null_means_absent(api: Api) -> None:
    answer = api.register("s", record("id"), references=None, metadata=None, ruleSet=None, wish={"more": [1.5]})
    assert answer["version"] == 1
    assert {"metadata", "ruleSet", "references"}.isdisjoint(answer)


def test_the_bare_text_of_a_version_is_what_was_registered(api: Api) -> None:
    api.register("s", PROTO, schemaType="PROTOBUF")
    assert api.get("/subjects/s/versions/1/schema").text == PROTO
    assert api.get("/schemas/ids/1/schema").text == PROTO


class TestReferences:
    LINE: ClassVar = record("sku", name="Line")
    ORDER: ClassVar = {
        "type": "record",
        "name": "Order",
        "namespace": "shop",
        "fields": [{"name": "line", "type": "shop.Line"}],
    }

    def register_both(self, api: Api, version: int = 1) -> dict[str, Any]:
        api.register("line", self.LINE)
        return api.register("order", self.ORDER, references=[reference("shop.Line", "line", version)])

    def test_a_schema_refers_to_another_subject(self, api: Api) -> None:
        answer = self.register_both(api)
        assert answer["references"] == [reference("shop.Line", "line", 1)]
        assert api.get("/subjects/line/versions/1/referencedby").json == [answer["id"]]
        assert api.get("/subjects/order/versions/latest/referencedby").json == []

    def test_a_reference_to_the_latest_version_is_fixed_at_registration(self, api: Api) -> None:
        assert self.register_both(api, version=-1)["references"] == [reference("shop.Line", "line", 1)]

    def test_a_version_that_is_referred_to_cannot_be_deleted(self, api: Api) -> None:
        self.register_both(api)
        assert api.delete("/subjects/line").code == 42206
        assert api.delete("/subjects/line/versions/1").code == 42206
        assert api.delete("/subjects/order").json == [1]
        assert api.delete("/subjects/line").json == [1]
        assert api.delete("/subjects/line?permanent=true").code == 42206
        assert api.delete("/subjects/order?permanent=true").json == [1]
        assert api.delete("/subjects/line?permanent=true").json == [1]

    def test_a_soft_deleted_referrer_is_listed_on_demand(self, api: Api) -> None:
        answer = self.register_both(api)
        api.delete("/subjects/order")
        assert api.get("/subjects/line/versions/1/referencedby").json == []
        assert api.get("/subjects/line/versions/1/referencedby?deleted=true").json == [answer["id"]]

    def test_a_protobuf_schema_imports_a_reference_by_path(self, api: Api) -> None:
        api.register(
            "money", 'syntax = "proto3"; package shop; message Money { int64 cents = 1; }', schemaType="PROTOBUF"
        )
        answer = api.register(
            "order",
            'syntax = "proto3"; package shop; import "money.proto"; message Order { Money total = 1; }',
            schemaType="PROTOBUF",
            references=[reference("money.proto", "money", 1)],
        )
        assert answer["references"] == [reference("money.proto", "money", 1)]

    def test_a_json_schema_refers_to_another_by_ref(self, api: Api) -> None:
        api.register("money", {"type": "object", "properties": {"cents": {"type": "integer"}}}, schemaType="JSON")
        answer = api.register(
            "order",
            {"type": "object", "properties": {"total": {"$ref": "money.json"}}},
            schemaType="JSON",
            references=[reference("money.json", "money", 1)],
        )
        assert api.get(f"/schemas/ids/{answer['id']}").json["references"] == answer["references"]


def reference(name: str, subject: str, version: int) -> dict[str, Any]:
    return {"name": name, "subject": subject, "version": version}


def test_lists_of_versions_are_paged(api: Api) -> None:
    for count in range(4):
        api.register("s", record("id", **{f"n{number}": "" for number in range(count)}))
    for query, shown in [
        ("", [1, 2, 3, 4]),
        ("?offset=1&limit=2", [2, 3]),
        ("?limit=0", [1, 2, 3, 4]),
        ("?offset=9", []),
    ]:
        assert api.get(f"/subjects/s/versions{query}").json == shown
    assert api.get("/subjects/s/versions?limit=-1").json == [1, 2, 3, 4]
    assert api.get("/subjects/s/versions?limit=many").status == 422
