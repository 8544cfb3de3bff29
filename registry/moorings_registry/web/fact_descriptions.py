"""Facts of the ledger as sentences, with links to what they are about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from moorings_registry import facts
from moorings_registry.names import DEFAULT_CONTEXT, Subject
from moorings_registry.state import MajorState
from moorings_registry.web import links
from moorings_registry.web.labels import FORMATS, VERDICTS, counted, listed


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of a sentence; a link where *href* says where to."""

    text: str
    href: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """What happened. Tone and icon are those of `labels`."""

    tone: str
    icon: str
    parts: tuple[Phrase, ...]

    def __str__(self) -> str:
        return "".join(part.text for part in self.parts)


def sentence(fact: facts.Fact, position: int) -> Sentence:
    """Describe *fact*, which the entry at *position* recorded; of a check, *position* is the id of its report."""
    return _TELLERS[type(fact)](fact, position)


def described(fact: facts.Fact, position: int) -> tuple[str, str]:
    """The sentence of *fact*, and the address of the page that says most about it; empty for none."""
    told = sentence(fact, position)
    return str(told), next((one.href for one in reversed(told.parts) if one.href), "")


def _domain(name: str) -> Phrase:
    return Phrase(name, links.domain_href(name), strong=True)


def _event(subject: str, version: object = "") -> Phrase:
    return Phrase(subject, links.event_href(subject, version), strong=True)


def _domain_registered(fact: facts.DomainRegistered, _position: int) -> Sentence:
    return Sentence(
        "calm",
        "anchor",
        (Phrase("Domain "), _domain(fact.domain), Phrase(f" was registered with owner {fact.owner}.")),
    )


def _domain_owner_changed(fact: facts.DomainOwnerChanged, _position: int) -> Sentence:
    told = Phrase(f" is owned by {fact.owner}; owner, contacts or description changed.")
    return Sentence("calm", "people", (Phrase("Domain "), _domain(fact.domain), told))


def _domain_policy_changed(fact: facts.DomainPolicyChanged, _position: int) -> Sentence:
    policy = ", ".join(f"{key} {_said(value)}" for key, value in sorted(fact.policy.items())) or "nothing of its own"
    return Sentence("calm", "note", (Phrase("The policy of "), _domain(fact.domain), Phrase(f" is now: {policy}.")))


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)


def _event_declared(fact: facts.EventDeclared, _position: int) -> Sentence:
    topics = f" on {counted(len(fact.topics), 'topic')}: {listed(fact.topics, 3)}" if fact.topics else ""
    handled = f", handled by {fact.handler}" if fact.handler else ""
    return Sentence("calm", "note", (_event(fact.subject), Phrase(f" was declared: a {fact.kind}{handled}{topics}.")))


def _schema_defined(fact: facts.SchemaDefined, _position: int) -> Sentence:
    known = Phrase(f"{counted(len(fact.text), 'character')} of {FORMATS.get(fact.format, fact.format)} ")
    return Sentence("calm", "note", (known, Phrase("were recorded for the first time"), Phrase(f", guid {fact.guid}.")))


def _invalid_schema_kept(fact: facts.InvalidSchemaKept, _position: int) -> Sentence:
    told = f"Schema {fact.guid} was kept although it is not valid here: {fact.reason}"
    return Sentence("warn", "note", (Phrase(told),))


def _dialect_chosen(fact: facts.DialectChosen, _position: int) -> Sentence:
    told = f"Schema {fact.guid} names a dialect of another party, and is read as {fact.dialect}."
    return Sentence("calm", "note", (Phrase(told),))


def _schema_aliased(fact: facts.SchemaAliased, _position: int) -> Sentence:
    told = f"Schema {fact.guid} also has the guid {fact.alias} of another registry."
    return Sentence("calm", "note", (Phrase(told),))


def _schema_registered(fact: facts.SchemaRegistered, position: int) -> Sentence:
    label = f"{fact.major}.{fact.revision}"
    report = Phrase("checked", links.report_href(position))
    if not fact.compared:
        against = Phrase(": first revision of its major.")
    else:
        against = Phrase(f" at {fact.level} against {counted(len(fact.compared), 'version')}.")
    became = Phrase(f" registered as revision {label} (version {fact.version}, id {fact.id}), ")
    return Sentence("good", "check", (_event(fact.subject, fact.version), became, report, against))


