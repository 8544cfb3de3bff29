"""`moorings login`, `logout`, `whoami` and `open`: a person on the command line."""

import json
import os
import secrets
import sys
import time
import webbrowser
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import click

from moorings.cli.exits import CLEAN
from moorings.cli.loopback_listener import LoopbackListener
from moorings.cli.screen import say
from moorings.cli.session import Session
from moorings.errors import SettingInvalid, SignInFailed
from moorings.signin import Login, LoginStore
from moorings.signin.exchange import exchange, refuse_plain_http
from moorings.signin.issuer_endpoints import (
    DEVICE_GRANT,
    IssuerEndpoints,
    LoginIssuer,
    TokenPending,
    begin_device,
    challenge_of,
    discover,
    redeem,
    refresh,
    revoke,
)
from moorings.transport.effects import Send
from moorings.transport.sync_runner import SyncRunner

_WAIT_S = 300.0
"""How long a person may take in the browser."""
_INTERVAL_S = 5.0
_SLOWER_S = 5.0
"""RFC 8628 §3.5: after `slow_down`, by so much longer between two questions."""


@click.command("login", short_help="Sign in as a person.")
@click.option("--device", is_flag=True, help="Show a code to enter on another machine, instead of opening a browser.")
@click.option("--issuer", "alias", default="", metavar="ALIAS", help="Where to sign in, if the registry has several.")
@click.pass_obj
def login_command(session: Session, device: bool, alias: str) -> int:
    """Sign in as a person, for every later command with this registry.

    Opens a browser; over ssh, without a browser, and with --device, a code is shown to enter elsewhere.
    """
    url, runner = session.url_in_use, SyncRunner()
    try:
        issuer = _chosen(session, alias)
        endpoints = runner.run(discover(issuer, session.timeout_s))
        way = _by_device if device or (endpoints.device and not _has_browser()) else _by_browser
        login = way(runner, session, issuer, endpoints, url)
        login = _without_lasting_secret(runner, session, login)
    finally:
        runner.close()
    store = LoginStore()
    store.put(login)
    session.sign_in = "login"
    until = datetime.fromtimestamp(login.expires_s, UTC)
    say(f"signed in as {_principal(session)['name']}{_renewal(login)}, until {until:%Y-%m-%d %H:%M} UTC")
    say(f"the token is in {store.place}", dim=True)
    return CLEAN


@click.command("logout", short_help="Forget the sign-in of `moorings login`.")
@click.pass_obj
def logout_command(session: Session) -> int:
    """Forget the sign-in at this registry, and end its refresh token at the issuer."""
    store, url = LoginStore(), session.url_in_use
    login = store.find(url)
    if login is None:
        say(f"nobody is signed in at {url}")
        return CLEAN
    runner = SyncRunner()
    try:
        runner.run(revoke(login, session.timeout_s))
    finally:
        runner.close()
        store.remove(url)
    say(f"signed out of {url}")
    return CLEAN


