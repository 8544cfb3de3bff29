"""What strangers send: each gets a clear error of the catalogue, in time, and nothing of what they sent comes back."""

import json
import re
import time
from typing import Any

import pytest

from tests.registry.asking import PLACED, record
from tests.registry.calling import EVENT, AsgiHttp, Http, Reply, require_problem

VERSIONS = f"{EVENT}/versions"
BODIES = [  # paths that take a body
    ("POST", VERSIONS),
    ("POST", f"{EVENT}/lookup"),
    ("POST", "/v1/checks"),
    ("PUT", "/v1/domains/shop.orders"),
    ("PUT", "/v1/level"),
    ("PUT", f"{EVENT}/level"),
    ("PUT", f"{EVENT}/majors/1"),
]
DEEP = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
SECRET = "s3cret-value"


@pytest.fixture(scope="module", params=[Http, AsgiHttp], ids=["wsgi", "asgi"])
def http(request: pytest.FixtureRequest) -> Http:
    """One event with one version; what is refused leaves it as it is."""
    made: Http = request.param()
    made.register()
    return made


def require_refusal(reply: Reply, *codes: str) -> dict[str, Any]:
    """Check that *reply* is a clear refusal, with one of *codes*."""
    problem = require_problem(reply)
    assert 400 <= reply.status < 500
    assert problem["code"] in codes
    assert SECRET.encode() not in reply.body
    return problem


UNREADABLE = [
    ("nothing at all", b"\x00"),
    ("not JSON", b'{"schema": '),
    ("a second value", b"{} {}"),
    ("a comment", b"{/* a */}"),
    ("single quotes", b"{'schema': 1}"),
    ("not UTF-8", b'{"schema": "\xff\xfe"}'),
    ("half a character", b'{"schema": "\\ud800", "owner": "\\ud800", "level": "\\udfff"}'),
    ("nested too deep", DEEP),
    ("lists nested too deep", b"[" * 100_000),
    ("a key twice", b'{"schema": "a", "schema": "b"}'),
    ("a key twice inside", b'{"metadata": {"tags": {}, "tags": {}}}'),
    ("a number of many digits", b'{"schema": ' + b"9" * 100_000 + b"}"),
    ("a number with a huge exponent", b'{"schema": 1e999999999}'),
    ("not a number", b'{"schema": NaN}'),
    ("infinity", b'{"schema": -Infinity}'),
    ("a control character in a string", b'{"schema": "a\nb"}'),
]


@pytest.mark.parametrize(("method", "path"), BODIES, ids=[path for _, path in BODIES])
@pytest.mark.parametrize(("shows", "body"), UNREADABLE, ids=[shows for shows, _ in UNREADABLE])
def test_an_unreadable_body_is_refused_with_its_location(
    shows: str, body: bytes, method: str, path: str, http: Http
) -> None:
    before = http.ledger.head()
    reply = http.call(method, path, body, Content_Type="application/json")
    problem = require_refusal(reply, "BODY_UNREADABLE")
    assert (reply.status, bool(problem["detail"])) == (400, True)
    assert http.ledger.head() == before


def test_every_write_refuses_a_body_that_is_too_large(http: Http) -> None:
    """Before anything of it is read, on both APIs; the sentence has the limit."""
    framework: Any = http.application.middleware.framework
    rules = [rule for rule in framework.url_map.iter_rules() if not rule.rule.startswith("/admin")]
    writes = [
        (method, rule) for rule in rules for method in ("POST", "PUT", "DELETE") if method in (rule.methods or ())
    ]
    assert len(writes) > 100
    long = b"{" + b" " * (8 * 1024 * 1024)
    for method, rule in writes:
        path = re.sub("<[^>]*>", "1", rule.rule)
        reply = http.call(method, path, long, Content_Type="application/json")
        assert (method, path, reply.status) == (method, path, 413)
        assert "larger than 8,388,608 bytes" in reply.json.get("detail", reply.json.get("message"))


@pytest.mark.parametrize("path", ["/v1/usage", "/v1/drift"])
def test_a_report_is_bounded_before_it_is_parsed(path: str, http: Http) -> None:
    problem = require_refusal(http.post(path, b"{" + b" " * 600_000, Content_Type="application/json"), "BODY_TOO_LARGE")
    assert "larger than 524,288 bytes" in problem["detail"]


