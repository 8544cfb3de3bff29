"""Metrics of checks: each is counted once, by how it ended, its format, what asked for it, and its door."""

import pytest
from prometheus_client import REGISTRY

from tests.registry.asking import record
from tests.registry.calling import EVENT, Http

APIS = ("native", "confluent")


class Counted:
    """What was counted since this was made."""

    def __init__(self) -> None:
        self._before = _values()

    def __call__(self) -> dict[tuple[str, str, str, str], float]:
        now = _values()
        return {key: now[key] - self._before.get(key, 0) for key in now if now[key] != self._before.get(key, 0)}


def _values() -> dict[tuple[str, str, str, str], float]:
    names = ("verdict", "format", "operation", "door")
    return {
        tuple(sample.labels[name] for name in names): sample.value  # type: ignore[misc]
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == "moorings_checks_total"
    }


@pytest.fixture
def http() -> Http:
    http = Http()
    http.register()
    return http


def register(http: Http, api: str, text: str, subject: str = EVENT.rpartition("/")[2]) -> int:
    family = "/v1/events" if api == "native" else "/subjects"
    return http.post(f"{family}/{subject}/versions", {"schema": text}).status


@pytest.mark.parametrize("api", APIS)
def test_registrations_are_counted_by_verdict_and_door(http: Http, api: str) -> None:
    counted = Counted()
    assert register(http, api, record("a", b=1)) in (200, 201)
    assert register(http, api, record("a", b=1)) == 200  # it is there: nothing is checked
    assert [register(http, api, record("a", "z")) for _ in range(2)] == [409, 409]
    http.put("/config/s", {"compatibility": "NONE"})
    register(http, api, record("a"), "s")
    assert counted() == {
        ("compatible", "AVRO", "register", api): 1,
        ("breaking", "AVRO", "register", api): 2,
        ("unchecked", "AVRO", "register", api): 1,
    }


def test_dry_runs_and_comparisons_are_counted(http: Http) -> None:
    http.register(record("a", b=1))
    counted = Counted()
    subject = EVENT.rpartition("/")[2]
    http.post("/v1/checks", {"subject": subject, "schema": record("a", "z")})
    http.post(f"/compatibility/subjects/{subject}/versions", {"schema": record("a", c=1)})
    http.post(f"/compatibility/subjects/{subject}/versions/1", {"schema": record("a", "z")})
    http.get(f"{EVENT}/compare?reader=1.1&writer=1.0")
    http.get(f"/admin/events/{subject}/compare?reader=1.1&writer=1.0")
    assert counted() == {
        ("breaking", "AVRO", "check", "native"): 1,
        ("compatible", "AVRO", "check", "confluent"): 1,
        ("breaking", "AVRO", "check", "confluent"): 1,
        ("compatible", "AVRO", "compare", "native"): 1,
        ("compatible", "AVRO", "compare", "pages"): 1,
    }


def test_a_repeated_request_is_answered_and_not_counted_again(http: Http) -> None:
    counted = Counted()
    for _ in range(3):
        reply = http.post(f"{EVENT}/versions", {"schema": record("a", "z")}, Idempotency_Key="k")
        assert reply.status == 409
    assert counted() == {("breaking", "AVRO", "register", "native"): 1}


def test_every_schema_of_one_request_is_counted(http: Http) -> None:
    counted = Counted()
    associations = [
        {"subject": f"{kind}s", "associationType": kind, "lifecycle": "STRONG", "schema": {"schema": record(kind)}}
        for kind in ("key", "value")
    ]
    named = {"resourceName": "o", "resourceNamespace": "lkc-1", "resourceId": "id-o", "resourceType": "topic"}
    assert http.post("/associations", {**named, "associations": associations}).status == 200
    assert counted() == {("compatible", "AVRO", "register", "confluent"): 2}


