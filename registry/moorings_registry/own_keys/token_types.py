"""What the registry signs, by the `typ` of the header: no token is taken for one of another type (RFC 8725 §3.11)."""

from moorings_registry.issuers.assertions import TYPE_OF_ACCESS, TYPE_OF_ASSERTION

ACCESS_TOKEN = TYPE_OF_ACCESS
ASSERTION = TYPE_OF_ASSERTION
"""What a registry signs in with at another one."""
SESSION = "moorings-session+jwt"
"""A person's session on the pages."""
SIGN_IN_STATE = "moorings-sign-in+jwt"
"""What the registry remembers, with a person's browser, while that person is at the issuer."""
