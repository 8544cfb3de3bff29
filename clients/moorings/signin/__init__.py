"""Signing in to the registry: where tokens come from, and who renews them in time."""

from moorings.signin.client_credentials import ClientCredentials
from moorings.signin.jobs import GitHubJob, GitLabJob
from moorings.signin.sign_in_parser import keeper_of, read_sign_in
from moorings.signin.sources import FromFile, FromFunction
from moorings.signin.token_cache import TokenKeeper
from moorings.signin.tokens import Token, TokenSource

__all__ = [
    "ClientCredentials",
    "FromFile",
    "FromFunction",
    "GitHubJob",
    "GitLabJob",
    "Token",
    "TokenKeeper",
    "TokenSource",
    "keeper_of",
    "read_sign_in",
]
