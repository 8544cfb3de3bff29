"""People who try the pages on their own machine: whoever is chosen is signed in, without a password.

The authorization code flow with PKCE for one public client, whose redirect URI is the pages' own (RFC 6749 §4.1, RFC
7636, RFC 9207, OpenID Connect Core §3.1). Codes are kept in memory, for a minute and one use.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

CLIENT = "pages"
CODE_LIFE_S = 60
_MOST_CODES = 1_000
_NAME = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?")
_ASKED = ("client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge",
          "code_challenge_method")  # fmt: skip
_COOKIE = "moorings-dev-issuer"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be chosen, with the groups that tokens name."""

    name: str
    groups: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Person":
        """Read ``NAME`` or ``NAME=GROUP,GROUP``.

        Raises:
            ValueError: a name, or a group, that is not plain.
        """
        name, _, groups = text.partition("=")
        named = tuple(one.strip() for one in groups.split(",") if one.strip())
        for one in (name, *named):
            if not _NAME.fullmatch(one):
                raise ValueError(f"{one[:40]!r} is not 1 to 63 lower-case letters, digits, hyphens and underscores")
        return cls(name, named)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a request is answered with."""

    status: int
    body: bytes = b""
    media_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Code:
    person: Person
    nonce: str
    challenge: str
    chosen_s: float
    """When the person was chosen, on the issuer's clock."""
    until_s: float


IdToken = Callable[[Person, str, float], tuple[str, str]]
"""Makes the ID token and the access token of a person, a nonce, and the moment at which they were chosen."""


class PeopleAtIssuer:
    """Signs in whoever is chosen; safe from any thread."""

    def __init__(self, url: str, pages: str, people: tuple[Person, ...], clock: Callable[[], float]) -> None:
        """Lead back to the registry that browsers know as *pages*, and to nowhere else."""
        self._url = url
        self._callback = f"{pages}/admin/callback"
        self._people = {one.name: one for one in people}
        self._clock = clock
        self._codes: dict[str, _Code] = {}
        self._chosen: dict[str, tuple[Person, float]] = {}
        self._lock = threading.Lock()

    def metadata(self) -> dict[str, object]:
        """What discovery says of it."""
        return {
            "authorization_endpoint": f"{self._url}/authorize",
            "token_endpoint": f"{self._url}/token",
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": True,
        }

    def ask(self, query: Mapping[str, str], cookie: str) -> Reply:
        """Show who can be chosen; a browser that has somebody, and must not ask again, is led back immediately."""
        wrong = self._wrong(query)
        if wrong:
            return _page(400, "This is not a sign-in of the registry's pages", f"<p>{escape(wrong)}</p>")
        if query.get("prompt") == "none":
            known = self._chosen.get(_session(cookie))
            if known is None:
                return self._back(query, {"error": "login_required"})
            return self._back(query, {"code": self._code(query, *known)})
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(query[name])}">' for name in _ASKED if name in query
        )
        buttons = "".join(
            f'<p><button name="person" value="{one.name}">{one.name}</button> {", ".join(one.groups)}</p>'
            for one in self._people.values()
        )
        lead = "<p>For development: whoever you choose is signed in, without a password.</p>"
        form = f'<form method="post" action="/authorize">{hidden}{buttons}</form>'
        return _page(200, "Sign in as", lead + form)

    def choose(self, form: Mapping[str, str]) -> Reply:
        """Sign in who was chosen, and lead back."""
        person = self._people.get(form.get("person", ""))
        wrong = self._wrong(form) or ("" if person else "Nobody of that name can be chosen")
        if wrong or person is None:
            return _page(400, "Nobody was signed in", f"<p>{escape(wrong)}</p>")
        now, session = self._clock(), secrets.token_urlsafe(24)
        with self._lock:
            self._chosen = {**dict(list(self._chosen.items())[-_MOST_CODES:]), session: (person, now)}
        cookie = f"{_COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax"
        return self._back(form, {"code": self._code(form, person, now)}, ("Set-Cookie", cookie))

    def redeem(self, form: Mapping[str, str], make: IdToken) -> Reply:
        """Give the tokens for a code, once."""
        with self._lock:
            code = self._codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(
            b"="
        )
        holds = (
            code is not None
            and code.until_s > self._clock()
            and (form.get("grant_type"), form.get("client_id")) == ("authorization_code", CLIENT)
            and form.get("redirect_uri") == self._callback
            and hmac.compare_digest(challenge, code.challenge.encode())
        )
        if code is None or not holds:
            return _json(400, {"error": "invalid_grant"})
        id_token, access_token = make(code.person, code.nonce, code.chosen_s)
        return _json(200, {"id_token": id_token, "access_token": access_token, "token_type": "Bearer"})

    def _wrong(self, asked: Mapping[str, str]) -> str:
        """What keeps a request from being a sign-in of the pages; empty where nothing does."""
        if asked.get("client_id") != CLIENT or asked.get("redirect_uri") != self._callback:
            return f"The client is {CLIENT}, and its redirect URI {self._callback}"
        if asked.get("response_type") != "code" or asked.get("code_challenge_method") != "S256":
            return "The code flow with PKCE (S256) is all there is"
        return "" if asked.get("code_challenge") and asked.get("nonce") else "code_challenge or nonce is missing"

    def _code(self, asked: Mapping[str, str], person: Person, chosen_s: float) -> str:
        now, text = self._clock(), secrets.token_urlsafe(32)
        code = _Code(person, asked["nonce"], asked["code_challenge"], chosen_s, now + CODE_LIFE_S)
        with self._lock:
            kept = [(name, one) for name, one in self._codes.items() if one.until_s > now]
            self._codes = {**dict(kept[-_MOST_CODES:]), text: code}
        return text

    def _back(self, asked: Mapping[str, str], answer: dict[str, str], *headers: tuple[str, str]) -> Reply:
        query = urlencode({**answer, "state": asked.get("state", ""), "iss": self._url})
        return Reply(303, headers=(("Location", f"{self._callback}?{query}"), *headers))


def _session(cookie: str) -> str:
    """What this issuer remembers a browser by; empty where it does not."""
    found = (one.strip().partition("=") for one in cookie.split(";"))
    return next((value for name, _, value in found if name == _COOKIE), "")


def _json(status: int, value: object) -> Reply:
    return Reply(status, json.dumps(value).encode(), "application/json", (("Cache-Control", "no-store"),))


def _page(status: int, title: str, body: str) -> Reply:
    html = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><h1>{title}</h1>{body}</html>"
    )
    # No `form-action`: browsers apply it to the way back to the registry, too.
    policy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
    return Reply(status, html.encode(), headers=(("Content-Security-Policy", policy), ("Cache-Control", "no-store")))
