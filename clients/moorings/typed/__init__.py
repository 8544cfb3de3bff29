"""Typed events: classes generated from contracts, and classes held against them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from moorings.typed.contract_value import Contract, ContractReference

if TYPE_CHECKING:
    from moorings.typed.comparing import assert_fits, compare
    from moorings.typed.differences import Difference, Role, Unfit
    from moorings.typed.from_class import ClassInvalid
    from moorings.typed.handle import TypedContract, converter, of

__all__ = [
    "ClassInvalid",
    "Contract",
    "ContractReference",
    "Difference",
    "Role",
    "TypedContract",
    "Unfit",
    "assert_fits",
    "compare",
    "converter",
    "of",
]

_PLACES = {
    "assert_fits": "comparing",
    "compare": "comparing",
    "Difference": "differences",
    "Role": "differences",
    "Unfit": "differences",
    "ClassInvalid": "from_class",
    "TypedContract": "handle",
    "converter": "handle",
    "of": "handle",
}


def __getattr__(name: str) -> Any:
    """Import the rest when it is asked for: a generated module needs no more than the contract's value."""
    if name not in _PLACES:
        raise AttributeError(name)
    return getattr(import_module(f"moorings.typed.{_PLACES[name]}"), name)
