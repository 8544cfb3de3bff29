"""A consumer that has everything cached and asks for nothing still keeps its major from being retired."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any

import httpx2
import pytest
from werkzeug.serving import make_server

import moorings
from moorings.errors import RegistryRefused
from moorings_registry.app import build_application
from moorings_registry.engines import open_ledger, open_usage
from moorings_registry.http.access_log import AccessLog
from moorings_registry.server.worker import begin_last_uses
from moorings_registry.side_stores import SideStores
from moorings_registry.sunset_reminders import remind
from tests.consumers.world import DOMAIN, SUBJECT

SCHEMA = json.dumps({"type": "record", "name": "OrderPlaced", "fields": [{"name": "a", "type": "int"}]})
NEXT = SCHEMA.replace('"a"', '"b"')


class Days:
    """A clock that the test moves."""

    now = datetime(2027, 1, 10, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now


class Served:
    """A registry behind a socket, its clock, and what it was asked."""

    def __init__(self, url: str) -> None:
        self.days = Days()
        self.asked: list[str] = []
        ledger, stores = open_ledger(url), SideStores(usage=open_usage(url))
        self.application = build_application(ledger, stores=stores, access_log=AccessLog(None), clock=self.days)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.port}"
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def _answer(self, environ: Any, start: Any) -> Any:
        self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        return self.application.middleware(environ, start)

    def page(self, path: str) -> str:
        reply = httpx2.get(self.url + path)
        assert reply.status_code == 200
        return str(reply.text)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def served(tmp_path: Any) -> Iterator[Served]:
    served = Served(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield served
    served.close()


def test_counts_of_a_cached_consumer_block_retirement_for_as_long_as_it_reads(served: Served) -> None:
    begin_last_uses(served.application.registry)
    owner = moorings.connect(served.url, drift=False, refresh_s=None)
    owner.api.send("PUT", "/v1/domains/shop.orders", {**DOMAIN, "policy": {"quiet_days": 10}})
    for major, text in ((1, SCHEMA), ("next", NEXT)):
        body = {"schema": text, "format": "AVRO", "major": major}
        owner.api.send("POST", f"/v1/events/{SUBJECT}/versions", body)
    data = owner.event(SUBJECT, major=1).encode({"a": 1})

    billing = moorings.connect(served.url, drift=False, refresh_s=None, application="billing")
    placed, usage = billing.event(SUBJECT, major=1), billing.client_state.usage
    assert usage is not None
    assert placed.decode(data) == {"a": 1}
    sunset = (served.days.now + timedelta(days=31)).date().isoformat()
    owner.api.send("PUT", f"/v1/events/{SUBJECT}/majors/1", {"state": "deprecated", "sunset": sunset})

    served.asked.clear()
    for _ in range(40):
        served.days.now += timedelta(days=1)
        assert placed.decode(data) == {"a": 1}
        assert usage.flush()
    assert set(served.asked) == {"POST /v1/usage"}, "nothing was fetched"

    shown = owner.api.answer(f"/v1/events/{SUBJECT}/majors/1/retirement")
    assert [one["code"] for one in shown["blockers"]] == ["IN_USE"]
    assert "'billing' read it on 2027-02-19" in shown["blockers"][0]["message"]
    with pytest.raises(RegistryRefused, match="RETIREMENT_BLOCKED"):
        owner.api.send("PUT", f"/v1/events/{SUBJECT}/majors/1", {"state": "retired"})
    query = {"event": SUBJECT, "major": "1"}
    assert owner.api.ask("/v1/questions/can-retire", query)["answer"] == "no"

    billing.close()
    owner.api.send("PUT", "/v1/domains/shop.orders", {**DOMAIN, "policy": {"quiet_days": 90}})
    served.days.now += timedelta(days=45)
    shown = owner.api.answer(f"/v1/events/{SUBJECT}/majors/1/retirement")
    assert (shown["earliest"], [one["code"] for one in shown["blockers"]]) == ("2027-05-20", ["IN_USE"])
    used = owner.api.answer(f"/v1/events/{SUBJECT}/usage")
    assert (used["usage"], [one["last_seen"][:10] for one in used["last_used"]]) == ([], ["2027-02-19"])
    asked = owner.api.ask("/v1/questions/who-reads", {"event": SUBJECT, "major": "1"})
    assert asked["reasons"][1]["message"] == "billing read the event last on 2027-02-19, more than 30 days ago"
    page = re.sub(r"<[^>]*>", "", served.page(f"/admin/events/{SUBJECT}?version=1"))
    assert "not listed as readers: billing last" in page
    served.days.now += timedelta(days=45)
    assert owner.api.ask("/v1/questions/can-retire", query)["answer"] == "yes"
    owner.api.send("PUT", f"/v1/events/{SUBJECT}/majors/1", {"state": "retired"})
    assert placed.decode(data) == {"a": 1}, "stored events stay readable"
    owner.close()


def reminders(served: Served) -> list[tuple[int, list[str], int]]:
    facts = [fact for entry in served.application.registry.ledger.read(0) for fact in entry.facts]
    return [(one["days"], one["readers"], one["further"]) for one in facts if one["fact"] == "SunsetReminded"]


def test_the_registry_reminds_once_a_stage_of_a_sunset_that_somebody_still_reads_for(served: Served) -> None:
    registry = served.application.registry
    owner = moorings.connect(served.url, drift=False, refresh_s=None)
    owner.api.send("PUT", "/v1/domains/shop.orders", DOMAIN)
    owner.api.send("POST", f"/v1/events/{SUBJECT}/versions", {"schema": SCHEMA, "format": "AVRO"})
    sunset = (served.days.now + timedelta(days=40)).date().isoformat()
    life = {"state": "deprecated", "sunset": sunset}
    owner.api.send("PUT", f"/v1/events/{SUBJECT}/majors/1", life)
    served.days.now += timedelta(days=15)
    remind(registry)
    assert reminders(served) == [], "nobody reads it"
    owner.api.send("PUT", "/v1/consumers/billing", {"team": "b", "reads": [{"event": SUBJECT, "major": 1}]})
    used = [{"subject": SUBJECT, "direction": "consume", "major": 1, "revision": "1.0"}]
    owner.api.send("POST", "/v1/usage", {"application": "crm", "used": used})
    expected = []
    for days, passed in ((30, 20), (7, 10), (0, 1)):
        owner.api.send("POST", "/v1/usage", {"application": "crm", "used": used})
        for _ in range(2):
            remind(registry)
        expected.append((days, ["billing", "crm"], 0))
        assert reminders(served) == expected
        served.days.now += timedelta(days=passed)
    later = (date.fromisoformat(sunset) + timedelta(days=20)).isoformat()
    owner.api.send("PUT", f"/v1/events/{SUBJECT}/majors/1", {**life, "sunset": later})
    remind(registry)
    assert reminders(served)[len(expected) :] == [(30, ["billing", "crm"], 0)], "the sunset moved"
    overview = served.page("/admin/")
    assert "2 readers left" in overview
    assert "billing and crm still read major 1 of" in re.sub(r"</?(bdi|a|strong)[^>]*>", "", overview)
    assert "2 readers left" in served.page("/admin/calendar")
    owner.close()
