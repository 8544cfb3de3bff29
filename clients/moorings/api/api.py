"""The registry's native API as plain calls: `Api` blocks, `AsyncApi` awaits. `Requests` implements both."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Concatenate, Generic, ParamSpec, TypeVar

from moorings.api.requests import PAGE, Requests
from moorings.api.responses import Event
from moorings.transport.effects import Effects, RunEffects

if TYPE_CHECKING:
    from moorings.transport.async_runner import AsyncRunner

P = ParamSpec("P")
T = TypeVar("T")


class _Blocking(Generic[P, T]):
    """A method of `Requests` that blocks and returns the result."""

    def __init__(self, method: Callable[Concatenate[Requests, P], Effects[T]]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, api: "Api | None", owner: type | None = None) -> Callable[P, T]:
        if api is None:
            return self  # type: ignore[return-value]  # accessed on the class, for its documentation
        method, requests, run = self._method, api.requests, api.run

        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            return run(method(requests, *args, **kwargs))

        return call


class _Awaiting(Generic[P, T]):
    """A method of `Requests` to be awaited."""

    def __init__(self, method: Callable[Concatenate[Requests, P], Effects[T]]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, api: "AsyncApi | None", owner: type | None = None) -> Callable[P, Awaitable[T]]:
        if api is None:
            return self  # type: ignore[return-value]  # accessed on the class, for its documentation
        method, requests, runner = self._method, api.requests, api.runner

        def call(*args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
            return runner.run(method(requests, *args, **kwargs))

        return call


class Api:
    """Speaks `/v1`; every method raises what `Transport.request` raises."""

    def __init__(self, requests: Requests, run: RunEffects) -> None:
        self.requests = requests
        self.run = run

    answer = _Blocking(Requests.answer)
    ask = _Blocking(Requests.ask)
    send = _Blocking(Requests.send)
    domains = _Blocking(Requests.domains)
    domain = _Blocking(Requests.domain)
    put_domain = _Blocking(Requests.put_domain)
    contracts = _Blocking(Requests.contracts)
    put_contracts = _Blocking(Requests.put_contracts)
    event = _Blocking(Requests.event)
    versions = _Blocking(Requests.versions)
    version = _Blocking(Requests.version)
    schema_by_id = _Blocking(Requests.schema_by_id)
    schema_by_guid = _Blocking(Requests.schema_by_guid)
    register = _Blocking(Requests.register)
    lookup = _Blocking(Requests.lookup)
    check = _Blocking(Requests.check)
    set_lifecycle = _Blocking(Requests.set_lifecycle)
    put_migration = _Blocking(Requests.put_migration)
    retirement = _Blocking(Requests.retirement)
    rules = _Blocking(Requests.rules)
    webhooks = _Blocking(Requests.webhooks)
    create_webhook = _Blocking(Requests.create_webhook)
    remove_webhook = _Blocking(Requests.remove_webhook)
    replay_webhook = _Blocking(Requests.replay_webhook)
    test_webhook = _Blocking(Requests.test_webhook)
    waivers = _Blocking(Requests.waivers)
    grant_waiver = _Blocking(Requests.grant_waiver)
    withdraw_waiver = _Blocking(Requests.withdraw_waiver)
    approve_waiver = _Blocking(Requests.approve_waiver)
    grants = _Blocking(Requests.grants)
    grant_access = _Blocking(Requests.grant_access)
    revoke_access = _Blocking(Requests.revoke_access)
    explain_access = _Blocking(Requests.explain_access)
    principal = _Blocking(Requests.principal)
    open_link = _Blocking(Requests.open_link)

    def events(self, domain: str | None = None) -> Iterator[Event]:
        """Yield every event, or every one of *domain*, page by page."""
        offset = 0
        while page := self.run(self.requests.events_page(offset, domain)):
            yield from page
            offset += len(page)
            if len(page) < PAGE:
                return


class AsyncApi:
    """`Api` for asyncio: the same methods, to be awaited."""

    def __init__(self, requests: Requests, runner: "AsyncRunner") -> None:
        self.requests = requests
        self.runner = runner

    answer = _Awaiting(Requests.answer)
    ask = _Awaiting(Requests.ask)
    send = _Awaiting(Requests.send)
    domains = _Awaiting(Requests.domains)
    domain = _Awaiting(Requests.domain)
    put_domain = _Awaiting(Requests.put_domain)
    contracts = _Awaiting(Requests.contracts)
    put_contracts = _Awaiting(Requests.put_contracts)
    event = _Awaiting(Requests.event)
    versions = _Awaiting(Requests.versions)
    version = _Awaiting(Requests.version)
    schema_by_id = _Awaiting(Requests.schema_by_id)
    schema_by_guid = _Awaiting(Requests.schema_by_guid)
    register = _Awaiting(Requests.register)
    lookup = _Awaiting(Requests.lookup)
    check = _Awaiting(Requests.check)
    set_lifecycle = _Awaiting(Requests.set_lifecycle)
    put_migration = _Awaiting(Requests.put_migration)
    retirement = _Awaiting(Requests.retirement)
    rules = _Awaiting(Requests.rules)
    webhooks = _Awaiting(Requests.webhooks)
    create_webhook = _Awaiting(Requests.create_webhook)
    remove_webhook = _Awaiting(Requests.remove_webhook)
    replay_webhook = _Awaiting(Requests.replay_webhook)
    test_webhook = _Awaiting(Requests.test_webhook)
    waivers = _Awaiting(Requests.waivers)
    grant_waiver = _Awaiting(Requests.grant_waiver)
    withdraw_waiver = _Awaiting(Requests.withdraw_waiver)
    approve_waiver = _Awaiting(Requests.approve_waiver)
    grants = _Awaiting(Requests.grants)
    grant_access = _Awaiting(Requests.grant_access)
    revoke_access = _Awaiting(Requests.revoke_access)
    explain_access = _Awaiting(Requests.explain_access)
    principal = _Awaiting(Requests.principal)
    open_link = _Awaiting(Requests.open_link)

    async def events(self, domain: str | None = None) -> AsyncIterator[Event]:
        """Yield every event, or every one of *domain*, page by page."""
        offset = 0
        while page := await self.runner.run(self.requests.events_page(offset, domain)):
            for event in page:
                yield event
            offset += len(page)
            if len(page) < PAGE:
                return
