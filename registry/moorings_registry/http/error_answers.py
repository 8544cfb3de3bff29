"""Errors as HTTP answers: problem details (RFC 9457) on the native API, `error_code` on the Confluent paths.

The path decides which of the two, since an unknown path has no route that could.
"""

import html
import json
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from moorings_registry.access import ROOT_ONLY, WHOLE, Node, Permission, Verb, target_of
from moorings_registry.errors import (
    ContractsRefused,
    CredentialRefused,
    NotAllowed,
    Refusal,
    SchemaIncompatible,
    SignInNeeded,
    TokenRefused,
)
from moorings_registry.http.messages import Request, Response
from moorings_registry.http.report_shapes import LabelledReport, RefusedReportShape
from moorings_registry.http.statuses import RETRY_AFTER_S, STATUSES
from moorings_registry.report_changes import NO_CHANGES, report_changes
from moorings_registry.second_opinion import NO_OPINIONS, second_opinions

NATIVE_PATHS = ("/v1/", "/openapi.json", "/healthz", "/readyz", "/metrics", "/.well-known/")
PAGES = "/admin"
PROBLEM_TYPE = "application/problem+json"
CONFLUENT_TYPE = "application/vnd.schemaregistry.v1+json"
_LONGEST_SCOPE = 1_000
_REPORT = RefusedReportShape(exclude=("id",))
# The one path below /v1 that belongs to the Confluent API.
_CONFLUENT_BELOW_V1 = "/v1/metadata/"


def is_native(target: str) -> bool:
    """Whether *target* is a path of the native API."""
    return target.startswith(NATIVE_PATHS) and not target.startswith(_CONFLUENT_BELOW_V1)


def is_page(target: str) -> bool:
    """Whether *target* is one of the admin pages."""
    return target.startswith(PAGES)


def error_answer(refusal: Refusal, request: Request, correlation_id: str) -> Response:
    """Render *refusal* in the form of the API that was called."""
    if is_page(request.target):
        return _page(STATUSES[type(refusal)].native, refusal.title, str(refusal), correlation_id, challenge_of(refusal))
    if is_native(request.target):
        return _native(refusal, correlation_id)
    return _confluent(refusal)


def fault_answer(status: int, request: Request, correlation_id: str, advice: str = "") -> Response:
    """Render an HTTP status that has no error in the catalogue, with *advice* on what to do."""
    title = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"
    message = f"HTTP {status} {title}" + (f": {advice}" if advice else "")
    if is_page(request.target):
        return _page(status, title, message, correlation_id)
    if is_native(request.target):
        code = f"HTTP_{status}"
        problem = {"type": f"urn:moorings:error:{code}", "code": code, "title": title, "status": status}
        return _problem({**problem, "detail": message, "retryable": False, "correlation_id": correlation_id}, status)
    return _json({"error_code": status, "message": message}, status, CONFLUENT_TYPE)


def _native(refusal: Refusal, correlation_id: str) -> Response:
    status = STATUSES[type(refusal)].native
    problem: dict[str, Any] = {
        "type": f"urn:moorings:error:{refusal.code}",
        "code": refusal.code,
        "title": refusal.title,
        "status": status,
        "detail": str(refusal),
        "audience": refusal.audience,
        "retryable": refusal.retryable,
        "fix": refusal.fix,
        "errors": _problems(refusal),
        "correlation_id": correlation_id,
    }
    if isinstance(refusal, SchemaIncompatible):
        problem |= _report(refusal)
    return _problem(problem, status, retryable=refusal.retryable, challenge=challenge_of(refusal))


def _problems(refusal: Refusal) -> list[dict[str, Any]]:
    """What is wrong, location by location; of contracts, the refused parts, each with its own errors and report."""
    if not isinstance(refusal, ContractsRefused):
        return [{"pointer": one.where, "detail": one.message} for one in refusal.problems]
    return [
        {
            "pointer": one.pointer,
            "detail": str(one.refusal),
            "code": one.refusal.code,
            "fix": one.refusal.fix,
            "errors": _problems(one.refusal),
            **(_report(one.refusal) if isinstance(one.refusal, SchemaIncompatible) else {}),
        }
        for one in refusal.parts
    ]


