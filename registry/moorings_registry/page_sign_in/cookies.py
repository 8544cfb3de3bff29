"""The two cookies of the pages: what they are called, and how they are read.

`__Host-` and `__Secure-` keep other hosts and plain http from setting them (RFC 6265bis §4.1.3), and need https. A
registry that is known by a plain http address of its own machine cannot have them; there the port is in the name,
because the cookies of a host are shared by all its ports.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LOGIN_COOKIE_S = 600
"""How long signing in may take."""
CALLBACK_PATH = "/admin/callback"


@dataclass(frozen=True, slots=True)
class CookieNames:
    """The names of the cookies, and whether they are for https alone."""

    session: str
    login: str
    is_secure: bool

    @classmethod
    def of(cls, public_url: str) -> "CookieNames":
        """For a registry that browsers know by this address."""
        parts = urlsplit(public_url)
        if parts.scheme == "https":
            return cls("__Host-moorings", "__Secure-moorings-login", True)
        port = parts.port or 80
        return cls(f"moorings-{port}", f"moorings-login-{port}", False)

    def set_session(self, text: str) -> str:
        """The header that gives a browser the session; it ends with the browser, or by itself."""
        return self._set(self.session, text, "/")

    def end_session(self) -> str:
        return self._set(self.session, "", "/", "; Max-Age=0")

    def set_login(self, text: str) -> str:
        """The header for the state of a sign-in, which goes to the callback alone."""
        return self._set(self.login, text, CALLBACK_PATH, f"; Max-Age={LOGIN_COOKIE_S}")

    def end_login(self) -> str:
        return self._set(self.login, "", CALLBACK_PATH, "; Max-Age=0")

    def _set(self, name: str, value: str, path: str, more: str = "") -> str:
        # Lax: a browser that comes back from the issuer, or follows a link to a page, brings it along; a form of
        # another site does not.
        secure = "; Secure" if self.is_secure else ""
        return f"{name}={value}; Path={path}; HttpOnly; SameSite=Lax{secure}{more}"


def read_cookie(headers: Mapping[str, str], name: str) -> str:
    """The value of a cookie; empty if there is none, or if there are several of that name."""
    found = [
        value.strip()
        for key, _, value in (one.partition("=") for one in headers.get("cookie", "").split(";"))
        if key.strip() == name
    ]
    return found[0] if len(found) == 1 else ""