@click.command("whoami", short_help="Show the identity that the registry sees.")
@click.option("--format", "output", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.pass_obj
def whoami_command(session: Session, output: str) -> int:
    """Show the identity that the registry sees, and what grants can match you by."""
    found = _principal(session)
    if output == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return CLEAN
    shown = f" ({found['evidence']})" if found.get("evidence") else ""
    say(f"{found['name']}{shown} at {session.url_in_use}")
    for name, value in sorted((found.get("claims") or {}).items()):
        say(f"  {name}: {', '.join(value) if isinstance(value, list) else value}")
    return CLEAN


@click.command("open", short_help="Open the registry's pages as yourself.")
@click.argument("path", default="/admin/")
@click.option("--print", "prints", is_flag=True, help="Write the link instead of opening a browser.")
@click.pass_obj
def open_command(session: Session, path: str, prints: bool) -> int:
    """Open a page of the registry as whom this command is signed in as. The link works once, within a minute.

    \b
    moorings open
    moorings open /admin/events/shop.orders.OrderPlaced
    """
    if not path.startswith("/admin"):
        raise click.UsageError("PATH is not the path of a page, which begins with /admin")
    url = session.url_in_use
    # Without sign-in, everybody on the registry's machine is `local`, in a browser too.
    signs_in = _principal(session)["issuer"]
    link = url + (session.registry.api.open_link(path)["href"] if signs_in else path)
    if prints or not _has_browser() or not webbrowser.open(link):
        say(link)
    else:
        say("opened in the browser")
    return CLEAN


def _chosen(session: Session, alias: str) -> LoginIssuer:
    """The issuer to sign in at, of those that the registry tells; asked without a sign-in, which there may not be."""
    url, runner = session.url_in_use, SyncRunner(session.http)
    refuse_plain_http(url, "the registry's URL")
    try:
        send = Send("GET", f"{url}/v1/sign-in", {"Accept": "application/json"}, timeout_s=session.timeout_s)
        known = _read_issuers(url, runner.run(exchange(url, send)))
    finally:
        runner.close()
    if not known:
        raise SettingInvalid(
            "the registry names no issuer for `moorings login`: set login_client_id for one in its issuers file"
        )
    chosen = [one for one in known if one.alias == alias] if alias else known
    if len(chosen) != 1:
        names = ", ".join(one.alias for one in known)
        raise SettingInvalid(f"choose where to sign in with --issuer: {names}")
    return chosen[0]


def _read_issuers(url: str, found: Mapping[str, Any]) -> list[LoginIssuer]:
    try:
        return [
            LoginIssuer(
                str(one["alias"]),
                str(one["issuer"]),
                str(one["client_id"]),
                tuple(str(scope) for scope in one["scopes"]),
                str(one["audience"]),
            )
            for one in found["issuers"]
        ]
    except (KeyError, TypeError):
        raise SignInFailed(url, "its answer does not say where people sign in") from None


def _by_browser(
    runner: SyncRunner, session: Session, issuer: LoginIssuer, endpoints: IssuerEndpoints, url: str
) -> Login:
    if not endpoints.authorization:
        raise SignInFailed(issuer.url, "it has no page to sign in at")
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    listener = LoopbackListener(state)
    try:
        asked = {
            "response_type": "code",
            "client_id": issuer.client_id,
            "redirect_uri": listener.redirect_uri,
            "scope": " ".join(issuer.scopes),
            "state": state,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
            **({"prompt": "consent"} if "offline_access" in issuer.scopes else {}),
            **({"resource": issuer.resource} if issuer.resource else {}),
        }
        address = f"{endpoints.authorization}{'&' if '?' in endpoints.authorization else '?'}{urlencode(asked)}"
        say(f"sign in at {issuer.url} in the browser")
        if not webbrowser.open(address):
            say(address)
        answer = listener.wait(_WAIT_S)
        code = _code_of(issuer, endpoints, answer)
        grant = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": listener.redirect_uri,
            "code_verifier": verifier,
        }
        return runner.run(redeem(issuer, endpoints, grant, registry=url, timeout_s=session.timeout_s))
    finally:
        listener.close()


def _code_of(issuer: LoginIssuer, endpoints: IssuerEndpoints, answer: Mapping[str, str] | None) -> str:
    if answer is None:
        raise SignInFailed(issuer.url, f"no answer came within {_WAIT_S / 60:.0f} minutes")
    if answer.get("iss", issuer.url) != issuer.url or (endpoints.names_itself and "iss" not in answer):
        raise SignInFailed(issuer.url, "the answer is not of this issuer")
    code = answer.get("code", "")
    if not code:
        error = answer.get("error", "")
        known = f" ({error})" if error.replace("_", "").isalpha() and len(error) <= 40 else ""
        raise SignInFailed(issuer.url, f"it did not sign you in{known}")
    return code


def _by_device(
    runner: SyncRunner, session: Session, issuer: LoginIssuer, endpoints: IssuerEndpoints, url: str
) -> Login:
    if not endpoints.device:
        raise SignInFailed(issuer.url, "it has no codes for other devices")
    begun = runner.run(begin_device(issuer, endpoints, session.timeout_s))
    code, user_code, address = (begun.get(one) for one in ("device_code", "user_code", "verification_uri"))
    if not all(isinstance(one, str) and one.isprintable() for one in (code, user_code, address)):
        raise SignInFailed(issuer.url, "its answer has no code for another device")
    say(f"open {address} on any device, and enter the code {user_code}")
    interval_s = _seconds(begun.get("interval"), _INTERVAL_S)
    ends_s = time.monotonic() + _seconds(begun.get("expires_in"), _WAIT_S)
    while time.monotonic() < ends_s:
        time.sleep(interval_s)
        grant = {"grant_type": DEVICE_GRANT, "device_code": str(code)}
        try:
            return runner.run(redeem(issuer, endpoints, grant, registry=url, timeout_s=session.timeout_s))
        except TokenPending as pending:
            interval_s += _SLOWER_S if pending.slow_down else 0.0
    raise SignInFailed(issuer.url, "nobody entered the code in time")


def _without_lasting_secret(runner: SyncRunner, session: Session, login: Login) -> Login:
    """Use a refresh token once, to learn whether the issuer replaces it: one that it does not is not kept."""
    return runner.run(refresh(login, session.timeout_s)) if login.refresh_token else login


def _renewal(login: Login) -> str:
    return ", renewed by itself" if login.refresh_token else ""


def _principal(session: Session) -> Mapping[str, Any]:
    return session.registry.api.principal()


def _has_browser() -> bool:
    """Whether a browser is near: not over ssh, and with a display where programs need one."""
    if os.environ.get("BROWSER"):
        return True
    if os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"):
        return False
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        webbrowser.get()
    except webbrowser.Error:
        return False
    return True


def _seconds(found: object, default: float) -> float:
    return min(float(found), 1_800.0) if isinstance(found, int | float) and found > 0 else default