def _schema_refused(fact: facts.SchemaRefused, position: int) -> Sentence:
    verdict = VERDICTS[fact.verdict]
    tried = Phrase(f"A change to major {fact.major} of ")
    rules = f", by {listed(fact.rules, 3)}" if fact.rules else ""
    return Sentence(
        verdict.tone,
        verdict.icon,
        (
            tried,
            _event(fact.subject),
            Phrase(" was refused: "),
            _report(verdict.word.lower(), position),
            Phrase(rules + "."),
        ),
    )


def _report(text: str, position: int) -> Phrase:
    return Phrase(text, links.report_href(position))


def _versions(numbers: list[int]) -> str:
    return f"{'Version' if len(numbers) == 1 else 'Versions'} {listed([str(one) for one in numbers])} of "


def _soft_deleted(fact: facts.VersionsSoftDeleted, _position: int) -> Sentence:
    told = Phrase(" was soft-deleted." if len(fact.versions) == 1 else " were soft-deleted.")
    return Sentence("past", "archive", (Phrase(_versions(fact.versions)), _event(fact.subject), told))


def _permanently_deleted(fact: facts.VersionsPermanentlyDeleted, _position: int) -> Sentence:
    told = Phrase(" was permanently deleted." if len(fact.versions) == 1 else " were permanently deleted.")
    return Sentence("past", "archive", (Phrase(_versions(fact.versions)), _event(fact.subject), told))


def _restored(fact: facts.VersionsRestored, _position: int) -> Sentence:
    told = Phrase(" was restored." if len(fact.versions) == 1 else " were restored.")
    return Sentence("calm", "replay", (Phrase(_versions(fact.versions)), _event(fact.subject), told))


def _scope(scope: str) -> tuple[Phrase, ...]:
    if not scope:
        return (Phrase("the whole registry"),)
    if scope.startswith(":") and scope.endswith(":"):
        return (Phrase(f"context {scope.strip(':')}"),)
    return (_event(str(Subject.parse(scope))),)


def _config_changed(fact: facts.ConfigChanged, _position: int) -> Sentence:
    if not fact.config:
        return Sentence("calm", "note", (*_scope(fact.scope), Phrase(" no longer has settings of its own.")))
    settings = ", ".join(f"{key} {_brief(value)}" for key, value in sorted(fact.config.items()))
    return Sentence("calm", "note", (Phrase("The settings of "), *_scope(fact.scope), Phrase(f" are now: {settings}.")))


def _mode_changed(fact: facts.ModeChanged, _position: int) -> Sentence:
    told = f" is now {fact.mode}." if fact.mode else " no longer has a mode of its own."
    return Sentence("calm", "note", (Phrase("Mode: "), *_scope(fact.scope), Phrase(told)))


def _first_lifecycle_changed(fact: facts.FirstMajorLifecycleChanged, position: int) -> Sentence:
    return _lifecycle_changed(facts.MajorLifecycleChanged(fact.subject, fact.major, fact.state, fact.sunset), position)


def _lifecycle_changed(fact: facts.MajorLifecycleChanged, _position: int) -> Sentence:
    state = "a draft" if fact.state == MajorState.DRAFT else fact.state
    told = f" is {state}" + (f", with sunset on {fact.sunset}." if fact.sunset else ".")
    told += f" Its replacement is {fact.replacement}." if fact.replacement else ""
    return Sentence("past", "clock", (Phrase(f"Major {fact.major} of "), _event(fact.subject), Phrase(told)))


def _migration_changed(fact: facts.MajorMigrationChanged, _position: int) -> Sentence:
    told = f"has {counted(len(fact.steps), 'step')}." if fact.steps else "was taken away."
    told = f"does not exist: {_brief(fact.reason)}" if fact.reason else told
    which = f" from major {fact.major - 1} to {fact.major} "
    return Sentence("calm", "note", (Phrase("The mapping of "), _event(fact.subject), Phrase(which + told)))


def _resource_associated(fact: facts.ResourceAssociated, _position: int) -> Sentence:
    frozen = ", frozen" if fact.frozen else ""
    told = f" describes the {fact.association_type}s of {fact.resource_type} {fact.resource_name}"
    return Sentence("calm", "note", (_event(fact.subject), Phrase(f"{told} ({fact.lifecycle.lower()}{frozen}).")))


def _resource_dissociated(fact: facts.ResourceDissociated, _position: int) -> Sentence:
    told = f"The {fact.association_type}s of {fact.resource_type} {fact.resource_name} are no longer described."
    return Sentence("past", "archive", (Phrase(told),))


