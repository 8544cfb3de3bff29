"""The calendar of deprecations, as JSON and as iCalendar (RFC 5545)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorings_registry.deprecation_calendar import CalendarDate, DateKind
from moorings_registry.http.icalendar import escaped, folded, icalendar
from moorings_registry.lifecycle import Successor
from moorings_registry.names import Subject
from tests.registry.asking import PLACED, record
from tests.registry.calling import EVENT, Http

NOW = datetime(2027, 1, 10, 9, tzinfo=UTC)
_LINE = re.compile(r"(?P<name>[A-Z-]+)(?P<parameters>(;[A-Z-]+=[^;:]+)*):(?P<value>.*)", re.DOTALL)


def day(ahead: int) -> str:
    return (datetime.now(UTC) + timedelta(days=ahead)).date().isoformat()


@pytest.fixture
def http() -> Http:
    http = Http()
    http.put("/v1/domains/shop", {"owner": "team", "policy": {"notice_days": 0}})
    http.register()
    http.register(record("z"), major="next")
    http.register(path="/v1/events/billing.OrderPlaced")
    page = {"page": "https://wiki.example/orders;a,b"}
    http.put(f"{EVENT}/majors/1", {"state": "deprecated", "from": day(1), "sunset": day(40), **page})
    http.put("/v1/events/billing.OrderPlaced/majors/1", {"state": "deprecated"})
    return http


def test_the_days_of_deprecated_majors_are_listed_in_order(http: Http) -> None:
    dates = http.get("/v1/calendar").json["dates"]
    assert [(one["day"], one["kind"], one["subject"], one["owner"]) for one in dates] == [
        (day(0), "deprecation", "billing.OrderPlaced", ""),
        (day(1), "deprecation", str(PLACED), "team"),
        (day(40), "sunset", str(PLACED), "team"),
    ]
    assert dates[1]["successor"] == {"subject": str(PLACED), "major": 2}
    assert dates[0]["successor"] is None
    assert [one["kind"] for one in http.get("/v1/calendar?domain=shop").json["dates"]] == ["deprecation", "sunset"]
    assert http.get("/v1/calendar?domain=shop.payments").json == {"dates": []}
    http.put("/v1/events/billing.OrderPlaced/majors/1", {"state": "retired"})
    assert len(http.get("/v1/calendar").json["dates"]) == 2


def unfolded(content: bytes) -> list[str]:
    """The content lines of a calendar; every physical line is short, and ends as the standard has it."""
    assert content.endswith(b"\r\n")
    physical = content[:-2].split(b"\r\n")
    assert max(map(len, physical)) <= 75
    assert not any(b"\n" in one or b"\r" in one for one in physical)
    lines: list[bytes] = []
    for one in physical:
        if one.startswith(b" "):
            lines[-1] += one[1:]
        else:
            one.decode()  # a fold does not split a character
            lines.append(one)
    return [one.decode() for one in lines]


def test_the_calendar_is_served_as_a_file(http: Http) -> None:
    answered = http.get("/v1/calendar.ics")
    assert answered.headers["content-type"] == "text/calendar; charset=utf-8"
    lines = unfolded(answered.body)
    assert all(_LINE.fullmatch(one) for one in lines)
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert [one for one in lines if one.startswith("BEGIN:")].count("BEGIN:VEVENT") == 3
    opened: list[str] = []
    for line in lines:
        if line.startswith("BEGIN:"):
            opened.append(line[6:])
        if line.startswith("END:"):
            assert opened.pop() == line[4:]
    assert opened == []
    uids = [one for one in lines if one.startswith("UID:")]
    assert len(set(uids)) == 3
    assert uids == [one for one in unfolded(http.get("/v1/calendar.ics").body) if one.startswith("UID:")]
    assert f"DTSTART;VALUE=DATE:{day(40).replace('-', '')}" in lines
    assert f"DTEND;VALUE=DATE:{day(41).replace('-', '')}" in lines
    assert f"SUMMARY:{PLACED} major 1: sunset" in lines
    described = (
        rf"DESCRIPTION:Owner: team\nUse instead: {PLACED} major 2\nHow to migrate: https://wiki.example/orders\;a\,b"
    )
    assert described in lines
    assert "URL:https://wiki.example/orders;a,b" in lines
    assert lines.count("TRIGGER:-P7D") == 1


def test_an_unknown_parameter_is_refused(http: Http) -> None:
    assert http.get("/v1/calendar.ics?from=2027").code == "REQUEST_INVALID"


def test_an_empty_calendar_is_one() -> None:
    assert unfolded(Http().get("/v1/calendar.ics").body)[-1] == "END:VCALENDAR"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@given(TEXTS)
def test_a_text_is_escaped_and_read_back(text: str) -> None:
    written = escaped(text)
    assert "\n" not in written
    read = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], written)
    assert read == "".join(one for one in text if one == "\n" or one.isprintable())


@given(TEXTS)
def test_a_folded_line_is_the_line(text: str) -> None:
    line = f"SUMMARY:{escaped(text)}"
    assert unfolded(folded(line)) == [line]


@given(TEXTS)
def test_names_do_not_break_out_of_their_line(owner: str) -> None:
    subject = Subject.parse('shop.orders.Order\N{SNOWMAN};,"\\ Placed')
    following = Successor(subject, 2)
    one = CalendarDate("2027-03-31", DateKind.SUNSET, subject, 1, owner, following, "")
    names = [line.partition(":")[0] for line in unfolded(icalendar([one], NOW))]
    assert names == [
        "BEGIN", "VERSION", "PRODID", "METHOD", "X-WR-CALNAME", "REFRESH-INTERVAL;VALUE=DURATION", "X-PUBLISHED-TTL",
        "BEGIN", "UID", "DTSTAMP", "DTSTART;VALUE=DATE", "DTEND;VALUE=DATE", "SUMMARY", "DESCRIPTION", "CATEGORIES",
        "TRANSP", "BEGIN", "ACTION", "TRIGGER", "DESCRIPTION", "END", "END", "END",
    ]  # fmt: skip
