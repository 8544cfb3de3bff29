"""The native API, below /v1."""

from flask import Flask

from moorings_registry.http.native.audit import audit
from moorings_registry.http.native.blueprint import mount
from moorings_registry.http.native.calendar import calendar
from moorings_registry.http.native.checks import checks
from moorings_registry.http.native.consumers import consumers
from moorings_registry.http.native.contracts import contracts
from moorings_registry.http.native.domains import domains
from moorings_registry.http.native.drift import drift
from moorings_registry.http.native.events import events
from moorings_registry.http.native.feed import feed
from moorings_registry.http.native.grants import grants
from moorings_registry.http.native.inbox import inbox_api
from moorings_registry.http.native.kept_checks import checks_kept
from moorings_registry.http.native.ledger import ledger
from moorings_registry.http.native.levels import levels
from moorings_registry.http.native.lifecycle import lifecycle
from moorings_registry.http.native.owners import owners
from moorings_registry.http.native.principals import principals
from moorings_registry.http.native.questions import questions
from moorings_registry.http.native.reviews import reviews
from moorings_registry.http.native.search import search
from moorings_registry.http.native.sign_in import sign_in
from moorings_registry.http.native.token import token
from moorings_registry.http.native.versions import schemas, versions
from moorings_registry.http.native.waivers import waivers
from moorings_registry.http.native.webhooks import webhooks

__all__ = ["mount_native"]

PARTS = (
    domains,
    owners,
    contracts,
    grants,
    principals,
    sign_in,
    token,
    versions,
    drift,
    events,
    lifecycle,
    calendar,
    levels,
    schemas,
    checks,
    checks_kept,
    inbox_api,
    reviews,
    search,
    waivers,
    consumers,
    questions,
    ledger,
    feed,
    webhooks,
    audit,
)


def mount_native(app: Flask, version: str) -> None:
    """Serve everything below /v1, and its description."""
    mount(app, PARTS, version)
