"""Assertions: tokens with which a client signs in at the token endpoint, and nowhere else (RFC 7523 §2.2)."""

from dataclasses import replace

from moorings_registry.issuers.issuer import Issuer

TYPE_OF_ASSERTION = "client-authentication+jwt"
"""What an assertion calls itself that its client made for this purpose (draft-ietf-oauth-rfc7523bis §3)."""
TYPE_OF_ACCESS = "at+jwt"
"""The `typ` of access tokens (RFC 9068 §2.1)."""
LONGEST_LIFE_S = 300
"""Of an assertion that was made for one request."""


def for_assertions(issuer: Issuer) -> Issuer:
    """*issuer* with the types that it signs assertions with: never an access token.

    A registry signs them for the purpose; the token of a workload says who it is, so it may be one.
    """
    if issuer.kind == "registry":
        return replace(issuer, types=frozenset((TYPE_OF_ASSERTION,)), longest_life_s=LONGEST_LIFE_S)
    return replace(issuer, types=issuer.types - {TYPE_OF_ACCESS})
