"""`moorings-registry dev-issuer`."""

import signal
import threading
from pathlib import Path
from urllib.parse import urlsplit

import click

from moorings_registry.dev_issuer import AUDIENCE, DevIssuer, Person, Service, serve_keys
from moorings_registry.dev_issuer.server import Listening
from moorings_registry.http.authentication import is_local_address
from moorings_registry.issuers.loopback import is_loopback_host
from moorings_registry.server.logs import configure_logs


@click.command("dev-issuer", context_settings={"max_content_width": 100})
@click.argument("services", nargs=-1, required=True, metavar="SERVICE[=HOST,...]...")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), default=Path("identities"), show_default=True,
    help="Where each service gets a folder with its identity.",
)  # fmt: skip
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8443, show_default=True, type=click.IntRange(0, 65535))
@click.option("--name", default="localhost", show_default=True, help="The host name that others reach it by.")
@click.option("--registry", default="registry", show_default=True, help="The service that gets the issuers file.")
@click.option("--audience", default=AUDIENCE, show_default=True, help="What the registry is called in tokens.")
@click.option(
    "--person", "people", multiple=True, metavar="NAME[=GROUP,...]",
    help="Somebody who can be chosen, without a password, to sign in to the registry's pages.",
)  # fmt: skip
@click.option("--pages", default="", metavar="URL", help="The registry's address in a browser: its --public-url.")
@click.option("--plain-http", is_flag=True, help="Serve over http, on a loopback address alone.")
def dev_issuer(
    services: tuple[str, ...],
    folder: Path,
    host: str,
    port: int,
    name: str,
    registry: str,
    audience: str,
    people: tuple[str, ...],
    pages: str,
    plain_http: bool,
) -> None:
    """Give the services of this machine certificates and tokens, for development alone.

    Each SERVICE gets a folder with `ca.crt`, `tls.crt`, `tls.key` and `token`, renewed in time as a kubelet does it:
    an authority of a day, certificates of an hour, tokens of ten minutes. The registry's folder gets `issuers.toml`
    as well. Every key of the issuer itself stays in memory, and a registry refuses it beside any other issuer.

    \b
    moorings-registry dev-issuer registry orders billing
    moorings-registry serve --issuers identities/registry/issuers.toml
    moorings --sign-in file:identities/orders/token ...
    """
    try:
        parsed = tuple(Service.parse(one) for one in services)
        persons = tuple(Person.parse(one) for one in people)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if len({one.name for one in parsed}) < len(parsed):
        raise click.UsageError("two services have the same name")
    _require_local(host, plain_http=plain_http, people=bool(persons), pages=pages)
    configure_logs()
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
    try:
        listening = Listening(host, port, (name, *((host,) if host != "0.0.0.0" else ())), plain=plain_http)  # noqa: S104
    except OSError as error:
        raise click.ClickException(f"cannot listen on {host}:{port}: {error.strerror}") from None
    issuer = DevIssuer(
        f"{'http' if plain_http else 'https'}://{host if plain_http else name}:{listening.port}",
        folder, parsed, registry=registry, audience=audience, people=persons, pages=pages.rstrip("/"),
    )  # fmt: skip
    click.echo(f"issuing as {issuer.url} into {folder} for {', '.join(one.name for one in parsed)}")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    serve_keys(issuer, listening, stop)


def _require_local(host: str, *, plain_http: bool, people: bool, pages: str) -> None:
    """Pass what nobody of another machine can use: whoever reaches an issuer with people is whom they choose.

    Raises:
        click.UsageError
    """
    if (plain_http or people) and not is_local_address(host):
        raise click.UsageError(f"--plain-http and --person are for this machine alone, and --host {host} is not")
    if people and not pages:
        raise click.UsageError("--person needs --pages: the address that people come back to, as of serve --public-url")
    if people and not is_loopback_host(urlsplit(pages).hostname or ""):
        raise click.UsageError(f"--pages {pages} is not on this machine")
