"""Event contracts in producers and consumers: validated on produce, resolved and validated on consume."""

from moorings.contract import ContractDeprecated, EventContract
from moorings.errors import (
    AnswerInvalid,
    ContractRetired,
    ContractUnknown,
    EventInvalid,
    EventUnreadable,
    ExtraMissing,
    FramingInvalid,
    MooringsError,
    NotAllowed,
    NotFound,
    RegistryRefused,
    RegistryUnavailable,
    SchemaIncompatible,
    SettingInvalid,
    WriterUnknown,
)
from moorings.registry import Registry, connect
from moorings.violations import Broken, Violation

__all__ = [
    "AnswerInvalid",
    "Broken",
    "ContractDeprecated",
    "ContractRetired",
    "ContractUnknown",
    "EventContract",
    "EventInvalid",
    "EventUnreadable",
    "ExtraMissing",
    "FramingInvalid",
    "MooringsError",
    "NotAllowed",
    "NotFound",
    "Registry",
    "RegistryRefused",
    "RegistryUnavailable",
    "SchemaIncompatible",
    "SettingInvalid",
    "Violation",
    "WriterUnknown",
    "connect",
]
