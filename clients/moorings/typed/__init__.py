"""Typed events: classes generated from contracts, and classes held against them."""

from typing import TYPE_CHECKING

from moorings.lazy_names import lazy_names
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

# A generated module needs no more than the contract's value; whatever else is asked for is imported then.
__getattr__ = lazy_names(
    "moorings.typed",
    {
        "ClassInvalid": "from_class",
        "Difference": "differences",
        "Role": "differences",
        "TypedContract": "handle",
        "Unfit": "differences",
        "assert_fits": "comparing",
        "compare": "comparing",
        "converter": "handle",
        "of": "handle",
    },
)
