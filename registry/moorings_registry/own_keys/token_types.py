"""What the registry signs, by the `typ` of the header: no token is taken for one of another type (RFC 8725 §3.11)."""

ACCESS_TOKEN = "at+jwt"  # noqa: S105 - a type
"""RFC 9068 §2.1."""
ASSERTION = "client-authentication+jwt"
"""What a registry signs in with at another one; RFC 7523 as updated by draft-ietf-oauth-rfc7523bis, section 3."""
SESSION = "moorings-session+jwt"
"""A person's session on the pages."""
SIGN_IN_STATE = "moorings-sign-in+jwt"
"""What the registry remembers, with a person's browser, while that person is at the issuer."""