WRONG = [  # what is sent where, and the places that are named
    ("POST", VERSIONS, {}, ["/schema"]),
    ("POST", VERSIONS, {"schema": None}, ["/schema"]),
    ("POST", VERSIONS, {"schema": 5}, ["/schema"]),
    ("POST", VERSIONS, {"schema": "x", "format": "XML"}, ["/format"]),
    ("POST", VERSIONS, {"schema": "x", "format": ["AVRO"]}, ["/format"]),
    ("POST", VERSIONS, {"schema": "x", "references": "y"}, ["/references"]),
    ("POST", VERSIONS, {"schema": "x", "references": [1]}, ["/references/0"]),
    (
        "POST",
        VERSIONS,
        {"schema": "x", "references": [{"name": "", "subject": 1, "version": "1"}]},
        ["/references/0/name", "/references/0/subject", "/references/0/version"],
    ),
    (
        "POST",
        VERSIONS,
        {"schema": "x", "references": [{"name": "n", "subject": "s", "version": 2**31}]},
        ["/references/0/version"],
    ),
    ("POST", VERSIONS, {"schema": "x", "major": 0}, ["/major"]),
    ("POST", VERSIONS, {"schema": "x", "major": "2"}, ["/major"]),
    ("POST", VERSIONS, {"schema": "x", "major": True}, ["/major"]),
    ("POST", VERSIONS, {"schema": "x", "major": 1.0}, ["/major"]),
    ("POST", VERSIONS, {"schema": "x", "major": 10**30}, ["/major"]),
    ("POST", VERSIONS, {"schema": "x", "metadata": {"tags": {"a": "b"}}}, ["/metadata/tags/a"]),
    ("POST", VERSIONS, {"schema": "x", "metadata": {"properties": {"a": 1}}}, ["/metadata/properties/a"]),
    ("POST", VERSIONS, {"schema": "x", "metadata": []}, ["/metadata"]),
    ("POST", VERSIONS, {"schema": "x", "rule_set": "all"}, ["/rule_set"]),
    ("POST", VERSIONS, {"schema": "x", "shcema": "y"}, ["/shcema"]),
    ("POST", VERSIONS, {"schema": "x", "metadata": {"value": 1}}, ["/metadata/value"]),
    ("POST", VERSIONS, [], [""]),
    ("POST", VERSIONS, "schema", [""]),
    ("POST", "/v1/checks", {"schema": "x"}, ["/subject"]),
    ("POST", "/v1/checks", {"schema": "x", "subject": "", "level": "SOME"}, ["/level", "/subject"]),
    ("PUT", "/v1/domains/shop", {}, ["/owner"]),
    ("PUT", "/v1/domains/shop", {"owner": ""}, ["/owner"]),
    ("PUT", "/v1/domains/shop", {"owner": "x" * 201}, ["/owner"]),
    ("PUT", "/v1/domains/shop", {"owner": "a", "contacts": ["", 1]}, ["/contacts/0", "/contacts/1"]),
    (
        "PUT",
        "/v1/domains/shop",
        {"owner": "a", "policy": {"level": "ALL", "names": 1}},
        ["/policy/level", "/policy/names"],
    ),
    ("PUT", "/v1/domains/shop", {"owner": "a", "policy": {"lvl": 1}}, ["/policy/lvl"]),
    ("PUT", "/v1/level", {}, ["/level"]),
    ("PUT", "/v1/level", {"level": "backward"}, ["/level"]),
    ("PUT", f"{EVENT}/majors/1", {"state": "gone"}, ["/state"]),
    ("PUT", f"{EVENT}/majors/1", {"state": "deprecated", "sunset": "2027-02-30"}, ["/sunset"]),
    ("GET", "/v1/events?limit=0", None, ["/limit"]),
    ("GET", "/v1/events?limit=many", None, ["/limit"]),
    ("GET", "/v1/events?offset=-1", None, ["/offset"]),
    ("GET", "/v1/events?state=old", None, ["/state"]),
    ("GET", "/v1/reports?verdict=bad", None, ["/verdict"]),
    ("GET", f"/v1/ledger?after={2**60}", None, ["/after"]),
    ("GET", f"{EVENT}/compare", None, ["/reader", "/writer"]),
    ("DELETE", f"{EVENT}?permanent=perhaps", None, ["/permanent"]),
]


