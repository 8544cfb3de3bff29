"""Typed events: classes generated from contracts, and classes held against them."""

from moorings.typed.contract_value import Contract, ContractReference

__all__ = ["Contract", "ContractReference"]
