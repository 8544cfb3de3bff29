"""Fetching the keys of an issuer: bounded in time and size, without redirects or proxies of the environment."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
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
            url = source.jwks or _discovered(client, issuer)
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


def _discovered(client: httpx2.Client, issuer: Issuer) -> str:
    """The address of the key set, from the issuer's metadata (OpenID Connect Discovery §4, RFC 8414 §3)."""
    content, _ = _get(client, issuer.keys.discovery)
    try:
        metadata = read_json(content.decode(), _LIMITS)
    except (UnicodeDecodeError, SchemaInvalid, SchemaLimitExceeded, RecursionError):
        metadata = None
    if not isinstance(metadata, Mapping) or metadata.get("issuer") != issuer.url:
        raise KeysAway("the metadata does not name the issuer that is configured")
    if metadata.get("moorings_development", False) is not issuer.development:
        raise KeysAway("it is an issuer for development, and is not configured as one, or the other way round")
    url = metadata.get("jwks_uri")
    if not isinstance(url, str) or len(url) > 2_000:
        raise KeysAway("the metadata names no key set")
    parts = urlsplit(url)
    plain = parts.scheme == "http" and is_loopback_host(parts.hostname or "") and issuer.url.startswith("http://")
    if (parts.scheme != "https" and not plain) or "@" in parts.netloc:
        raise KeysAway("the metadata names a key set that is not at an https URL")
    return url


def _get(client: httpx2.Client, url: str) -> tuple[bytes, float | None]:
    deadline = time.monotonic() + TIMEOUT_S
    try:
        with client.stream("GET", url) as response:
            if response.status_code != 200:
                raise KeysAway(f"{urlsplit(url).hostname} answered {response.status_code}")
            body = bytearray()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > LARGEST_BYTES:
                    raise KeysAway(f"{urlsplit(url).hostname} answered with more than {LARGEST_BYTES} bytes")
                if time.monotonic() > deadline:
                    raise KeysAway(f"{urlsplit(url).hostname} took longer than {TIMEOUT_S:g} s")
            return bytes(body), _clock_ahead_s(response.headers.get("Date", ""))
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
