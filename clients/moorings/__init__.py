"""Event contracts in producers and consumers: validated on produce, resolved and validated on consume."""

from moorings.connecting import Options, connect, connect_async
from moorings.contracts.contract import EventContract
from moorings.contracts.deprecation import ContractDeprecated
from moorings.errors import (
    AnswerInvalid,
    ContractDraft,
    ContractIsType,
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
    SignInFailed,
    WriterUnknown,
)
from moorings.registry import Registry
from moorings.violations import Broken, Violation

__all__ = [
    "AnswerInvalid",
    "Broken",
    "ContractDeprecated",
    "ContractDraft",
    "ContractIsType",
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
    "Options",
    "Registry",
    "RegistryRefused",
    "RegistryUnavailable",
    "SchemaIncompatible",
    "SettingInvalid",
    "SignInFailed",
    "Violation",
    "WriterUnknown",
    "connect",
    "connect_async",
]