def _exporter_created(fact: facts.ExporterCreated, _position: int) -> Sentence:
    told = f" keeps {fact.config['schema.registry.url']} in step with {listed(fact.subjects, 3)}."
    return Sentence("calm", "replay", (*_exporter(fact.name), Phrase(told)))


def _exporter_changed(fact: facts.ExporterChanged, _position: int) -> Sentence:
    told = f" was changed: it keeps {fact.config['schema.registry.url']} in step with {listed(fact.subjects, 3)}."
    return Sentence("calm", "note", (*_exporter(fact.name), Phrase(told)))


def _exporter_paused(fact: facts.ExporterPaused, _position: int) -> Sentence:
    return Sentence("past", "clock", (*_exporter(fact.name), Phrase(" was paused.")))


def _exporter_resumed(fact: facts.ExporterResumed, _position: int) -> Sentence:
    return Sentence("calm", "replay", (*_exporter(fact.name), Phrase(" was resumed.")))


def _exporter_reset(fact: facts.ExporterReset, _position: int) -> Sentence:
    return Sentence("calm", "replay", (*_exporter(fact.name), Phrase(" was restarted.")))


def _exporter_advanced(fact: facts.ExporterAdvanced, _position: int) -> Sentence:
    told = f" has brought its target up to entry {fact.position:,}."
    return Sentence("calm", "note", (*_exporter(fact.name), Phrase(told)))


def _exporter_deleted(fact: facts.ExporterDeleted, _position: int) -> Sentence:
    return Sentence("past", "archive", (*_exporter(fact.name), Phrase(" was deleted; its exports remain.")))


def _issuers_configured(fact: facts.IssuersConfigured, _position: int) -> Sentence:
    if not fact.issuers:
        return Sentence("warn", "people", (Phrase("Sign-in was turned off: no issuers are configured."),))
    aliases = listed([one["alias"] for one in fact.issuers], 5)
    return Sentence("calm", "people", (Phrase(f"Sign-in accepts tokens of {aliases}."),))


def _webhook_created(fact: facts.WebhookCreated, position: int) -> Sentence:
    what = listed(fact.kinds, 3) if fact.kinds else "events"
    host = urlsplit(fact.url).hostname or ""
    told = f" was created: {what} of {_brief(fact.node)} are sent to {_brief(host)}."
    return Sentence("calm", "replay", (*_webhook(position), Phrase(told)))


def _webhook_replayed(fact: facts.WebhookReplayed, _position: int) -> Sentence:
    told = f" gets again what followed entry {fact.after:,}."
    return Sentence("calm", "replay", (*_webhook(fact.webhook), Phrase(told)))


def _dead_letters_replayed(fact: facts.DeadLettersReplayed, _position: int) -> Sentence:
    return Sentence("calm", "replay", (*_webhook(fact.webhook), Phrase(" gets its dead letters again.")))


def _webhook_advanced(fact: facts.WebhookAdvanced, _position: int) -> Sentence:
    told = f" has everything up to entry {fact.position:,}."
    return Sentence("calm", "note", (*_webhook(fact.webhook), Phrase(told)))


def _webhook_removed(fact: facts.WebhookRemoved, _position: int) -> Sentence:
    why = f": {_brief(fact.because)}." if fact.because else "."
    return Sentence("past", "archive", (*_webhook(fact.webhook), Phrase(f" was removed{why}")))


def _webhook(id: int) -> tuple[Phrase, Phrase]:
    return Phrase("Webhook "), Phrase(str(id), links.webhook_href(id), strong=True)


def _exporter(name: str) -> tuple[Phrase, Phrase]:
    return Phrase("Exporter "), Phrase(name, strong=True)


def _purged(fact: facts.RevisionsPurged, _position: int) -> Sentence:
    counts = (
        "their waiver says that no stored event is left" if fact.waiver else "later revisions are still checked against"
    )
    told = f" deleted permanently ({counts}{'' if fact.waiver else ' them'}): {_brief(fact.reason)}."
    return Sentence("warn", "archive", (Phrase(_versions(fact.versions)), _event(fact.subject), Phrase(told)))


def _waiver_granted(fact: facts.WaiverGranted, position: int) -> Sentence:
    what = f"Waiver {position} of kind {fact.kind} was granted for {fact.subject or fact.domain}"
    until = f" until {fact.until[:10]}" if fact.until else ""
    told = f"{what}{until}, requested by {_brief(fact.requested_by)}, approved by {_brief(fact.approved_by)}: "
    return Sentence("warn", "note", (Phrase(told), Phrase(_brief(fact.reason))))


