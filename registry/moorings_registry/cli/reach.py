"""From where a served registry may be called: checked before it starts, so that it never listens on other terms."""

import os
import pwd
import re
import stat
from dataclasses import dataclass
from pathlib import Path

import click

from moorings_registry.http.authentication import is_local_address
from moorings_registry.issuers import Issuers, IssuersInvalid, read_issuers, require_https
from moorings_registry.server.tls import TlsFiles, TlsInvalid, make_context

_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")


@dataclass(frozen=True, slots=True)
class Reach:
    """The options of `serve` about listening, and about whom to trust."""

    host: str
    server: str
    issuers: Path | None
    public_url: str
    socket: Path | None
    proxy_users: tuple[str, ...]
    proxy_certificate_header: str
    tls_certificate: Path | None
    tls_key: Path | None
    tls_client_ca: Path | None


def require_safe(reach: Reach) -> tuple[int, ...]:
    """Check that whoever can call has to sign in; the uids of the proxies that may call over the local socket.

    Raises:
        click.UsageError: it may not be served like this.
    """
    issuers = _issuers(reach)
    _require_public_url(reach, issuers)
    _require_tls(reach, issuers)
    if not (reach.host == "localhost" or is_local_address(reach.host)):
        if issuers is None:
            raise click.UsageError(
                f"--host {reach.host} is not a loopback address, and no sign-in is configured. "
                "Use 127.0.0.1, or --issuers and TLS"
            )
        if reach.tls_certificate is None:
            raise click.UsageError(
                f"--host {reach.host} is not a loopback address, and tokens would be sent unencrypted. "
                "Use --tls-certificate and --tls-key"
            )
    if reach.server == "granian" and (reach.tls_certificate or reach.socket):
        raise click.UsageError(
            "granian passes on neither client certificates nor the user of a local socket, and cannot rotate "
            "certificates. Use gunicorn, the default"
        )
    _require_socket(reach)
    _require_certificate_header(reach, issuers)
    proxies = tuple(_uid(name) for name in reach.proxy_users)
    if os.geteuid() in proxies:
        raise click.UsageError("--proxy-user is the registry's own user, who is `local`: run the proxy as another one")
    return proxies


def _issuers(reach: Reach) -> Issuers | None:
    if reach.issuers is None:
        return None
    try:
        return read_issuers(reach.issuers)
    except IssuersInvalid as error:
        raise click.UsageError(str(error)) from None


def _require_public_url(reach: Reach, issuers: Issuers | None) -> None:
    """Tokens name it, and keys are fetched from it: it is one exact text, which others configure."""
    for issuer in issuers.issuers if issuers else ():
        if issuer.exchange_for and not reach.public_url:
            raise click.UsageError(f"issuer {issuer.alias!r} has exchange_for, which needs --public-url")
        if issuer.url and issuer.url == reach.public_url:
            raise click.UsageError(f"issuer {issuer.alias!r} has the URL of this registry itself, --public-url")
    if not reach.public_url:
        if any(one.people.client_id for one in (issuers.issuers if issuers else ())):
            raise click.UsageError(
                "an issuer has a client_id, so people sign in to the pages there: --public-url has to say which "
                "address they come back to"
            )
        return
    try:
        require_https(reach.public_url)
    except ValueError as error:
        raise click.UsageError(f"--public-url: {error}") from None
    if reach.public_url.endswith("/"):
        raise click.UsageError("--public-url ends with a slash: leave it out")


def _require_tls(reach: Reach, issuers: Issuers | None) -> None:
    certificate, key = reach.tls_certificate, reach.tls_key
    if (certificate is None) != (key is None) or (reach.tls_client_ca and certificate is None):
        raise click.UsageError("--tls-certificate and --tls-key belong together, and --tls-client-ca needs both")
    if certificate is None or key is None:
        return
    if reach.tls_client_ca and not any(one.trust_domain for one in (issuers.issuers if issuers else ())):
        raise click.UsageError(
            "--tls-client-ca asks for client certificates, and no issuer of kind spiffe says whom they are for"
        )
    try:
        make_context(TlsFiles(certificate, key, reach.tls_client_ca))
    except TlsInvalid as error:
        raise click.UsageError(str(error)) from None


def _require_socket(reach: Reach) -> None:
    if reach.proxy_users and (reach.socket is None or reach.issuers is None):
        raise click.UsageError("--proxy-user needs --socket, over which the proxy calls, and --issuers")
    if reach.socket is None:
        return
    try:
        found = reach.socket.stat()
    except FileNotFoundError:
        if not reach.socket.parent.is_dir():
            raise click.UsageError(f"--socket {reach.socket}: the folder is missing") from None
        return
    except OSError as error:
        raise click.UsageError(f"--socket {reach.socket}: {error.strerror}") from None
    if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.geteuid():
        raise click.UsageError(f"--socket {reach.socket} is there, and not a socket of this user")


def _require_certificate_header(reach: Reach, issuers: Issuers | None) -> None:
    name = reach.proxy_certificate_header
    if not name:
        return
    if not reach.proxy_users:
        raise click.UsageError("--proxy-certificate-header needs --proxy-user: nobody else is believed")
    if not _HEADER_NAME.fullmatch(name) or name.lower() in ("authorization", "host", "origin", "cookie"):
        raise click.UsageError(f"--proxy-certificate-header {name[:40]!r} is not the name of such a header")
    if not any(one.trust_domain for one in (issuers.issuers if issuers else ())):
        raise click.UsageError("--proxy-certificate-header: no issuer of kind spiffe says whom certificates are for")


def _uid(name: str) -> int:
    if name.isdecimal():
        return int(name)
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        raise click.UsageError(f"--proxy-user {name[:40]!r}: no such user") from None
