"""People in a browser: signing in at an issuer, the session that follows, and its end."""

from moorings_registry.page_sign_in.cookies import LOGIN_COOKIE_S, CookieNames, read_cookie
from moorings_registry.page_sign_in.flow import FRESH_S, Finished, LoginState, SignInFlow
from moorings_registry.page_sign_in.links import LINK_S, LinkFor, OpenLinks
from moorings_registry.page_sign_in.metadata import MetadataCache
from moorings_registry.page_sign_in.people import PeopleInPages
from moorings_registry.page_sign_in.sessions import IDLE_S, LONGEST_S, Sessions

__all__ = [
    "FRESH_S",
    "IDLE_S",
    "LINK_S",
    "LOGIN_COOKIE_S",
    "LONGEST_S",
    "CookieNames",
    "Finished",
    "LinkFor",
    "LoginState",
    "MetadataCache",
    "OpenLinks",
    "PeopleInPages",
    "Sessions",
    "SignInFlow",
    "read_cookie",
]
