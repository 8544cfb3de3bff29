"""One request to a token endpoint, as effects: bounded, retried where that may help, its content never shown."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

from moorings.errors import SettingInvalid, SignInFailed
from moorings.transport.effects import Effects, Lost, Received, Send, Sleep
from moorings.transport.error_mapping import json_of
from moorings.transport.retries import RETRYABLE_STATUS, RetryPolicy

_RETRIES = RetryPolicy(retries=2)
_LARGEST_BYTES = 256 * 1024
_LONGEST_S = 86_400.0
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")


def exchange(source: str, send: Send) -> Effects[Mapping[str, Any]]:
    """Send a request for a token and return the JSON object of the response.

    Raises:
        SignInFailed: no response, a refusal, or not a response of a token endpoint.
    """
    attempt = 0
    while True:
        attempt += 1
        outcome = yield send
        if isinstance(outcome, Received) and outcome.status not in RETRYABLE_STATUS:
            return _json_object(source, outcome)
        wait_s = _RETRIES.wait_s(attempt)
        if wait_s is None:
            reason = outcome.reason if isinstance(outcome, Lost) else f"it answered {outcome.status}"
            raise SignInFailed(source, reason)
        yield Sleep(wait_s)


def answer_of(source: str, send: Send) -> Effects[tuple[int, Mapping[str, Any]]]:
    """Send a request once, and return the status and the JSON object of the response, whatever they say.

    Raises:
        SignInFailed: no response, or not a JSON object.
    """
    outcome = yield send
    if not isinstance(outcome, Received):
        raise SignInFailed(source, outcome.reason if isinstance(outcome, Lost) else "no response")
    found = json_of(outcome) if len(outcome.content) <= _LARGEST_BYTES else None
    if not isinstance(found, Mapping):
        raise SignInFailed(source, f"it answered {outcome.status} without a JSON object")
    return outcome.status, found


def form_request(url: str, form: Mapping[str, str], timeout_s: float) -> Send:
    """A request to an endpoint of OAuth, with *form* as its body."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return Send("POST", url, headers, urlencode(form).encode(), timeout_s=timeout_s)


def require_bearer(source: str, found: Mapping[str, Any]) -> None:
    """Ensure that a token may be sent as it is.

    Raises:
        SignInFailed: it is of another type.
    """
    if str(found.get("token_type", "")).lower() != "bearer":
        raise SignInFailed(source, "it returned a token of another type than Bearer")


def expires_in_s(found: object) -> float | None:
    """Read `expires_in`, a day at most; some servers send it as text. None if it says nothing."""
    try:
        seconds = float(found)  # type: ignore[arg-type]  # anything a server sends
    except (TypeError, ValueError):
        return None
    return min(seconds, _LONGEST_S) if seconds > 0 else None


def refuse_plain_http(url: str, what: str) -> None:
    """Ensure that tokens and keys go over TLS, or stay on this machine.

    Raises:
        SettingInvalid: *url* is neither https nor of a loopback address.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme != "http" or not _is_loopback(parts.hostname or ""):
        raise SettingInvalid(f"{what} must be https, because tokens are sent to it: {parts.hostname or url[:40]!r}")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _json_object(source: str, received: Received) -> Mapping[str, Any]:
    found = json_of(received) if len(received.content) <= _LARGEST_BYTES else None
    if received.status != 200:
        raise SignInFailed(source, f"it answered {received.status}{_error_code(found)}")
    if not isinstance(found, Mapping):
        raise SignInFailed(source, "its response is not a JSON object")
    return found


def _error_code(found: Any) -> str:
    """Return OAuth's error code (RFC 6749 §5.2), and nothing else of the response."""
    code = found.get("error") if isinstance(found, Mapping) else None
    return f" ({code})" if isinstance(code, str) and _ERROR_CODE.fullmatch(code) else ""
