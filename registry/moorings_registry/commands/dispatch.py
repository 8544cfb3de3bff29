"""The table of commands: from a state and a command to facts, or a refusal. Pure."""

from collections.abc import Callable, Iterable
from typing import Any

from moorings_registry import facts
from moorings_registry.commands.access_records import RecordAccess, record_access
from moorings_registry.commands.applications import SetHolders, set_holders
from moorings_registry.commands.associations import (
    Associate,
    ChangeAssociations,
    Dissociate,
    associate,
    change_associations,
    dissociate,
)
from moorings_registry.commands.consumers import (
    PutConsumer,
    RecordDeployment,
    WithdrawConsumer,
    put_consumer,
    record_deployment,
    withdraw_consumer,
)
from moorings_registry.commands.decision import Decision, Dependencies, Outcome
from moorings_registry.commands.declarations import DeclareEvent, declare_event
from moorings_registry.commands.deletions import (
    DeleteSubject,
    DeleteVersion,
    RestoreSubject,
    RestoreVersion,
    delete_subject,
    delete_version,
    restore_subject,
    restore_version,
)
from moorings_registry.commands.domain_contracts import PutContracts, put_contracts
from moorings_registry.commands.domains import PutDomain, put_domain
from moorings_registry.commands.encryption_keys import (
    ChangeKek,
    CreateDek,
    CreateKek,
    DeleteDek,
    DeleteKek,
    RestoreDek,
    RestoreKek,
    change_kek,
    create_dek,
    create_kek,
    delete_dek,
    delete_kek,
    restore_dek,
    restore_kek,
)
from moorings_registry.commands.exporters import (
    ChangeExporter,
    CreateExporter,
    DeleteExporter,
    RecordExport,
    ResetExporter,
    SetExporterPaused,
    change_exporter,
    create_exporter,
    delete_exporter,
    record_export,
    reset_exporter,
    set_exporter_paused,
)
from moorings_registry.commands.governance import (
    ClearConfig,
    DeleteContext,
    SetConfig,
    clear_config,
    delete_context,
    set_config,
)
from moorings_registry.commands.grants import GrantAccess, RevokeAccess, grant_access, revoke_access
from moorings_registry.commands.imports import ImportVersion, import_version
from moorings_registry.commands.issuers import ConfigureIssuers, configure_issuers
from moorings_registry.commands.lifecycle import SetMajorLifecycle, set_major_lifecycle
from moorings_registry.commands.migrations import SetMigration, set_migration
from moorings_registry.commands.modes import ClearMode, SetMode, clear_mode, set_mode
from moorings_registry.commands.owner_transfers import (
    AcceptOwnerTransfer,
    EndOwnerTransfer,
    accept_owner_transfer,
    end_owner_transfer,
)
from moorings_registry.commands.registrations import RegisterSchema, register_schema
from moorings_registry.commands.reminders import RecordReminders, record_reminders
from moorings_registry.commands.reviews import ReviewCheck, review_check
from moorings_registry.commands.tag_schema import TagSchema, tag_schema
from moorings_registry.commands.topic_names import with_subjects_meant
from moorings_registry.commands.waivers import (
    ApproveWaiver,
    GrantWaiver,
    WithdrawWaiver,
    approve_waiver,
    grant_waiver,
    withdraw_waiver,
)
from moorings_registry.commands.webhooks import (
    CreateWebhook,
    RecordDelivery,
    RemoveWebhook,
    ReplayDeadLetters,
    ReplayWebhook,
    create_webhook,
    record_delivery,
    remove_webhook,
    replay_dead_letters,
    replay_webhook,
)
from moorings_registry.state import State

Command = (
    PutDomain
    | PutContracts
    | DeclareEvent
    | RegisterSchema
    | ImportVersion
    | DeleteSubject
    | DeleteVersion
    | RestoreVersion
    | RestoreSubject
    | SetConfig
    | ClearConfig
    | SetMode
    | ClearMode
    | DeleteContext
    | TagSchema
    | Associate
    | Dissociate
    | ChangeAssociations
    | SetMajorLifecycle
    | SetMigration
    | GrantWaiver
    | WithdrawWaiver
    | CreateExporter
    | ChangeExporter
    | DeleteExporter
    | SetExporterPaused
    | ResetExporter
    | RecordExport
    | ApproveWaiver
    | AcceptOwnerTransfer
    | EndOwnerTransfer
    | GrantAccess
    | RevokeAccess
    | RecordAccess
    | RecordReminders
    | PutConsumer
    | WithdrawConsumer
    | RecordDeployment
    | SetHolders
    | ConfigureIssuers
    | CreateWebhook
    | ReplayWebhook
    | ReplayDeadLetters
    | RemoveWebhook
    | RecordDelivery
    | ReviewCheck
    | ChangeKek
    | CreateDek
    | CreateKek
    | DeleteDek
    | DeleteKek
    | RestoreDek
    | RestoreKek
)

