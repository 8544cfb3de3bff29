"""What can be asked of a registry, and what deciding it yields."""

from moorings_registry.commands.access_records import RecordAccess
from moorings_registry.commands.applications import SetHolders
from moorings_registry.commands.assessment import (
    NEXT,
    Assessment,
    assess,
    assess_against,
    check_again,
    compared_schemas,
    condition_findings,
    impacts_of,
    parsed,
    placement_for,
    read_as,
)
from moorings_registry.commands.associations import (
    Associate,
    ChangeAssociations,
    Dissociate,
    Resource,
    Wish,
    require_named,
)
from moorings_registry.commands.candidate import Candidate, Draft, find_by_text, find_version, read_candidate
from moorings_registry.commands.check_observer import CheckObserver, NoObserver
from moorings_registry.commands.consumers import PutConsumer, RecordDeployment, WithdrawConsumer, reads_of
from moorings_registry.commands.contract_tests import event_text
from moorings_registry.commands.contracts import contracts_of
from moorings_registry.commands.decision import Decision, Dependencies, Outcome, PartResult, ReportMemory
from moorings_registry.commands.declarations import DeclareEvent, missing_pointers, newest_revision
from moorings_registry.commands.deletions import (
    DeleteSubject,
    DeleteVersion,
    RestoreSubject,
    RestoreVersion,
)
from moorings_registry.commands.dispatch import Command, decide, outcome_of
from moorings_registry.commands.domain_contracts import EventContract, MajorContract, PutContracts, answered_before
from moorings_registry.commands.domains import PutDomain
from moorings_registry.commands.draft_defaults import as_compared, prepare, require_fields_allowed, under_contract
from moorings_registry.commands.encryption_keys import (
    ChangeKek,
    CreateDek,
    CreateKek,
    DeleteDek,
    DeleteKek,
    RestoreDek,
    RestoreKek,
)
from moorings_registry.commands.exporters import (
    ChangeExporter,
    CreateExporter,
    DeleteExporter,
    RecordExport,
    ResetExporter,
    SetExporterPaused,
)
from moorings_registry.commands.governance import ClearConfig, DeleteContext, SetConfig
from moorings_registry.commands.grants import GrantAccess, RevokeAccess, latest_grant
from moorings_registry.commands.imports import ImportVersion
from moorings_registry.commands.issuers import NO_ISSUERS, ConfigureIssuers
from moorings_registry.commands.lifecycle import SetMajorLifecycle
from moorings_registry.commands.migrations import NO_MIGRATION, SetMigration, trial_of
from moorings_registry.commands.modes import ClearMode, SetMode
from moorings_registry.commands.owner_transfers import AcceptOwnerTransfer, EndOwnerTransfer, receives
from moorings_registry.commands.readers import (
    CLAIMED,
    DECLARED,
    OBSERVED,
    PRINCIPAL,
    Observe,
    ObservedReader,
    Reader,
    ReaderImpact,
    impacts_on,
    nobody_observed,
    readers_of,
)
from moorings_registry.commands.refusal_lists import DELETION_REFUSALS, REGISTRATION_REFUSALS
from moorings_registry.commands.registrations import (
    RegisterSchema,
    decided_on,
    refused_before,
    require_not_retired,
)
from moorings_registry.commands.reminders import RecordReminders, is_reminded
from moorings_registry.commands.reviews import ReviewCheck
from moorings_registry.commands.simulation import simulate
from moorings_registry.commands.tag_changes import TagChanges
from moorings_registry.commands.tag_schema import TagSchema
from moorings_registry.commands.topic_names import with_subjects_meant
from moorings_registry.commands.unmet import UnmetRevision, unmet_revisions
from moorings_registry.commands.waivers import ApproveWaiver, GrantWaiver, WithdrawWaiver
from moorings_registry.commands.webhooks import (
    MODES,
    CreateWebhook,
    RecordDelivery,
    RemoveWebhook,
    ReplayDeadLetters,
    ReplayWebhook,
    addresses_allowed,
    known_webhook,
)

__all__ = [
    "CLAIMED",
    "DECLARED",
    "DELETION_REFUSALS",
    "MODES",
    "NEXT",
    "NO_ISSUERS",
    "NO_MIGRATION",
    "OBSERVED",
    "PRINCIPAL",
    "REGISTRATION_REFUSALS",
    "AcceptOwnerTransfer",
    "ApproveWaiver",
    "Assessment",
    "Associate",
    "Candidate",
    "ChangeAssociations",
    "ChangeExporter",
    "ChangeKek",
    "CheckObserver",
    "ClearConfig",
    "ClearMode",
    "Command",
    "ConfigureIssuers",
    "CreateDek",
    "CreateExporter",
    "CreateKek",
    "CreateWebhook",
    "Decision",
    "DeclareEvent",
    "DeleteContext",
    "DeleteDek",
    "DeleteExporter",
    "DeleteKek",
    "DeleteSubject",
    "DeleteVersion",
    "Dependencies",
    "Dissociate",
    "Draft",
    "EndOwnerTransfer",
    "EventContract",
    "GrantAccess",
    "GrantWaiver",
    "ImportVersion",
    "MajorContract",
    "NoObserver",
    "Observe",
    "ObservedReader",
    "Outcome",
    "PartResult",
    "PutConsumer",
    "PutContracts",
    "PutDomain",
    "Reader",
    "ReaderImpact",
    "RecordAccess",
    "RecordDelivery",
    "RecordDeployment",
    "RecordExport",
    "RecordReminders",
    "RegisterSchema",
    "RemoveWebhook",
    "ReplayDeadLetters",
    "ReplayWebhook",
    "ReportMemory",
    "ResetExporter",
    "Resource",
    "RestoreDek",
    "RestoreKek",
    "RestoreSubject",
    "RestoreVersion",
    "ReviewCheck",
    "RevokeAccess",
    "SetConfig",
    "SetExporterPaused",
    "SetHolders",
    "SetMajorLifecycle",
    "SetMigration",
    "SetMode",
    "TagChanges",
    "TagSchema",
    "UnmetRevision",
    "Wish",
    "WithdrawConsumer",
    "WithdrawWaiver",
    "addresses_allowed",
    "answered_before",
    "as_compared",
    "assess",
    "assess_against",
    "check_again",
    "compared_schemas",
    "condition_findings",
    "contracts_of",
    "decide",
    "decided_on",
    "event_text",
    "find_by_text",
    "find_version",
    "impacts_of",
    "impacts_on",
    "is_reminded",
    "known_webhook",
    "latest_grant",
    "missing_pointers",
    "newest_revision",
    "nobody_observed",
    "outcome_of",
    "parsed",
    "placement_for",
    "prepare",
    "read_as",
    "read_candidate",
    "readers_of",
    "reads_of",
    "receives",
    "refused_before",
    "require_fields_allowed",
    "require_named",
    "require_not_retired",
    "simulate",
    "trial_of",
    "under_contract",
    "unmet_revisions",
    "with_subjects_meant",
]  # fmt: skip
