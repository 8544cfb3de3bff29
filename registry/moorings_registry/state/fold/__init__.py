"""How each fact changes the state, by the families of `facts`. Pure."""

from moorings_registry.state.fold.applying import apply
from moorings_registry.state.fold.schemas import refusal_key

__all__ = ["apply", "refusal_key"]
