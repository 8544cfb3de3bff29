"""Signing in to the registry: the sources of tokens, and the cache that renews them in time."""

from moorings.signin.client_credentials import ClientCredentials
from moorings.signin.exchanged import Exchanged
from moorings.signin.from_login import FromLogin
from moorings.signin.jobs import GitHubJob, GitLabJob
from moorings.signin.login_store import Login, LoginStore
from moorings.signin.sign_in_parser import read_sign_in, token_cache_of
from moorings.signin.token_cache import TokenCache
from moorings.signin.token_sources import FromFile, FromFunction
from moorings.signin.tokens import Token, TokenSource

__all__ = [
    "ClientCredentials",
    "Exchanged",
    "FromFile",
    "FromFunction",
    "FromLogin",
    "GitHubJob",
    "GitLabJob",
    "Login",
    "LoginStore",
    "Token",
    "TokenCache",
    "TokenSource",
    "read_sign_in",
    "token_cache_of",
]
