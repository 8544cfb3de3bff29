"""TLS of the server: certificate, key and the authorities of client certificates, read from files and read again when
they change.

An authority that rotates certificates replaces the files; the next handshake uses the new ones. No session is resumed,
because a resumed one would not be checked against new authorities.
"""

import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from cryptography import x509

LOOKED_AT_EVERY_S = 1.0

log = structlog.get_logger("moorings.server")


class TlsInvalid(Exception):
    """Files that TLS cannot be served with; the text names the file and says why."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Paths of PEM files; without *client_ca*, no client certificate is asked for."""

    certificate: Path
    key: Path
    client_ca: Path | None = None

    @property
    def every(self) -> tuple[Path, ...]:
        return (self.certificate, self.key, *((self.client_ca,) if self.client_ca else ()))


def make_context(files: TlsFiles) -> ssl.SSLContext:
    """Load the files into a context for servers.

    Raises:
        TlsInvalid
    """
    for path in files.every:
        try:
            path.read_bytes()
        except OSError as error:
            raise TlsInvalid(f"{path} cannot be read: {error.strerror or type(error).__name__}") from None
    _require_end_certificate(files.certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # TLS 1.2 could resume a session that was checked against earlier authorities; here that cannot be turned off.
    context.minimum_version = ssl.TLSVersion.TLSv1_3 if files.client_ca else ssl.TLSVersion.TLSv1_2
    context.num_tickets = 0
    context.options |= ssl.OP_NO_TICKET
    context.set_alpn_protocols(["http/1.1"])
    try:
        # Without a password here, the library would ask the terminal for that of an encrypted key.
        context.load_cert_chain(files.certificate, files.key, password=lambda: "")
    except (OSError, ValueError):
        raise TlsInvalid(
            f"{files.key} is not the unencrypted private key, in PEM, of the certificate in {files.certificate}"
        ) from None
    if files.client_ca is not None:
        _accept_clients(context, files.client_ca)
    return context


def make_rotating_context(files: TlsFiles, note: Callable[[Path], None] | None = None) -> ssl.SSLContext:
    """A context whose handshakes use the files as they are then; *note* hears of each certificate that is used.

    Raises:
        TlsInvalid
    """
    context = make_context(files)
    rotation = _Rotation(files, context, note or _nobody)
    context.sni_callback = rotation.choose
    return context


class _Rotation:
    """Loads the files again when they change. Files that cannot be used are logged, and the last good ones serve on."""

    def __init__(self, files: TlsFiles, context: ssl.SSLContext, note: Callable[[Path], None]) -> None:
        self._files = files
        self._note = note
        note(files.certificate)
        self._context = context
        self._stamps = self._now()
        self._looked_s = time.monotonic()

    def choose(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        """Give a handshake the newest context; called for every one, also without a server name."""
        if time.monotonic() - self._looked_s >= LOOKED_AT_EVERY_S:
            self._looked_s = time.monotonic()
            self._look()
        connection.context = self._context

    def _look(self) -> None:
        stamps = self._now()
        if stamps == self._stamps:
            return
        try:
            self._context = make_context(self._files)
        except TlsInvalid as error:
            log.error("tls_files_invalid", cause=str(error))
            return  # looked at again: a certificate and its key are seldom replaced in one moment
        self._stamps = stamps
        self._note(self._files.certificate)
        log.info("tls_files_read", certificate=str(self._files.certificate))

    def _now(self) -> tuple[tuple[int, int], ...]:
        found = []
        for path in self._files.every:
            try:
                stat = path.stat()
            except OSError:
                found.append((0, 0))
            else:
                found.append((stat.st_mtime_ns, stat.st_ino))
        return tuple(found)


def _nobody(_certificate: Path) -> None:
    return


def _require_end_certificate(path: Path) -> None:
    try:
        x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        raise TlsInvalid(f"{path} holds no certificate in PEM") from None


def _accept_clients(context: ssl.SSLContext, authorities: Path) -> None:
    context.verify_mode = ssl.CERT_OPTIONAL
    try:
        context.load_verify_locations(authorities)
    except OSError:
        raise TlsInvalid(f"{authorities} holds no certificates in PEM") from None
    if not context.get_ca_certs():
        raise TlsInvalid(f"{authorities} holds no certificate of an authority")