def _waiver_used(fact: facts.WaiverUsed, _position: int) -> Sentence:
    told = f"Waiver {fact.waiver} was used for {fact.subject or fact.domain}."
    return Sentence("warn", "note", (Phrase(told),))


def _waiver_withdrawn(fact: facts.WaiverWithdrawn, _position: int) -> Sentence:
    return Sentence("calm", "note", (Phrase(f"Waiver {fact.waiver} was withdrawn."),))


def _waiver_requested(fact: facts.WaiverRequested, position: int) -> Sentence:
    what = f"Waiver {position} of kind {fact.kind} was requested for {fact.subject or fact.domain}"
    return Sentence("warn", "note", (Phrase(f"{what} by {_brief(fact.requested_by)}: {_brief(fact.reason)}"),))


def _waiver_approved(fact: facts.WaiverApproved, _position: int) -> Sentence:
    return Sentence("warn", "note", (Phrase(f"Waiver {fact.waiver} was approved by {_brief(fact.approved_by)}."),))


def _transfer_offered(fact: facts.OwnerTransferOffered, _position: int) -> Sentence:
    told = Phrase(f" was offered to {_brief(fact.owner)} by {_brief(fact.offered_by)}.")
    return Sentence("calm", "people", (Phrase("Domain "), _domain(fact.domain), told))


def _transfer_accepted(fact: facts.OwnerTransferAccepted, _position: int) -> Sentence:
    told = Phrase(f" is owned by {_brief(fact.owner)}: {_brief(fact.accepted_by)} accepted it.")
    return Sentence("calm", "people", (Phrase("Domain "), _domain(fact.domain), told))


def _transfer_withdrawn(fact: facts.OwnerTransferWithdrawn, _position: int) -> Sentence:
    told = Phrase(f" keeps its owner: {_brief(fact.withdrawn_by)} ended the offer.")
    return Sentence("calm", "people", (Phrase("Domain "), _domain(fact.domain), told))


def _access_granted(fact: facts.AccessGranted, position: int) -> Sentence:
    whom = fact.principal or listed([*(f"{name} {value}" for name, value in sorted(fact.claims.items()))], 3)
    whom = whom or f"group {fact.group}"
    told = f"Grant {position}: {_brief(whom)} may {listed(fact.verbs)} {_brief(fact.node)}"
    until = f" until {fact.expires[:10]}" if fact.expires else ""
    return Sentence("calm", "people", (Phrase(f"{told}{until}: {_brief(fact.because)}"),))


def _access_revoked(fact: facts.AccessRevoked, _position: int) -> Sentence:
    why = f": {_brief(fact.because)}" if fact.because else "."
    return Sentence("calm", "people", (Phrase(f"Grant {fact.grant} was revoked{why}"),))


def _access_denied(fact: facts.AccessDenied, _position: int) -> Sentence:
    told = f"{_brief(fact.principal)} was denied {fact.verb} on {_brief(fact.node or 'the whole registry')}."
    return Sentence("warn", "people", (Phrase(told),))


def _access_sealed(fact: facts.AccessSealed, _position: int) -> Sentence:
    told = f"{counted(fact.rows, 'row')} of reads in the hour {fact.hour} were sealed by {_brief(fact.kept_by)}."
    return Sentence("calm", "note", (Phrase(told),))


def _majors_held(fact: facts.MajorsHeld, _position: int) -> Sentence:
    scope = fact.scope.removeprefix("domain:")
    if not fact.policy:
        return Sentence(
            "warn", "note", (Phrase(f"A waiver released the open majors of {scope} from earlier policies."),)
        )
    kept = listed([f"{name} {value}" for name, value in fact.policy.items()])
    return Sentence("calm", "note", (Phrase(f"The open majors of {scope} stay held to {kept}."),))


def _consumer_declared(fact: facts.ConsumerDeclared, _position: int) -> Sentence:
    events = f"{counted(len(fact.reads), 'event')}"
    told = f" of team {_brief(fact.team)} declares to read {events}."
    return Sentence(
        "calm", "people", (Phrase("Application "), Phrase(_brief(fact.application), strong=True), Phrase(told))
    )


def _consumer_withdrawn(fact: facts.ConsumerWithdrawn, _position: int) -> Sentence:
    told = " declares to read nothing any more."
    return Sentence(
        "past", "people", (Phrase("Application "), Phrase(_brief(fact.application), strong=True), Phrase(told))
    )


