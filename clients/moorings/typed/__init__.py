"""Typed events: classes generated from contracts, and classes compared with them."""

from typing import TYPE_CHECKING

from moorings.lazy_exports import lazy_exports
from moorings.typed.contract_value import Contract, ContractReference

if TYPE_CHECKING:
    from moorings.typed.comparing import assert_fits, compare
    from moorings.typed.differences import Difference, Role, Unfit
    from moorings.typed.from_class import ClassInvalid
    from moorings.typed.handle import ClassUnfit, TypedContract, arguments_for, converter, event, of

__all__ = [
    "ClassInvalid",
    "ClassUnfit",
    "Contract",
    "ContractReference",
    "Difference",
    "Role",
    "TypedContract",
    "Unfit",
    "arguments_for",
    "assert_fits",
    "compare",
    "converter",
    "event",
    "of",
]

# A generated module needs only the contract's value; everything else is imported when it is first used.
__getattr__ = lazy_exports(
    "moorings.typed",
    {
        "ClassInvalid": "from_class",
        "ClassUnfit": "handle",
        "Difference": "differences",
        "Role": "differences",
        "TypedContract": "handle",
        "Unfit": "differences",
        "arguments_for": "handle",
        "assert_fits": "comparing",
        "compare": "comparing",
        "converter": "handle",
        "event": "handle",
        "of": "handle",
    },
)