def _report(refusal: SchemaIncompatible) -> dict[str, Any]:
    """The report that proves a refusal, and where to go from there; without an address where it left no trace."""
    opinions = second_opinions(refusal.report, refusal.compared) if refusal.compared else NO_OPINIONS
    changes = report_changes(refusal.report, refusal.compared) if refusal.compared else NO_CHANGES
    shown = LabelledReport(refusal.report, refusal.labels, opinions, derived=changes)
    id = refusal.report_id or None
    kept = {"report": f"/v1/reports/{id}", "page": f"/admin/reports/{id}"} if id else {}
    next_major = {
        "method": "POST",
        "href": f"/v1/events/{quote(str(refusal.subject), safe='')}/versions",
        "body": {"major": "next"},
    }
    return {"report": {"id": id, **_REPORT.dump(shown)}, "links": {**kept, "next_major": next_major}}


def _problem(problem: dict[str, Any], status: int, *, retryable: bool = False, challenge: str = "") -> Response:
    return _json(problem, status, PROBLEM_TYPE, retryable=retryable, challenge=challenge)


def challenge_of(refusal: Refusal) -> str:
    """The challenge of RFC 6750 (section 3); empty for errors that are not about credentials or permissions."""
    if isinstance(refusal, SignInNeeded):
        return 'Bearer realm="moorings"'
    if isinstance(refusal, CredentialRefused | TokenRefused):
        return 'Bearer realm="moorings", error="invalid_token"'
    if isinstance(refusal, SignInNeeded):
        return 'Bearer realm="moorings"'
    if isinstance(refusal, NotAllowed):
        return f'Bearer realm="moorings", error="insufficient_scope"{_scope(refusal)}'
    return ""


def _scope(refusal: NotAllowed) -> str:
    """The permission that is missing, as a token would have it; nothing where its node is too long."""
    verb = Verb(refusal.verb)
    node = Node.parse(refusal.node) if refusal.is_node else target_of(refusal.node)
    scope = str(Permission(verb, WHOLE if verb in ROOT_ONLY else node))
    return f', scope="{scope}"' if len(scope) <= _LONGEST_SCOPE else ""


def _confluent(refusal: Refusal) -> Response:
    row = STATUSES[type(refusal)]
    return _json(
        {"error_code": row.error_code, "message": str(refusal)},
        row.confluent,
        CONFLUENT_TYPE,
        retryable=refusal.retryable,
        challenge=challenge_of(refusal),
    )


def _json(
    content: dict[str, Any], status: int, media_type: str, *, retryable: bool = False, challenge: str = ""
) -> Response:
    headers = [("Content-Type", media_type), ("Cache-Control", "no-store")]
    if challenge:
        headers.append(("WWW-Authenticate", challenge))
    if retryable:
        headers.append(("Retry-After", str(RETRY_AFTER_S)))
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "backslashreplace")
    headers.append(("Content-Length", str(len(body))))
    return Response(status, tuple(headers), body, "refused")


def _page(status: int, title: str, message: str, correlation_id: str, challenge: str = "") -> Response:
    # Plain on purpose: who is refused before the framework would be refused the style sheet, too.
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{status} {html.escape(title)}</title>'
        f"<h1>{html.escape(title)}</h1><p>{html.escape(message)}</p>"
        f'<p>Correlation id: <code>{html.escape(correlation_id)}</code></p><p><a href="/admin/">Overview</a></p>'
    ).encode()
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("Content-Length", str(len(body))),
        *((("WWW-Authenticate", challenge),) if challenge else ()),
    )
    return Response(status, headers, body, "refused")
