"""The middleware, for both kinds of servers: correlation, authentication, cached answers, bodies that are too large."""

import asyncio
import json
import os
import re
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from moorings_registry.callers import Caller
from moorings_registry.commands import DeleteVersion, SetMajorLifecycle
from moorings_registry.engines import open_ledger
from moorings_registry.http.access_log import AccessLog, RequestObserver
from moorings_registry.http.asgi import AsgiMiddleware
from moorings_registry.http.authentication import LoopbackAuthentication, is_local_address
from moorings_registry.http.messages import Request
from moorings_registry.http.middleware import correlation_id
from moorings_registry.http.requests import LARGEST_BODY_BYTES
from moorings_registry.http.response_cache import CAPACITY_BYTES, CachedResponse, ResponseCache
from moorings_registry.principals import LOCAL_PRINCIPAL
from moorings_registry.service import Registry
from moorings_registry.state import MajorState
from tests.registry.asking import PLACED, record
from tests.registry.calling import EVENT, AsgiHttp, Http, require_problem
from tests.registry.faulty_ledger import FaultyLedger

BY_ID = "/v1/schemas/ids/1"
LATEST = f"{EVENT}/versions/latest"


@pytest.fixture(params=[Http, AsgiHttp], ids=["wsgi", "asgi"])
def http(request: pytest.FixtureRequest) -> Http:
    made: Http = request.param()
    return made


@pytest.fixture(scope="module", params=[Http, AsgiHttp], ids=["wsgi", "asgi"])
def shared(request: pytest.FixtureRequest) -> Http:
    """For requests that leave nothing behind."""
    made: Http = request.param()
    return made


def kept_answers() -> float:
    return REGISTRY.get_sample_value("moorings_http_kept_answers_total") or 0.0


# Correlation.


@pytest.mark.parametrize("name", ["X-Correlation-ID", "X-Request-ID"])
def test_a_correlation_id_is_sent_back_and_recorded_in_the_ledger(name: str, http: Http) -> None:
    reply = http.post(f"{EVENT}/versions", {"schema": record("a")}, **{name: "job-4711/3"})
    assert (reply.headers["x-correlation-id"], reply.headers["x-request-id"]) == ("job-4711/3", "job-4711/3")
    assert next(http.ledger.read(0)).correlation_id == "job-4711/3"


@pytest.mark.parametrize("sent", ["", "a b", "a\u00e4", "<script>", "x" * 129, '{"a":1}'])
def test_a_correlation_id_that_is_not_safe_to_log_is_replaced(sent: str, shared: Http) -> None:
    made = shared.get("/healthz", X_Correlation_ID=sent).headers["x-correlation-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", made)


def test_generated_correlation_ids_differ() -> None:
    assert len({correlation_id({}) for _ in range(100)}) == 100
    assert correlation_id({"x-correlation-id": "a\nb", "x-request-id": "fine"}) == "fine"


# Authentication.


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8081", "registry.localhost", "127.0.0.1", "127.0.0.1:8081", "[::1]:8081", "127.8.9.1", ""],
)
def test_a_host_name_of_this_machine_is_accepted(host: str) -> None:
    assert LoopbackAuthentication().principal(Request("GET", "/", {"host": host}, "127.0.0.1")) == LOCAL_PRINCIPAL


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "10.0.0.1",
        "0.0.0.0",
        "[::2]",
        "localhost:80:80",
        "127.0.0.1@evil.example",
        "2130706433",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_host_name_of_another_machine_is_refused(host: str, method: str, shared: Http) -> None:
    reply = shared.call(method, "/v1/domains", Host=host)
    assert reply.status == 403
    if method == "HEAD":
        assert reply.body == b""
    else:
        assert reply.code == "CALLER_REFUSED"


