"""The inbox: what waits for somebody, with owner, age and what to do; and the overview of drift by day."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from moorings_registry.commands import ReviewCheck
from moorings_registry.drift import Batch, Observed, Reporter
from moorings_registry.drift_counts import drift_trends, keep_counts
from moorings_registry.inbox import InboxKind, inbox
from moorings_registry.names import Subject
from moorings_registry.reviews import about_report
from moorings_registry.web import links
from tests.registry.asking import record
from tests.registry.calling import Http
from tests.registry.granting import ANN, BOB, OPERATOR, Guarded, in_days
from tests.web.seed import ORDER_PLACED, run
from tests.web.site import Outline, Site, new_site

SUBJECT = "shop.orders.OrderPlaced"
POLICY = {"names": "any", "type_names": "any", "notice_days": 1}


@pytest.fixture
def http() -> Http:
    made = Http()
    made.put("/v1/domains/shop.orders", {"owner": "team-orders", "policy": POLICY})
    made.register()
    return made


def kinds(http: Http) -> list[str]:
    registry = http.application.registry
    return [str(one.kind) for one in inbox(registry, registry.state)]


def refuse(http: Http, field: str = "b") -> int:
    assert http.post(f"/v1/events/{SUBJECT}/versions", {"schema": record(field)}).status == 409
    return http.application.registry.state.checks[-1].id


def test_an_empty_registry_has_an_empty_inbox(site: Site) -> None:
    assert inbox(site.registry, site.registry.state) == []
    assert "Nothing waits." in site.page(links.INBOX)


def test_a_refusal_waits_until_it_is_handled_or_accepted(http: Http) -> None:
    refuse(http)
    id = refuse(http, "c")
    registry = http.application.registry
    [item] = inbox(registry, registry.state)
    assert (item.kind, item.owner, item.domain, item.id) == (InboxKind.REFUSED, "team-orders", "shop.orders", str(id))
    assert "(and 1 more of this major)" in item.what
    http.post(f"/v1/reports/{id}/reviews", {"assignee": "ann", "comment": "I look at it"})
    assert [one.assignee for one in inbox(registry, registry.state)] == ["ann"]
    for one in registry.state.checks:
        if not one.accepted:
            http.post(f"/v1/reports/{one.id}/reviews", {"handled": True})
    assert kinds(http) == []
    http.post(f"/v1/reports/{id}/reviews", {"handled": False})
    assert kinds(http) == ["refused"]
    http.post(f"/v1/events/{SUBJECT}/versions", {"schema": record("c"), "major": "next"})
    assert kinds(http) == []


def test_the_inbox_is_listed_by_the_api(http: Http) -> None:
    id = refuse(http)
    [item] = http.get("/v1/inbox").json["items"]
    assert (item["kind"], item["subject"], item["id"], item["owner"]) == ("refused", SUBJECT, str(id), "team-orders")
    assert http.get("/v1/inbox?domain=shop").json["items"] == [item]
    assert http.get("/v1/inbox?domain=crm").json == {"items": []}


def test_reviews_are_listed_and_said_once(http: Http) -> None:
    id = refuse(http)
    path = f"/v1/reports/{id}/reviews"
    told = http.post(path, {"comment": "  Why?  "})
    assert (told.status, told.json["handled"], told.json["assignee"]) == (200, False, "")
    assert [one["comment"] for one in told.json["reviews"]] == ["Why?"]
    position = http.application.registry.state.position
    assert http.post(path, {"handled": False}).status == 200
    assert http.application.registry.state.position == position
    assert http.post(path, {}).status == 422
    assert http.get(path).json == http.post(path, {"assignee": ""}).json
    assert http.post("/v1/reports/4000/reviews", {"comment": "c"}).status == 404
    assert http.get("/v1/kept-checks/" + "0" * 32 + "/reviews").status == 404


def test_a_failing_check_of_a_job_waits_while_it_is_current(http: Http) -> None:
    def keep(schema: str) -> str:
        job = {"branch": "b", "pull_request": "7", "author": "ann"}
        return str(http.post("/v1/checks", {"subject": SUBJECT, "schema": schema, "job": job}).json["kept"]["id"])

    id = keep(record("b"))
    registry = http.application.registry
    [item] = inbox(registry, registry.state)
    assert (item.kind, item.id, item.what) == (InboxKind.CHECKED, id, "pull request 7 of ann is breaking")
    newer = keep(record("c"))
    assert [one.id for one in inbox(registry, registry.state)] == [newer]
    http.post(f"/v1/kept-checks/{newer}/reviews", {"handled": True})
    assert kinds(http) == []
    keep(record("d"))
    keep(record("a"))
    assert kinds(http) == []


def test_waivers_sunsets_policies_and_owners_wait_too(http: Http) -> None:
    soon = in_days(5)
    asked = {"reason": "r", "requested_by": "ann", "approved_by": "bob", "until": soon}
    http.post("/v1/waivers", {"kind": "purge", "domain": "shop.orders", **asked})
    http.post("/subjects/legacy-value/versions", {"schema": record("x")})
    assert kinds(http) == ["expiring", "unowned"]
    http.register(record("a", c=1))
    reads = [{"event": SUBJECT, "major": 1, "fields": []}]
    assert http.put("/v1/consumers/billing", {"team": "payments", "contact": "", "reads": reads}).status == 200
    http.post(f"/v1/events/{SUBJECT}/versions", {"schema": record("z"), "major": "next"})
    done = http.put(f"/v1/events/{SUBJECT}/majors/1", {"state": "deprecated", "sunset": in_days(20)[:10]})
    assert done.status == 200, done.body
    assert "sunset" in kinds(http)


def test_revisions_that_a_tightened_policy_refuses_wait() -> None:
    http = Http()
    domain = {"owner": "team-orders", "policy": {**POLICY, "level": "BACKWARD"}}
    assert http.put("/v1/domains/shop.orders", domain).status == 200
    http.register(record("a", "b"))
    http.register(record("a"))
    registry = http.application.registry
    assert kinds(http) == []
    assert (
        http.put("/v1/domains/shop.orders", {**domain, "policy": {**POLICY, "level": "FULL_TRANSITIVE"}}).status == 200
    )
    [item] = inbox(registry, registry.state)
    assert (item.kind, item.what) == (InboxKind.UNMET, "1.1 does not meet the policy of today")


def observe(registry: Any, at: datetime, count: int, subject: str = ORDER_PLACED) -> None:
    registry._clock = lambda: at
    seen = Observed(subject, "consume", "1.0", "", "/a", "TYPE_WRONG")
    assert keep_counts(registry, Batch("", Reporter("c", "s"), {seen: count}))


def test_drift_is_counted_by_day_and_waits_above_its_usual(shop_with_clock: Site) -> None:
    registry = shop_with_clock.registry
    now = datetime(2026, 11, 23, 12, tzinfo=registry.now().tzinfo)
    for ago in range(13, 1, -1):
        observe(registry, now - timedelta(days=ago), 4)
    observe(registry, now, 4)
    [trend] = drift_trends(registry, registry.state)
    assert (trend.days[-1], trend.days[-2], trend.usual, trend.is_above_usual) == (4, 0, 4.0, False)
    observe(registry, now, 96)
    [trend] = drift_trends(registry, registry.state)
    assert (trend.week, trend.week_before, trend.is_above_usual) == (120, 28, True)
    assert InboxKind.DRIFT in [one.kind for one in inbox(registry, registry.state)]
    page = shop_with_clock.page(links.DRIFT)
    assert "Above its usual" in page
    assert Outline(page).open == []
    assert "No client has reported drift" in shop_with_clock.page(links.drift_href(domain="crm"))


@pytest.fixture
def shop_with_clock() -> Site:
    from tests.web.seed import seed_shop

    made = new_site()
    seed_shop(made.registry)
    return made


def test_the_overview_begins_with_what_waits(shop: Site) -> None:
    page = Outline(shop.page(links.OVERVIEW))
    assert page.words.index("Waiting") < page.words.index("Refused lately")
    assert links.INBOX in page.links


def test_the_inbox_is_that_of_the_callers_domains_unless_all_is_asked_for() -> None:
    guarded = Guarded()
    for domain in ("shop", "crm"):
        guarded.domain(domain, f"team-{domain}")
        guarded.register(f"{domain}.ThingAdded", record("a"))
        guarded.call(OPERATOR, "POST", f"/subjects/{domain}.ThingAdded/versions", {"schema": record("b")})
    guarded.grant(ANN, "shop", "read", "register")
    guarded.grant(ANN, "crm", "read")
    guarded.grant(BOB, "crm", "read")
    mine = guarded.get(ANN, links.INBOX).body.decode()
    assert "shop.ThingAdded" in mine
    assert "crm.ThingAdded" not in mine
    assert "crm.ThingAdded" in guarded.get(ANN, links.inbox_href(all=1)).body.decode()
    other = guarded.get(BOB, links.inbox_href(all=1)).body.decode()
    assert "crm.ThingAdded" in other
    assert "shop.ThingAdded" not in other


def test_a_review_is_a_fact(site: Site) -> None:
    from tests.web.seed import seed_shop

    seed_shop(site.registry)
    refused = next(one for one in site.registry.state.checks if not one.accepted)
    run(site.registry, ReviewCheck(about_report(refused.id), refused.subject, "Said."))
    [said] = site.registry.state.reviews[about_report(refused.id)]
    assert (said.comment, said.by, said.subject) == ("Said.", "ci-orders", Subject.parse(str(refused.subject)))
    assert "was commented on: Said." in Outline(site.page(links.LEDGER)).words
