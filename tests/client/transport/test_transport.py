"""Requests: time-outs, safe retries, and the errors that answers become."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import httpx2
import pytest

from moorings.errors import (
    AnswerInvalid,
    NotAllowed,
    NotFound,
    RegistryRefused,
    RegistryUnavailable,
    SchemaIncompatible,
    SettingInvalid,
)
from moorings.transport.retries import RetryPolicy, retry_after_s
from moorings.transport.sync_runner import SyncRunner
from moorings.transport.transport import Response, Settings, Transport

Step = httpx2.Response | Exception


class Script:
    """Answers requests one by one, and keeps them."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.requests: list[httpx2.Request] = []
        self.slept: list[float] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    def transport(self, **settings: Any) -> "Asking":
        retries = RetryPolicy(retries=2, jitter=lambda: 0.5)
        return Asking(
            Transport(Settings(("http://user:secret@registry.example",), retries=retries, **settings)),
            SyncRunner(httpx2.MockTransport(self), self.slept.append),
        )


class Asking:
    """A transport whose steps are carried out immediately."""

    def __init__(self, transport: Transport, runner: SyncRunner) -> None:
        self.transport = transport
        self.runner = runner

    def request(self, method: str, path: str, body: Any = None) -> Response:
        return self.runner.run(self.transport.request(method, path, body=body))


def answer(status: int, body: Any = None, **headers: str) -> httpx2.Response:
    content = b"" if body is None else json.dumps(body).encode()
    return httpx2.Response(status, content=content, headers={key.replace("_", "-"): v for key, v in headers.items()})


def test_a_response_has_its_status_and_body() -> None:
    answered = Script(answer(201, {"a": 1})).transport().request("POST", "/v1/x", body={})
    assert (answered.status, answered.body) == (201, {"a": 1})


@pytest.mark.parametrize(
    "failure",
    [
        httpx2.ConnectError("no"),
        httpx2.ReadTimeout("slow"),
        httpx2.RemoteProtocolError("cut"),
        answer(503),
        answer(429),
    ],
    ids=["refused", "slow", "cut", "unavailable", "too many"],
)
def test_temporary_failures_are_retried_with_jitter(failure: Step) -> None:
    script = Script(failure, failure, answer(200, {}))
    assert script.transport().request("GET", "/v1/x").body == {}
    assert script.slept == [0.05, 0.1]


def test_a_write_is_retried_with_the_same_idempotency_key() -> None:
    script = Script(httpx2.ReadTimeout("slow"), answer(200, {}))
    script.transport().request("POST", "/v1/x", body={"a": 1})
    keys = [request.headers["Idempotency-Key"] for request in script.requests]
    assert keys[0] == keys[1]
    assert [request.content for request in script.requests] == [b'{"a":1}'] * 2


def test_two_writes_have_two_keys() -> None:
    script = Script(answer(200, {}), answer(200, {}))
    transport = script.transport()
    transport.request("PUT", "/v1/x", body={})
    transport.request("PUT", "/v1/x", body={})
    assert len({request.headers["Idempotency-Key"] for request in script.requests}) == 2


def test_a_read_has_no_idempotency_key() -> None:
    script = Script(answer(200, {}))
    script.transport().request("GET", "/v1/x")
    assert "Idempotency-Key" not in script.requests[0].headers


def test_every_request_has_a_time_out_and_a_correlation_id() -> None:
    script = Script(answer(200, {}))
    script.transport(timeout_s=1.5).request("GET", "/v1/x")
    assert script.requests[0].extensions["timeout"] == {"connect": 1.5, "read": 1.5, "write": 1.5, "pool": 1.5}
    assert script.requests[0].headers["X-Correlation-ID"]


def test_after_its_retries_the_error_names_the_endpoint_without_secrets() -> None:
    script = Script(*[httpx2.ConnectError("no")] * 3)
    with pytest.raises(RegistryUnavailable) as caught:
        script.transport().request("GET", "/v1/x")
    assert caught.value.attempts == 3
    assert "registry.example" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_retry_after_is_waited_for() -> None:
    script = Script(answer(503, Retry_After="2"), answer(200, {}))
    script.transport().request("GET", "/v1/x")
    assert script.slept == [2.0]


def test_a_long_retry_after_is_reported_instead_of_waited_for() -> None:
    with pytest.raises(RegistryUnavailable) as caught:
        Script(answer(429, Retry_After="600")).transport().request("GET", "/v1/x")
    assert caught.value.retry_after_s == 600


def test_a_refusal_is_not_retried() -> None:
    script = Script(answer(422, {"code": "SCHEMA_INVALID"}))
    with pytest.raises(RegistryRefused):
        script.transport().request("POST", "/v1/x", body={})
    assert len(script.requests) == 1


PROBLEMS: list[tuple[int, dict[str, Any], type[RegistryRefused], str]] = [
    (404, {"code": "EVENT_NOT_FOUND"}, NotFound, "EVENT_NOT_FOUND"),
    (401, {}, NotAllowed, "HTTP_401"),
    (403, {"code": "NOT_OWNER"}, NotAllowed, "NOT_OWNER"),
    (409, {"code": "SCHEMA_INCOMPATIBLE", "report": {}}, SchemaIncompatible, "SCHEMA_INCOMPATIBLE"),
    (409, {"code": "POSITION_TAKEN"}, RegistryRefused, "POSITION_TAKEN"),
    (422, {"code": "SCHEMA_INVALID", "errors": [{"pointer": "/a", "detail": "no"}]}, RegistryRefused, "SCHEMA_INVALID"),
]