@pytest.mark.parametrize(("method", "path", "body", "places"), WRONG, ids=[f"{row[1]} {row[2]}"[:70] for row in WRONG])
def test_wrong_values_are_listed_with_their_locations(
    method: str, path: str, body: Any, places: list[str], http: Http
) -> None:
    reply = http.call(method, path, body)
    problem = require_refusal(reply, "REQUEST_INVALID")
    assert reply.status == 422
    assert sorted(one["pointer"] for one in problem["errors"]) == places
    others = len(places) - 1
    assert any(f"at {one['pointer']}: {one['detail']}" in problem["detail"] for one in problem["errors"]) or places == [
        ""
    ]
    assert (f"(and {others} more)" in problem["detail"]) is (others > 0)


UNKNOWN = [  # path, body, what is said of the first place
    (
        "/v1/domains/shop",
        {"ownr": "b"},
        "at /ownr: Unknown field; did you mean 'owner'? Known: owner, ",
    ),
    (
        "/v1/domains/shop",
        {"owner": "a", "policy": {"levl": "FULL"}},
        "at /policy/levl: Unknown field; did you mean 'level'? Known: level, ",
    ),
    (
        "/v1/domains/shop",
        {"owner": "a", "xyz": 1},
        "at /xyz: Unknown field. Known: contacts, description, ",
    ),
    (
        "/v1/domains/shop/contracts",
        {"domain": {"owner": "a"}, "events": [{"subject": "shop.A", "majors": [{"major": 1, "vresion": {}}]}]},
        "at /events/0/majors/0/vresion: Unknown field; did you mean 'version'?",
    ),
]


@pytest.mark.parametrize(("path", "body", "said"), UNKNOWN)
def test_an_unknown_field_is_answered_with_those_that_there_are(path: str, body: Any, said: str, http: Http) -> None:
    problem = require_refusal(http.put(path, body), "REQUEST_INVALID")
    assert said in problem["detail"]


def test_an_unknown_query_parameter_is_answered_with_those_that_there_are(http: Http) -> None:
    assert (
        "at /limitt: Unknown query parameter; did you mean 'limit'?" in http.get("/v1/events?limitt=1").json["detail"]
    )
    assert "at /limit: Unknown query parameter." in http.get("/v1/level?limit=1").json["detail"]


def test_advice_on_unknown_fields_is_bounded(http: Http) -> None:
    """A body may have a million members: not each is answered with all that are known."""
    sent = {f"unknown_{number}": 1 for number in range(5_000)}
    reply = http.put("/v1/domains/shop", {"owner": "a", **sent, "o" * 100_000: 1})
    problem = require_refusal(reply, "REQUEST_INVALID")
    details = [one["detail"] for one in problem["errors"]]
    assert len(details) == 1_000
    assert "(and 5000 more)" in problem["detail"]
    assert f"at {problem['errors'][0]['pointer']}: {details[0]}" in problem["detail"]
    assert 0 < sum("Known:" in one for one in details) <= 20
    long = require_refusal(http.post(VERSIONS, {"schema": "x", "o" * 100_000: 1}), "REQUEST_INVALID")
    assert len(long["detail"]) < 400
    assert len(require_refusal(http.post(VERSIONS, {"schema": "x", "zzz": 1}), "REQUEST_INVALID")["detail"]) < 400


def test_the_confluent_paths_name_the_first_place(http: Http) -> None:
    reply = http.post("/subjects/x/versions", {"schema": 1, "version": "x"})
    assert reply.status == 422
    assert reply.json["message"] == "Invalid request body: at /schema: not a string (and 1 more)"