def _application_deployed(fact: facts.ApplicationDeployed, _position: int) -> Sentence:
    told = f" {_brief(fact.version)} runs in {_brief(fact.environment)}."
    return Sentence(
        "calm", "note", (Phrase("Application "), Phrase(_brief(fact.application), strong=True), Phrase(told))
    )


def _application_held(fact: facts.ApplicationHeld, _position: int) -> Sentence:
    governing = f", or whoever governs {listed([_brief(one) for one in fact.domains])}," if fact.domains else ""
    told = f" may be changed by {listed([_brief(one) for one in fact.principals])}{governing} alone."
    return Sentence(
        "calm", "people", (Phrase("Application "), Phrase(_brief(fact.application), strong=True), Phrase(told))
    )


def _sunset_reminded(fact: facts.SunsetReminded, _position: int) -> Sentence:
    further = [counted(fact.further, "more reader")] if fact.further else []
    who = listed([*(_brief(one) for one in fact.readers[:3]), *further])
    if len(fact.readers) > 3:
        who = f"{listed([_brief(one) for one in fact.readers[:3]])} and {len(fact.readers) - 3 + fact.further} more"
    reads = "reads" if len(fact.readers) + fact.further == 1 else "read"
    when = (
        f", the sunset of which was on {fact.sunset}." if not fact.days else f", the sunset of which is {fact.sunset}."
    )
    return Sentence(
        "past", "clock", (Phrase(f"{who} still {reads} major {fact.major} of "), _event(fact.subject), Phrase(when))
    )


def _change_held_back(fact: facts.ChangeHeldBack, _position: int) -> Sentence:
    names = sorted({str(one["application"]) or "further applications" for one in fact.readers})
    told = Phrase(f" was held back for {listed(names, 3)}.")
    return Sentence("warn", "people", (Phrase("A change to "), _event(fact.subject), told))


def _check_reviewed(fact: facts.CheckReviewed, _position: int) -> Sentence:
    kind, _, id = fact.about.partition(":")
    href = links.report_href(int(id)) if kind == "report" else links.kept_check_href(id)
    said = []
    if fact.handled is not None:
        said.append("was marked as handled" if fact.handled else "is open again")
    if fact.assignee is not None:
        said.append(f"was assigned to {_brief(fact.assignee)}" if fact.assignee else "is assigned to nobody")
    if fact.comment:
        said.append(f"was commented on: {_brief(fact.comment)}")
    change = Phrase("A change to "), _event(fact.subject), Phrase(" (")
    what = Phrase(f"report {id}" if kind == "report" else "check of a CI job", href)
    return Sentence("calm", "people", (*change, what, Phrase(f") {listed(said)}")))


def _kek_registered(fact: facts.KekRegistered, _position: int) -> Sentence:
    told = f" was made known: {fact.kms_type} key {_brief(fact.kms_key_id)}."
    return Sentence("calm", "note", (*_kek(fact), Phrase(told)))


def _kek_changed(fact: facts.KekChanged, _position: int) -> Sentence:
    return Sentence("calm", "note", (*_kek(fact), Phrase(" has other properties or documentation.")))


def _kek_soft_deleted(fact: facts.KekSoftDeleted, _position: int) -> Sentence:
    return Sentence("past", "archive", (*_kek(fact), Phrase(" was soft-deleted.")))


def _kek_restored(fact: facts.KekRestored, _position: int) -> Sentence:
    return Sentence("calm", "replay", (*_kek(fact), Phrase(" was restored.")))


def _kek_permanently_deleted(fact: facts.KekPermanentlyDeleted, _position: int) -> Sentence:
    return Sentence("warn", "archive", (*_kek(fact), Phrase(" was permanently deleted.")))


def _dek_registered(fact: facts.DekRegistered, _position: int) -> Sentence:
    which = Phrase(f"Version {fact.version} of the {fact.algorithm} key of ")
    return Sentence("calm", "note", (which, _event(fact.subject), Phrase(f" was stored, wrapped by KEK {fact.kek}.")))


def _dek_soft_deleted(fact: facts.DekVersionsSoftDeleted, _position: int) -> Sentence:
    return Sentence("past", "archive", _dek_versions(fact, "soft-deleted"))


def _dek_restored(fact: facts.DekVersionsRestored, _position: int) -> Sentence:
    return Sentence("calm", "replay", _dek_versions(fact, "restored"))


def _dek_permanently_deleted(fact: facts.DekVersionsPermanentlyDeleted, _position: int) -> Sentence:
    return Sentence("warn", "archive", _dek_versions(fact, "permanently deleted"))