@pytest.mark.parametrize(("status", "problem", "kind", "code"), PROBLEMS)
def test_problems_become_errors(status: int, problem: Any, kind: type[RegistryRefused], code: str) -> None:
    with pytest.raises(RegistryRefused) as caught:
        Script(answer(status, problem)).transport().request("GET", "/v1/x")
    assert type(caught.value) is kind
    assert caught.value.code == code


def test_an_error_response_without_json_is_an_error() -> None:
    response = httpx2.Response(400, content=b"<html>")
    with pytest.raises(RegistryRefused, match="HTTP_400"):
        Script(response).transport().request("GET", "/v1/x")


def test_a_permanent_server_error_has_its_correlation_id() -> None:
    with pytest.raises(RegistryRefused) as caught:
        Script(*[answer(500, {"code": "INTERNAL", "correlation_id": "c-1"})] * 3).transport().request("GET", "/v1/x")
    assert caught.value.correlation_id == "c-1"


@pytest.mark.parametrize("content", [b"", b"<html>", b"[" * 100_000])
def test_a_success_without_json_is_an_invalid_response(content: bytes) -> None:
    with pytest.raises(AnswerInvalid):
        Script(httpx2.Response(200, content=content)).transport().request("GET", "/v1/x")


def test_a_later_read_asks_for_the_position_of_the_write() -> None:
    script = Script(answer(200, {}, Moorings_Position="41"), answer(200, {}))
    transport = script.transport()
    transport.request("POST", "/v1/x", body={})
    transport.request("GET", "/v1/x")
    assert script.requests[1].headers["Moorings-Position"] == "41"


@pytest.mark.parametrize("make", [lambda: Settings(("ftp://x",)), lambda: Settings(("http://x",), timeout_s=0)])
def test_invalid_transport_settings_are_refused(make: Callable[[], Settings]) -> None:
    with pytest.raises(SettingInvalid):
        make()


RETRY_AFTERS: Iterable[tuple[str | None, float | None]] = [
    (None, None),
    ("3", 3.0),
    (" 0 ", 0.0),
    ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ("-1", None),
    ("9" * 400, 86_400.0),
]


RETRY_DATES: list[tuple[str, str | None, float | None]] = [
    ("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:27:30 GMT", 30.0),
    ("Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:29:00 GMT", 0.0),
    ("Wed, 21 Oct 2999 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT", 86_400.0),
    ("Wed, 21 Oct 2026 07:28:00 GMT", "yesterday", None),
    ("Wed, 21 Oct 2026 07:28:00", "Wed, 21 Oct 2026 07:28:00", None),
    ("soon", "Wed, 21 Oct 2026 07:28:00 GMT", None),
]


@pytest.mark.parametrize(("header", "date", "seconds"), RETRY_DATES)
def test_a_retry_after_date_is_relative_to_the_date_of_the_response(
    header: str, date: str | None, seconds: float | None
) -> None:
    assert retry_after_s(header, date) == seconds


@pytest.mark.parametrize(("header", "seconds"), RETRY_AFTERS)
def test_retry_after_is_read_in_seconds(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header) == seconds


def test_waits_grow_up_to_the_longest() -> None:
    policy = RetryPolicy(retries=10, first_wait_s=1.0, longest_wait_s=5.0, jitter=lambda: 1.0)
    assert [policy.wait_s(attempt) for attempt in range(1, 6)] == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_a_refusal_says_where_it_is_wrong_and_points_at_that() -> None:
    problem = {
        "code": "EVENT_INVALID",
        "detail": "It cannot be declared",
        "fix": "Fix the locations listed in `errors`.",
        "errors": [{"pointer": "/kind", "detail": "unknown"}],
    }
    told = str(RegistryRefused(422, problem))
    assert told == "EVENT_INVALID: It cannot be declared; at /kind: unknown (Fix the locations listed here.)"


def test_who_has_to_sign_in_is_told_how_with_this_library() -> None:
    problem = {"code": "SIGN_IN_NEEDED", "detail": "No credential", "fix": "Send `Authorization: Bearer`."}
    told = str(RegistryRefused(401, problem))
    assert told.startswith("SIGN_IN_NEEDED: No credential (Sign in: moorings login, or --sign-in")


@pytest.mark.parametrize("code", ["MIGRATION_UNFIT", "DECLARED_FIELD_MISSING"])
def test_who_has_files_is_not_told_to_send_requests(code: str) -> None:
    told = str(RegistryRefused(422, {"code": code, "detail": "It does not fit", "fix": "PUT /v1/events/{subject}"}))
    assert told.startswith(f"{code}: It does not fit (")
    assert "PUT" not in told


def test_a_refusal_says_each_thing_once() -> None:
    errors = [{"pointer": "/sunset", "detail": one} for one in ("it is past", "it is too early")]
    told = str(RegistryRefused(422, {"code": "X", "detail": "It cannot be set: it is past", "errors": errors}))
    assert told == "X: It cannot be set: it is past; at /sunset: it is too early"
    told = str(RegistryRefused(422, {"code": "X", "detail": "It cannot be set: it is past", "errors": errors[:1]}))
    assert told == "X: It cannot be set: it is past; at /sunset"
    told = str(RegistryRefused(422, {"code": "X", "detail": "Invalid: at /sunset: it is past", "errors": errors}))
    assert told == "X: Invalid: at /sunset: it is past; at /sunset: it is too early"
