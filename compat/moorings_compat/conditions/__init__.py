"""Conditions of contracts: does a revision refuse by a rule what another revision of its major writes?"""

from moorings_compat.conditions.compare import compare_conditions
from moorings_compat.conditions.compiling import uncompilable

__all__ = ["compare_conditions", "uncompilable"]
