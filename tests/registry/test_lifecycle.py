"""The lives of majors: who may end one, when, and what keeps it from ending."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import pytest

from moorings_compat import Reference
from moorings_registry.callers import Caller
from moorings_registry.commands import (
    Command,
    DeclareEvent,
    DeleteSubject,
    DeleteVersion,
    GrantWaiver,
    PutDomain,
    RegisterSchema,
    SetMajorLifecycle,
    SetMigration,
)
from moorings_registry.engines import open_ledger
from moorings_registry.entries import Entry, Head, moment_text
from moorings_registry.errors import (
    LifecycleInvalid,
    MajorNotRetired,
    MajorRetired,
    PolicyBelowFloor,
    RetirementBlocked,
    WaiverNeeded,
)
from moorings_registry.lifecycle import Use
from moorings_registry.names import Subject
from moorings_registry.policy import NOTICE_DAYS, days_of_major
from moorings_registry.retirement import blockers, earliest
from moorings_registry.service import Registry
from moorings_registry.state import Declaration, MajorState, Replay, State, WaiverKind, apply
from tests.registry.asking import PLACED, avro, record, require_facts_as_described, using
from tests.registry.calling import EVENT, Http, grant

TODAY = datetime(2027, 1, 10, 9, tzinfo=UTC)
SHIPPED = Subject.parse("shop.orders.OrderShipped")


class Days:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = TODAY

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now

    def pass_by(self, days: int) -> None:
        self.now += timedelta(days=days)


class Shop:
    """A registry with a domain, and an event of two majors."""

    def __init__(self) -> None:
        self.days = Days()
        self.ledger = open_ledger("memory:")
        self.registry = Registry(self.ledger, clock=self.days)
        self.do(PutDomain("shop", "team", policy={"type_names": "any"}))
        self.do(RegisterSchema(PLACED, avro(record("a"))))
        self.do(RegisterSchema(PLACED, avro(record("z")), 2))

    def do(self, command: Command) -> None:
        self.registry.execute(command, Caller())

    @property
    def state(self) -> State:
        return self.registry.state

    def life(self, major: int = 1) -> tuple[str, str, str]:
        life = self.state.subjects[PLACED].life(major)
        return str(life.state), life.since, life.sunset

    @property
    def last_facts(self) -> list[str]:
        return [str(fact["fact"]) for fact in [*self.ledger.read(0)][-1].facts]


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    require_facts_as_described(shop.ledger)
    assert apply(State(), shop.ledger.read(0)) == shop.state


def deprecated(sunset: str = "2027-02-09", major: int = 1, **more: Any) -> SetMajorLifecycle:
    return SetMajorLifecycle(PLACED, major, MajorState.DEPRECATED, sunset, **more)


def retired(major: int = 1, **more: Any) -> SetMajorLifecycle:
    return SetMajorLifecycle(PLACED, major, MajorState.RETIRED, **more)


def active(major: int = 1) -> SetMajorLifecycle:
    return SetMajorLifecycle(PLACED, major, MajorState.ACTIVE)


def waiver(**more: Any) -> GrantWaiver:
    people = ("shop", "a migration", "ann", "bob")
    return GrantWaiver(WaiverKind.RETIRE, *people, TODAY + timedelta(days=80), **more)


def test_a_major_lives_from_draft_to_retired(shop: Shop) -> None:
    shop.do(RegisterSchema(PLACED, avro(record("q")), 3, opens_draft=True))
    assert shop.life(3) == ("draft", "", "")
    shop.do(active(3))
    shop.do(SetMajorLifecycle(PLACED, 3, MajorState.DEPRECATED, "2027-03-01", replacement="shop.orders.OrderPlaced@2"))
    assert shop.life(3) == ("deprecated", "2027-01-10", "2027-03-01")
    shop.days.pass_by(51)
    shop.do(retired(3))
    assert shop.life(3) == ("retired", "2027-01-10", "2027-03-01")
    assert shop.state.subjects[PLACED].life(3).replacement == "shop.orders.OrderPlaced@2"


@dataclass(frozen=True)
class Case:
    shows: str
    command: SetMajorLifecycle
    places: list[str]
    before: list[Command] = field(default_factory=list)
    days: int = 0


INVALID = [
    Case("a sunset with 29 days of notice", deprecated("2027-02-08"), ["/sunset"]),
    Case("a sunset with 30 days of notice", deprecated("2027-02-09"), []),
    Case("notice counts from the day of the deprecation", deprecated("2027-02-09", since="2027-01-11"), ["/sunset"]),
    Case("a sunset in the past", deprecated("2027-01-09"), ["/sunset", "/sunset"]),
    Case("a deprecation that begins in the past", deprecated(since="2027-01-09"), ["/from"]),
    Case("an earlier sunset", deprecated("2027-02-28"), ["/sunset"], [deprecated("2027-03-01")]),
    Case("a later sunset", deprecated("2027-03-02"), [], [deprecated("2027-03-01")]),
    Case("the same once more", deprecated("2027-03-01"), [], [deprecated("2027-03-01")], days=40),
    Case(
        "an earlier sunset after it was taken back",
        deprecated("2027-02-28"),
        ["/sunset"],
        [deprecated("2027-03-01"), deprecated("")],
    ),
    Case("an earlier sunset after the major was active", deprecated(), [], [deprecated("2027-03-01"), active()]),
    Case("an active major with a sunset", SetMajorLifecycle(PLACED, 1, MajorState.ACTIVE, "2027-09-01"), ["/sunset"]),
    Case("an active major that becomes a draft", SetMajorLifecycle(PLACED, 1, MajorState.DRAFT), ["/state"]),
    Case("a replacement that nobody has", deprecated(replacement="shop.orders.OrderSent"), ["/replacement"]),
    Case("a replacement of an unknown major", deprecated(replacement=f"{PLACED}@7"), ["/replacement"]),
    Case("itself as the replacement", deprecated(replacement=f"{PLACED}@1"), ["/replacement"]),
    Case("the other major as the replacement", deprecated(replacement=f"{PLACED}@2"), []),
    Case("a page that is a script", deprecated(page="javascript:alert(1)"), ["/page"]),
    Case("a page that would end a header", deprecated(page="https://x.example/\r\nSet-Cookie: a"), ["/page"]),
    Case("a page that would end a link", deprecated(page='https://x.example/>; rel="x"'), ["/page"]),
    Case("a page", deprecated(page="https://x.example/v2?a=1&b=2#c"), []),
    Case("a retired major with another sunset", retired(sunset="2028-01-01"), ["/sunset"], [deprecated()], days=40),
]


@pytest.mark.parametrize("case", INVALID, ids=attrgetter("shows"))
def test_a_lifecycle_that_is_not_valid_says_where(case: Case, shop: Shop) -> None:
    for command in case.before:
        shop.do(command)
    shop.days.pass_by(case.days)
    if not case.places:
        shop.do(case.command)
        return
    with pytest.raises(LifecycleInvalid) as caught:
        shop.do(case.command)
    assert [one.where for one in caught.value.problems] == case.places


def codes(shop: Shop, uses: tuple[Use, ...] | None = (), major: int = 1) -> list[str]:
    return [one.code for one in blockers(shop.state, PLACED, major, uses, shop.registry.dependencies.now())]


def test_retiring_waits_for_the_sunset(shop: Shop) -> None:
    assert codes(shop) == ["NOT_DEPRECATED"]
    shop.do(deprecated(""))
    assert codes(shop) == ["SUNSET_MISSING"]
    shop.do(deprecated())
    assert codes(shop) == ["SUNSET_AHEAD"]
    shop.days.pass_by(30)  # the day of the sunset is the last one
    with pytest.raises(RetirementBlocked, match="The earliest day is 2027-02-10"):
        shop.do(retired())
    shop.days.pass_by(1)
    assert codes(shop) == []
    shop.do(retired())
    assert shop.last_facts == ["MajorLifecycleChanged"]


def test_retiring_waits_for_everybody_who_uses_it(shop: Shop) -> None:
    shop.do(deprecated())
    shop.days.pass_by(31)
    seen = "2027-01-20T08:00:00.000000Z"
    uses = (Use("produce", "billing", seen), Use("consume", "", seen))
    assert codes(shop, uses) == ["IN_USE", "IN_USE"]
    with pytest.raises(RetirementBlocked) as caught:
        shop.do(retired(uses=uses))
    assert "'billing' wrote it on 2027-01-20, less than 30 days ago" in str([*map(str, caught.value.problems)])
    assert "The earliest day is 2027-02-19" in str(caught.value)
    with pytest.raises(RetirementBlocked, match="cannot be read now"):
        shop.do(retired(uses=None))
    shop.days.pass_by(9)
    shop.do(retired(uses=uses))


def test_more_quiet_days_than_counts_are_kept_for_are_not_taken_for_quiet(shop: Shop) -> None:
    shop.do(PutDomain("shop", "team", policy={"quiet_days": 90}))
    shop.do(deprecated())
    shop.days.pass_by(31)
    assert codes(shop, ()) == ["USE_UNKNOWN"]  # whoever used it 31 days ago is forgotten
    with pytest.raises(RetirementBlocked, match="90 days without use, and use is known since 2027-01-11"):
        shop.do(retired(uses=()))
    began = "2027-01-20T09:00:00.000000Z"
    with pytest.raises(RetirementBlocked, match="The earliest day is 2027-04-20"):
        shop.do(retired(uses=(), used_since=began))
    shop.do(PutDomain("shop", "team", policy={"quiet_days": 401}))
    with pytest.raises(RetirementBlocked, match="401 days without use, and the last use is kept for 400"):
        shop.do(retired(uses=(), used_since="2024-01-01T00:00:00.000000Z"))
    shop.do(waiver())
    shop.do(retired(uses=()))


@pytest.mark.parametrize("since", ["2026-11-01T00:00:00.000000Z", "2027-01-10T09:00:00.000000Z"])
def test_a_major_that_is_younger_than_what_is_known_of_use_needs_no_more(shop: Shop, since: str) -> None:
    shop.do(PutDomain("shop", "team", policy={"quiet_days": 90}))
    shop.do(deprecated())
    shop.days.pass_by(31)
    shop.do(retired(uses=(), used_since=since))
    assert shop.life()[0] == "retired"


def test_retiring_waits_for_a_mapping_of_what_is_replayed(shop: Shop) -> None:
    shop.do(deprecated())
    shop.days.pass_by(31)
    shop.do(DeclareEvent(PLACED, Declaration(replay=Replay("s3://orders"))))
    assert codes(shop) == ["ARCHIVE_UNMAPPED"]
    assert codes(shop, major=2) == ["NOT_DEPRECATED"]
    shop.do(SetMigration(PLACED, 2, reason="orders had no z then"))
    with pytest.raises(RetirementBlocked) as caught:
        shop.do(retired())
    assert "replayed from s3://orders, and there is no mapping from major 1 to major 2: orders had no z then" in str(
        [*map(str, caught.value.problems)]
    )
    shop.do(SetMigration(PLACED, 2, ({"rename": "/a", "to": "z"},)))
    assert codes(shop) == []
    shop.do(SetMigration(PLACED, 2))
    shop.do(DeclareEvent(PLACED, Declaration(replay=Replay(replayable=False, reason="kept for a day"))))
    assert codes(shop) == []
    shop.do(DeclareEvent(PLACED, Declaration(replay=Replay("s3://orders"))))
    shop.do(waiver())
    shop.do(retired())
    assert shop.last_facts == ["WaiverUsed", "MajorLifecycleChanged"]


def test_retiring_waits_for_what_refers_to_it(shop: Shop) -> None:
    shop.do(
        RegisterSchema(
            SHIPPED, avro(using("OrderPlaced", name="OrderShipped"), Reference("OrderPlaced", str(PLACED), 1))
        )
    )
    shop.do(deprecated())
    shop.days.pass_by(31)
    found = blockers(shop.state, PLACED, 1, (), shop.registry.dependencies.now())
    assert [one.message for one in found] == [f"Major 1 of '{SHIPPED}' refers to it and is not retired"]
    assert earliest(found, "2027-02-10") == ""
    shop.do(waiver(subject=str(SHIPPED)))
    shop.do(SetMajorLifecycle(SHIPPED, 1, MajorState.RETIRED))
    shop.do(retired())


def test_a_waiver_retires_before_the_time_and_brings_back(shop: Shop) -> None:
    shop.do(waiver(subject=str(PLACED), major=1))
    shop.do(deprecated("2027-01-12"))
    assert shop.last_facts == ["WaiverUsed", "MajorLifecycleChanged"]
    shop.do(retired(uses=None))
    assert shop.last_facts == ["WaiverUsed", "MajorLifecycleChanged"]
    with pytest.raises(RetirementBlocked):
        shop.do(retired(2))
    shop.do(active())
    assert shop.last_facts == ["WaiverUsed", "MajorLifecycleChanged"]
    assert shop.life() == ("active", "", "")


def test_a_retired_major_does_not_come_back_without_a_waiver(shop: Shop) -> None:
    shop.do(deprecated())
    shop.days.pass_by(31)
    shop.do(retired())
    for command in (active(), deprecated("2027-09-01")):
        with pytest.raises(WaiverNeeded, match="kind retire"):
            shop.do(command)


@pytest.mark.parametrize(
    "command", [DeleteVersion(PLACED, 1), DeleteSubject(PLACED)], ids=["a version", "the whole subject"]
)
def test_a_version_in_use_is_not_deleted(shop: Shop, command: Command) -> None:
    with pytest.raises(MajorNotRetired, match=r"moorings retire shop\.orders.OrderPlaced@1"):
        shop.do(command)
    shop.do(deprecated())
    with pytest.raises(MajorNotRetired):
        shop.do(command)
    shop.do(waiver())
    shop.do(command)
    assert shop.last_facts == ["WaiverUsed", "VersionsSoftDeleted"]


def test_versions_of_drafts_and_of_retired_majors_are_deleted(shop: Shop) -> None:
    shop.do(RegisterSchema(PLACED, avro(record("q")), 3, opens_draft=True))
    shop.do(DeleteVersion(PLACED, 3))
    shop.do(deprecated())
    shop.days.pass_by(31)
    shop.do(retired())
    shop.do(DeleteVersion(PLACED, 1))
    assert shop.last_facts == ["VersionsSoftDeleted"]


def test_outside_the_domains_nothing_is_waited_for(shop: Shop) -> None:
    plain = Subject.parse("legacy-value")
    shop.do(RegisterSchema(plain, avro(record("a"))))
    for state in (MajorState.RETIRED, MajorState.ACTIVE, MajorState.DRAFT, MajorState.RETIRED):
        shop.do(SetMajorLifecycle(plain, 1, state))
        assert shop.state.subjects[plain].life(1).state is state
    shop.do(DeleteVersion(plain, 1))
    assert shop.last_facts == ["VersionsSoftDeleted"]


def test_the_days_of_a_policy_are_floors(shop: Shop) -> None:
    shop.do(PutDomain("shop", "team", policy={"notice_days": 60, "quiet_days": 10}))
    with pytest.raises(PolicyBelowFloor, match=r"notice_days 45 of domain 'shop\.orders' is below 60"):
        shop.do(PutDomain("shop.orders", "team", policy={"notice_days": 45}))
    shop.do(PutDomain("shop.orders", "team", policy={"notice_days": 90}))
    assert days_of_major(shop.state, PLACED, 1, NOTICE_DAYS) == 90
    with pytest.raises(LifecycleInvalid, match="OrderPlaced"):
        shop.do(deprecated("2027-03-31"))
    shop.do(PutDomain("shop.orders", "team", policy={"notice_days": 60}))
    assert days_of_major(shop.state, PLACED, 1, NOTICE_DAYS) == 90  # it was opened under more
    shop.do(RegisterSchema(PLACED, avro(record("q")), 3))
    assert days_of_major(shop.state, PLACED, 3, NOTICE_DAYS) == 60


def test_a_schema_of_a_retired_major_names_what_to_use(shop: Shop) -> None:
    shop.do(waiver())
    shop.do(retired())
    with pytest.raises(MajorRetired, match="use major 2 instead"):
        shop.do(RegisterSchema(PLACED, avro(record("a"))))
    with pytest.raises(MajorRetired, match="use major 2 instead"):
        shop.do(RegisterSchema(PLACED, avro(record("a", c=1)), 1))
    shop.do(RegisterSchema(PLACED, avro(record("a")), 1))  # it names the major, and nothing is new
    shop.do(RegisterSchema(SHIPPED, avro(record("s"))))
    shop.do(retired(2, replacement=str(SHIPPED)))
    with pytest.raises(MajorRetired, match=f"use major 1 of '{SHIPPED}' instead"):
        shop.do(RegisterSchema(PLACED, avro(record("z"))))


def test_a_registration_that_names_no_major_goes_into_one_in_use(shop: Shop) -> None:
    shop.do(RegisterSchema(PLACED, avro(record("q")), 3, opens_draft=True))
    shop.do(RegisterSchema(PLACED, avro(record("z", c=1))))
    assert shop.state.subjects[PLACED].versions[-1].label == "2.1"
    with pytest.raises(LifecycleInvalid, match="Major 2 of"):
        shop.do(RegisterSchema(PLACED, avro(record("z", d=1)), 2, opens_draft=True))
    shop.do(RegisterSchema(PLACED, avro(record("q", d=1)), 3, opens_draft=True))


# Over HTTP.


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http()
    http.put("/v1/domains/shop", {"owner": "team", "policy": {"notice_days": 0, "quiet_days": 7}})
    http.register()
    http.register(record("z"), major="next")
    yield http
    require_facts_as_described(http.ledger)


def day(ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(days=ahead)).date().isoformat()


DEPRECATED = {"state": "deprecated", "sunset": day(3), "from": day(1), "page": "https://x.example/v2"}
NAMING = [
    ("GET", EVENT, None, False),
    ("GET", f"{EVENT}/versions", None, False),
    ("GET", f"{EVENT}/versions/1", None, True),
    ("GET", f"{EVENT}/versions/v1", None, True),
    ("GET", f"{EVENT}/versions/2", None, False),
    ("GET", f"{EVENT}/majors/1/retirement", None, True),
    ("POST", f"{EVENT}/lookup", {"schema": record("a")}, True),
    ("POST", f"{EVENT}/versions", {"schema": record("a"), "major": 1}, True),
    ("POST", "/v1/checks", {"subject": str(PLACED), "schema": record("a"), "major": 1}, True),
    ("PUT", f"{EVENT}/majors/1", DEPRECATED, True),
    ("GET", "/v1/schemas/ids/1", None, True),
    ("GET", "/v1/schemas/ids/2", None, False),
    ("GET", f"/subjects/{PLACED}/versions/1", None, True),
    ("GET", f"/subjects/{PLACED}/versions/1/schema", None, True),
    ("GET", f"/subjects/{PLACED}/versions/latest", None, False),
    ("POST", f"/subjects/{PLACED}", {"schema": record("a")}, True),
    ("POST", f"/subjects/{PLACED}/versions", {"schema": record("a")}, True),
    ("POST", f"/compatibility/subjects/{PLACED}/versions/1", {"schema": record("a")}, True),
    ("GET", "/schemas/ids/1", None, True),
    ("GET", f"/schemas/ids/1?subject={PLACED}", None, True),
    ("GET", "/schemas/ids/2", None, False),
]


@pytest.mark.parametrize(("method", "path", "body", "named"), NAMING, ids=[f"{one[0]} {one[1]}" for one in NAMING])
def test_answers_about_a_deprecated_major_say_so(http: Http, method: str, path: str, body: Any, named: bool) -> None:
    assert "deprecation" not in http.call(method, path, body).headers or method == "PUT"
    http.put(f"{EVENT}/majors/1", DEPRECATED)
    first, kept = (http.call(method, path, body) for _ in range(2))
    assert first.status in (200, 201), first.body
    assert ("deprecation" in first.headers, "deprecation" in kept.headers) == (named, named)
    if named:
        begins = datetime.fromisoformat(f"{day(1)}T00:00:00+00:00")
        ends = datetime.fromisoformat(f"{day(3)}T23:59:59+00:00")
        assert kept.headers["deprecation"] == f"@{int(begins.timestamp())}"
        assert kept.headers["sunset"] == ends.strftime("%a, %d %b %Y %H:%M:%S GMT")
        assert kept.headers["link"] == (
            '<https://x.example/v2>; rel="deprecation"; type="text/html", '
            f'</v1/events/{PLACED}/versions/v2>; rel="successor-version"'
        )
    http.put(f"{EVENT}/majors/1", {"state": "active"})
    if method == "GET":
        assert "deprecation" not in http.call(method, path).headers


def test_a_major_shows_its_life_and_what_keeps_it(http: Http) -> None:
    http.put(f"{EVENT}/majors/1", {**DEPRECATED, "replacement": f"{PLACED}@2"})
    major = http.get(EVENT).json["majors"][0]
    expected = {
        "state": "deprecated",
        "from": day(1),
        "sunset": day(3),
        "replacement": f"{PLACED}@2",
        "page": "https://x.example/v2",
        "successor": {"subject": str(PLACED), "major": 2},
    }
    assert {name: major[name] for name in expected} == expected
    shown = http.get(f"{EVENT}/majors/1/retirement").json
    assert (shown["allowed"], shown["earliest"]) == (False, day(4))
    assert [one["code"] for one in shown["blockers"]] == ["SUNSET_AHEAD"]
    refused = http.put(f"{EVENT}/majors/1", {"state": "retired"})
    assert (refused.status, refused.code) == (409, "RETIREMENT_BLOCKED")
    assert [one["detail"] for one in refused.json["errors"]] == [f"The sunset of major 1 is {day(3)}"]
    assert http.get(f"{EVENT}/majors/9/retirement").code == "MAJOR_UNKNOWN"


def test_an_application_that_broke_the_contract_lately_uses_it(http: Http) -> None:
    seen = {"direction": "produce", "subject": str(PLACED), "revision": "1.0", "path": "/a", "rule": "TYPE_WRONG"}
    batch = {"reporter": {"client": "moorings/1", "service": "billing"}, "observations": [{**seen, "count": 1}]}
    assert http.post("/v1/drift", batch).status < 300
    shown = http.get(f"{EVENT}/majors/1/retirement").json["blockers"]
    assert [(one["code"], one["until"]) for one in shown] == [("NOT_DEPRECATED", ""), ("IN_USE", day(7))]
    assert "'billing' wrote it" in shown[1]["message"]
    assert [one["code"] for one in http.get(f"{EVENT}/majors/2/retirement").json["blockers"]] == ["NOT_DEPRECATED"]


def test_a_registration_opens_a_draft(http: Http) -> None:
    drafted = http.post(f"{EVENT}/versions", {"schema": record("q"), "major": "next", "state": "draft"})
    assert (drafted.status, drafted.json["state"]) == (201, "draft")
    assert http.get(f"/subjects/{PLACED}/versions/latest").json["version"] == 2
    refused = http.post(f"{EVENT}/versions", {"schema": record("q", b=1), "major": 2, "state": "draft"})
    assert refused.code in ("LIFECYCLE_INVALID", "SCHEMA_INCOMPATIBLE")
    assert http.post("/v1/checks", {"subject": str(PLACED), "schema": record("q"), "state": "draft"}).status == 422
    assert http.put(f"{EVENT}/majors/3", {"state": "active"}).json["majors"][2]["state"] == "active"
    assert http.put(f"{EVENT}/majors/3", {"state": "draft"}).code == "LIFECYCLE_INVALID"


def test_a_retired_major_is_retired_by_a_waiver_alone(http: Http) -> None:
    assert http.put(f"{EVENT}/majors/1", {"state": "retired"}).code == "RETIREMENT_BLOCKED"
    waiver_id = grant(http, "retire", "shop", subject=str(PLACED), major=1)
    assert http.put(f"{EVENT}/majors/1", {"state": "retired"}).status == 200
    assert len(http.get(f"/v1/waivers/{waiver_id}").json["uses"]) == 1


def test_a_ledger_of_an_earlier_release_replays(shop: Shop) -> None:
    """Facts of the first form have no day of the deprecation: it is that of their entry."""
    state = shop.state
    head = Head(state.position, state.digest)
    stored = {"fact": "MajorLifecycleChanged", "v": 1, "subject": str(PLACED), "major": 1, "state": "deprecated"}
    at = moment_text(shop.days())
    entry = Entry.following(
        head, recorded_at=at, actor="local", correlation_id="c", facts=[{**stored, "sunset": "2027-01-31"}]
    )
    shop.ledger.append(entry, after=head)
    shop.registry.catch_up()
    assert shop.life() == ("deprecated", "2027-01-10", "2027-01-31")
    with pytest.raises(LifecycleInvalid):
        shop.do(deprecated("2027-01-30"))
    shop.do(deprecated("2027-02-15"))
    assert shop.life() == ("deprecated", "2027-01-10", "2027-02-15")