def _kek(fact: Any) -> tuple[Phrase, ...]:
    within = "" if fact.context == DEFAULT_CONTEXT else f" of context {fact.context}"
    return Phrase("KEK "), Phrase(fact.kek, strong=True), Phrase(within)


def _dek_versions(fact: Any, what: str) -> tuple[Phrase, ...]:
    numbers = listed([str(one) for one in fact.versions], 5)
    which = f"Version{'s' * (len(fact.versions) != 1)} {numbers} of the {fact.algorithm} key of "
    was = "was" if len(fact.versions) == 1 else "were"
    return Phrase(which), _event(fact.subject), Phrase(f" under KEK {fact.kek} {was} {what}.")


def _brief(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:60] + "…"


_TELLERS: dict[type[facts.Fact], Callable[[Any, int], Sentence]] = {
    facts.DomainRegistered: _domain_registered,
    facts.DomainOwnerChanged: _domain_owner_changed,
    facts.DomainPolicyChanged: _domain_policy_changed,
    facts.EventDeclared: _event_declared,
    facts.SchemaDefined: _schema_defined,
    facts.InvalidSchemaKept: _invalid_schema_kept,
    facts.DialectChosen: _dialect_chosen,
    facts.SchemaAliased: _schema_aliased,
    facts.SchemaRegistered: _schema_registered,
    facts.SchemaRefused: _schema_refused,
    facts.VersionsSoftDeleted: _soft_deleted,
    facts.VersionsPermanentlyDeleted: _permanently_deleted,
    facts.VersionsRestored: _restored,
    facts.RevisionsPurged: _purged,
    facts.WaiverGranted: _waiver_granted,
    facts.WaiverUsed: _waiver_used,
    facts.WaiverWithdrawn: _waiver_withdrawn,
    facts.MajorsHeld: _majors_held,
    facts.ConfigChanged: _config_changed,
    facts.ModeChanged: _mode_changed,
    facts.FirstMajorLifecycleChanged: _first_lifecycle_changed,
    facts.MajorLifecycleChanged: _lifecycle_changed,
    facts.MajorMigrationChanged: _migration_changed,
    facts.ResourceAssociated: _resource_associated,
    facts.ResourceDissociated: _resource_dissociated,
    facts.ExporterCreated: _exporter_created,
    facts.ExporterChanged: _exporter_changed,
    facts.ExporterPaused: _exporter_paused,
    facts.ExporterResumed: _exporter_resumed,
    facts.ExporterReset: _exporter_reset,
    facts.ExporterAdvanced: _exporter_advanced,
    facts.ExporterDeleted: _exporter_deleted,
    facts.WaiverRequested: _waiver_requested,
    facts.WaiverApproved: _waiver_approved,
    facts.OwnerTransferOffered: _transfer_offered,
    facts.OwnerTransferAccepted: _transfer_accepted,
    facts.OwnerTransferWithdrawn: _transfer_withdrawn,
    facts.AccessGranted: _access_granted,
    facts.AccessRevoked: _access_revoked,
    facts.AccessDenied: _access_denied,
    facts.AccessSealed: _access_sealed,
    facts.ConsumerDeclared: _consumer_declared,
    facts.ConsumerWithdrawn: _consumer_withdrawn,
    facts.ApplicationDeployed: _application_deployed,
    facts.ApplicationHeld: _application_held,
    facts.SunsetReminded: _sunset_reminded,
    facts.ChangeHeldBack: _change_held_back,
    facts.IssuersConfigured: _issuers_configured,
    facts.CheckReviewed: _check_reviewed,
    facts.WebhookCreated: _webhook_created,
    facts.WebhookReplayed: _webhook_replayed,
    facts.DeadLettersReplayed: _dead_letters_replayed,
    facts.WebhookAdvanced: _webhook_advanced,
    facts.WebhookRemoved: _webhook_removed,
    facts.KekRegistered: _kek_registered,
    facts.KekChanged: _kek_changed,
    facts.KekSoftDeleted: _kek_soft_deleted,
    facts.KekRestored: _kek_restored,
    facts.KekPermanentlyDeleted: _kek_permanently_deleted,
    facts.DekRegistered: _dek_registered,
    facts.DekVersionsSoftDeleted: _dek_soft_deleted,
    facts.DekVersionsRestored: _dek_restored,
    facts.DekVersionsPermanentlyDeleted: _dek_permanently_deleted,
}
