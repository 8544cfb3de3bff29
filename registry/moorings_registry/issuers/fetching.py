"""Fetching the keys of an issuer: bounded in time and size, without redirects or proxies of the environment."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from moorings_compat import Limits, SchemaInvalid, SchemaLimitExceeded
from moorings_compat.json_text import read_json
from moorings_registry.issuers.issuer import Issuer, KeySource
from moorings_registry.issuers.key_sets import LARGEST_BYTES, KeySet, KeySetInvalid, read_key_set
from moorings_registry.issuers.loopback import is_loopback_host

TIMEOUT_S = 5.0
_LIMITS = Limits(size_bytes=LARGEST_BYTES, depth=16, digits=20)
_LARGEST_BEARER_BYTES = 16 * 1024


class KeysAway(Exception):
    """The keys of an issuer cannot be had; the text says why, and repeats nothing of what was sent."""


@dataclass(frozen=True, slots=True)
class FetchedKeys:
    """A key set, and by how many seconds the issuer's clock is ahead of ours, if it tells."""

    keys: KeySet
    clock_ahead_s: float | None


def fetch_keys(issuer: Issuer) -> FetchedKeys:
    """Read the keys of *issuer* from its file, or fetch them.

    Raises:
        KeysAway: no answer, a wrong one, or not a key set.
    """
    source = issuer.keys
    try:
        if source.file is not None:
            return FetchedKeys(read_key_set(_file(source.file, LARGEST_BYTES)), None)
        with _client(source) as client:
            url = source.jwks or required_endpoint(issuer, _metadata(client, issuer), "jwks_uri")
            content, ahead = _get(client, url)
        return FetchedKeys(read_key_set(content), ahead)
    except KeySetInvalid as error:
        raise KeysAway(f"not a key set: {error}") from None


def _client(source: KeySource) -> httpx2.Client:
    headers = {"Accept": "application/json"}
    if source.bearer_file is not None:
        token = _file(source.bearer_file, _LARGEST_BEARER_BYTES).decode("ascii", "replace").strip()
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise KeysAway(f"{source.bearer_file} holds no token")
        headers["Authorization"] = f"Bearer {token}"
    try:
        context = ssl.create_default_context(cafile=str(source.ca_file) if source.ca_file else None)
    except (OSError, ssl.SSLError):
        raise KeysAway(f"{source.ca_file} holds no certificate authorities") from None
    return httpx2.Client(verify=context, timeout=TIMEOUT_S, trust_env=False, follow_redirects=False, headers=headers)


def fetch_metadata(issuer: Issuer) -> Mapping[str, Any]:
    """Fetch what *issuer* says of itself: where its endpoints are, and what it supports.

    Raises:
        KeysAway: no answer, a wrong one, or of another issuer.
    """
    source = KeySource(discovery=issuer.keys.discovery or well_known(issuer.url), ca_file=issuer.keys.ca_file)
    with _client(source) as client:
        return _metadata(client, replace(issuer, keys=source))


def well_known(url: str) -> str:
    """Where an issuer's metadata is (OpenID Connect Discovery §4)."""
    return f"{url.rstrip('/')}/.well-known/openid-configuration"


def _metadata(client: httpx2.Client, issuer: Issuer) -> Mapping[str, Any]:
    """The issuer's metadata (OpenID Connect Discovery §4, RFC 8414 §3)."""
    content, _ = _get(client, issuer.keys.discovery)
    try:
        metadata = read_json(content.decode(), _LIMITS)
    except (UnicodeDecodeError, SchemaInvalid, SchemaLimitExceeded, RecursionError):
        metadata = None
    if not isinstance(metadata, Mapping) or metadata.get("issuer") != issuer.url:
        raise KeysAway("the metadata does not name the issuer that is configured")
    if metadata.get("moorings_development", False) is not issuer.development:
        raise KeysAway("it is an issuer for development, and is not configured as one, or the other way round")
    return metadata


