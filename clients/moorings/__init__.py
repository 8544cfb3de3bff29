"""Event contracts in producers and consumers: validated on produce, resolved and validated on consume.

    import moorings

    registry = moorings.connect("http://127.0.0.1:8081")
    orders = registry.event("shop.orders.OrderPlaced", major=1)

    data = orders.encode({"order_id": "o-1", "total_cents": 4200})   # EventInvalid lists every violation
    event = orders.decode(data)                                     # as a dict of this handle's revision

`docs/client.md` is a guide, `docs/client-reference.md` lists everything.
"""

from moorings.connecting import Options, connect, connect_async
from moorings.contracts.contract import EventContract
from moorings.contracts.deprecation import ContractDeprecated
from moorings.contracts.internal_fields import InternalFields
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
    SignatureInvalid,
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
    "InternalFields",
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
    "SignatureInvalid",
    "Violation",
    "WriterUnknown",
    "connect",
    "connect_async",
]


def __dir__() -> list[str]:
    return __all__
