"""An issuer for development: certificates and tokens for the services of one machine, as a cluster gives them."""

from moorings_registry.dev_issuer.authority import Authority, IssuedCertificate
from moorings_registry.dev_issuer.identities import AUDIENCE, TOKEN_LIFE_S, DevIssuer, Service
from moorings_registry.dev_issuer.people import Person
from moorings_registry.dev_issuer.server import serve_keys

__all__ = ["AUDIENCE", "TOKEN_LIFE_S", "Authority", "DevIssuer", "IssuedCertificate", "Person", "Service", "serve_keys"]