SCHEMAS = [  # format, text, codes
    ("AVRO", "", ("SCHEMA_INVALID",)),
    ("AVRO", "{", ("SCHEMA_INVALID",)),
    ("AVRO", '{"type": "record"}', ("SCHEMA_INVALID",)),
    ("AVRO", '"\\ud800"', ("SCHEMA_INVALID",)),
    ("AVRO", "[" * 10_000, ("SCHEMA_LIMIT_EXCEEDED", "SCHEMA_INVALID")),
    ("AVRO", DEEP.decode(), ("SCHEMA_LIMIT_EXCEEDED",)),
    ("AVRO", '{"type":"fixed","name":"A","size":' + "9" * 1_000 + "}", ("SCHEMA_LIMIT_EXCEEDED", "SCHEMA_INVALID")),
    ("AVRO", '{"type":"fixed","name":"A","size":1e400}', ("SCHEMA_LIMIT_EXCEEDED", "SCHEMA_INVALID")),
    ("AVRO", '"' + "a" * (1024 * 1024) + '"', ("SCHEMA_LIMIT_EXCEEDED",)),
    ("AVRO", '{"type":"record","name":"A\\u0000","fields":[]}', ("SCHEMA_INVALID",)),
    ("AVRO", '{"type":"record","name":"A","name":"B","fields":[]}', ("SCHEMA_INVALID",)),
    ("JSON", "{", ("SCHEMA_INVALID",)),
    ("JSON", '{"type": "no such type"}', ("SCHEMA_INVALID",)),
    ("JSON", '{"$ref": "https://evil.example/schema.json"}', ("SCHEMA_INVALID",)),
    ("JSON", '{"$ref": "file:///etc/passwd"}', ("SCHEMA_INVALID",)),
    ("JSON", '{"pattern": "("}', ("SCHEMA_INVALID",)),
    ("JSON", '{"not": ' * 10_000, ("SCHEMA_LIMIT_EXCEEDED",)),
    ("PROTOBUF", "syntax", ("SCHEMA_INVALID",)),
    ("PROTOBUF", "\x00", ("SCHEMA_INVALID",)),
    ("PROTOBUF", 'syntax = "proto3"; message A { A a = 1; ' * 2_000, ("SCHEMA_LIMIT_EXCEEDED", "SCHEMA_INVALID")),
    ("PROTOBUF", 'syntax = "proto3"; import "/etc/passwd";', ("SCHEMA_INVALID",)),
    ("PROTOBUF", 'syntax = "proto3"; import "../../../etc/passwd";', ("SCHEMA_INVALID",)),
]


@pytest.mark.parametrize(("format", "text", "codes"), SCHEMAS, ids=[f"{row[0]} {row[1][:40]!r}" for row in SCHEMAS])
def test_an_invalid_schema_is_refused_with_its_problems(
    format: str, text: str, codes: tuple[str, ...], http: Http
) -> None:
    reply = http.post(VERSIONS, {"schema": text, "format": format})
    problem = require_refusal(reply, *codes)
    assert reply.status == 422
    assert b"root:" not in reply.body
    assert problem["errors"] or problem["code"] == "SCHEMA_LIMIT_EXCEEDED"


def test_a_schema_that_is_too_large_is_refused_as_the_confluent_api_has_it(http: Http) -> None:
    """Its body is not: that may be 8 MiB."""
    large = json.dumps({"type": "record", "name": "A", "doc": "x" * 3_000_000, "fields": []})
    for path in ("/subjects/x/versions", "/compatibility/subjects/x/versions"):
        reply = http.post(path, {"schema": large})
        assert (reply.status, reply.json["error_code"]) == (422, 42209)
        assert "the limit is 1048576" in reply.json["message"]


HOSTILE_PATTERNS = ["(a+)+$", "(a|a)*b", "(.*)*x", "([a-z]+)*[0-9]" * 20, "a{1,65535}{1,65535}", "(?:a?){30}a{30}" * 50]


@pytest.mark.parametrize("pattern", HOSTILE_PATTERNS)
def test_hostile_patterns_are_answered_in_time(pattern: str) -> None:
    http = Http()
    event = f"/v1/events/shop.Pattern{HOSTILE_PATTERNS.index(pattern)}Matched/versions"
    began = time.monotonic()
    for text in (
        json.dumps({"type": "string", "pattern": pattern}),
        json.dumps({"type": "string", "pattern": pattern, "const": "a" * 60}),
        json.dumps({"type": "string", "pattern": f"{pattern}b?", "enum": ["a" * 60 + "!"], "default": "a" * 60 + "!"}),
    ):
        reply = http.post(event, {"schema": text, "format": "JSON"})
        assert reply.status in (200, 201, 409, 422), reply.body
        if reply.status >= 400:
            require_problem(reply)
    assert time.monotonic() - began < 60  # as against for ever


METHODS = [
    ("DELETE", "/v1/domains", "GET"),
    ("POST", "/v1/domains/shop", "PUT"),
    ("PATCH", EVENT, "DELETE"),
    ("PUT", VERSIONS, "POST"),
    ("DELETE", "/v1/ledger", "GET"),
    ("TRACE", "/v1/rules", "GET"),
    ("BREW", "/v1/rules", "GET"),
    ("POST", "/healthz", "GET"),
    ("POST", "/openapi.json", "GET"),
]


