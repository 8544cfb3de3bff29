"""`moorings-registry serve`."""

import os
import shutil
import signal
import ssl
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

import click

from moorings_compat import DEFAULT_LIMITS, LARGEST_LIMITS, Level
from moorings_registry.cli.options import fail, ledger_option
from moorings_registry.cli.reach import Reach, require_safe
from moorings_registry.engines import engine_of, start_notes
from moorings_registry.errors import LedgerUnavailable
from moorings_registry.exit_codes import AWAY
from moorings_registry.ledger import LedgerError
from moorings_registry.receiver_addresses import read_networks
from moorings_registry.server.loading import without_collection
from moorings_registry.server.logs import configure_logs
from moorings_registry.server.open_files import TooFewFiles, raise_limit
from moorings_registry.server.options import Options
from moorings_registry.settings import AUTHORITY_NAME
from moorings_registry.telemetry.environment import TelemetryRefused, require_usable

DEFAULT_PORT = 8081
_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


def _networks(sent: tuple[str, ...]) -> tuple[str, ...]:
    try:
        read_networks(sent)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return sent


def _authorities(sent: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Names with absolute paths of files that hold certificates.

    Raises:
        click.BadParameter
    """
    found: dict[str, str] = {}
    for one in sent:
        name, equals, path = one.partition("=")
        if not equals or not AUTHORITY_NAME.fullmatch(name) or name in found:
            raise click.BadParameter(f"not NAME=FILE with a unique name, such as corp=/etc/ssl/corp.pem: {one}")
        found[name] = str(Path(path).absolute())
        try:
            ssl.create_default_context(cafile=found[name])
        except (OSError, ssl.SSLError):
            raise click.BadParameter(f"{path} holds no certificate authorities") from None
    return tuple(found.items())


@click.command(context_settings={"max_content_width": 100})
@click.option("--host", envvar="MOORINGS_HOST", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", envvar="MOORINGS_PORT", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535))
@ledger_option
@click.option(
    "--ledger-wait-s", envvar="MOORINGS_LEDGER_WAIT_S", type=click.IntRange(0, 86_400), default=300, show_default=True,
    help="Seconds that a start waits for a ledger that cannot be reached yet; 0: it ends.",
)  # fmt: skip
@click.option(
    "--workers",
    envvar="MOORINGS_WORKERS",
    type=click.IntRange(1, 64),
    default=min(4, os.cpu_count() or 1),
    show_default="one a core, at most 4",
    help="Worker processes; every one may write.",
)
@click.option(
    "--threads", envvar="MOORINGS_THREADS", type=click.IntRange(1, 128), default=8, show_default=True,
    help="Requests that a worker handles at a time.",
)  # fmt: skip
@click.option(
    "--server", envvar="MOORINGS_SERVER", type=click.Choice(["gunicorn", "granian"]), default="gunicorn",
    show_default=True, help="granian is faster, and an extra: pip install 'moorings-registry[granian]'.",
)  # fmt: skip
@click.option(
    "--default-level", envvar="MOORINGS_DEFAULT_LEVEL", type=click.Choice([str(one) for one in Level]),
    default=str(Level.BACKWARD), show_default=True,
    help="Compatibility level of subjects outside any domain, unless one is set.",
)  # fmt: skip
@click.option(
    "--floor", envvar="MOORINGS_FLOOR", type=click.Choice([str(one) for one in Level if one is not Level.NONE]),
    default=str(Level.BACKWARD), show_default=True,
    help="The weakest level that a registered domain may ask for.",
)  # fmt: skip
@click.option(
    "--require-domain/--no-require-domain", envvar="MOORINGS_REQUIRE_DOMAIN", default=False, show_default=True,
    help="Refuse subjects that no registered domain owns.",
)  # fmt: skip
@click.option(
    "--lock-modes/--no-lock-modes", envvar="MOORINGS_LOCK_MODES", default=False, show_default=True,
    help="Refuse to change the modes of subjects, contexts and the registry.",
)  # fmt: skip
@click.option(
    "--schema-bytes", envvar="MOORINGS_SCHEMA_BYTES", type=click.IntRange(1_000, LARGEST_LIMITS.size_bytes),
    default=DEFAULT_LIMITS.size_bytes, show_default=True,
    help="Maximum size of one schema's text; larger ones are refused with SCHEMA_LIMIT_EXCEEDED (422).",
)  # fmt: skip
@click.option(
    "--access-log/--no-access-log", envvar="MOORINGS_ACCESS_LOG", default=True, show_default=True,
    help="One JSON line a request on standard output.",
)  # fmt: skip
@click.option(
    "--issuers", envvar="MOORINGS_ISSUERS", type=_FILE,
    help="Whose tokens are accepted: a TOML file, read again when it changes. Turns sign-in on.",
)  # fmt: skip
@click.option(
    "--public-url", envvar="MOORINGS_PUBLIC_URL", default="", metavar="URL",
    help="The address by which callers know the registry, the same on all its nodes; it then issues tokens of its own.",
)  # fmt: skip
@click.option(
    "--rotate-keys-s", envvar="MOORINGS_ROTATE_KEYS_S", type=click.IntRange(3, 7 * 86_400), default=86_400,
    show_default=True, help="Seconds after which another key signs the registry's own tokens.",
)  # fmt: skip
@click.option(
    "--webhook-network", "webhook_networks", envvar="MOORINGS_WEBHOOK_NETWORKS", multiple=True, metavar="NETWORK",
    callback=lambda _context, _option, sent: _networks(sent),
    help="A network that is not public, and that webhooks may lead to, such as 10.20.0.0/16.",
)  # fmt: skip
@click.option(
    "--base-folder", envvar="MOORINGS_BASE_FOLDER", type=_FOLDER,
    help="Where the state is kept for faster starts; by default beside a ledger that is a file, else nowhere.",
)  # fmt: skip
@click.option(
    "--base-entries", envvar="MOORINGS_BASE_ENTRIES", type=click.IntRange(0), default=10_000, show_default=True,
    help="Entries after which it is kept again; 0 turns that off.",
)  # fmt: skip
@click.option(
    "--base-bytes", envvar="MOORINGS_BASE_BYTES", type=click.IntRange(0), default=0,
    help="Room that it may take in its folder; by default what the disk has, but its last twentieth.",
)  # fmt: skip
@click.option(
    "--exporter-ca", "exporter_authorities", envvar="MOORINGS_EXPORTER_CAS", multiple=True, metavar="NAME=FILE",
    callback=lambda _context, _option, sent: _authorities(sent),
    help="A certificate authority, in PEM, that exporters may name as the one of their target.",
)  # fmt: skip
@click.option("--tls-certificate", envvar="MOORINGS_TLS_CERTIFICATE", type=_FILE, help="Certificate chain, in PEM.")
@click.option("--tls-key", envvar="MOORINGS_TLS_KEY", type=_FILE, help="Its private key, in PEM, unencrypted.")
@click.option(
    "--tls-client-ca", envvar="MOORINGS_TLS_CLIENT_CA", type=_FILE,
    help="Authorities of client certificates, in PEM; callers may then show an X.509 SVID.",
)  # fmt: skip
@click.option(
    "--socket", envvar="MOORINGS_SOCKET", type=_FILE,
    help="A local socket to listen on besides; there, the registry's own user is `local`.",
)  # fmt: skip
@click.option(
    "--proxy-user", "proxy_users", envvar="MOORINGS_PROXY_USERS", multiple=True, metavar="USER",
    help="A user whose proxy may call over that socket for others.",
)  # fmt: skip
@click.option(
    "--proxy-certificate-header", envvar="MOORINGS_PROXY_CERTIFICATE_HEADER", default="", metavar="NAME",
    help="The header with the client certificate that such a proxy verified, such as Client-Cert.",
)  # fmt: skip
def serve(
    host: str,
    port: int,
    ledger_url: str,
    ledger_wait_s: int,
    workers: int,
    threads: int,
    server: str,
    default_level: str,
    floor: str,
    require_domain: bool,
    lock_modes: bool,
    schema_bytes: int,
    access_log: bool,
    issuers: Path | None,
    public_url: str,
    rotate_keys_s: int,
    webhook_networks: tuple[str, ...],
    exporter_authorities: tuple[tuple[str, str], ...],
    base_folder: Path | None,
    base_entries: int,
    base_bytes: int,
    tls_certificate: Path | None,
    tls_key: Path | None,
    tls_client_ca: Path | None,
    socket: Path | None,
    proxy_users: tuple[str, ...],
    proxy_certificate_header: str,
) -> None:
    """Serve both APIs and the admin pages until a signal ends it.

    Every option is also an environment variable: MOORINGS_PORT, MOORINGS_LEDGER, ...

    Without --issuers, every caller is `local`, and the service answers callers on this machine only, which run as its
    own user or root: put producers and consumers beside it, in one pod. With --issuers, callers sign in with tokens,
    and with TLS they may come from other machines. Ends gracefully on SIGTERM; an acknowledged write is never lost,
    however it ends.
    """
    reach = Reach(
        host, server, issuers, public_url, socket, proxy_users, proxy_certificate_header,
        tls_certificate, tls_key, tls_client_ca,
    )  # fmt: skip
    proxies = require_safe(reach)
    try:
        require_usable()
    except TelemetryRefused as refused:
        raise click.UsageError(str(refused)) from None
    workers = _fitting(ledger_url, workers)
    try:
        raise_limit(threads)
    except TooFewFiles as error:
        fail(error, AWAY)
    for note in start_notes(ledger_url):
        click.echo(f"moorings-registry: {note}", err=True)
    options = Options(
        host=host, port=port, ledger=ledger_url, ledger_wait_s=ledger_wait_s, workers=workers, threads=threads,
        server=server,
        default_level=default_level, floor=floor, require_domain=require_domain, lock_modes=lock_modes,
        schema_bytes=schema_bytes, access_log=access_log, runtime=tempfile.mkdtemp(prefix="moorings-"),
        issuers=_absolute(issuers), public_url=public_url, rotate_keys_s=rotate_keys_s,
        webhook_networks=webhook_networks, exporter_authorities=exporter_authorities,
        base_folder=_absolute(base_folder), base_entries=base_entries,
        base_bytes=base_bytes,
        socket=_absolute(socket), proxy_users=proxies,
        proxy_certificate_header=proxy_certificate_header.lower(),
        tls_certificate=_absolute(tls_certificate), tls_key=_absolute(tls_key),
        tls_client_ca=_absolute(tls_client_ca),
    )  # fmt: skip
    _serve(options)


def _absolute(path: Path | None) -> str:
    return str(path.absolute()) if path else ""


def _fitting(ledger_url: str, workers: int) -> int:
    """As many workers as the ledger can be shared by: one, where its entries live in the process."""
    try:
        shared = engine_of(ledger_url).shared
    except LedgerError as error:
        raise click.UsageError(str(error)) from None
    if not shared and workers > 1:
        click.echo(f"{ledger_url} exists in one process only: starting 1 worker instead of {workers}", err=True)
        return 1
    return workers


def _serve(options: Options) -> None:
    """Serve until a signal ends it, and remove the files of the run, which workers leave alone."""
    options.to_environment()
    configure_logs()
    master = os.getpid()
    signal.signal(signal.SIGTERM, _end)  # until the server has its own: as the first process of a container, none ends
    try:
        _run(options)
    except (LedgerError, LedgerUnavailable) as error:
        fail(error, AWAY)
    finally:
        if os.getpid() == master:
            shutil.rmtree(options.runtime, ignore_errors=True)


def _end(_signal: int, _frame: object) -> NoReturn:
    """End a start that waits, or loads, as a server that is up would end."""
    sys.exit(0)


def _run(options: Options) -> None:
    # Imported here for two reasons: the metrics library reads where to write when it is imported, which is known
    # only now, and granian is an extra.
    if options.server == "granian":
        try:
            from moorings_registry.server import granian_server
        except ImportError as error:
            raise click.UsageError(f"not installed: pip install 'moorings-registry[granian]' ({error})") from None
        granian_server.serve(options)
        return
    with without_collection():
        from moorings_registry.server.gunicorn_server import GunicornServer

    GunicornServer(options).run()
