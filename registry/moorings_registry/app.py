"""Wires the registry together, by plain constructor calls, in one place."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from flask import Flask

from moorings_registry.authorization import Authorization
from moorings_registry.bases import BaseFolder
from moorings_registry.errors import LedgerUnavailable
from moorings_registry.expiring_records import ExpiringRecords, MemoryRecords
from moorings_registry.http.access_log import AccessLog, RequestObserver
from moorings_registry.http.authentication import Authentication, LoopbackAuthentication
from moorings_registry.http.check_metrics import CheckMetrics
from moorings_registry.http.confluent import confluent_blueprint
from moorings_registry.http.failure_limit import FailureLimit
from moorings_registry.http.flask_app import answer_errors, build, require_permissions
from moorings_registry.http.ledger_metrics import LedgerMetrics
from moorings_registry.http.middleware import Middleware
from moorings_registry.http.native import mount_native
from moorings_registry.http.operations import operations_blueprint
from moorings_registry.http.response_cache import ResponseCache
from moorings_registry.http.telling import Telling
from moorings_registry.http.token_authentication import NO_PROXIES, TokenAuthentication, TrustedProxies
from moorings_registry.http.token_endpoint import TOKEN_ENDPOINT, TokenEndpoint
from moorings_registry.http.token_verifier import TokenVerifier
from moorings_registry.issuers import Trust
from moorings_registry.ledger import Ledger, SkippingLedger
from moorings_registry.node_position import NodePosition
from moorings_registry.own_keys import OwnKeys
from moorings_registry.page_sign_in import PeopleInPages
from moorings_registry.service import Registry, utc_now
from moorings_registry.settings import Settings
from moorings_registry.side_stores import SideStores
from moorings_registry.state import Grant
from moorings_registry.token_exchange import TokenExchange
from moorings_registry.web import described, lead_browsers, pages_blueprint
from moorings_registry.webhooks.delivery import Surroundings


@dataclass(frozen=True, slots=True)
class Application:
    """A registry and the middleware around it; what a server runs, and what tests call."""

    registry: Registry
    middleware: Middleware
    trust: Trust | None = None
    """Whose tokens are accepted; None without sign-in."""
    own_keys: OwnKeys | None = None
    """What the registry signs with; None where nobody knows it by an address."""
    webhooks: Surroundings | None = None
    """What it takes to send events; None where there is nothing to sign them with."""


def build_application(
    ledger: Ledger,
    settings: Settings | None = None,
    *,
    node_position: NodePosition | None = None,
    stores: SideStores | None = None,
    access_log: AccessLog | None = None,
    authentication: Authentication | None = None,
    authorization: Authorization | None = None,
    access_path: Path | None = None,
    trust: Trust | None = None,
    own_keys: OwnKeys | None = None,
    records: ExpiringRecords | None = None,
    proxies: TrustedProxies = NO_PROXIES,
    failures: FailureLimit | None = None,
    bases: BaseFolder | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Application:
    """Put a registry on *ledger* and the middleware around it; the state is loaded before any worker forks.

    With *trust*, callers sign in; without, they are on this machine and all of them `local`. With *own_keys* besides,
    people sign in to the pages, and with *records* callers can exchange their tokens. Entries go by *clock*.

    Raises:
        VerbMissing: a route does not say what it does, so no permission for it can be asked.
    """
    ledger_metrics = LedgerMetrics()
    if isinstance(ledger, SkippingLedger):
        ledger.watch_skipped(ledger_metrics.skipped)
    registry = Registry(
        ledger,
        settings,
        node_position=node_position,
        stores=stores,
        authorization=authorization,
        access_path=access_path,
        clock=clock,
        observer=CheckMetrics(lambda: registry.known),
        ledger_observer=ledger_metrics,
        bases=bases,
    )
    registry.begin_from_base()
    registry.catch_up()
    response_cache = ResponseCache(registry)
    people = _people(registry, trust, own_keys, records or MemoryRecords(), clock) if trust and own_keys else None
    verifier = TokenVerifier(trust, own_keys, failures) if trust else None
    signed_in = TokenAuthentication(verifier, proxies=proxies, people=people) if verifier else None
    authentication = authentication or signed_in or LoopbackAuthentication()
    endpoint = _token_endpoint(registry, own_keys, records, verifier, authentication)
    sending = Surroundings(registry, own_keys, described, own_keys.url) if own_keys else None
    framework = _framework(registry, trust, own_keys, people, response_cache, endpoint, sending)
    log = RequestObserver(access_log)
    middleware = Middleware(framework, response_cache, authentication, log, lambda: registry.announced)
    return Application(registry, middleware, trust, own_keys, sending)


def _framework(
    registry: Registry,
    trust: Trust | None,
    own_keys: OwnKeys | None,
    people: PeopleInPages | None,
    response_cache: ResponseCache,
    endpoint: TokenEndpoint | None,
    sending: Surroundings | None,
) -> Flask:
    """All routes, with what they need, and with what every request passes."""
    blueprints = (operations_blueprint(), pages_blueprint(), confluent_blueprint())
    framework = build(registry, trust, own_keys, people, response_cache, blueprints)
    framework.extensions["moorings.telling"] = Telling(described, own_keys.url if own_keys else "", sending)
    framework.extensions[TOKEN_ENDPOINT] = endpoint
    mount_native(framework, version("moorings"))
    framework.before_request(lead_browsers)
    require_permissions(framework)
    answer_errors(framework)
    return framework


def _token_endpoint(
    registry: Registry,
    own_keys: OwnKeys | None,
    records: ExpiringRecords | None,
    verifier: TokenVerifier | None,
    authentication: Authentication,
) -> TokenEndpoint | None:
    """Where callers exchange their tokens; None where tokens are not verified, or not issued."""
    if not (verifier and own_keys and records and isinstance(authentication, TokenAuthentication)):
        return None

    def known_grants() -> Mapping[int, Grant]:
        return registry.known.grants

    def newest_grants() -> Mapping[int, Grant]:
        with contextlib.suppress(LedgerUnavailable):
            registry.catch_up()
        return registry.known.grants

    exchange = TokenExchange(own_keys, records, known_grants, newest_grants, registry.dependencies.now)
    return TokenEndpoint(exchange, verifier, authentication)


def _people(
    registry: Registry, trust: Trust, own_keys: OwnKeys, records: ExpiringRecords, clock: Callable[[], datetime]
) -> PeopleInPages:
    """What the pages need for people: the registry has an address to come back to, and signs their sessions."""

    def named_groups() -> frozenset[str]:
        return frozenset(one.group for one in registry.known.grants.values() if one.group)

    return PeopleInPages.of(trust, own_keys, records, named_groups, lambda: clock().timestamp())
