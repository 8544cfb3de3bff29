"""The pages, asked in-process: what they say, what they refuse, and what hostile names cannot do to them."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from moorings_compat import Format, catalogue
from moorings_registry import web
from moorings_registry.commands import DeleteSubject, Draft, PutDomain, RegisterSchema, SetMajorLifecycle
from moorings_registry.engines import open_ledger
from moorings_registry.entries import Entry, Head
from moorings_registry.errors import SchemaIncompatible
from moorings_registry.ledger import LedgerCorrupt, LedgerUnavailable
from moorings_registry.ledger.port import UNBOUNDED
from moorings_registry.names import Subject
from moorings_registry.state import MajorState
from moorings_registry.web import links
from moorings_registry.web.event import MOST_LINES, MOST_REVISIONS
from moorings_registry.web.rendering import HEADERS
from tests.web.seed import MONEY, ORDER_PLACED, ORDER_SHIPPED, PAYMENT_CAPTURED, UNOWNED, avro, json_schema, run
from tests.web.site import Outline, Site, new_site


def refused_report(site: Site) -> str:
    return f"/admin/reports/{next(one.id for one in site.registry.state.checks if not one.accepted)}"


PAGES = [
    links.OVERVIEW,
    links.DOMAINS,
    f"{links.DOMAINS}?q=orders",
    links.domain_href("shop"),
    links.domain_href("shop.orders"),
    links.access_href("shop.orders"),
    links.EVENTS,
    links.events_href(q="order", domain="shop", state="deprecated"),
    links.event_href(ORDER_PLACED),
    links.event_href(ORDER_PLACED, "1.1"),
    links.event_href(ORDER_SHIPPED),
    links.event_href(PAYMENT_CAPTURED),
    links.event_href(UNOWNED, 1),
    links.compare_href(ORDER_PLACED, "1.0", "2.0"),
    links.compare_href(ORDER_SHIPPED, lines="all"),
    links.REPORTS,
    links.reports_href(outcome="refused", verdict="breaking"),
    links.CALENDAR,
    links.calendar_href(domain="shop.orders"),
    links.RULES,
    f"{links.RULES}?format=AVRO&q=default",
    links.LEDGER,
    links.INBOX,
    links.inbox_href(domain="shop.orders", all=1),
    links.KEPT_CHECKS,
    links.kept_checks_href(branch="main", verdict="breaking"),
    links.DRIFT,
    links.POLICIES,
    links.NEW_DOMAIN,
    links.TRY,
    links.search_href(q="order", kind="event"),
    links.consumer_graph_href("shop"),
    links.CONSUMERS,
    links.consumers_href(q="order", team="payments"),
    links.WEBHOOKS,
    links.QUESTIONS,
    links.questions_href(domain="shop"),
    links.questions_href(ask="who-reads", event=ORDER_PLACED, path="/total"),
    links.questions_href(ask="unused-fields", event=ORDER_PLACED),
    links.questions_href(ask="can-retire", event=ORDER_PLACED, major=1),
    links.ledger_href(verify=1),
    links.ledger_href(before=4),
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_says_what_browsers_must_not_do(shop: Site, path: str) -> None:
    response = shop.ask(path)
    assert response.status_code == 200
    assert HEADERS.items() <= dict(response.headers).items()
    outline = Outline(response.text)
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    names = [tag for tag, _ in outline.tags]
    assert names.count("h1") == names.count("main") == 1
    assert "script" not in names
    assert not any("style" in attributes or "onclick" in attributes for _, attributes in outline.tags)


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_registry_has_its_pages_or_says_what_is_missing(site: Site, path: str) -> None:
    response = site.ask(path)
    assert response.status_code in (200, 404)
    assert Outline(response.text).open == []


def test_every_link_leads_somewhere(shop: Site) -> None:
    seen: set[str] = set()
    todo = [links.OVERVIEW]
    while todo:
        path = todo.pop()
        response = shop.ask(path)
        assert response.status_code == 200, path
        if not path.startswith("/admin") or path.startswith("/admin/schemas"):
            continue
        outline = Outline(response.text)
        for href in outline.links:
            page, _, anchor = href.partition("#")
            assert page or anchor in outline.ids, (path, href)
            if page and page not in seen:
                seen.add(page)
                todo.append(page)
    assert len(seen) > 60


def test_nothing_is_loaded_from_elsewhere() -> None:
    files = [file for file in Path(web.__file__).parent.rglob("*") if file.suffix in (".html", ".css")]
    assert {file.suffix for file in files} == {".html", ".css"}
    for file in files:
        text = file.read_text()
        assert "url(" not in text, file
        assert "@import" not in text, file
        assert "//" not in text.replace("http://127.0.0.1", ""), file


def test_the_overview_shows_counts_and_latest_entries(shop: Site) -> None:
    text = Outline(shop.page(links.OVERVIEW)).words
    assert "6 events 10 versions" in text
    assert "4 domains 1 event owned by nobody" in text
    assert "7 majors 1 deprecated" in text
    assert "1 refused in the last 7 days" in text
    assert "Major 1 of shop.orders.OrderPlaced is deprecated" in text
    assert "Ledger in step" in text


def test_a_domain_shows_its_owner_and_where_its_policy_comes_from(shop: Site) -> None:
    text = Outline(shop.page(links.domain_href("shop.types"))).words
    assert "Owner team-platform" in text
    assert "FULL_TRANSITIVE, the default, since nothing else is set" in text
    assert "Any name is allowed" in text
    assert MONEY in text


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"q": "placed"}, [ORDER_PLACED]),
        ({"q": "PLACED"}, [ORDER_PLACED]),
        ({"domain": "shop.payments"}, [PAYMENT_CAPTURED]),
        ({"state": "deprecated"}, [ORDER_PLACED]),
        ({"state": "retired"}, []),
        ({"state": "deleted"}, []),
        ({"unowned": "1"}, [UNOWNED]),
        ({"q": "shop.", "domain": "shop.types"}, [MONEY]),
    ],
)
def test_events_are_found(shop: Site, filters: dict[str, str], found: list[str]) -> None:
    outline = Outline(shop.page(links.events_href(**filters)))
    assert [href for href in outline.links if href.startswith(links.EVENTS + "/")] == [
        links.event_href(one) for one in found
    ]


def test_a_deleted_event_is_found_and_shown(site: Site) -> None:
    json_schema(site.registry, "gone", {"type": "object"})
    run(site.registry, DeleteSubject(Subject("gone")))
    assert "gone" not in Outline(site.page(links.EVENTS)).text
    assert links.event_href("gone") in Outline(site.page(links.events_href(state="deleted"))).links
    assert "every version is hidden" in site.page(links.event_href("gone"))


def test_an_event_shows_both_numbers_its_references_and_its_life(shop: Site) -> None:
    text = Outline(shop.page(links.event_href(ORDER_PLACED))).words
    assert "Major 1 Deprecated sunset on 30 Jun 2099" in text
    assert "2.0 4 5 " in text
    assert f"Refers to {MONEY} 1.0" in text
    assert "from the policy of shop.orders" in text
    money = Outline(shop.page(links.event_href(MONEY))).words
    assert f"Referred to by {ORDER_PLACED} 2.0" in money


def test_the_text_of_a_schema_is_handed_out_as_registered(shop: Site) -> None:
    version = shop.registry.state.subjects[Subject(PAYMENT_CAPTURED)].versions[0]
    response = shop.ask(links.text_href(version.guid))
    assert response.text == shop.registry.state.definitions[version.guid].text
    assert response.content_type == "text/plain; charset=utf-8"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_two_revisions_are_compared_both_ways(shop: Site) -> None:
    text = Outline(shop.page(links.compare_href(ORDER_PLACED, "1.0", "2.0"))).words
    assert "2.0 reads what 1.0 wrote: not always." in text
    assert "1.0 reads what 2.0 writes: not always." in text
    assert "A payload that shows it: written by 1.0, read by 2.0" in text
    same = Outline(shop.page(links.compare_href(ORDER_PLACED, "1.0", "1.0"))).words
    assert "both texts are the same" in same


def test_a_refused_change_has_a_report_with_its_proof_and_ways_forward(shop: Site) -> None:
    outline = Outline(shop.page(refused_report(shop)))
    text = outline.words
    assert "new readers could not read every stored event and today's readers could not read every new event" in text
    assert "It fails against 1.2, 1.1 and 1.0." in text
    assert "written by 1.2, read by the candidate" in text
    assert "At /fields/1/type" in text
    assert "AVRO_TYPE_MISMATCH" in text
    assert "fastavro" in text
    assert "schemas/shop.orders/OrderPlaced.v3.avsc" in text
    assert "moorings --url http://localhost:8081 push" in text
    assert '"major": "next"' in text.replace('major: "next"', '"major": "next"')
    assert "1.2 beside the candidate" in text
    assert "change-1" in outline.ids
    assert "#change-1" in outline.links


@pytest.mark.parametrize(
    ("change", "answer", "summary"),
    [
        ({"required": ["a"]}, "refuses", "it agrees on 1, disagrees on 0"),
        ({"dependencies": {"a": ["b"]}}, "accepts", "it agrees on 0, disagrees on 1"),
    ],
    ids=["engines agree", "engines disagree"],
)
def test_a_report_shows_both_engines_and_marks_a_disagreement(
    change: dict[str, Any], answer: str, summary: str
) -> None:
    site = new_site()
    content = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}
    json_schema(site.registry, "OrderPlaced", content)
    with pytest.raises(SchemaIncompatible) as caught:
        json_schema(site.registry, "OrderPlaced", content | change)
    text = Outline(site.page(f"/admin/reports/{caught.value.report_id}")).words
    theirs, ours = (f"{name} {version(name)}" for name in ("jsonschema", "jsonschema-rs"))
    assert f"Reader: {ours} refuses; {theirs} {answer}." in text
    assert f"Writer: {ours} accepts; {theirs} accepts." in text
    assert summary in text
    assert ("Engines disagree" in text) == (answer == "accepts")


def test_a_report_of_a_binary_format_names_one_engine(shop: Site) -> None:
    text = Outline(shop.page(refused_report(shop))).words
    assert "second engine" not in text
    assert "jsonschema" not in text


def test_the_command_that_a_report_shows_is_one(shop: Site) -> None:
    lines = Outline(shop.page(refused_report(shop))).text.splitlines()
    program, *arguments = shlex.split(next(line for line in lines if "moorings --url" in line))
    assert program == "moorings"
    asked = subprocess.run(
        [sys.executable, "-c", "from moorings.cli.main import main; main()", *arguments, "--help"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    assert "push [OPTIONS]" in asked.stdout


def test_a_report_puts_any_compared_version_beside_the_candidate(shop: Site) -> None:
    assert "1.0 beside the candidate" in shop.page(refused_report(shop) + "?against=1.0")
    assert shop.ask(refused_report(shop) + "?against=9.9").status_code == 404


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({}, 12),
        ({"outcome": "refused"}, 1),
        ({"verdict": "breaking"}, 1),
        ({"rule": "AVRO_TYPE_MISMATCH"}, 1),
        ({"domain": "shop.payments"}, 1),
        ({"subject": ORDER_PLACED}, 5),
        ({"until": "2020-01-01"}, 0),
        ({"since": "2020-01-01", "outcome": "accepted"}, 11),
    ],
)
def test_reports_are_filtered(shop: Site, filters: dict[str, str], count: int) -> None:
    html = shop.page(links.reports_href(**filters))
    assert html.count('<th scope="row">') == count


def test_rules_are_listed_with_what_to_do_instead(shop: Site) -> None:
    index = shop.page(links.RULES)
    assert {"AVRO_FIELD_MISSING_DEFAULT", *catalogue()} <= set(Outline(index).ids)
    assert len(index.encode()) < 150_000
    outline = Outline(shop.page(links.rule_href("AVRO_FIELD_MISSING_DEFAULT").partition("#")[0]))
    assert "AVRO_FIELD_MISSING_DEFAULT" in outline.ids
    assert "Instead" in outline.text
    assert links.reports_href(rule="AVRO_TYPE_MISMATCH") in outline.links
    for format in (*Format, links.ANY_FORMAT):
        assert len(shop.page(f"{links.RULES}?format={format}").encode()) < 150_000


def test_the_ledger_is_paged_newest_first_and_proven(site: Site) -> None:
    for number in range(30):
        run(site.registry, PutDomain(f"d{number}", "team"))
    first = Outline(site.page(links.LEDGER))
    entries = [id for id in first.ids if id.startswith("entry-")]
    assert entries == [f"entry-{position}" for position in range(30, 5, -1)]
    assert links.ledger_href(before=6) in first.links
    second = Outline(site.page(links.ledger_href(before=6)))
    assert [id for id in second.ids if id.startswith("entry-")] == [f"entry-{position}" for position in range(5, 0, -1)]
    proven = Outline(site.page(links.ledger_href(verify=1))).words
    assert "Sound All 30 entries recomputed" in proven
    assert site.registry.state.digest in proven


class _Damaged:
    """A ledger in memory whose entries come back altered, or not at all."""

    largest_append_bytes = UNBOUNDED

    def __init__(self) -> None:
        self._real = open_ledger("memory:")
        self.corrupt_at = 0
        self.is_away = False

    def head(self) -> Head:
        self._require()
        return self._real.head()

    def append(self, entry: Entry, *, after: Head) -> None:
        self._require()
        self._real.append(entry, after=after)

    def require_writable(self) -> None:
        self._require()

    def read(self, after: int) -> Iterator[Entry]:
        self._require()
        for entry in self._real.read(after):
            if entry.position == self.corrupt_at:
                raise LedgerCorrupt(entry.position, "its content has another digest")
            yield entry

    def wait(self, after: int, timeout_s: float) -> bool:
        return self._real.wait(after, timeout_s)

    def close(self) -> None:
        self._real.close()

    def _require(self) -> None:
        if self.is_away:
            raise LedgerUnavailable("the store does not answer")


def test_a_damaged_ledger_is_named_by_its_position() -> None:
    ledger = _Damaged()
    site = new_site(ledger)
    for number in range(40):
        run(site.registry, PutDomain(f"d{number}", "team"))
    ledger.corrupt_at = 3
    text = Outline(site.page(links.ledger_href(verify=1))).words
    assert "The first bad entry is position 3: its content has another digest." in text


def test_pages_show_cached_state_while_the_ledger_is_unavailable() -> None:
    ledger = _Damaged()
    site = new_site(ledger)
    run(site.registry, PutDomain("shop", "team"))
    avro(site.registry, "shop.OrderPlaced", {"name": "n", "type": "int"})
    ledger.is_away = True
    overview = Outline(site.page(links.OVERVIEW)).text
    assert "Ledger unavailable" in overview
    assert "1 domain" in overview.replace("\n", " ")
    assert "shop.OrderPlaced" in site.page(links.event_href("shop.OrderPlaced"))
    away = site.ask(links.LEDGER)
    assert away.status_code == 503
    assert away.headers["Retry-After"]
    assert "This is temporary" in away.text


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/admin/nowhere", 404, "Page not found"),
        ("/admin/events/shop.orders.Nothing", 404, "Event not found"),
        ("/admin/domains/nothing", 404, "Domain not found"),
        ("/admin/reports/1", 404, "Report not found"),
        ("/admin/reports/x", 404, "Page not found"),
        ("/admin/schemas/x", 404, "Schema not found"),
        ("/admin/static/..%2fpages.py", 404, "Page not found"),
        (f"/admin/events/{ORDER_PLACED}?version=x", 422, "Invalid version"),
        (f"/admin/events/{ORDER_PLACED}?version=7.7", 404, "Version not found"),
        (f"/admin/events/{ORDER_PLACED}/compare?reader=9", 404, "Version not found"),
        ("/admin/event?subject=", 422, "Invalid subject name"),
        ("/admin/event?subject=%00", 422, "Invalid subject name"),
        ("/admin/events?state=wild", 422, "Invalid request"),
        ("/admin/events?page=x", 422, "Invalid request"),
        ("/admin/reports?since=yesterday", 422, "Invalid request"),
        (f"/admin/events?q={'x' * 1_001}", 422, "Invalid request"),
    ],
)
def test_an_error_below_admin_is_shown_on_a_page(shop: Site, path: str, status: int, said: str) -> None:
    response = shop.ask(path)
    assert response.status_code == status
    assert said in response.text
    assert HEADERS.items() <= dict(response.headers).items()
    assert Outline(response.text).open == []
    assert response.headers["X-Correlation-ID"] in response.text


def test_a_page_number_past_the_end_shows_the_last_page(shop: Site) -> None:
    assert ORDER_PLACED in shop.page(links.events_href(page=99))


HOSTILE = "<script>alert('x')</script>\"'&{{7*7777}}"
NAMES = [
    HOSTILE,
    "../../etc/passwd",
    "..",
    "a/b//c?d#e%2F",
    "\u202egnihsif",
    "مرحبا-שלום",
    "x" * 500,
    " spaces ",
    "%2e%2e",
]


@pytest.mark.parametrize("subject", NAMES)
def test_hostile_names_and_texts_stay_text(site: Site, subject: str) -> None:
    schema = {"title": HOSTILE, "description": "\u202e\u2066" + HOSTILE, "type": "object"}
    json_schema(site.registry, subject, schema)
    json_schema(site.registry, subject, schema | {"$comment": "</code></pre>"})
    paths = (
        links.OVERVIEW,
        links.EVENTS,
        links.event_href(subject, "1.1"),
        links.compare_href(subject, "1.0", "1.1"),
        links.REPORTS,
        links.reports_href(subject=subject),
        links.report_href(2),
        links.LEDGER,
    )
    for path in paths:
        html = site.page(path)
        outline = Outline(html)
        assert outline.open == []
        assert "script" not in [tag for tag, _ in outline.tags]
        assert "54439" not in html
        assert "\u202e" not in outline.text


def test_hostile_descriptions_of_domains_stay_text(site: Site) -> None:
    run(site.registry, PutDomain("shop", HOSTILE, (HOSTILE,), HOSTILE, {"level": "FULL"}))
    for path in (links.OVERVIEW, links.DOMAINS, links.domain_href("shop"), links.LEDGER):
        html = site.page(path)
        assert "<script" not in html
        assert "&lt;script&gt;" in html


CHANGES = {
    Format.JSON: (
        '{"type":"object","properties":{"n":{"type":"integer"}},"additionalProperties":false}',
        '{"type":"object","properties":{"n":{"type":"string"}},"additionalProperties":false}',
        '"n": {"type": "string"}',
    ),
    Format.PROTOBUF: (
        'syntax = "proto3";\nmessage A {\n  string id = 1;\n  int64 n = 2;\n}\n',
        'syntax = "proto3";\nmessage A {\n  string id = 1;\n  string n = 2;\n}\n',
        "string n = 2;",
    ),
}


@pytest.mark.parametrize("format", CHANGES)
def test_findings_are_marked_in_the_text_of_every_format(site: Site, format: Format) -> None:
    before, after, line = CHANGES[format]
    run(site.registry, RegisterSchema(Subject("x"), Draft(format, before)))
    with pytest.raises(SchemaIncompatible):
        run(site.registry, RegisterSchema(Subject("x"), Draft(format, after)))
    html = site.page(links.report_href(2))
    marked = [Outline(cell.partition("</td>")[0]).words for cell in html.split('<td class="text reader marked">')[1:]]
    assert line in marked


def test_commands_to_paste_are_quoted_for_the_shell(site: Site) -> None:
    subject = "$(touch x);'`id`"
    json_schema(site.registry, subject, {"type": "string"})
    with pytest.raises(SchemaIncompatible):
        json_schema(site.registry, subject, {"type": "integer"})
    outline = Outline(site.page(links.report_href(2)))
    assert "http://localhost:8081/v1/events/%24%28touch%20x%29%3B%27%60id%60/versions" in outline.text


def test_a_schema_of_a_megabyte_is_shown_in_part_with_its_whole_a_link_away(site: Site) -> None:
    properties = {f"property_{number:05}": {"type": "string"} for number in range(27_000)}
    schema = {"type": "object", "properties": properties}
    assert 900_000 < len(json.dumps(schema, separators=(",", ":"))) < 1_048_576
    json_schema(site.registry, "large", schema)
    html = site.page(links.event_href("large"))
    assert html.count('class="line"') == MOST_LINES + 1  # and the example, which is one line
    assert "more lines" in html
    assert len(html) < 1_000_000
    assert len(site.page(links.LEDGER)) < 100_000


def test_two_hundred_revisions_are_listed_in_part_and_whole_when_asked(site: Site) -> None:
    for number in range(200):
        avro(site.registry, "busy.ThingHappened", {"name": f"f{number}", "type": "int", "default": 0})
    href = links.event_href("busy.ThingHappened")
    outline = Outline(site.page(href))
    rows = MOST_REVISIONS + 1  # and the field of its schema
    assert sum(tag == "th" and attributes.get("scope") == "row" for tag, attributes in outline.tags) == rows
    assert f"Show {200 - MOST_REVISIONS} older revisions" in outline.text
    whole = Outline(site.page(links.event_href("busy.ThingHappened", 200, all=1)))
    assert sum(tag == "th" and attributes.get("scope") == "row" for tag, attributes in whole.tags) == 201


def test_the_style_sheet_may_be_kept_for_good_under_its_own_address(shop: Site) -> None:
    sheet = next(
        str(attributes["href"])
        for tag, attributes in Outline(shop.page(links.OVERVIEW)).tags
        if attributes.get("rel") == "stylesheet"
    )
    named = shop.ask(sheet)
    assert named.content_type == "text/css; charset=utf-8"
    assert "immutable" in named.headers["Cache-Control"]
    assert shop.ask(sheet.partition("?")[0]).headers["Cache-Control"] == "no-cache"


def test_a_definition_that_is_gone_for_good_is_not_shown(site: Site) -> None:
    run(site.registry, RegisterSchema(Subject("x"), Draft(Format.JSON, '{"type":"string"}')))
    guid = site.registry.state.subjects[Subject("x")].versions[0].guid
    run(site.registry, DeleteSubject(Subject("x")))
    assert site.ask(links.text_href(guid)).status_code == 200
    run(site.registry, DeleteSubject(Subject("x"), permanent=True))
    assert site.ask(links.text_href(guid)).status_code == 404
    assert site.ask(links.event_href("x")).status_code == 404
    assert "permanently deleted" in site.page(links.REPORTS)
    assert site.ask(links.report_href(1)).status_code == 404


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 303),
        ("application/vnd.schemaregistry.v1+json, application/json", 200),
        ("*/*", 200),
        (None, 200),
    ],
)
def test_the_root_leads_browsers_to_the_pages(shop: Site, accept: str | None, status: int) -> None:
    headers = {"Host": "localhost:8081"} | ({"Accept": accept} if accept else {})
    answer = shop.client.get("/", headers=headers)
    assert answer.status_code == status
    assert answer.headers.get("Location") == (links.OVERVIEW if status == 303 else None)


def test_the_calendar_shows_what_ends_and_what_to_use_instead(shop: Site, site: Site) -> None:
    words = Outline(shop.ask(links.CALENDAR).text).words
    assert "June 2099" in words
    assert "30 Jun 2099 shop.orders.OrderPlaced major 1 Sunset" in words
    assert "No major of this domain is deprecated" in Outline(shop.ask(links.calendar_href(domain="no")).text).words
    assert "No major is deprecated" in Outline(site.ask(links.CALENDAR).text).words


def test_the_overview_reminds_of_what_ends_soon(site: Site) -> None:
    soon = (site.registry.now() + timedelta(days=10)).date().isoformat()
    subject = Subject.parse("legacy-value")
    avro(site.registry, "legacy-value", name="Legacy")
    assert "Ending soon" not in site.ask(links.OVERVIEW).text
    run(site.registry, SetMajorLifecycle(subject, 1, MajorState.DEPRECATED, soon))
    assert "Ending soon legacy-value major 1: sunset on" in Outline(site.ask(links.OVERVIEW).text).words


@pytest.mark.parametrize(
    ("path", "step"),
    [
        (links.DOMAINS, "Register one"),
        (links.POLICIES, "Register one"),
        (links.EVENTS, "moorings push"),
        (links.REPORTS, "Try a schema"),
        (links.CONSUMERS, "moorings consumers push"),
        (links.CALENDAR, "moorings deprecate"),
        (links.WAIVERS, "moorings waivers grant"),
        (links.WEBHOOKS, "moorings webhooks add"),
        (links.KEPT_CHECKS, "moorings ci"),
        (links.search_href(q="order"), "look through the events"),
    ],
)
def test_an_empty_page_says_what_to_do_next(path: str, step: str) -> None:
    assert step in Outline(new_site().page(path)).words


def test_a_question_about_methods_is_answered_below_the_pages_too(shop: Site) -> None:
    for path in (links.OVERVIEW, "/admin/nowhere/at-all"):
        response = shop.client.options(path)
        assert response.status_code == 200
        assert "GET" in response.headers["Allow"]
