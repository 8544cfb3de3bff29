"""What the blocking and the asyncio client share: settings, breakers, known schemas, and contract handles."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from moorings.api.requests import Requests
from moorings.contracts.contract import EventContract
from moorings.contracts.reader_choice import ReaderOption
from moorings.contracts.resolver import ContractRequest, Resolver
from moorings.contracts.schema_cache import SchemaCache
from moorings.contracts.value_mapping import ValueMapping
from moorings.drift import Drift
from moorings.errors import MooringsError, SettingInvalid
from moorings.notices import SILENT, CacheCounts, ContractStayed, Notices
from moorings.transport.effects import Effects, SingleFlight
from moorings.transport.sync_runner import SyncRunner
from moorings.transport.transport import Transport
from moorings.usage import Usage

if TYPE_CHECKING:
    from moorings.rules import RuleBook
    from moorings.upcasting import Upcastable, Upcasts

FRAMINGS = ("id", "guid")


@dataclass(frozen=True, slots=True)
class HandleKey:
    """What identifies a handle: the same key gives the same handle."""

    subject: str
    major: int
    framing: str = "id"
    reader: ReaderOption = None
    into: Callable[[Any], Any] | None = None
    out_of: Callable[[Any], Any] | None = None
    upcasts: "Upcasts | None" = None

    def __post_init__(self) -> None:
        if self.framing not in FRAMINGS:
            raise SettingInvalid(f"unknown framing {self.framing!r}: neither 'id' nor 'guid'")


def upcasts_of(given: "Upcastable | None") -> "Upcasts | None":
    """Read the mappings given for a handle: a folder of contracts, files, or mappings.

    Raises:
        MappingInvalid, FileNotFoundError: a mapping cannot be used, or its file does not exist.
    """
    if given is None:
        return None
    from moorings.upcasting import Upcasts  # 0.01 CPU-seconds, for those alone who upcast

    return Upcasts.of(given)


class ClientState:
    """Everything except waiting; safe from any thread and any task."""

    def __init__(
        self,
        transport: Transport,
        runner: SyncRunner,
        *,
        notices: Notices = SILENT,
        refresh_s: float | None = None,
        rules: "RuleBook | None" = None,
        drift: Drift | None = None,
        usage: Usage | None = None,
        domain: str = "",
    ) -> None:
        """*domain* is the one that the application belongs to; empty where it does not say."""
        self.transport = transport
        self.drift = drift
        """Counts events that break their contract; None: they are not counted."""
        self.usage = usage
        """Reports which contracts are used; None: this application has no name."""
        self.runner = runner
        self.notices = notices
        self.refresh_s = refresh_s
        self._rules = rules.connected(self._ask) if rules is not None else None
        self._domain = domain
        self.requests = Requests(transport)
        self.schemas = SchemaCache(self.requests, notices=notices)
        self._resolver = Resolver(self.requests, self.schemas)
        self._flights = SingleFlight()
        self._lock = threading.Lock()
        self._contracts: dict[HandleKey, EventContract] = {}

    def _ask(self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None) -> Any:
        """Ask the registry and wait: for keys of rules that encrypt, once for each key."""
        if method == "GET":
            return self.runner.run(self.requests.ask(path, query))
        return self.runner.run(self.requests.send(method, f"{path}?{urlencode(query)}" if query else path, body))

    def event(self, handle: HandleKey) -> Effects[EventContract]:
        """Return the handle that was asked for, the same one every time."""
        if handle.major.__class__ is not int or handle.major < 1:
            raise SettingInvalid(f"a major is a number from 1, such as major=1, got {handle.major!r:.40}")
        known = self._contracts.get(handle)
        if known is not None:
            return known
        return (yield from self._flights.once(handle, lambda: self._open(handle)))

    def refresh(self) -> Effects[None]:
        """Move every handle to its major's newest revision; one that cannot be refreshed keeps its revision."""
        with self._lock:
            contracts = list(self._contracts.values())
        for contract in contracts:
            try:
                yield from contract.refresh_effects()
            except MooringsError as error:
                stayed = ContractStayed(contract.subject, contract.major, contract.latest.label, str(error))
                self.notices.tell(stayed)

    @property
    def address(self) -> str:
        """The registry that is asked first, without credentials."""
        return self.transport.endpoints.preferred.name

    @property
    def cache(self) -> dict[str, CacheCounts]:
        """How often schemas were found in ``memory`` and on ``disk``."""
        return {"memory": self.schemas.memory.counts, "disk": self.transport.disk.counts}

    def _open(self, handle: HandleKey) -> Effects[EventContract]:
        with self._lock:
            known = self._contracts.get(handle)  # another thread was faster
        if known is not None:
            return known
        request = ContractRequest(handle.subject, handle.major, handle.reader, handle.upcasts)
        resolved = yield from self._resolver.find(request)
        contract = EventContract(
            request,
            resolved,
            self._resolver,
            self.runner.run,
            by_guid=handle.framing == "guid",
            mapping=ValueMapping(handle.into, handle.out_of),
            notices=self.notices,
            rules=self._rules,
            domain=self._domain,
        )
        with self._lock:
            contract = self._contracts.setdefault(handle, contract)
        if self.drift is not None:
            self.drift.watch(contract)
        if self.usage is not None:
            self.usage.watch(contract)
        return contract

    def close(self) -> None:
        """Send counted drift and usage, for a moment at most, and close the blocking runner's connections."""
        for reporter in (self.drift, self.usage):
            if reporter is not None:
                reporter.close()
        self.runner.close()
