"""Several URLs of one registry: tried in turn, a breaker each, and the one that works is stayed with."""

import json
from typing import Any

import httpx2
import pytest

import moorings
from moorings.notices import EndpointChanged, Notice
from moorings.transport.breaker import Circuit
from moorings.transport.retries import RetryBudget, RetryPolicy
from moorings.transport.sync_runner import SyncRunner
from moorings.transport.transport import Settings, Transport

A, B, C = "http://a.example", "http://b.example", "http://c.example/registry"


class Hosts(httpx2.BaseTransport):
    """Answers for each host what is said of it: a status, or None for nothing."""

    def __init__(self, **says: int | None) -> None:
        self.says = says
        self.asked: list[str] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        name = request.url.host[0]
        self.asked.append(name)
        status = self.says[name]
        if status is None:
            raise httpx2.ConnectTimeout("gone")
        return httpx2.Response(status, content=json.dumps({"domains": []}).encode())


def test_the_next_endpoint_is_tried_and_then_preferred() -> None:
    told: list[Notice] = []
    hosts = Hosts(a=None, b=503, c=200)
    registry = moorings.connect([A, B, C], http=hosts, notices=told.append, retries=0)
    assert (registry.api.domains(), registry.api.domains()) == ((), ())
    assert "".join(hosts.asked) == "abcc"
    assert [one for one in told if isinstance(one, EndpointChanged)] == [EndpointChanged(A, C)]
    hosts.says = {"a": 200, "b": 200, "c": None}
    registry.api.domains()
    assert "".join(hosts.asked) == "abccca"


@pytest.mark.parametrize("status", [404, 401, 422])
def test_a_refusal_does_not_move_to_the_next_endpoint(status: int) -> None:
    hosts = Hosts(a=status, b=200)
    with pytest.raises(moorings.RegistryRefused):
        moorings.connect([A, B], http=hosts).api.domains()
    assert hosts.asked == ["a"]


def test_each_endpoint_has_its_own_breaker() -> None:
    hosts = Hosts(a=None, b=None)
    registry = moorings.connect([A, B], http=hosts, retries=0)
    for _ in range(7):
        with pytest.raises(moorings.RegistryUnavailable):
            registry.api.domains()
    assert "".join(hosts.asked) == "ab" * 5
    assert {one.breaker.circuit for one in registry.client_state.transport.endpoints} == {Circuit.OPEN}


def test_the_environment_may_name_several_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOORINGS_URL", f"{A}/, {B},")
    assert [one.url for one in moorings.connect().client_state.transport.endpoints] == [A, B]


@pytest.mark.parametrize("url", [",", ["http://"], ["https://a.example", "b.example"], "http://[::1"])
def test_invalid_urls_are_refused(url: Any) -> None:
    with pytest.raises(moorings.SettingInvalid):
        moorings.connect(url)


def test_a_password_is_never_shown() -> None:
    registry = moorings.connect("http://user:hunter2@a.example", http=Hosts(a=None), retries=0)
    with pytest.raises(moorings.RegistryUnavailable, match=r"http://a\.example") as caught:
        registry.api.domains()
    assert "hunter2" not in str(caught.value)
    with pytest.raises(moorings.SettingInvalid) as refused:
        moorings.connect("ftp://user:hunter2@a.example")
    assert "hunter2" not in str(refused.value)


def test_retries_are_bounded_by_a_budget() -> None:
    """Twenty repeats at once, then one for every five calls."""
    hosts, slept = Hosts(a=429), list[float]()
    transport = Transport(Settings((A,), retries=RetryPolicy(retries=3)))
    runner = SyncRunner(hosts, slept.append)
    for _ in range(60):
        with pytest.raises(moorings.RegistryUnavailable):
            runner.run(transport.get("/v1/domains"))
    assert 60 + 20 <= len(hosts.asked) <= 60 + 20 + 60 * 0.2
    assert len(slept) == len(hosts.asked) - 60


def test_the_retry_budget_has_a_maximum() -> None:
    budget = RetryBudget(most=2.0, per_call=1.0)
    for _ in range(10):
        budget.called()
    assert [budget.spend() for _ in range(3)] == [True, True, False]


def test_headers_may_come_from_a_function() -> None:
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.headers["X-Tenant"])
        return httpx2.Response(200, json={"domains": []})

    tenants = iter("ab")
    api = moorings.connect(A, http=httpx2.MockTransport(answer), headers=lambda: {"X-Tenant": next(tenants)}).api
    api.domains()
    api.domains()
    assert seen == ["a", "b"]
