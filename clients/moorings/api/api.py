"""The registry's native API as plain calls: `Api` blocks, `AsyncApi` awaits. What they do is written in `Calls`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Concatenate, Generic, ParamSpec, TypeVar

from moorings.api.requests import PAGE, Calls
from moorings.api.responses import Event
from moorings.transport.effects import Run, Steps

if TYPE_CHECKING:
    from moorings.transport.async_runner import AsyncShell

P = ParamSpec("P")
T = TypeVar("T")


class _Blocking(Generic[P, T]):
    """A method of `Calls` that returns what came of it."""

    def __init__(self, method: Callable[Concatenate[Calls, P], Steps[T]]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, api: "Api | None", owner: type | None = None) -> Callable[P, T]:
        if api is None:
            return self  # type: ignore[return-value]  # the class itself was asked, for its documentation
        method, calls, run = self._method, api.calls, api.run

        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            return run(method(calls, *args, **kwargs))

        return call


class _Awaiting(Generic[P, T]):
    """A method of `Calls` to be awaited."""

    def __init__(self, method: Callable[Concatenate[Calls, P], Steps[T]]) -> None:
        self._method = method
        self.__doc__ = method.__doc__

    def __get__(self, api: "AsyncApi | None", owner: type | None = None) -> Callable[P, Awaitable[T]]:
        if api is None:
            return self  # type: ignore[return-value]  # the class itself was asked, for its documentation
        method, calls, shell = self._method, api.calls, api.shell

        def call(*args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
            return shell.run(method(calls, *args, **kwargs))

        return call


class Api:
    """Speaks `/v1`; every method raises what `Transport.request` raises."""

    def __init__(self, calls: Calls, run: Run) -> None:
        self.calls = calls
        self.run = run

    answer = _Blocking(Calls.answer)
    send = _Blocking(Calls.send)
    domains = _Blocking(Calls.domains)
    domain = _Blocking(Calls.domain)
    put_domain = _Blocking(Calls.put_domain)
    event = _Blocking(Calls.event)
    versions = _Blocking(Calls.versions)
    version = _Blocking(Calls.version)
    schema_by_id = _Blocking(Calls.schema_by_id)
    schema_by_guid = _Blocking(Calls.schema_by_guid)
    register = _Blocking(Calls.register)
    lookup = _Blocking(Calls.lookup)
    check = _Blocking(Calls.check)
    rules = _Blocking(Calls.rules)

    def events(self, domain: str | None = None) -> Iterator[Event]:
        """Yield every event, or every one of *domain*, page by page."""
        offset = 0
        while page := self.run(self.calls.events_page(offset, domain)):
            yield from page
            offset += len(page)
            if len(page) < PAGE:
                return


class AsyncApi:
    """`Api` for asyncio: the same methods, to be awaited."""

    def __init__(self, calls: Calls, shell: "AsyncShell") -> None:
        self.calls = calls
        self.shell = shell

    answer = _Awaiting(Calls.answer)
    send = _Awaiting(Calls.send)
    domains = _Awaiting(Calls.domains)
    domain = _Awaiting(Calls.domain)
    put_domain = _Awaiting(Calls.put_domain)
    event = _Awaiting(Calls.event)
    versions = _Awaiting(Calls.versions)
    version = _Awaiting(Calls.version)
    schema_by_id = _Awaiting(Calls.schema_by_id)
    schema_by_guid = _Awaiting(Calls.schema_by_guid)
    register = _Awaiting(Calls.register)
    lookup = _Awaiting(Calls.lookup)
    check = _Awaiting(Calls.check)
    rules = _Awaiting(Calls.rules)

    async def events(self, domain: str | None = None) -> AsyncIterator[Event]:
        """Yield every event, or every one of *domain*, page by page."""
        offset = 0
        while page := await self.shell.run(self.calls.events_page(offset, domain)):
            for event in page:
                yield event
            offset += len(page)
            if len(page) < PAGE:
                return
