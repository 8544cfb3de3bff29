"""Who sends a command, and how the request is identified."""

import hashlib
from dataclasses import dataclass

from moorings_registry.principals import LOCAL_PRINCIPAL, Principal


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and how the request is identified."""

    principal: Principal = LOCAL_PRINCIPAL
    correlation_id: str = ""
    idempotency_key: str = ""
    request_digest: str = ""
    """SHA-256 hex of the request; the same key with another digest is an error."""

    @property
    def key(self) -> str:
        """The idempotency key, hashed with its principal for the ledger; empty if none was sent."""
        if not self.idempotency_key:
            return ""
        return hashlib.sha256(f"{self.principal.name}\n{self.idempotency_key}".encode()).hexdigest()
