"""Addresses of the pages, built in one place.

A subject may be called anything printable, and browsers rewrite paths (``..``, ``//``); so a plain name is in the
path, ``/admin/events/shop.orders.OrderPlaced``, and any other in the query, ``/admin/event?subject=..%2Fx``.
"""

import re
from urllib.parse import quote, urlencode

from moorings_compat import catalogue

ANY_FORMAT = "ANY"
"""The format of rules that are about all of them."""
OVERVIEW = "/admin/"
DOMAINS = "/admin/domains"
EVENTS = "/admin/events"
EVENT = "/admin/event"
COMPARE = "/admin/event/compare"
REPORTS = "/admin/reports"
KEPT_CHECKS = "/admin/checks"
INBOX = "/admin/inbox"
DRIFT = "/admin/drift"
SEARCH = "/admin/search"
POLICIES = "/admin/policies"
TRY = "/admin/try"
NEW_DOMAIN = "/admin/new-domain"
RULES = "/admin/rules"
LEDGER = "/admin/ledger"
WAIVERS = "/admin/waivers"
CONSUMERS = "/admin/consumers"
QUESTIONS = "/admin/questions"
CALENDAR = "/admin/calendar"
WEBHOOKS = "/admin/webhooks"
CALENDAR_FILE = "/v1/calendar.ics"
ACCESS = "/admin/access"
LOGIN = "/admin/login"
LOGOUT = "/admin/logout"
OPEN = "/admin/open"
CALLBACK = "/admin/callback"
ISSUER_LOGOUT = "/admin/issuer-logout"

_PLAIN = re.compile(r"[A-Za-z0-9_~:-][A-Za-z0-9._~:-]*", re.ASCII)


def domain_href(domain: str, page: object = "") -> str:
    return _with_query(f"{DOMAINS}/{quote(domain, safe='')}", {"page": page})


def access_href(domain: str) -> str:
    """Who owns a domain, and who may do what in it."""
    return f"{DOMAINS}/{quote(domain, safe='')}/access"


def why_href(verb: object = "", node: object = "", **other: object) -> str:
    """Whether the caller may do something, and why; of *other* callers: `principal`, `issuer`, `group`."""
    return _with_query(ACCESS, {"verb": verb, "node": node, **other})


def login_href(target: object = "", why: object = "", **more: object) -> str:
    """The page to sign in on, and to come to *target* from; *why* one is there."""
    return _with_query(LOGIN, {"to": "" if target == OVERVIEW else target, "why": why, **more})


def begin_login_href(alias: str, target: object = "", **more: object) -> str:
    """Where a sign-in at an issuer begins."""
    return _with_query(f"{LOGIN}/{quote(alias, safe='')}", {"to": target, **more})


def events_href(**filters: object) -> str:
    return _with_query(EVENTS, filters)


def event_href(subject: object, version: object = "", **more: object) -> str:
    """The page of an event, with *version* (``2.1``, ``5``) opened; its latest where none is named."""
    name = str(subject)
    if _PLAIN.fullmatch(name):
        return _with_query(f"{EVENTS}/{name}", {"version": version, **more})
    return _with_query(EVENT, {"subject": name, "version": version, **more})


def is_plain(subject: object) -> bool:
    """Whether a path may hold the name of a subject as it is."""
    return _PLAIN.fullmatch(str(subject)) is not None


def lifecycle_action(subject: object, major: int) -> str:
    """Where the form for the life of a major is sent to; for plain names alone."""
    return f"{EVENTS}/{subject}/majors/{major}"


def compare_form(subject: object) -> tuple[str, str]:
    """Where a form that compares revisions leads, and the subject that it has to send along; empty for a plain one."""
    name = str(subject)
    return (f"{EVENTS}/{name}/compare", "") if _PLAIN.fullmatch(name) else (COMPARE, name)


def compare_href(subject: object, writer: object = "", reader: object = "", **more: object) -> str:
    """The page that shows two revisions of an event side by side."""
    path, name = compare_form(subject)
    return _with_query(path, {"subject": name, "writer": writer, "reader": reader, **more})


def text_href(guid: str) -> str:
    """The text of a definition, as it was registered."""
    return f"/admin/schemas/{quote(guid, safe='')}"


def reports_href(**filters: object) -> str:
    return _with_query(REPORTS, filters)


def report_href(id: int, against: object = "", **more: object) -> str:
    """One report, with the older version *against* beside the candidate."""
    return _with_query(f"{REPORTS}/{id}", {"against": against, **more})


def report_api(id: int) -> str:
    """The path of the native API that shows the same report."""
    return f"/v1/reports/{id}"