@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        ("http://localhost:8081", True),
        ("http://127.0.0.1:3000", True),
        ("https://[::1]", True),
        ("https://evil.example", False),
        ("null", False),
        ("http://", False),
        ("localhost", True),
    ],
)
def test_a_request_from_another_sites_page_is_refused(origin: str, let_in: bool, shared: Http) -> None:
    before = shared.ledger.head().position
    reply = shared.put("/v1/domains/shop", {"owner": origin}, Origin=origin, Content_Type="text/plain")
    assert reply.status == (200 if let_in else 403)
    assert shared.ledger.head().position == before + let_in


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("fe80::1%eth0", False),
        ("10.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("localhost", False),
        ("nonsense", False),
    ],
)
def test_loopback_addresses_are_local(address: str, local: bool) -> None:
    assert is_local_address(address) == local


def test_authentication_remembers_a_bounded_number_of_callers() -> None:
    authentication = LoopbackAuthentication()
    for number in range(3_000):
        authentication.principal(Request("GET", "/", {"host": f"h{number}.localhost"}, "127.0.0.1"))
    assert len(authentication._passed) == 1_000


# Cached answers.


@pytest.mark.parametrize(
    "path", [BY_ID, LATEST, f"{EVENT}/versions/1", f"{EVENT}/versions/1.0", f"{EVENT}/versions/v1"]
)
def test_an_answer_is_rendered_once(path: str, http: Http) -> None:
    http.register()
    first, before = http.get(path), kept_answers()
    second = http.get(path)
    assert kept_answers() == before + 1
    assert (second.status, second.body) == (first.status, first.body)
    own = {"x-correlation-id", "x-request-id"}
    assert {k: v for k, v in second.headers.items() if k not in own} == {
        k: v for k, v in first.headers.items() if k not in own
    }


def test_an_answer_by_guid_is_rendered_once(http: Http) -> None:
    path = f"/v1/schemas/{http.register()['guid']}"
    assert http.get(path).body == http.get(path).body == http.get(BY_ID).body


@pytest.mark.parametrize("path", [BY_ID, LATEST])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '{}, W/"x"', "*"])
def test_an_answer_that_the_caller_has_is_not_sent_again(form: str, path: str, http: Http) -> None:
    http.register()
    etag = http.get(path).headers["etag"]
    for fresh in (False, True):
        if fresh:
            http = type(http)(http.ledger)  # so the framework answers, and not what was kept
        reply = http.get(path, If_None_Match=form.format(etag))
        assert (reply.status, reply.body) == (304, b"")
        assert reply.headers["etag"] == etag
        assert reply.headers["cache-control"]
    assert http.get(path, If_None_Match='"other"').status == 200


def test_a_cached_answer_that_became_wrong_is_not_sent(http: Http) -> None:
    http.register()
    first = http.get(LATEST)
    http.register(record("a", b=0))
    second = http.get(LATEST)
    assert (first.json["version"], second.json["version"]) == (1, 2)
    assert http.get(LATEST, If_None_Match=first.headers["etag"]).status == 200
    http.put(f"{EVENT}/majors/1", {"state": "deprecated"})
    assert http.get(LATEST).json["state"] == "deprecated"
    http.delete(f"{EVENT}/versions/latest")
    assert http.get(LATEST).json["version"] == 1
    http.delete(EVENT)
    assert http.get(LATEST).status == 404
    assert http.get(BY_ID).status == 200
    http.delete(f"{EVENT}?permanent=true")
    assert http.get(BY_ID).status == 404


def test_a_write_of_another_worker_replaces_a_cached_answer(http: Http) -> None:
    http.register()
    http.get(LATEST)
    registry = http.application.registry
    other = Registry(http.ledger, node_position=registry._node_position)
    other.execute(SetMajorLifecycle(PLACED, 1, MajorState.RETIRED), Caller())
    assert http.get(LATEST).json["state"] == "retired"


def test_a_definition_registered_in_the_default_context_later_is_shown_with_its_id_there(http: Http) -> None:
    http.register(record("z"), "/v1/events/a")
    guid = http.register(record("q"), "/v1/events/:.t:b")["guid"]
    assert http.get(f"/v1/schemas/{guid}").json["id"] == 1
    http.register(record("q"), "/v1/events/c")
    assert http.get(f"/v1/schemas/{guid}").json["id"] == 2


