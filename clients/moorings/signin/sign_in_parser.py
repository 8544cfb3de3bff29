"""Reads a way to sign in, as given on the command line or in the environment."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from moorings.errors import SettingInvalid
from moorings.notices import SILENT, Notices
from moorings.signin.client_credentials import ClientCredentials
from moorings.signin.exchange import refuse_plain_http
from moorings.signin.exchanged import Exchanged
from moorings.signin.from_login import FromLogin
from moorings.signin.jobs import DEFAULT_AUDIENCE, GitHubJob, GitLabJob
from moorings.signin.token_cache import TokenCache
from moorings.signin.token_sources import FromFile, FromFunction
from moorings.signin.tokens import TokenSource

_WAYS = "login, file:/path, github, gitlab, client-credentials, nor exchange: before one of them"
_EXCHANGE = "exchange:"
_NEEDED = ("MOORINGS_TOKEN_URL", "MOORINGS_CLIENT_ID", "MOORINGS_CLIENT_KEY")


def read_sign_in(text: str, environment: Mapping[str, str] | None = None, urls: Sequence[str] = ()) -> TokenSource:
    """Read ``login``, ``file:/path``, ``github[:audience]``, ``gitlab[:VARIABLE]`` or ``client-credentials``.

    With ``exchange:`` in front, each token is exchanged at the first of *urls*, or at MOORINGS_URL, for one with the
    scope MOORINGS_EXCHANGE_SCOPE.

    Client credentials come from the environment: MOORINGS_TOKEN_URL, MOORINGS_CLIENT_ID, MOORINGS_CLIENT_KEY (the
    *file* of the private key), and, where the server asks for them, MOORINGS_SCOPE, MOORINGS_AUDIENCE and
    MOORINGS_RESOURCE. *urls* are the addresses of the registry, for ``login``.

    Raises:
        SettingInvalid: unknown way to sign in, or a variable is missing.
    """
    known = os.environ if environment is None else environment
    if text.strip().startswith(_EXCHANGE):
        url = urls[0] if urls else known.get("MOORINGS_URL", "").partition(",")[0].strip()
        if not url:
            raise SettingInvalid("exchanging a token needs the registry's URL: set MOORINGS_URL")
        source = read_sign_in(text.strip().removeprefix(_EXCHANGE), known, urls)
        return Exchanged(source, url, scope=known.get("MOORINGS_EXCHANGE_SCOPE", ""))
    way, _, rest = text.strip().partition(":")
    if way == "login" and not rest:
        if not urls:
            raise SettingInvalid("signing in with `login` needs the URL of the registry")
        return FromLogin(urls)
    if way == "file" and rest:
        return FromFile(rest)
    if way == "github":
        return GitHubJob(rest or known.get("MOORINGS_AUDIENCE") or DEFAULT_AUDIENCE)
    if way == "gitlab":
        return GitLabJob(rest) if rest else GitLabJob()
    if way == "client-credentials" and not rest:
        return _client_credentials(known)
    raise SettingInvalid(f"unknown way to sign in: neither {_WAYS}")


def token_cache_of(
    chosen: TokenSource | Callable[[], Any] | str, urls: Iterable[str], notices: Notices = SILENT
) -> TokenCache:
    """Make the cache of tokens for a registry at *urls*.

    Raises:
        SettingInvalid: a URL would carry the token unencrypted, or the way to sign in is unknown.
    """
    known = tuple(urls)
    for url in known:
        refuse_plain_http(url, "the registry's URL")
    if isinstance(chosen, str):
        return TokenCache(read_sign_in(chosen, urls=known), notices=notices)
    return TokenCache(chosen if isinstance(chosen, TokenSource) else FromFunction(chosen), notices=notices)


def _client_credentials(known: Mapping[str, str]) -> ClientCredentials:
    missing = [name for name in _NEEDED if not known.get(name)]
    if missing:
        raise SettingInvalid(f"signing in with client credentials needs {', '.join(missing)} in the environment")
    token_url, client_id, key = (known[name] for name in _NEEDED)
    return ClientCredentials(
        token_url,
        client_id,
        key,
        scope=known.get("MOORINGS_SCOPE", ""),
        audience=known.get("MOORINGS_AUDIENCE") or None,
        resource=known.get("MOORINGS_RESOURCE") or None,
    )
