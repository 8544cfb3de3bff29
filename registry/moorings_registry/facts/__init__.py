"""The ledger's vocabulary: what can have happened to a registry, one frozen value each, in the past tense.

A fact is stored as a JSON object: ``{"fact": "SchemaRegistered", "v": 1, ...}``. Its form never changes once written;
a new form gets the next `v`. The JSON Schemas are in ``schemas/moorings.registry/``; their forms, which is what members
there are, of which types, and the values of closed lists, are rendered into ``fact_forms.json`` by `make docs`.

A fact is read in exactly the form that this release knows, or not at all: a member that it would leave out may be what
matters. What is written is read in the same way before it is appended.
"""

from moorings_registry.facts.access import AccessDenied, AccessGranted, AccessRevoked, AccessSealed, IssuersConfigured
from moorings_registry.facts.associations import ResourceAssociated, ResourceDissociated
from moorings_registry.facts.checks import ChangeHeldBack, CheckReviewed
from moorings_registry.facts.consumers import ApplicationDeployed, ApplicationHeld, ConsumerDeclared, ConsumerWithdrawn
from moorings_registry.facts.domains import (
    DomainOwnerChanged,
    DomainPolicyChanged,
    DomainRegistered,
    EventDeclared,
    OwnerTransferAccepted,
    OwnerTransferOffered,
    OwnerTransferWithdrawn,
)
from moorings_registry.facts.encryption_keys import (
    DekRegistered,
    DekVersionsPermanentlyDeleted,
    DekVersionsRestored,
    DekVersionsSoftDeleted,
    KekChanged,
    KekPermanentlyDeleted,
    KekRegistered,
    KekRestored,
    KekSoftDeleted,
)
from moorings_registry.facts.exporters import (
    ExporterAdvanced,
    ExporterChanged,
    ExporterCreated,
    ExporterDeleted,
    ExporterPaused,
    ExporterReset,
    ExporterResumed,
)
from moorings_registry.facts.lifecycle import (
    FirstMajorLifecycleChanged,
    MajorLifecycleChanged,
    MajorMigrationChanged,
    MajorsHeld,
    SunsetReminded,
)
from moorings_registry.facts.schemas import (
    DialectChosen,
    InvalidSchemaKept,
    RevisionsPurged,
    SchemaAliased,
    SchemaDefined,
    SchemaRefused,
    SchemaRegistered,
    VersionsPermanentlyDeleted,
    VersionsRestored,
    VersionsSoftDeleted,
)
from moorings_registry.facts.settings import ConfigChanged, ModeChanged
from moorings_registry.facts.vocabulary import FACTS, Fact, FactUnknown, from_json, to_json
from moorings_registry.facts.waivers import WaiverApproved, WaiverGranted, WaiverRequested, WaiverUsed, WaiverWithdrawn
from moorings_registry.facts.webhooks import (
    DeadLettersReplayed,
    WebhookAdvanced,
    WebhookCreated,
    WebhookRemoved,
    WebhookReplayed,
)

__all__ = [
    "FACTS",
    "AccessDenied",
    "AccessGranted",
    "AccessRevoked",
    "AccessSealed",
    "ApplicationDeployed",
    "ApplicationHeld",
    "ChangeHeldBack",
    "CheckReviewed",
    "ConfigChanged",
    "ConsumerDeclared",
    "ConsumerWithdrawn",
    "DeadLettersReplayed",
    "DekRegistered",
    "DekVersionsPermanentlyDeleted",
    "DekVersionsRestored",
    "DekVersionsSoftDeleted",
    "DialectChosen",
    "DomainOwnerChanged",
    "DomainPolicyChanged",
    "DomainRegistered",
    "EventDeclared",
    "ExporterAdvanced",
    "ExporterChanged",
    "ExporterCreated",
    "ExporterDeleted",
    "ExporterPaused",
    "ExporterReset",
    "ExporterResumed",
    "Fact",
    "FactUnknown",
    "FirstMajorLifecycleChanged",
    "InvalidSchemaKept",
    "IssuersConfigured",
    "KekChanged",
    "KekPermanentlyDeleted",
    "KekRegistered",
    "KekRestored",
    "KekSoftDeleted",
    "MajorLifecycleChanged",
    "MajorMigrationChanged",
    "MajorsHeld",
    "ModeChanged",
    "OwnerTransferAccepted",
    "OwnerTransferOffered",
    "OwnerTransferWithdrawn",
    "ResourceAssociated",
    "ResourceDissociated",
    "RevisionsPurged",
    "SchemaAliased",
    "SchemaDefined",
    "SchemaRefused",
    "SchemaRegistered",
    "SunsetReminded",
    "VersionsPermanentlyDeleted",
    "VersionsRestored",
    "VersionsSoftDeleted",
    "WaiverApproved",
    "WaiverGranted",
    "WaiverRequested",
    "WaiverUsed",
    "WaiverWithdrawn",
    "WebhookAdvanced",
    "WebhookCreated",
    "WebhookRemoved",
    "WebhookReplayed",
    "from_json",
    "to_json",
]
