"""The registry's own keys: made in memory, never stored; their public halves are published beside the ledger."""

from moorings_registry.own_keys.own_keys import LONGEST_LIFE_S, ROTATION_S, OwnKeys
from moorings_registry.own_keys.token_types import ACCESS_TOKEN, ASSERTION, SESSION, SIGN_IN_STATE

__all__ = ["ACCESS_TOKEN", "ASSERTION", "LONGEST_LIFE_S", "ROTATION_S", "SESSION", "SIGN_IN_STATE", "OwnKeys"]