def endpoint(issuer: Issuer, metadata: Mapping[str, Any], name: str) -> str:
    """The URL of one of the issuer's endpoints; empty where it has none.

    Raises:
        KeysAway: not at an https URL.
    """
    url = metadata.get(name, "")
    if not isinstance(url, str) or len(url) > 2_000:
        raise KeysAway(f"the metadata has no URL as {name}")
    if not url:
        return ""
    parts = urlsplit(url)
    plain = parts.scheme == "http" and is_loopback_host(parts.hostname or "") and issuer.url.startswith("http://")
    if (parts.scheme != "https" and not plain) or "@" in parts.netloc:
        raise KeysAway(f"the metadata names a {name} that is not at an https URL")
    return url


def required_endpoint(issuer: Issuer, metadata: Mapping[str, Any], name: str) -> str:
    """The same, for an endpoint that has to be there.

    Raises:
        KeysAway: missing, or not at an https URL.
    """
    url = endpoint(issuer, metadata, name)
    if not url:
        raise KeysAway(f"the metadata names no {name}")
    return url


def post_form(issuer: Issuer, url: str, form: Mapping[str, str]) -> tuple[int, Mapping[str, Any]]:
    """Send a form to one of the issuer's endpoints; the status and the JSON object that it answered with.

    Raises:
        KeysAway: no answer, or not a JSON object.
    """
    with _client(KeySource(ca_file=issuer.keys.ca_file)) as client:
        status, content, _ = _exchange(client, "POST", url, form)
    return status, _object(url, status, content)


def fetch_userinfo(issuer: Issuer, url: str, access_token: str) -> Mapping[str, Any] | None:
    """Ask an issuer about the person whom *access_token* is for; None where it refuses the token.

    Source: OpenID Connect Core §5.3. An answer that is signed (a JWT) counts as none.

    Raises:
        KeysAway: no answer, or not a JSON object.
    """
    with _client(KeySource(ca_file=issuer.keys.ca_file)) as client:
        client.headers["Authorization"] = f"Bearer {access_token}"
        status, content, _ = _exchange(client, "GET", url)
    if 400 <= status < 500:
        return None
    if status != 200:
        raise KeysAway(f"{urlsplit(url).hostname} answered {status}")
    return _object(url, status, content)


def _object(url: str, status: int, content: bytes) -> Mapping[str, Any]:
    try:
        answer = read_json(content.decode(), _LIMITS)
    except (UnicodeDecodeError, SchemaInvalid, SchemaLimitExceeded, RecursionError):
        answer = None
    if not isinstance(answer, Mapping):
        raise KeysAway(f"{urlsplit(url).hostname} answered {status} without a JSON object")
    return answer


def _get(client: httpx2.Client, url: str) -> tuple[bytes, float | None]:
    status, content, ahead = _exchange(client, "GET", url)
    if status != 200:
        raise KeysAway(f"{urlsplit(url).hostname} answered {status}")
    return content, ahead


def _exchange(
    client: httpx2.Client, method: str, url: str, form: Mapping[str, str] | None = None
) -> tuple[int, bytes, float | None]:
    deadline = time.monotonic() + TIMEOUT_S
    try:
        with client.stream(method, url, data=form) as response:
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > LARGEST_BYTES:
                    raise KeysAway(f"{urlsplit(url).hostname} answered with more than {LARGEST_BYTES} bytes")
                if time.monotonic() > deadline:
                    raise KeysAway(f"{urlsplit(url).hostname} took longer than {TIMEOUT_S:g} s")
            return response.status_code, bytes(body), _clock_ahead_s(response.headers.get("Date", ""))
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise KeysAway(f"{urlsplit(url).hostname} does not answer: {type(error).__name__}") from None


def _clock_ahead_s(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp() - time.time()
    except (TypeError, ValueError):
        return None


def _file(path: Path, most_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise KeysAway(f"{path} cannot be read: {error.strerror or type(error).__name__}") from None
    if len(content) > most_bytes:
        raise KeysAway(f"{path} is larger than {most_bytes} bytes")
    return content
