"""`connect` and `connect_async`: from what a user chooses, and the environment, to a client of a registry."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from moorings.client_state import ClientState
from moorings.drift import drift_is_wanted, drift_of
from moorings.errors import SettingInvalid
from moorings.notices import Listener, Notices
from moorings.registry import Registry
from moorings.signin import TokenSource, token_cache_of
from moorings.transport.disk_cache import DiskCache
from moorings.transport.retries import RetryPolicy
from moorings.transport.sync_runner import SyncRunner
from moorings.transport.transport import HeaderSource, Settings, SignIn, Transport
from moorings.usage import application_name, usage_of

if TYPE_CHECKING:
    import httpx2

    from moorings.asynchronous import AsyncRegistry
    from moorings.rules import RuleBook


Urls = str | Sequence[str] | None
SignInChoice = TokenSource | Callable[[], Any] | str | None

DEFAULT_URL = "http://127.0.0.1:8081"


class Options(TypedDict, total=False):
    """What `connect` and `connect_async` take by keyword; each may be left out."""

    timeout_s: float
    """Seconds to connect, and to wait for each piece of a response. Default: 5."""
    retries: int
    """How often a request is repeated when no response came, or one that says "later". Default: 3."""
    headers: HeaderSource | None
    """Sent with every request; a function is called before each. Default: none."""
    cache: Path | str | None
    """A folder that keeps responses: a service that finds there what it needs starts and runs while the registry is
    unavailable. Default: `MOORINGS_CACHE`, else none."""
    refresh_s: float | None
    """Seconds, more or less, after which contracts move to the newest revision of their major, in the background;
    None: never. Default: 300."""
    sign_in: SignInChoice
    """Where tokens come from (`moorings.signin`). Default: `MOORINGS_SIGN_IN`, else requests carry no token."""
    notices: Listener | Iterable[Listener] | None
    """Called with everything that happens between the service and the registry (`moorings.notices`). Default: none."""
    rules: "RuleBook | None"
    """Executors and actions of your own for the rules of contracts (`moorings.rules`). Default: none."""
    application: str | None
    """The name under which the registry learns that this application reads and writes events (`moorings.usage`).
    Default: `MOORINGS_APPLICATION`, else nothing is reported."""
    domain: str | None
    """The domain that the application belongs to, such as ``shop.orders``: it may write drafts of that domain and of
    those below it. Default: `MOORINGS_DOMAIN`, else none."""
    drift: bool | None
    """Whether events that break their contract are counted, and the counts sent to the registry (`moorings.drift`).
    Default: yes, unless `MOORINGS_DRIFT` is ``off``."""


def connect(url: Urls = None, *, http: "httpx2.BaseTransport | None" = None, **options: Unpack[Options]) -> Registry:
    """Make a client of the registry at *url*, by default `MOORINGS_URL`; nothing is sent yet.

    *url* may be several addresses of one registry, in a sequence or separated by commas: they are tried in turn, and
    the first that responds is used from then on. *http* replaces the way requests are sent (`httpx2.WSGITransport` in
    tests). The other keywords, with their defaults: `Options`.

    Raises:
        SettingInvalid: a setting cannot be used.
        TypeError: an unknown keyword.
    """
    return Registry(_client_state("connect", url, options, http))


def connect_async(
    url: Urls = None, *, http: "httpx2.AsyncBaseTransport | None" = None, **options: Unpack[Options]
) -> "AsyncRegistry":
    """Make a client for asyncio; nothing is sent yet. Parameters and errors are those of `connect`."""
    from moorings.asynchronous import AsyncRegistry  # 0.055 CPU-seconds (asyncio, httpx2), beside 0.07 for `moorings`

    return AsyncRegistry(_client_state("connect_async", url, options), http)


def _client_state(
    function: str, url: Urls, options: Options, http: "httpx2.BaseTransport | None" = None
) -> ClientState:
    """Check the settings and put the parts together."""
    unknown = sorted(options.keys() - Options.__optional_keys__)
    if unknown:
        raise TypeError(f"{function}() got an unexpected keyword argument {unknown[0]!r}")
    retries, refresh_s = options.get("retries", 3), options.get("refresh_s", 300.0)
    if retries < 0:
        raise SettingInvalid("retries must be 0 or more")
    if refresh_s is not None and not refresh_s > 0:
        raise SettingInvalid("refresh_s must be greater than 0, or None")
    settings = Settings(
        _urls(url),
        timeout_s=options.get("timeout_s", 5.0),
        retries=RetryPolicy(retries=retries),
        headers=options.get("headers"),
    )
    folder = options.get("cache") or os.environ.get("MOORINGS_CACHE")
    notices = Notices(_listeners(options.get("notices")))
    transport = Transport(
        settings,
        disk_cache=DiskCache(Path(folder)) if folder else None,
        sign_in=_sign_in(options.get("sign_in"), settings.urls, notices),
        notices=notices,
    )
    runner = SyncRunner(http)
    application = application_name(options.get("application"))
    drift = drift_of(transport, runner, notices, application) if drift_is_wanted(options.get("drift")) else None
    return ClientState(
        transport,
        runner,
        notices=notices,
        refresh_s=refresh_s,
        rules=options.get("rules"),
        drift=drift,
        usage=usage_of(transport, runner, application) if application else None,
        domain=options.get("domain") or os.environ.get("MOORINGS_DOMAIN") or "",
    )


def _urls(url: Urls) -> tuple[str, ...]:
    """Read one URL, several separated by commas, or a sequence."""
    given = url or os.environ.get("MOORINGS_URL") or DEFAULT_URL
    texts = given.split(",") if isinstance(given, str) else given
    return tuple(text.strip().rstrip("/") for text in texts if text.strip())


def _sign_in(chosen: SignInChoice, urls: Iterable[str], notices: Notices) -> SignIn | None:
    chosen = chosen or os.environ.get("MOORINGS_SIGN_IN")
    if not chosen:
        return None
    return token_cache_of(chosen, urls, notices)


def _listeners(notices: Listener | Iterable[Listener] | None) -> tuple[Listener, ...]:
    if notices is None:
        return ()
    return (notices,) if callable(notices) else tuple(notices)
