"""`moorings agent`: tokens for the clients of other makers."""

import signal
import threading
from contextlib import suppress

import click

from moorings.cli.agent_server import PATH, AgentServer, is_loopback
from moorings.cli.exits import CLEAN
from moorings.cli.screen import complain, say
from moorings.cli.session import Session
from moorings.signin import TokenCache, read_sign_in


@click.command("agent", short_help="Provide tokens to other clients on this machine.")
@click.option("--listen", metavar="HOST:PORT", default="127.0.0.1:7071", show_default=True)
@click.option("--sign-in", "way", metavar="WAY", help="How to sign in, as the option of `moorings` itself.")
@click.pass_obj
def agent_command(session: Session, listen: str, way: str | None) -> int:
    """Provide tokens to other clients on this machine, until a signal ends it.

    It answers as Azure's metadata service does, which confluent-kafka, the Node client, Java and .NET can be pointed
    at. Whoever can reach the port gets the token: run one agent a pod or container, never one on a shared machine.

    \b
    moorings agent --sign-in file:/var/run/secrets/tokens/moorings
    bearer.auth.credentials.source=OAUTHBEARER_AZURE_IMDS
    bearer.auth.issuer.endpoint.url=http://127.0.0.1:7071/metadata/identity/oauth2/token
    """
    chosen = way or session.sign_in
    if not chosen:
        raise click.UsageError("no way to sign in: use --sign-in or MOORINGS_SIGN_IN")
    host, port = _address(listen)
    tokens = TokenCache(read_sign_in(chosen, urls=(session.url_in_use,)))
    try:
        server = AgentServer(host, port, tokens, complain)
    except OSError as error:
        raise click.ClickException(f"cannot listen on {listen}: {error.strerror}") from None
    say(f"providing tokens at http://{listen.rpartition(':')[0]}:{server.port}{PATH}")
    ended = threading.Event()
    # In a program that runs the command outside its main thread there are no signals to wait for.
    with suppress(ValueError):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
    threading.Thread(target=server.serve, name="agent", daemon=True).start()
    ended.wait()
    server.close()
    return CLEAN


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not (port.isascii() and port.isdecimal() and int(port) < 65_536):
        raise click.UsageError(f"--listen {listen[:60]!r} is not HOST:PORT")
    if not is_loopback(host):
        raise click.UsageError(f"--listen {listen[:60]!r} is not an address of this machine alone. Use 127.0.0.1")
    return host.strip("[]"), int(port)