_DECIDE: dict[type[Command], Callable[[State, Any, Dependencies], Decision]] = {
    PutDomain: put_domain,
    PutContracts: put_contracts,
    DeclareEvent: declare_event,
    RegisterSchema: register_schema,
    ImportVersion: import_version,
    DeleteSubject: delete_subject,
    DeleteVersion: delete_version,
    RestoreVersion: restore_version,
    RestoreSubject: restore_subject,
    SetConfig: set_config,
    ClearConfig: clear_config,
    SetMode: set_mode,
    ClearMode: clear_mode,
    DeleteContext: delete_context,
    TagSchema: tag_schema,
    Associate: associate,
    Dissociate: dissociate,
    ChangeAssociations: change_associations,
    SetMajorLifecycle: set_major_lifecycle,
    SetMigration: set_migration,
    GrantWaiver: grant_waiver,
    WithdrawWaiver: withdraw_waiver,
    CreateExporter: create_exporter,
    ChangeExporter: change_exporter,
    DeleteExporter: delete_exporter,
    SetExporterPaused: set_exporter_paused,
    ResetExporter: reset_exporter,
    RecordExport: record_export,
    ApproveWaiver: approve_waiver,
    AcceptOwnerTransfer: accept_owner_transfer,
    EndOwnerTransfer: end_owner_transfer,
    GrantAccess: grant_access,
    RevokeAccess: revoke_access,
    RecordAccess: record_access,
    RecordReminders: record_reminders,
    PutConsumer: put_consumer,
    WithdrawConsumer: withdraw_consumer,
    RecordDeployment: record_deployment,
    SetHolders: set_holders,
    ConfigureIssuers: configure_issuers,
    CreateWebhook: create_webhook,
    ReplayWebhook: replay_webhook,
    ReplayDeadLetters: replay_dead_letters,
    RemoveWebhook: remove_webhook,
    RecordDelivery: record_delivery,
    ReviewCheck: review_check,
    ChangeKek: change_kek,
    CreateDek: create_dek,
    CreateKek: create_kek,
    DeleteDek: delete_dek,
    DeleteKek: delete_kek,
    RestoreDek: restore_dek,
    RestoreKek: restore_kek,
}


_OF_EXPORTERS = (
    facts.ExporterCreated,
    facts.ExporterChanged,
    facts.ExporterPaused,
    facts.ExporterResumed,
    facts.ExporterReset,
    facts.ExporterDeleted,
)


_OF_TRANSFERS = facts.OwnerTransferOffered | facts.OwnerTransferAccepted | facts.OwnerTransferWithdrawn


def decide(state: State, command: Command, dependencies: Dependencies) -> Decision:
    """Decide *command* on *state*.

    Raises:
        Refusal: it cannot be done, and that leaves no trace.
    """
    return _DECIDE[type(command)](state, with_subjects_meant(state, command), dependencies)


def outcome_of(recorded: Iterable[facts.Fact]) -> Outcome:
    """Derive the outcome from an entry's facts: the answer to a request that was repeated with its key."""
    told = list(recorded)
    for fact in told:
        if isinstance(fact, facts.ResourceAssociated | facts.ResourceDissociated):
            return Outcome(subject=fact.resource_id, created=True)
    if told and isinstance(told[0], _OF_EXPORTERS):
        return Outcome(subject=told[0].name)
    return next((outcome for fact in told if (outcome := _outcome_of_one(fact)) is not None), Outcome())


def _outcome_of_one(fact: facts.Fact) -> Outcome | None:
    if isinstance(fact, facts.SchemaRegistered):
        return Outcome(subject=fact.subject, versions=(fact.version,), created=True)
    if isinstance(fact, facts.VersionsSoftDeleted | facts.VersionsPermanentlyDeleted | facts.VersionsRestored):
        return Outcome(subject=fact.subject, versions=tuple(fact.versions))
    if isinstance(fact, facts.DomainRegistered):
        return Outcome(domain=fact.domain, created=True)
    if isinstance(fact, facts.DomainOwnerChanged | facts.DomainPolicyChanged | _OF_TRANSFERS):
        return Outcome(domain=fact.domain)
    if isinstance(fact, facts.ConfigChanged | facts.ModeChanged):
        return Outcome(subject=fact.scope)
    if isinstance(fact, facts.FirstMajorLifecycleChanged | facts.MajorLifecycleChanged | facts.MajorMigrationChanged):
        return Outcome(subject=fact.subject)
    if isinstance(fact, facts.EventDeclared | facts.CheckReviewed):
        return Outcome(subject=fact.subject)
    if isinstance(fact, facts.AccessGranted | facts.WebhookCreated):
        return Outcome(domain=fact.node, created=True)
    if isinstance(fact, facts.WaiverGranted | facts.WaiverRequested):
        return Outcome(domain=fact.domain, subject=fact.subject, created=True)
    return None