def kept_checks_href(**filters: object) -> str:
    return _with_query(KEPT_CHECKS, filters)


def kept_check_href(id: str, against: object = "", **more: object) -> str:
    """The page of a check that a CI job asked for, with the older version *against* beside the candidate."""
    return _with_query(f"{KEPT_CHECKS}/{id}", {"against": against, **more})


def review_report_action(id: int) -> str:
    """Where the form about a report is sent to."""
    return f"{REPORTS}/{id}/reviews"


def review_kept_check_action(id: str) -> str:
    """Where the form about a kept check is sent to."""
    return f"{KEPT_CHECKS}/{id}/reviews"


def domain_action(domain: str, what: str) -> str:
    """Where a form about a domain is sent to: its ``profile``, its ``policy``, its ``transfer``."""
    return f"{DOMAINS}/{quote(domain, safe='')}/{what}"


def waiver_action(id: int, what: str) -> str:
    """Where the form that approves or ends a waiver is sent to."""
    return f"{WAIVERS}/{id}/{what}"


def event_action(subject: object, what: str) -> str:
    """Where a form about an event is sent to; for plain names alone."""
    return f"{EVENTS}/{subject}/{what}"


def recheck_report_href(id: int) -> str:
    """The candidate of a report, checked against what is registered now."""
    return f"{REPORTS}/{id}/again"


def recheck_kept_href(id: str) -> str:
    """The candidate of a kept check, checked against what is registered now."""
    return f"{KEPT_CHECKS}/{id}/again"


def try_href(**filled: object) -> str:
    """The form that checks a schema without registering it."""
    return _with_query(TRY, filled)


def inbox_href(**filters: object) -> str:
    return _with_query(INBOX, filters)


def drift_href(**filters: object) -> str:
    return _with_query(DRIFT, filters)


def search_href(**asked: object) -> str:
    return _with_query(SEARCH, asked)


def policies_href(**filters: object) -> str:
    return _with_query(POLICIES, filters)


def consumer_graph_href(domain: str) -> str:
    """Who reads the events of a domain."""
    return f"{DOMAINS}/{quote(domain, safe='')}/consumers"


def kept_text_href(id: str) -> str:
    """The candidate of a kept check, as it was sent."""
    return f"{KEPT_CHECKS}/{id}/schema"


def kept_check_api(id: str) -> str:
    """The path of the native API that shows the same check."""
    return f"/v1/kept-checks/{id}"


def waivers_href(**filters: object) -> str:
    return _with_query(WAIVERS, filters)


def consumers_href(**filters: object) -> str:
    return _with_query(CONSUMERS, filters)


def questions_href(question: str = "", **filled: object) -> str:
    """The page of questions, its forms filled; at one of them where it is named."""
    return _with_query(QUESTIONS, filled) + (f"#{question}" if question else "")


def waiver_href(id: int) -> str:
    """The page of the waivers, at one of them."""
    return f"{WAIVERS}#waiver-{id}"


def webhook_href(id: int) -> str:
    """The page of the webhooks, at one of them."""
    return f"{WEBHOOKS}#webhook-{id}"


def calendar_href(**filters: object) -> str:
    return _with_query(CALENDAR, filters)


def calendar_file_href(**filters: object) -> str:
    """The calendar as a file that calendars subscribe to."""
    return _with_query(CALENDAR_FILE, filters)


def rule_href(code: str) -> str:
    """The entry of a rule, on the page of its format; in the index, where the rule is not known here."""
    rule = catalogue().get(code)
    path = _with_query(RULES, {"format": rule.format or ANY_FORMAT}) if rule else RULES
    return f"{path}#{quote(code, safe='')}"


def ledger_href(**query: object) -> str:
    return _with_query(LEDGER, query)


def entry_href(position: int) -> str:
    """The page of the ledger that holds the entry at *position*, at that entry."""
    return f"{_with_query(LEDGER, {'before': position + 1})}#entry-{position}"


def events_api(subject: object) -> str:
    """The path of the native API that shows an event."""
    return f"/v1/events/{quote(str(subject), safe='')}"


def versions_api(subject: object) -> str:
    """The path of the native API that registers under *subject*."""
    return f"/v1/events/{quote(str(subject), safe='')}/versions"


def compare_api(subject: object, writer: str, reader: str) -> str:
    """The path of the native API that answers for the same comparison."""
    return _with_query(f"/v1/events/{quote(str(subject), safe='')}/compare", {"writer": writer, "reader": reader})


def _with_query(path: str, query: dict[str, object]) -> str:
    asked = {name: value for name, value in query.items() if value not in ("", None)}
    return f"{path}?{urlencode(asked)}" if asked else path