def test_cached_answers_are_told_apart_by_path_and_query(http: Http) -> None:
    http.register()
    http.register(record("a", b=0))
    assert http.get(f"{EVENT}/versions/1").json["version"] == 1
    assert http.get(f"{EVENT}/versions/2").json["version"] == 2
    http.delete(f"{EVENT}/versions/1")
    assert http.get(f"{EVENT}/versions/1?deleted=true").json["deleted"] is True
    assert http.get(f"{EVENT}/versions/1").status == 404


def test_the_response_cache_is_bounded() -> None:
    application = Http()
    application.register()
    registry = application.application.registry
    response_cache = ResponseCache(registry, capacity_bytes=10_000)
    application.get(BY_ID)
    kept = next(iter(application.application.middleware._response_cache._kept.values()))
    for number in range(100):
        response_cache.keep(Request("GET", f"/{number}", {}, ""), LOCAL_PRINCIPAL, kept)
    assert response_cache._size_bytes <= 10_000
    assert len(response_cache._kept) < 10
    response_cache.keep(Request("GET", "/" + "x" * 3_000, {}, ""), LOCAL_PRINCIPAL, kept)
    assert all(len(target) < 100 for target, *_ in response_cache._kept)
    assert isinstance(kept, CachedResponse)
    assert CAPACITY_BYTES >= 1_000_000


def test_reads_are_answered_while_the_ledger_is_unavailable() -> None:
    ledger = FaultyLedger(open_ledger("memory:"))
    http = Http(ledger)
    http.register()
    http.get(BY_ID)
    ledger.reads_fail = ledger.appends_fail = True
    for path in (BY_ID, LATEST, EVENT, "/v1/events", "/v1/ledger/head"):
        assert http.get(path).status == 200
    reply = http.get("/readyz")
    assert (reply.status, reply.body) == (503, b"the ledger cannot be read\n")
    for call in (lambda: http.put("/v1/domains/a", {"owner": "b"}), lambda: http.get("/v1/ledger")):
        refused = call()
        assert (refused.status, refused.code) == (503, "LEDGER_UNAVAILABLE")
        assert refused.headers["retry-after"] == "1"
    ledger.reads_fail = ledger.appends_fail = False
    assert http.put("/v1/domains/a", {"owner": "b"}).status == 200
    assert http.get("/readyz").status == 200


def test_a_ledger_that_cannot_be_written_is_not_ready_and_seldom_tried() -> None:
    ledger = FaultyLedger(open_ledger("memory:"))
    http = Http(ledger)
    for _ in range(20):
        assert http.get("/readyz").status == 200
    assert ledger.tries == 1
    http.register()
    ledger.appends_fail = True
    assert http.post(f"{EVENT}/versions", {"schema": record("a", b=1)}).code == "LEDGER_UNAVAILABLE"
    for _ in range(20):
        reply = http.get("/readyz")
        assert (reply.status, reply.body) == (503, b"the ledger cannot be written: the disk is full\n")
        assert http.get(EVENT).status == 200
    assert ledger.tries == 2
    ledger.appends_fail = False
    assert http.post(f"{EVENT}/versions", {"schema": record("a", b=1)}).status == 201
    assert http.get("/readyz").body == b"ready at position 2\n"
    assert (ledger.tries, ledger.inner.head().position) == (2, 2)


# Bodies.


@pytest.mark.parametrize("length", [str(LARGEST_BODY_BYTES + 1), "9" * 30, "0" * 5_000 + "9" * 5_000])
@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_a_body_whose_content_length_is_too_large_is_not_read(length: str, method: str, shared: Http) -> None:
    entered = shared.application.middleware.enter(
        Request(method, f"{EVENT}/versions", {"host": "localhost", "content-length": length}, "127.0.0.1")
    )
    assert entered.answer is not None
    assert entered.answer.status == 413
    assert (entered.answer.body == b"") == (method == "HEAD")


@pytest.mark.parametrize("length", ["\u00b2", "-1", "1e9", "", "0"])
def test_an_invalid_content_length_is_left_to_the_server(length: str, shared: Http) -> None:
    asked = Request("POST", "/nowhere", {"host": "localhost", "content-length": length}, "127.0.0.1")
    assert shared.application.middleware.enter(asked).answer is None


