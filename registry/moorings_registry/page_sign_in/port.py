"""What sign-in of people needs of the registry's own keys."""

from collections.abc import Mapping
from typing import Any, Protocol

from moorings_registry.issuers import CompactJwt


class OwnTokens(Protocol):
    """Signs tokens that this registry makes for itself, and verifies those of all its nodes. Safe from any thread."""

    url: str
    """The issuer and the audience of such tokens."""

    def sign(self, token_type: str, claims: Mapping[str, Any], life_s: int) -> str:
        """Sign *claims* as a token that ends after *life_s* seconds; `iss`, `iat`, `exp` and `jti` are added.

        Raises:
            SigningUnavailable
        """

    def verify(self, token: CompactJwt, token_type: str) -> Mapping[str, Any]:
        """The claims of a token of *token_type* that a node of this registry signed for itself.

        May ask what is beside the ledger.

        Raises:
            TokenRefused: of another type, wrongly signed, or expired.
        """
