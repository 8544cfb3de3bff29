"""Rates and sizes that clients sample, beside what the event is planned for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

import moorings
from moorings.contracts import load as client_load
from moorings_compat.load_buckets import RATES, SIZES, bucket_of, least_in
from moorings_registry.drift import MOST_ROWS
from moorings_registry.names import Subject
from moorings_registry.usage_counts import SampledLoad, Usage
from tests.consumers.test_usage import ROW, usage, used
from tests.consumers.world import SUBJECT, shop
from tests.drift.conftest import redis_server as redis_server
from tests.registry.calling import EVENT, Http

__all__ = ["usage"]
WRITTEN = {**ROW, "direction": "produce", "seconds": [[300, 40]], "sizes": [[200, 98], [900, 2]]}
PLACED = Subject.parse(SUBJECT)
NOW = datetime(2027, 1, 31, 12, 30, tzinfo=UTC)


def expecting(**expected: Any) -> Http:
    http = shop()
    assert http.put(EVENT, {"kind": "fact", "expectations": expected}).status == 200
    return http


def shown(http: Http) -> Any:
    return http.get(f"{EVENT}/usage").json["load"]


def asked(http: Http) -> tuple[str, list[str]]:
    answer = http.get(f"/v1/questions/as-expected?event={SUBJECT}").json
    return answer["answer"], [one["code"] for one in answer["reasons"]]


def test_buckets_are_few_and_cover_every_number() -> None:
    assert len(SIZES) == len(set(SIZES)) == 96
    for number in (1, 63, 64, 65, 80, 81, 1_000, 2**20, 2**29):
        bucket = bucket_of(SIZES, number)
        assert least_in(SIZES, bucket) <= number <= bucket
        assert bucket <= max(64, number * 1.25)
    assert bucket_of(RATES, 10**9) == RATES[-1]


def test_what_is_sampled_is_shown_beside_what_is_expected() -> None:
    http = expecting(peak_per_second=1_000, largest_bytes=2_000)
    assert asked(http) == ("unknown", ["NOT_SAMPLED"])
    assert http.post("/v1/usage", used(WRITTEN)).status == 200
    load = shown(http)
    assert load["busiest_per_second"] == 200.0
    assert load["busiest_hour"] == datetime.now(UTC).strftime("%Y-%m-%dT%H")
    expected = {"fastest_second": 257, "half_within_bytes": 224, "p99_within_bytes": 1024, "largest_bytes": 897}
    assert {name: load[name] for name in expected} == expected
    assert (load["sampled"], load["departures"]) == (100, [])
    assert asked(http) == ("yes", ["RATE_OBSERVED", "SIZE_OBSERVED"])
    page = http.get(f"/admin/events/{SUBJECT}").body.decode()
    assert "at least 200 a second on average" in page
    assert "than the event is planned for" not in page


@pytest.mark.parametrize(
    ("expected", "codes"),
    [
        ({"peak_per_second": 100}, ["RATE_ABOVE_EXPECTED"]),
        ({"peak_per_second": 250}, ["RATE_ABOVE_EXPECTED"]),
        ({"largest_bytes": 800}, ["SIZE_ABOVE_EXPECTED"]),
        ({"largest_bytes": 900}, []),
        ({"peak_per_second": 199.5, "largest_bytes": 50}, ["RATE_ABOVE_EXPECTED", "SIZE_ABOVE_EXPECTED"]),
    ],
)
def test_what_exceeds_an_expectation_is_said_everywhere(expected: dict[str, Any], codes: list[str]) -> None:
    http = expecting(**expected)
    http.post("/v1/usage", used(WRITTEN))
    assert [one["code"] for one in shown(http)["departures"]] == codes
    assert asked(http) == ("no" if codes else "yes", [*codes, "RATE_OBSERVED", "SIZE_OBSERVED"])
    page = http.get(f"/admin/events/{SUBJECT}").body.decode()
    assert ("than the event is planned for" in page) is bool(codes)
    assert all(one["message"][1:] in page for one in shown(http)["departures"])


def test_nothing_is_as_expected_where_nobody_expects_anything() -> None:
    http = expecting(delivery_p99_ms=5)
    http.post("/v1/usage", used(WRITTEN))
    assert asked(http) == ("unknown", ["NOTHING_EXPECTED", "RATE_OBSERVED", "SIZE_OBSERVED"])
    assert http.get("/v1/questions/as-expected?event=shop.orders.Unheard").code == "SUBJECT_NOT_FOUND"


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": [[0, 1]]}, {"seconds": [[1]]}, {"seconds": [[1, 10**7]]}, {"sizes": [[-1, 1]]},
        {"sizes": [[2**31, 1]]}, {"sizes": [["1", 1]]}, {"sizes": [[1, 1]] * 101}, {"sizes": {"1": 1}},
    ],
)  # fmt: skip
def test_loads_that_no_client_samples_are_refused(wrong: dict[str, Any]) -> None:
    http = shop()
    assert http.post("/v1/usage", used({**ROW, **wrong})).code == "REQUEST_INVALID"
    assert shown(http)["sampled"] == 0


def test_a_load_counts_once_under_its_key(usage: Usage) -> None:
    sampled = [SampledLoad(SUBJECT, "produce", ((5, 2),), ((100, 10),))]
    for _ in range(2):
        usage.add_load("k", sampled, NOW)
    load = usage.load_of(PLACED, NOW)
    assert (load.hours, load.seconds, load.sizes) == ({"2027-01-31T12": 10}, {8: 2}, {112: 10})
    usage.add_load("", sampled, NOW)
    assert usage.load_of(PLACED, NOW).sizes == {112: 20}
    assert usage.of(PLACED, NOW) == (), "what is sampled is not somebody who uses it"


def test_hours_of_a_clock_that_jumped_do_not_count(usage: Usage) -> None:
    sampled = [SampledLoad(SUBJECT, "produce", ((600, 1),))]
    usage.add_load("a", sampled, NOW + timedelta(days=2))
    usage.add_load("b", sampled, NOW)
    assert usage.load_of(PLACED, NOW).hours == {"2027-01-31T12": 600}
    assert usage.load_of(PLACED, NOW + timedelta(days=40)).is_empty


def test_the_rows_of_a_load_are_bounded(usage: Usage) -> None:
    every = tuple((one, 1) for one in SIZES)
    for direction in ("produce", "consume"):
        usage.add_load("", [SampledLoad(SUBJECT, direction, tuple((one, 1) for one in RATES), every)], NOW)
    for hour in range(1, 12):
        usage.add_load("", [SampledLoad(SUBJECT, "produce", ((1, 1),))], NOW + timedelta(hours=hour))
    assert 2 * len(SIZES) + len(RATES) + 30 * 24 < MOST_ROWS
    load = usage.load_of(PLACED, NOW + timedelta(hours=11))
    assert (len(load.hours), len(load.seconds), len(load.sizes)) == (12, len(RATES), len(SIZES))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_client_samples_a_second_whole_and_the_first_event_of_each_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(client_load, "monotonic", clock)
    http = shop()
    transport = httpx2.WSGITransport(app=http.application.middleware)
    registry = moorings.connect(http=transport, refresh_s=None, drift=False, application="shop", domain="shop.orders")
    placed, usage = registry.event(SUBJECT), registry.client_state.usage
    assert usage is not None
    event = {"order_id": "o", "total": None, "margin": None, "items": []}
    data = placed.encode(event)
    for _ in range(19):
        placed.encode(event)
    clock.now += 2
    for _ in range(5):
        placed.encode(event)
    assert usage.flush()
    load = shown(http)
    assert (load["fastest_second"], load["sampled"]) == (17, 21), "20 within the second, and one that ended it"
    assert load["busiest_per_second"] == pytest.approx(20 / 60)
    clock.now += 60
    for _ in range(5):
        placed.encode(event)
        assert placed.decode(data) == event
    assert usage.flush()
    assert shown(http)["sampled"] == 21 + 1, "one that is written, and none that is read in its first interval"
    placed.decode(data)
    assert usage.flush()
    assert shown(http)["sampled"] == 21 + 2
    registry.close()