@pytest.mark.parametrize(("method", "path", "allowed"), METHODS)
def test_other_methods_say_which_there_are(method: str, path: str, allowed: str, http: Http) -> None:
    reply = http.call(method, path)
    require_refusal(reply, "METHOD_NOT_ALLOWED")
    assert reply.status == 405
    assert allowed in reply.headers["allow"]


@pytest.mark.parametrize(
    "path", ["/v1/", "/v1/nowhere", "/v1/events/a/b/versions/1/2", "/v1/schemas/not-a-guid", "/v1/schemas/ids/x"]
)
def test_an_unknown_path_is_not_found(path: str, http: Http) -> None:
    reply = http.get(path)
    require_refusal(reply, "NOT_FOUND", "SUBJECT_NOT_FOUND")
    assert reply.status == 404


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/events/a%00b", 422, "SUBJECT_INVALID"),
        ("GET", "/v1/events/a%0Ab", 404, "NOT_FOUND"),
        ("GET", "/v1/events/" + "a" * 600, 422, "SUBJECT_INVALID"),
        ("GET", "/v1/events/%ff", 404, "SUBJECT_NOT_FOUND"),
        ("GET", f"{VERSIONS}/0", 422, "VERSION_INVALID"),
        ("GET", f"{VERSIONS}/{'9' * 5_000}", 422, "VERSION_INVALID"),
        ("GET", f"{VERSIONS}/-1", 422, "VERSION_INVALID"),
        ("GET", f"{VERSIONS}/99", 404, "VERSION_NOT_FOUND"),
        ("GET", "/v1/schemas/ids/" + "9" * 400, 404, "SCHEMA_NOT_FOUND"),
        ("GET", "/v1/reports/" + "9" * 400, 404, "REPORT_NOT_FOUND"),
        ("GET", "/v1/domains/Shop", 404, "DOMAIN_NOT_FOUND"),
        ("PUT", "/v1/domains/Shop", 422, "DOMAIN_NAME_INVALID"),
        ("PUT", "/v1/domains/shop%0A", 422, "DOMAIN_NAME_INVALID"),
        ("PUT", f"{EVENT}/majors/99", 422, "MAJOR_UNKNOWN"),
        ("POST", f"{VERSIONS}/99/restore", 404, "VERSION_NOT_FOUND"),
    ],
)
def test_an_invalid_name_in_a_path_is_refused(method: str, path: str, status: int, code: str, http: Http) -> None:
    body = {"PUT": {"owner": "a"} if "domains" in path else {"state": "active"}}.get(method)
    reply = http.call(method, path, body)
    require_refusal(reply, code)
    assert reply.status == status


@pytest.mark.parametrize("charset", ["utf-7", "idna", "punycode", "rot13", "unicode_escape", "x" * 4_000, ""])
def test_a_charset_that_is_not_one_of_json_is_refused(charset: str, http: Http) -> None:
    reply = http.put("/v1/level", b'{"level": "FUL"}', Content_Type=f"application/json; charset={charset}")
    require_refusal(reply, "BODY_UNREADABLE", "REQUEST_INVALID")


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/octet-stream", "text/plain", "", "application/vnd.api+json", "nonsense"],
)
def test_json_is_read_with_any_content_type(media_type: str, http: Http) -> None:
    assert (
        http.post(
            "/v1/checks", json.dumps({"subject": "a", "schema": record("a")}).encode(), Content_Type=media_type
        ).status
        == 200
    )


def test_head_has_no_body_and_the_headers_of_get(http: Http) -> None:
    for path in (EVENT, "/v1/schemas/ids/1", "/v1/events/nowhere"):
        head, get = http.call("HEAD", path), http.get(path)
        assert (head.status, head.body) == (get.status, b"")
        assert head.headers["content-type"] == get.headers["content-type"]


def test_nothing_that_was_sent_comes_back(http: Http) -> None:
    for body in (
        {"schema": 5, "major": SECRET},
        {"schema": "x", "format": SECRET},
        {"schema": f'{{"type": "{SECRET}"}}x'},
    ):
        reply = http.post(VERSIONS, body, Idempotency_Key=SECRET)
        assert reply.status == 422
        assert SECRET.encode() not in reply.body
    assert SECRET not in str(PLACED)
