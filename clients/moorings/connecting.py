"""What `connect` and `connect_async` are told, turned into the core that both stand on."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from moorings.client_state import ClientState
from moorings.drift import drift_is_wanted, drift_of
from moorings.errors import SettingInvalid
from moorings.notices import Listener, Notices
from moorings.transport.disk_cache import DiskCache
from moorings.transport.retries import RetryPolicy
from moorings.transport.sync_runner import SyncRunner
from moorings.transport.transport import HeaderSource, Settings, SignIn, Transport

if TYPE_CHECKING:
    import httpx2

    from moorings.rules import RuleBook
    from moorings.signin import TokenSource


Urls = str | Sequence[str] | None
SignInChoice: TypeAlias = "TokenSource | Callable[[], Any] | str | None"


class Options(TypedDict, total=False):
    """What `connect` and `connect_async` have in common; what they mean: `moorings.connect`."""

    timeout_s: float
    retries: int
    headers: HeaderSource | None
    cache: Path | str | None
    refresh_s: float | None
    sign_in: SignInChoice
    notices: Listener | Iterable[Listener] | None
    rules: "RuleBook | None"
    drift: bool | None


DEFAULT_URL = "http://127.0.0.1:8081"


def make_client_state(
    url: Urls = None,
    *,
    timeout_s: float = 5.0,
    retries: int = 3,
    headers: HeaderSource | None = None,
    cache: Path | str | None = None,
    refresh_s: float | None = 300.0,
    sign_in: SignInChoice = None,
    notices: Listener | Iterable[Listener] | None = None,
    rules: "RuleBook | None" = None,
    drift: bool | None = None,
    http: "httpx2.BaseTransport | None" = None,
) -> ClientState:
    """Check the settings and put the parts together; what they mean: `moorings.connect`.

    Raises:
        SettingInvalid: one of them cannot be.
    """
    if retries < 0:
        raise SettingInvalid("retries is 0 or more")
    if refresh_s is not None and not refresh_s > 0:
        raise SettingInvalid("refresh_s is greater than 0, or None")
    settings = Settings(_urls(url), timeout_s=timeout_s, retries=RetryPolicy(retries=retries), headers=headers)
    folder = cache or os.environ.get("MOORINGS_CACHE")
    told = Notices(_listeners(notices))
    transport = Transport(
        settings,
        store=DiskCache(Path(folder)) if folder else None,
        sign_in=_sign_in(sign_in, settings.urls, told),
        notices=told,
    )
    runner = SyncRunner(http)
    counting = drift_of(transport, runner, told) if drift_is_wanted(drift) else None
    return ClientState(transport, runner, notices=told, refresh_s=refresh_s, rules=rules, drift=counting)


def _urls(url: Urls) -> tuple[str, ...]:
    """Read one URL, several with commas between them, or a sequence."""
    given = url or os.environ.get("MOORINGS_URL") or DEFAULT_URL
    texts = given.split(",") if isinstance(given, str) else given
    return tuple(text.strip().rstrip("/") for text in texts if text.strip())


def _sign_in(chosen: SignInChoice, urls: Iterable[str], notices: Notices) -> SignIn | None:
    chosen = chosen or os.environ.get("MOORINGS_SIGN_IN")
    if not chosen:
        return None
    from moorings.signin import token_cache_of  # start-up cost, for those alone who sign in

    return token_cache_of(chosen, urls, notices)


def _listeners(notices: Listener | Iterable[Listener] | None) -> tuple[Listener, ...]:
    if notices is None:
        return ()
    return (notices,) if callable(notices) else tuple(notices)
