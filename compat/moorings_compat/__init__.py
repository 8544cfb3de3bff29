"""Event schemas: parse them, identify them, and check whether one reads what another wrote."""

from moorings_compat.check import check, compare_conditions
from moorings_compat.contracts import Contract, Contracts
from moorings_compat.errors import (
    BudgetSpent,
    Problem,
    ProtobufCompilerUnavailable,
    ProtobufLibraryMissing,
    ReferenceCircle,
    ReferenceMissing,
    SchemaError,
    SchemaInvalid,
    SchemaLimitExceeded,
)
from moorings_compat.findings import Comparison, Finding, Report, Severity, Suggestion, Verdict, Witness
from moorings_compat.formats import can_read, catalogue, parse
from moorings_compat.identity import content_guid
from moorings_compat.levels import DEMANDS, Level, Promise, covers, is_as_strong, joined
from moorings_compat.limits import DEFAULT_LIMITS, LARGEST_LIMITS, Budget, Limits
from moorings_compat.pointer_positions import Position
from moorings_compat.policies import DEFAULT_DIALECT, DEFAULT_POLICY, Dialect, JsonFields, Policy, ProtobufLevel
from moorings_compat.positions import Positions, positions_of
from moorings_compat.rules import Rule
from moorings_compat.schema import Format, Reference, ResolvedReference, Schema

__all__ = [
    "DEFAULT_DIALECT",
    "DEFAULT_LIMITS",
    "DEFAULT_POLICY",
    "DEMANDS",
    "LARGEST_LIMITS",
    "Budget",
    "BudgetSpent",
    "Comparison",
    "Contract",
    "Contracts",
    "Dialect",
    "Finding",
    "Format",
    "JsonFields",
    "Level",
    "Limits",
    "Policy",
    "Position",
    "Positions",
    "Problem",
    "Promise",
    "ProtobufCompilerUnavailable",
    "ProtobufLevel",
    "ProtobufLibraryMissing",
    "Reference",
    "ReferenceCircle",
    "ReferenceMissing",
    "Report",
    "ResolvedReference",
    "Rule",
    "Schema",
    "SchemaError",
    "SchemaInvalid",
    "SchemaLimitExceeded",
    "Severity",
    "Suggestion",
    "Verdict",
    "Witness",
    "can_read",
    "catalogue",
    "check",
    "compare_conditions",
    "content_guid",
    "covers",
    "is_as_strong",
    "joined",
    "parse",
    "positions_of",
]
