"""A registry of this process that delivers: its worker takes a turn whenever a test says so."""

from typing import Any

from werkzeug.test import Client

from moorings_registry.app import Application, build_application
from moorings_registry.callers import Caller
from moorings_registry.commands import ConfigureIssuers
from moorings_registry.engines import open_ledger
from moorings_registry.expiring_records import MemoryRecords
from moorings_registry.ledger import Ledger
from moorings_registry.own_keys import OwnKeys
from moorings_registry.principals import LOCAL_PRINCIPAL, Principal
from moorings_registry.settings import Settings
from moorings_registry.side_stores import SideStores
from moorings_registry.web import described
from moorings_registry.webhook_progress import Progress, WebhookProgress
from moorings_registry.webhooks.delivery import Surroundings
from moorings_registry.webhooks.dispatcher import Dispatcher
from moorings_registry.webhooks.pace import Pace
from tests.registry.asking import record
from tests.registry.calling import Reply
from tests.registry.granting import KINDS, Guarded, PassedIn, issuers_of

PUBLIC_URL = "http://registry.example"
FAST = Pace(first_pause_s=0.02, longest_pause_s=0.1, attempts=3, attempts_refused=2)
PLACED = "shop.orders.OrderPlaced"


class SharedLease:
    """A lease of several dispatchers in one process; a small fake for who has it."""

    def __init__(self) -> None:
        self.holder: object = None

    def of(self, who: object) -> "HeldBy":
        return HeldBy(self, who)


class HeldBy:
    """That lease, for one of them."""

    def __init__(self, lease: SharedLease, who: object) -> None:
        self._lease = lease
        self._who = who

    def held(self) -> bool:
        self._lease.holder = self._lease.holder or self._who
        return self._lease.holder is self._who

    def release(self) -> None:
        if self._lease.holder is self._who:
            self._lease.holder = None


class World(Guarded):
    """A registry with keys of its own, asked as anybody, and its worker for webhooks."""

    def __init__(
        self,
        *,
        ledger: Ledger | None = None,
        progress: WebhookProgress | None = None,
        lease: SharedLease | None = None,
        sign_in: bool = False,
        settings: Settings | None = None,
        keys: OwnKeys | None = None,
        **around: Any,
    ) -> None:
        self._authentication = PassedIn()
        self.keys = keys or OwnKeys(PUBLIC_URL, MemoryRecords())
        self.keys.maintain()
        self.application: Application = build_application(
            ledger or open_ledger("memory:"),
            settings,
            authentication=self._authentication,
            own_keys=self.keys,
            stores=SideStores(webhooks=progress or WebhookProgress()),
        )
        self.registry = self.application.registry
        if sign_in:
            self.registry.execute(ConfigureIssuers(issuers_of(KINDS)), Caller())
        self._client = Client(self.application.middleware)
        self.around = Surroundings(
            self.registry, self.keys, described, PUBLIC_URL, **{"pace": FAST, "timeout_s": 10, **around}
        )
        self.dispatcher = Dispatcher(self.around, (lease or SharedLease()).of(self))

    operator = LOCAL_PRINCIPAL

    def subscribe(self, url: str, node: str = "*", principal: Principal = LOCAL_PRINCIPAL, **more: Any) -> int:
        reply = self.call(principal, "POST", "/v1/webhooks", {"url": url, "node": node, **more})
        assert reply.status == 201, reply.body
        return int(reply.json["id"])

    def turn(self, times: int = 1) -> None:
        """Let the worker do what is due, and wait until it is done."""
        for _ in range(times):
            self.dispatcher.lead_turn()
            self.dispatcher.wait()

    def version(self, subject: str = PLACED, **defaults: int) -> Reply:
        """Register a version with further fields."""
        return self.call(LOCAL_PRINCIPAL, "POST", f"/subjects/{subject}/versions", {"schema": record("a", **defaults)})

    def progress(self, id: int) -> Progress:
        return self.registry.webhooks.of(self.registry.state.webhooks[id])