def test_a_body_without_content_length_is_refused_once_it_is_too_large() -> None:
    http = AsgiHttp()
    piece = b" " * (1024 * 1024)
    reply = asyncio.run(http.send_pieces("POST", f"{EVENT}/versions", [piece] * 9, {}))
    assert (reply.status, require_problem(reply)["code"]) == (413, "BODY_TOO_LARGE")


def test_a_body_sent_in_pieces_is_put_together() -> None:
    http = AsgiHttp()
    body = json.dumps({"schema": record("a")}).encode()
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    assert asyncio.run(http.send_pieces("POST", f"{EVENT}/versions", pieces, {})).status == 201


def test_a_request_whose_body_breaks_off_is_not_carried_out() -> None:
    http = AsgiHttp()
    body = json.dumps({"schema": record("a")}).encode()
    reply = asyncio.run(http.send_pieces("POST", f"{EVENT}/versions", [body, b" "], {}, gone_at_the_end=True))
    assert reply.status == 0
    assert http.ledger.head().position == 0


def test_protocols_other_than_http_are_refused() -> None:
    async def call() -> None:
        await AsgiMiddleware(AsgiHttp().application.middleware)({"type": "websocket"}, None, None)  # type: ignore[arg-type]

    with pytest.raises(NotImplementedError):
        asyncio.run(call())


# Logs and metrics.


def test_a_request_is_one_line_of_json(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        log = AccessLog(file.fileno())
        log.write(Request("GET", "/a?b=" + "\u00ff" * 900, {}, "127.0.0.1"), 200, 5, 0.0123, "c-1")
        log.write(Request("X" * 90, "/", {}, ""), 405, 0, 0.5, "c-2")
    lines = (tmp_path / "log").read_bytes().splitlines()
    assert all(len(line) < 4_096 for line in lines)  # what a pipe takes whole
    first, second = (json.loads(line) for line in lines)
    assert (first["status"], first["ms"], first["correlation_id"], len(first["target"])) == (200, 12.3, "c-1", 500)
    assert second["method"] == "X" * 16


@pytest.mark.parametrize(
    "path",
    ["/admin/callback", "//admin/callback", "/admin//open", "/admin/%63allback", "/Admin/Open", "http://x/admin/open"],
)
def test_a_code_is_in_no_line_however_its_page_is_written(path: str, tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        AccessLog(file.fileno()).write(Request("GET", f"{path}?code=c0de", {}, ""), 404, 5, 0.1, "c-1")
    assert b"c0de" not in (tmp_path / "log").read_bytes()


def test_requests_are_answered_when_the_log_cannot_be_written() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    RequestObserver(AccessLog(writer)).answered(Request("GET", "/", {}, ""), "/", 200, 5, 0.1, "c")
    os.close(writer)
    assert AccessLog(None).write(Request("GET", "/", {}, ""), 200, 5, 0.1, "c") is None


def test_requests_are_counted_by_route_instead_of_path(http: Http) -> None:
    http.register()

    def counted(status: str = "200") -> float:
        labels = {"route": "/v1/events/<path:subject>", "method": "GET", "status": status}
        return REGISTRY.get_sample_value("moorings_http_requests_total", labels) or 0.0

    before = counted(), counted("404")
    http.get(EVENT)
    http.get("/v1/events/nowhere")
    assert (counted(), counted("404")) == (before[0] + 1, before[1] + 1)
    text = http.get("/metrics").body.decode()
    assert 'moorings_refusals_total{code="SUBJECT_NOT_FOUND"}' in text
    assert "moorings_ledger_position" in text
    assert "nowhere" not in text


def test_a_deleted_version_is_not_answered_from_the_cache(http: Http) -> None:
    http.register()
    http.get(f"{EVENT}/versions/1")
    http.application.registry.execute(DeleteVersion(PLACED, 1), Caller())
    assert http.get(f"{EVENT}/versions/1").code == "SUBJECT_NOT_FOUND"