def test_contracts_of_a_domain_in_one_write_are_counted_part_by_part() -> None:
    http = Http()
    http.put("/v1/domains/shop", {"owner": "team"})

    def put(text: str, *, dry_run: bool) -> int:
        major = {"major": 1, "version": {"schema": text, "format": "AVRO"}}
        body = {"events": [{"subject": "shop.OrderPlaced", "majors": [major]}]}
        return http.put(f"/v1/domains/shop/contracts?dry_run={str(dry_run).lower()}", body).status

    counted = Counted()
    assert [put(record("a"), dry_run=True), put(record("a"), dry_run=False)] == [200, 200]
    assert [put(record("a", "z"), dry_run=True), put(record("a", "z"), dry_run=False)] == [409, 409]
    assert counted() == {
        ("compatible", "AVRO", "check", "native"): 1,
        ("compatible", "AVRO", "register", "native"): 1,
        ("breaking", "AVRO", "check", "native"): 1,
        ("breaking", "AVRO", "register", "native"): 1,
    }


def test_the_time_of_a_check_is_measured_where_there_is_something_to_compare(http: Http) -> None:
    def measured() -> float:
        return REGISTRY.get_sample_value("moorings_check_seconds_count", {"format": "AVRO"}) or 0

    before = measured()
    body = {"subject": EVENT.rpartition("/")[2], "schema": record("a", y=1)}
    http.post("/v1/checks", body)
    http.post("/v1/checks", body)  # answered from the kept report
    assert measured() - before == 1
    shown = http.get("/metrics").body.decode()
    assert 'moorings_checks_total{door="native",format="AVRO",operation="check",verdict="compatible"}' in shown
    assert "moorings_check_seconds_bucket" in shown


def of_domains() -> dict[tuple[str, str], float]:
    return {
        (sample.labels["domain"], sample.labels["operation"]): sample.value
        for metric in REGISTRY.collect()
        for sample in metric.samples
        if sample.name == "moorings_domain_checks_total"
    }


def test_checks_are_counted_by_domain_within_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moorings_registry.http.domain_labels.DOMAINS", 2)
    before, one = of_domains(), Http()
    for domain in ("near", "near.inner", "far"):
        one.call("PUT", f"/v1/domains/{domain}", {"owner": "team"})
    schema = record("a").replace("OrderPlaced", "Sent")
    for domain in ("far", "near.inner", "near"):  # those that were registered first have labels, whoever comes first
        reply = one.call("POST", f"/v1/events/{domain}.Sent/versions", {"schema": schema})
        assert reply.status == 201, reply.body
    one.call("POST", "/v1/checks", {"subject": "near.inner.Sent", "schema": schema})
    one.call("POST", "/compatibility/subjects/far.Sent/versions", {"schema": schema})
    one.call("GET", "/v1/events/near.Sent/compare?reader=1.0&writer=1.0")
    now = of_domains()
    assert {key: now[key] - before.get(key, 0) for key in now if now[key] > before.get(key, 0)} == {
        ("near", "register"): 1, ("near.inner", "register"): 1, ("(other)", "register"): 1,
        ("near.inner", "check"): 1, ("(other)", "check"): 1, ("near", "compare"): 1,
    }  # fmt: skip


def test_the_time_of_checks_and_drift_are_counted_by_domain() -> None:
    def value(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, {"domain": "timed", **labels}) or 0

    one = Http()
    one.call("PUT", "/v1/domains/timed", {"owner": "team"})
    for text in (record("a"), record("a", b=1)):
        one.call("POST", "/v1/events/timed.OrderPlaced/versions", {"schema": text})
    assert value("moorings_domain_check_seconds_total") > 0
    row = {"subject": "timed.OrderPlaced", "direction": "consume", "revision": "1.0", "path": "/a", "rule": "TYPE",
           "writer": "", "count": 3}  # fmt: skip
    body = {"reporter": {"client": "c", "service": "s"}, "observations": [row], "lost": 0}
    reply = one.call("POST", "/v1/drift", body)
    assert reply.status == 200, reply.body
    assert value("moorings_domain_drift_observations_total", direction="consume") == 3
