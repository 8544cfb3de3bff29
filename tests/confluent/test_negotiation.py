"""Media types, charsets, unknown paths, and what every answer carries."""

import json

import pytest

from tests.confluent.api import MEDIA_TYPE, Api, draft, record

PLAIN = "application/json"
UNVERSIONED = "application/vnd.schemaregistry+json"


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (None, MEDIA_TYPE),
        ("*/*", MEDIA_TYPE),
        ("application/*", MEDIA_TYPE),
        (MEDIA_TYPE, MEDIA_TYPE),
        (PLAIN, PLAIN),
        (f"{PLAIN}; charset=utf-8", PLAIN),
        (UNVERSIONED, UNVERSIONED),
        (f"{MEDIA_TYPE}, {UNVERSIONED}, {PLAIN}", MEDIA_TYPE),
        (f"{PLAIN};q=0.1, {UNVERSIONED};q=0.9", UNVERSIONED),
        (f"{PLAIN}, */*;q=0.1", PLAIN),
        ("text/html, */*;q=0.1", MEDIA_TYPE),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", MEDIA_TYPE),  # that of Java 8 and 11
        (f"{PLAIN};q=.9, {MEDIA_TYPE};Q=.1", PLAIN),
        (f"{MEDIA_TYPE},{UNVERSIONED}; qs=0.9,{PLAIN}; qs=0.5", MEDIA_TYPE),
    ],
)
def test_an_answer_has_the_media_type_that_accept_prefers(api: Api, accept: str | None, answered: str) -> None:
    reply = api.get("/subjects", **({"Accept": accept} if accept else {}))
    assert reply.status == 200
    assert reply.headers["content-type"] == answered


@pytest.mark.parametrize("accept", ["text/html", "application/xml", f"{PLAIN};q=0, {MEDIA_TYPE};q=0, */*;q=0"])
def test_an_accept_header_without_a_known_type_is_refused(api: Api, accept: str) -> None:
    reply = api.get("/subjects", Accept=accept)
    message = f"HTTP 406 Not Acceptable: answers come as {MEDIA_TYPE}, {UNVERSIONED} or {PLAIN}"
    assert (reply.status, reply.json) == (406, {"error_code": 406, "message": message})


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        (MEDIA_TYPE, "utf-8"),
        (UNVERSIONED, "utf-8"),
        (PLAIN, "utf-8"),
        ("application/octet-stream", "utf-8"),
        (f"{PLAIN}; charset=UTF-8", "utf-8"),
        (f"{PLAIN}; charset=utf-16", "utf-16"),
        (f"{MEDIA_TYPE}; charset=utf-16le", "utf-16-le"),
        (None, "utf-8"),
    ],
)
def test_a_body_is_read_in_its_type_and_charset(api: Api, content_type: str | None, encoding: str) -> None:
    body = json.dumps(draft(record("id")), ensure_ascii=False).encode(encoding)
    headers = {"Content_Type": content_type} if content_type else {}
    assert api.call("POST", "/subjects/s/versions", body, **headers).json["version"] == 1


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_is_refused(api: Api, content_type: str) -> None:
    reply = api.call("POST", "/subjects/s/versions", b"{}", Content_Type=content_type)
    message = f"HTTP 415 Unsupported Media Type: send the body with Content-Type: {MEDIA_TYPE} or {PLAIN}"
    assert (reply.status, reply.json) == (415, {"error_code": 415, "message": message})


@pytest.mark.parametrize("charset", ["punycode", "hex", "idna", "none", "utf-7"])
def test_a_body_in_an_unknown_charset_is_refused(api: Api, charset: str) -> None:
    reply = api.call("POST", "/subjects/s/versions", b"{}", Content_Type=f"{PLAIN}; charset={charset}")
    assert (reply.status, reply.code) == (400, 400)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/subjects/s/versions/1/nothing", 404),
        ("GET", "/contexts/.eu/nothing", 404),
        ("PUT", "/subjects", 405),
        ("PATCH", "/config", 405),
        ("DELETE", "/schemas/ids/1", 405),
    ],
)
def test_unknown_paths_and_methods_are_refused_in_the_form_that_clients_read(
    api: Api, method: str, path: str, status: int
) -> None:
    reply = api.call(method, path)
    assert reply.status == status
    assert reply.json["error_code"] == status
    assert reply.json["message"].startswith(f"HTTP {status} ")


def test_the_root_answers_health_probes(api: Api) -> None:
    assert api.get("/").json == api.post("/").json == {}
    assert api.get("/v1/metadata/id").json["scope"]["clusters"]
    assert api.get("/v1/metadata/version").json["version"]
    assert "attributes" in api.get("/v1/metadata/deployment").json


def test_a_request_id_is_echoed_or_generated(api: Api) -> None:
    assert api.get("/subjects", X_Request_ID="r-1").headers["x-request-id"] == "r-1"
    assert api.get("/nothing").headers["x-request-id"]


def test_an_answer_to_a_write_carries_its_position(api: Api) -> None:
    reply = api.post("/subjects/s/versions", draft(record("id")))
    position = reply.headers["moorings-position"]
    assert api.get("/subjects", Moorings_Position=position).json == ["s"]


@pytest.mark.parametrize(("sent", "status"), [("Basic Og==", 200), ("Basic dTpw", 401), ("Basic Ogg=", 401)])
def test_basic_credentials_are_refused_unless_they_are_empty(api: Api, sent: str, status: int) -> None:
    assert api.get("/subjects", Authorization=sent).status == status


def test_the_answer_to_a_head_request_has_no_body(api: Api) -> None:
    reply = api.call("HEAD", "/subjects")
    assert (reply.status, reply.text) == (200, "")
