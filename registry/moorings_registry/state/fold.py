"""Applying entries: how each fact changes the state. Pure, and the only place where state comes from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from immutables import Map

from moorings_compat import Format, Level, Reference, Verdict
from moorings_compat.event_names import EventKind
from moorings_compat.fields import path_of
from moorings_compat.impact import OPAQUE, FieldUse, Reads, Use
from moorings_registry import facts
from moorings_registry.entries import Entry
from moorings_registry.ledger import LedgerTooNew
from moorings_registry.names import Subject
from moorings_registry.state.consumers import Consumer, ContractTest, DeclaredRead, Deployment, HeldReader, Holders
from moorings_registry.state.declarations import (
    Classification,
    Declaration,
    Idempotency,
    Replay,
    read_expectations,
)
from moorings_registry.state.key_folding import APPLY_KEYS
from moorings_registry.state.state import Keyed, Place, RefusalKey, State
from moorings_registry.state.values import (
    Association,
    CheckRecord,
    Definition,
    Departed,
    Domain,
    Exporter,
    Grant,
    HeldPolicy,
    Lifecycle,
    MajorState,
    Migration,
    OwnerOffer,
    PastOwner,
    Review,
    SubjectState,
    SunsetReminder,
    Version,
    Waiver,
    WaiverKind,
    report_id,
)
from moorings_registry.state.webhooks import Webhook

DAY = len("2027-01-31")
"""Characters of a moment that are its day."""


def apply(state: State, entries: Iterable[Entry]) -> State:
    """Return the state after *entries*, which follow *state* in order.

    Raises:
        LedgerTooNew: one of them holds a fact of a newer release. Nothing of it is applied, for what follows may
            depend on what this release would leave out.
    """
    draft: _Draft | None = None
    for entry in entries:
        draft = draft or _Draft(state)
        draft.begin(entry)
        try:
            for stored in entry.facts:
                fact = facts.from_json(stored)
                _APPLY[type(fact)](draft, fact)
        except facts.FactUnknown as unknown:
            raise LedgerTooNew(entry.position, str(unknown)) from None
        draft.end()
    return draft.finish() if draft else state


_MAPS = frozenset((
    "domains", "declarations", "topics", "subjects", "definitions", "aliases", "known_as", "ids", "id_of", "last_id",
    "uses", "referrers", "departed", "waivers", "waived_policies", "held_policies", "configs", "modes", "resources",
    "named", "leading", "exporters", "keks", "deks", "consumers", "readers", "deployments", "holders", "grants",
    "reminders", "issuers", "refused", "reviews", "keys", "key_order", "webhooks",
))  # fmt: skip


class _Draft:
    """A state being written: the maps it touches as mutations, so that many entries cost one copy of each."""

    def __init__(self, state: State) -> None:
        self.base = state
        self.checks = state.checks
        self.keys_seen = state.keys_seen
        self.purged = state.purged
        self.issuers_digest = state.issuers_digest
        self.position = state.position
        self.digest = state.digest
        self.waived: facts.WaiverUsed | None = None
        """What let a registration that follows in the same entry break the revisions before it."""
        self.recorded = 0
        """Checks that the entry has recorded so far."""
        self.held: tuple[HeldReader, ...] = ()
        """For whom the refusal that follows in the same entry was held back."""
        self.entry: Entry = None  # type: ignore[assignment]  # begin() sets it before any fact is applied

    def __getattr__(self, name: str) -> Any:
        """Begin to change one of `_MAPS`; from then on it is an attribute like any other."""
        if name not in _MAPS:
            raise AttributeError(name)
        mutation = getattr(self.base, name).mutate()
        setattr(self, name, mutation)
        return mutation

    def peek(self, name: str) -> Any:
        """One of `_MAPS` to look into: one that is not changed stays the very map that it was."""
        begun = vars(self).get(name)
        return getattr(self.base, name) if begun is None else begun

    def begin(self, entry: Entry) -> None:
        self.entry = entry
        self.waived = None
        self.held = ()
        self.recorded = 0

    def record(self, check: CheckRecord) -> None:
        self.checks = self.checks.and_then(check)
        self.recorded += 1

    @property
    def report(self) -> int:
        """The id of the report of the check that is recorded next."""
        return report_id(self.entry.position, self.recorded)

    def end(self) -> None:
        entry = self.entry
        self.position, self.digest = entry.position, entry.digest
        if entry.idempotency_key:
            key, _, request = entry.idempotency_key.rpartition("#")
            slot = self.keys_seen % self.base.keys_kept
            dropped = self.key_order.get(slot)
            if dropped is not None:
                self.keys.pop(dropped, None)
            self.key_order[slot] = key
            self.keys[key] = Keyed(request, entry.position)
            self.keys_seen += 1

    def finish(self) -> State:
        changed = {name: value.finish() for name, value in vars(self).items() if name in _MAPS}
        return self.base.changed(
            {
                "position": self.position,
                "digest": self.digest,
                "checks": self.checks,
                "keys_seen": self.keys_seen,
                "purged": self.purged,
                "issuers_digest": self.issuers_digest,
                **changed,
            }
        )


def _domain_registered(draft: _Draft, fact: facts.DomainRegistered) -> None:
    at = draft.entry.recorded_at
    draft.domains[fact.domain] = Domain(
        fact.domain, fact.owner, tuple(fact.contacts), fact.description, fact.policy, at, at
    )


def _domain_owner_changed(draft: _Draft, fact: facts.DomainOwnerChanged) -> None:
    before = draft.domains[fact.domain]
    draft.domains[fact.domain] = replace(
        _owned(draft, before, fact.owner),
        contacts=tuple(fact.contacts),
        description=fact.description,
        changed_at=draft.entry.recorded_at,
    )


def _owned(draft: _Draft, before: Domain, owner: str) -> Domain:
    """The domain with *owner*, and with the one before it in its history."""
    if owner == before.owner:
        return before
    past = PastOwner(before.owner, draft.entry.recorded_at, draft.entry.actor)
    return replace(before, owner=owner, owners=(*before.owners, past), offer=None)


def _owner_transfer_offered(draft: _Draft, fact: facts.OwnerTransferOffered) -> None:
    offer = OwnerOffer(fact.owner, fact.receiver, fact.offered_by, draft.entry.recorded_at)
    draft.domains[fact.domain] = replace(draft.domains[fact.domain], offer=offer)


def _owner_transfer_accepted(draft: _Draft, fact: facts.OwnerTransferAccepted) -> None:
    after = _owned(draft, draft.domains[fact.domain], fact.owner)
    draft.domains[fact.domain] = replace(after, changed_at=draft.entry.recorded_at)


def _owner_transfer_withdrawn(draft: _Draft, fact: facts.OwnerTransferWithdrawn) -> None:
    draft.domains[fact.domain] = replace(draft.domains[fact.domain], offer=None)


def _domain_policy_changed(draft: _Draft, fact: facts.DomainPolicyChanged) -> None:
    draft.domains[fact.domain] = replace(
        draft.domains[fact.domain], policy=fact.policy, changed_at=draft.entry.recorded_at
    )
    draft.waived_policies.pop(f"domain:{fact.domain}", None)


def _event_declared(draft: _Draft, fact: facts.EventDeclared) -> None:
    subject = Subject.parse(fact.subject)
    before = draft.declarations.get(subject)
    now = Declaration(
        kind=EventKind(fact.kind),
        description=fact.description,
        classification=Classification(fact.classification),
        topics=tuple(fact.topics),
        handler=fact.handler,
        name_reviewed=fact.name_reviewed,
        replay=Replay(**fact.replay) if fact.replay is not None else None,
        idempotency=Idempotency(tuple(fact.idempotency["key"])) if fact.idempotency is not None else None,
        expectations=read_expectations(fact.expectations) if fact.expectations is not None else None,
    )
    draft.declarations[subject] = now
    for topic in set(before.topics if before else ()) ^ set(now.topics):
        key = (subject.context, topic)
        others = [one for one in draft.topics.get(key, ()) if one != subject]
        _set_or_drop(draft.topics, key, tuple(sorted([*others, subject] if topic in now.topics else others)))


def _schema_defined(draft: _Draft, fact: facts.SchemaDefined) -> None:
    references = tuple(Reference(one["name"], one["subject"], one["version"]) for one in fact.references)
    draft.definitions[fact.guid] = Definition(
        fact.guid, Format(fact.format), fact.text, references, fact.metadata, fact.rule_set
    )


def _invalid_schema_kept(draft: _Draft, fact: facts.InvalidSchemaKept) -> None:
    draft.definitions[fact.guid] = replace(draft.definitions[fact.guid], unreadable=fact.reason)


def _dialect_chosen(draft: _Draft, fact: facts.DialectChosen) -> None:
    draft.definitions[fact.guid] = replace(draft.definitions[fact.guid], dialect=fact.dialect)


def _schema_aliased(draft: _Draft, fact: facts.SchemaAliased) -> None:
    draft.aliases[fact.alias] = fact.guid
    draft.known_as[fact.guid] = (*draft.known_as.get(fact.guid, ()), fact.alias)


def _schema_registered(draft: _Draft, fact: facts.SchemaRegistered) -> None:
    entry, waived = draft.entry, _waiver_for(draft, fact)
    subject = Subject.parse(fact.subject)
    version = Version(
        subject=subject,
        number=fact.version,
        id=fact.id,
        guid=fact.guid,
        major=fact.major,
        revision=fact.revision,
        group=fact.group,
        deleted=False,
        registered_at=entry.recorded_at,
        registered_by=entry.actor,
        position=entry.position,
        waiver=waived.waiver if waived else 0,
        report=draft.report,
    )
    before = draft.subjects.get(subject)
    gone = draft.peek("departed").get(subject)
    against = _versions_named(before, gone, fact.compared)
    begun = before or (gone.begun_again(subject) if gone else None)
    draft.subjects[subject] = _with_version(begun, version)
    if before is not None and before.lives and version.major not in before.revisions:
        _touch_deprecated(draft, before)  # their successor is another one now
    context = subject.context
    draft.ids[context, fact.id] = fact.guid
    draft.id_of[context, fact.guid] = fact.id
    draft.last_id[context] = max(draft.last_id.get(context, 0), fact.id)
    _link(draft, version)
    draft.record(
        CheckRecord(
            id=version.report,
            subject=subject,
            guid=fact.guid,
            major=fact.major,
            number=fact.version,
            level=fact.level,
            verdict=waived.verdict if waived else _verdict_at(fact.level),
            rules=tuple(waived.rules) if waived else (),
            against=against,
            policy=fact.policy,
            at=entry.recorded_at,
            by=entry.actor,
            waiver=version.waiver,
        )
    )


def _waiver_for(draft: _Draft, fact: facts.SchemaRegistered) -> facts.WaiverUsed | None:
    """The waiver that let this very registration happen."""
    waived = draft.waived
    return waived if waived and (waived.subject, waived.version) == (fact.subject, fact.version) else None


def _verdict_at(level: str) -> Verdict:
    return Verdict.UNCHECKED if level == Level.NONE else Verdict.COMPATIBLE


def _with_version(before: SubjectState | None, version: Version) -> SubjectState:
    if before is None:
        return SubjectState(version.subject, (version,), version.number, {version.major: version.revision})
    in_order = not before.versions or before.versions[-1].number < version.number
    versions = (*before.versions, version)
    highest = max(before.revisions.get(version.major, 0), version.revision)
    return replace(
        before,
        versions=versions if in_order else tuple(sorted(versions, key=lambda one: one.number)),
        last_number=max(before.last_number, version.number),
        revisions={**before.revisions, version.major: highest},
    )


def _versions_named(held: SubjectState | None, gone: Departed | None, numbers: Iterable[int]) -> tuple[Version, ...]:
    departed = {one.number: one for one in gone.versions} if gone else {}
    found = ((held.by_number(number) if held else None) or departed.get(number) for number in numbers)
    return tuple(one for one in found if one is not None)


def _schema_refused(draft: _Draft, fact: facts.SchemaRefused) -> None:
    entry = draft.entry
    subject = Subject.parse(fact.subject)
    against = _versions_named(draft.subjects.get(subject), draft.peek("departed").get(subject), fact.compared)
    key = refusal_key(subject, fact.guid, fact.major, fact.level, fact.policy, against, draft.held)
    draft.refused[key] = draft.report
    draft.record(
        CheckRecord(
            id=draft.report,
            subject=subject,
            guid=fact.guid,
            major=fact.major,
            number=None,
            level=fact.level,
            verdict=fact.verdict,
            rules=tuple(fact.rules),
            against=against,
            policy=fact.policy,
            at=entry.recorded_at,
            by=entry.actor,
            held=draft.held,
        )
    )
    draft.held = ()


def refusal_key(
    subject: Subject,
    guid: str,
    major: int,
    level: str,
    policy: Mapping[str, Any],
    against: Iterable[Version],
    held: tuple[HeldReader, ...] = (),
) -> RefusalKey:
    """What makes two refusals the same: the same candidate, held to the same, against the same history and readers.

    A permanently deleted subject starts counting its versions again, so what tells them apart is the entry that
    registered each.
    """
    positions = tuple(one.position for one in against)
    return (subject, guid, major, level, tuple(sorted(policy.items())), positions, held)


def _versions_soft_deleted(draft: _Draft, fact: facts.VersionsSoftDeleted) -> None:
    _mark(draft, fact.subject, fact.versions, deleted=True)


def _versions_restored(draft: _Draft, fact: facts.VersionsRestored) -> None:
    _mark(draft, fact.subject, fact.versions, deleted=False)


def _mark(draft: _Draft, name: str, numbers: list[int], *, deleted: bool) -> None:
    subject = Subject.parse(name)
    marked = set(numbers)
    before = draft.subjects[subject]
    versions = tuple(replace(one, deleted=deleted) if one.number in marked else one for one in before.versions)
    draft.subjects[subject] = replace(before, versions=versions)
    for version in versions:
        if version.number in marked:
            _touch_uses(draft, version)


def _versions_permanently_deleted(draft: _Draft, fact: facts.VersionsPermanentlyDeleted) -> None:
    subject = Subject.parse(fact.subject)
    going = set(fact.versions)
    before = draft.subjects[subject]
    draft.purged = draft.entry.position
    gone = draft.peek("departed").get(subject)
    counting = {one.number for one in gone.versions} if gone else set()
    for version in before.versions:
        if version.number in going:
            _unlink(draft, version, refers=version.number in counting)
    left = tuple(one for one in before.versions if one.number not in going)
    if left:
        majors = {one.major for one in (*left, *(gone.versions if gone else ()))}
        lives = {major: life for major, life in before.lives.items() if major in majors}
        migrations = {major: one for major, one in before.migrations.items() if major in majors}
        draft.subjects[subject] = replace(before, versions=left, lives=lives, migrations=migrations)
        return
    del draft.subjects[subject]
    draft.configs.pop(str(subject), None)
    draft.modes.pop(str(subject), None)


def _link(draft: _Draft, version: Version) -> None:
    place: Place = (version.subject, version.number)
    key = (version.subject.context, version.guid)
    draft.uses[key] = (*draft.uses.get(key, ()), place)
    for target in _targets(draft, version):
        draft.referrers[target] = (*draft.referrers.get(target, ()), place)


def _revisions_purged(draft: _Draft, fact: facts.RevisionsPurged) -> None:
    """Keep what still counts apart, before it leaves the subject."""
    if fact.waiver:
        return
    subject = Subject.parse(fact.subject)
    held, gone = draft.subjects[subject], draft.peek("departed").get(subject)
    going = [one for number in fact.versions if (one := held.by_number(number)) is not None]
    versions = sorted((*(gone.versions if gone else ()), *going), key=lambda one: one.number)
    draft.departed[subject] = Departed(tuple(versions), held.last_number, held.revisions, held.lives)


def _unlink(draft: _Draft, version: Version, *, refers: bool) -> None:
    """Forget where a version is used. One that still counts *refers* still: what it needs to be read must stay."""
    place: Place = (version.subject, version.number)
    key = (version.subject.context, version.guid)
    _without(draft.uses, key, place)
    if refers:
        return
    for target in _targets(draft, version):
        _without(draft.referrers, target, place)


def _without(mutation: Any, key: Any, place: Place) -> None:
    left = tuple(one for one in mutation.get(key, ()) if one != place)
    if left:
        mutation[key] = left
    else:
        mutation.pop(key, None)


def _targets(draft: _Draft, version: Version) -> list[Place]:
    references = draft.definitions[version.guid].references
    context = version.subject.context
    return [(Subject.parse(one.subject, context=context), one.version) for one in references]


def _waiver_granted(draft: _Draft, fact: facts.WaiverGranted) -> None:
    entry = draft.entry
    draft.waivers[entry.position] = Waiver(
        id=entry.position,
        kind=WaiverKind(fact.kind),
        domain=fact.domain,
        subject=fact.subject,
        major=fact.major,
        guid=fact.guid,
        reason=fact.reason,
        requested_by=fact.requested_by,
        approved_by=fact.approved_by,
        until=fact.until,
        granted_at=entry.recorded_at,
        granted_by=entry.actor,
    )


def _waiver_requested(draft: _Draft, fact: facts.WaiverRequested) -> None:
    members = {one.name: getattr(fact, one.name) for one in fields(fact)}
    _waiver_granted(draft, facts.WaiverGranted(**members, approved_by=""))


def _waiver_approved(draft: _Draft, fact: facts.WaiverApproved) -> None:
    draft.waivers[fact.waiver] = replace(draft.waivers[fact.waiver], approved_by=fact.approved_by)


def _waiver_used(draft: _Draft, fact: facts.WaiverUsed) -> None:
    waiver = draft.waivers[fact.waiver]
    draft.waivers[fact.waiver] = replace(waiver, uses=(*waiver.uses, draft.entry.position))
    if waiver.kind is WaiverKind.LEVEL:
        draft.waived_policies[fact.subject or f"domain:{fact.domain}"] = waiver.id
    if waiver.kind is WaiverKind.FINDING:
        draft.waived = fact


def _waiver_withdrawn(draft: _Draft, fact: facts.WaiverWithdrawn) -> None:
    draft.waivers[fact.waiver] = replace(draft.waivers[fact.waiver], withdrawn_at=draft.entry.recorded_at)


def _majors_held(draft: _Draft, fact: facts.MajorsHeld) -> None:
    before = draft.held_policies.get(fact.scope, ())
    after = (*before, HeldPolicy(draft.entry.position, fact.policy)) if fact.policy else ()
    _set_or_drop(draft.held_policies, fact.scope, after)


def _config_changed(draft: _Draft, fact: facts.ConfigChanged) -> None:
    _set_or_drop(draft.configs, fact.scope, fact.config)
    draft.waived_policies.pop(fact.scope, None)


def _mode_changed(draft: _Draft, fact: facts.ModeChanged) -> None:
    _set_or_drop(draft.modes, fact.scope, fact.mode)


def _set_or_drop(mutation: Any, scope: Any, value: Any) -> None:
    if value:
        mutation[scope] = value
    else:
        mutation.pop(scope, None)


def _first_major_lifecycle_changed(draft: _Draft, fact: facts.FirstMajorLifecycleChanged) -> None:
    since = "" if fact.state == MajorState.ACTIVE else draft.entry.recorded_at[:DAY]
    _live(draft, fact.subject, fact.major, Lifecycle(MajorState(fact.state), fact.sunset, since))


def _major_lifecycle_changed(draft: _Draft, fact: facts.MajorLifecycleChanged) -> None:
    life = Lifecycle(MajorState(fact.state), fact.sunset, fact.since, fact.replacement, fact.page)
    _live(draft, fact.subject, fact.major, life)


def _live(draft: _Draft, name: str, major: int, life: Lifecycle) -> None:
    subject = Subject.parse(name)
    before = draft.subjects[subject]
    announced = max(before.life(major).announced, life.sunset) if life.since else ""
    draft.subjects[subject] = replace(before, lives={**before.lives, major: replace(life, announced=announced)})
    for version in before.versions:
        if version.major == major:
            _touch_uses(draft, version)


def _touch_deprecated(draft: _Draft, held: SubjectState) -> None:
    for version in held.versions:
        if held.life(version.major).since:
            _touch_uses(draft, version)


def _touch_uses(draft: _Draft, version: Version) -> None:
    """Make the uses of a definition an equal tuple, but another one: whoever remembers an answer by it notices."""
    key = (version.subject.context, version.guid)
    draft.uses[key] = (*draft.uses[key],)


def _major_migration_changed(draft: _Draft, fact: facts.MajorMigrationChanged) -> None:
    subject = Subject.parse(fact.subject)
    before = draft.subjects[subject]
    others = {major: one for major, one in before.migrations.items() if major != fact.major}
    said = {fact.major: Migration(tuple(fact.steps), fact.reason)} if fact.steps or fact.reason else {}
    draft.subjects[subject] = replace(before, migrations={**others, **said})


def _resource_associated(draft: _Draft, fact: facts.ResourceAssociated) -> None:
    at = draft.entry.recorded_at
    listed = draft.resources.get(fact.resource_name, ())
    key = (fact.resource_id, fact.resource_type, fact.association_type)
    before = next((one for one in listed if one.key == key), None)
    association = Association(
        subject=Subject.parse(fact.subject),
        guid=fact.guid,
        resource_name=fact.resource_name,
        resource_namespace=fact.resource_namespace,
        resource_id=fact.resource_id,
        resource_type=fact.resource_type,
        association_type=fact.association_type,
        lifecycle=fact.lifecycle,
        frozen=fact.frozen,
        created_at=before.created_at if before else at,
        changed_at=at,
    )
    _associate(draft, fact.resource_name, (*(one for one in listed if one.key != key), association))


def _resource_dissociated(draft: _Draft, fact: facts.ResourceDissociated) -> None:
    key = (fact.resource_id, fact.resource_type, fact.association_type)
    listed = draft.resources.get(fact.resource_name, ())
    _associate(draft, fact.resource_name, tuple(one for one in listed if one.key != key))


def _associate(draft: _Draft, name: str, after: tuple[Association, ...]) -> None:
    """Make *after* the associations of a name, and update the indexes by id and by subject."""
    before = draft.resources.get(name, ())
    _set_or_drop(draft.resources, name, after)
    _index(draft.named, name, {one.resource_id for one in before}, {one.resource_id for one in after})
    _index(draft.leading, name, {one.subject for one in before}, {one.subject for one in after})


def _index(index: Any, name: str, before: set[Any], after: set[Any]) -> None:
    """Make the keys *after* lead to *name*, and remove those that were only *before*."""
    for key in before ^ after:
        others = tuple(one for one in index.get(key, ()) if one != name)
        _set_or_drop(index, key, (*others, name) if key in after else others)


def _exporter_created(draft: _Draft, fact: facts.ExporterCreated) -> None:
    draft.exporters[fact.name] = _exporter(draft, fact, paused=False)


def _exporter_changed(draft: _Draft, fact: facts.ExporterChanged) -> None:
    draft.exporters[fact.name] = _exporter(draft, fact, paused=draft.exporters[fact.name].paused)


def _exporter(draft: _Draft, fact: facts.ExporterCreated | facts.ExporterChanged, *, paused: bool) -> Exporter:
    return Exporter(
        name=fact.name,
        context_type=fact.context_type,
        context=fact.context,
        subjects=tuple(fact.subjects),
        rename_format=fact.rename_format,
        config=fact.config,
        paused=paused,
        begun=draft.entry.position,
        advanced=0,
    )


def _exporter_paused(draft: _Draft, fact: facts.ExporterPaused) -> None:
    draft.exporters[fact.name] = replace(draft.exporters[fact.name], paused=True)


def _exporter_resumed(draft: _Draft, fact: facts.ExporterResumed) -> None:
    draft.exporters[fact.name] = replace(draft.exporters[fact.name], paused=False)


def _exporter_reset(draft: _Draft, fact: facts.ExporterReset) -> None:
    draft.exporters[fact.name] = replace(draft.exporters[fact.name], begun=draft.entry.position, advanced=0)


def _exporter_advanced(draft: _Draft, fact: facts.ExporterAdvanced) -> None:
    draft.exporters[fact.name] = replace(draft.exporters[fact.name], advanced=fact.position)


def _exporter_deleted(draft: _Draft, fact: facts.ExporterDeleted) -> None:
    draft.exporters.pop(fact.name, None)


def _webhook_created(draft: _Draft, fact: facts.WebhookCreated) -> None:
    position = draft.entry.position
    draft.webhooks[position] = Webhook(
        id=position,
        url=fact.url,
        node=fact.node,
        kinds=tuple(fact.kinds),
        mode=fact.mode,
        authority=tuple(draft.grants[id] for id in fact.grants),
        created_by=fact.created_by,
        created_at=draft.entry.recorded_at,
        after=fact.after,
        begun=position,
        advanced=fact.after,
    )


def _webhook_replayed(draft: _Draft, fact: facts.WebhookReplayed) -> None:
    known = draft.webhooks[fact.webhook]
    begun = draft.entry.position
    draft.webhooks[fact.webhook] = replace(known, after=fact.after, begun=begun, advanced=fact.after)


def _dead_letters_replayed(draft: _Draft, fact: facts.DeadLettersReplayed) -> None:
    draft.webhooks[fact.webhook] = replace(draft.webhooks[fact.webhook], retried=draft.entry.position)


def _webhook_advanced(draft: _Draft, fact: facts.WebhookAdvanced) -> None:
    draft.webhooks[fact.webhook] = replace(draft.webhooks[fact.webhook], advanced=fact.position)


def _webhook_removed(draft: _Draft, fact: facts.WebhookRemoved) -> None:
    draft.webhooks.pop(fact.webhook, None)


def _access_granted(draft: _Draft, fact: facts.AccessGranted) -> None:
    entry = draft.entry
    draft.grants[entry.position] = Grant(
        id=entry.position,
        issuer=fact.issuer,
        principal=fact.principal,
        claims=fact.claims,
        group=fact.group,
        verbs=tuple(fact.verbs),
        node=fact.node,
        expires=fact.expires,
        because=fact.because,
        granted_by=fact.granted_by,
        granted_at=entry.recorded_at,
    )


def _access_revoked(draft: _Draft, fact: facts.AccessRevoked) -> None:
    draft.grants.pop(fact.grant, None)


def _evidence(_draft: _Draft, _fact: facts.AccessDenied | facts.AccessSealed) -> None:
    """Change nothing: the ledger keeps it for those who audit."""


def _consumer_declared(draft: _Draft, fact: facts.ConsumerDeclared) -> None:
    entry = draft.entry
    before = draft.consumers.get(fact.application)
    consumer = Consumer(
        application=fact.application,
        team=fact.team,
        contact=fact.contact,
        environment=fact.environment,
        version=fact.version,
        reads=tuple(_declared_read(one) for one in fact.reads),
        declared_at=before.declared_at if before else entry.recorded_at,
        renewed_at=entry.recorded_at,
        declared_by=entry.actor,
    )
    draft.consumers[fact.application] = consumer
    _index(draft.readers, fact.application, _events_of(before), _events_of(consumer))


def _consumer_withdrawn(draft: _Draft, fact: facts.ConsumerWithdrawn) -> None:
    _index(draft.readers, fact.application, _events_of(draft.consumers[fact.application]), set())
    del draft.consumers[fact.application]


def _declared_read(told: Mapping[str, Any]) -> DeclaredRead:
    fields = tuple(FieldUse(path_of(one["path"]), Use(one["use"])) for one in told["fields"])
    tests = tuple(ContractTest(one["name"], one["event"], one["assertion"]) for one in told["tests"])
    return DeclaredRead(Subject.parse(told["event"]), told["major"], Reads(fields) if fields else OPAQUE, tests)


def _events_of(consumer: Consumer | None) -> set[Subject]:
    return {one.event for one in consumer.reads} if consumer else set()


def _application_deployed(draft: _Draft, fact: facts.ApplicationDeployed) -> None:
    entry = draft.entry
    deployment = Deployment(fact.application, fact.environment, fact.version, entry.recorded_at, entry.actor)
    draft.deployments[fact.application, fact.environment] = deployment


def _application_held(draft: _Draft, fact: facts.ApplicationHeld) -> None:
    draft.holders[fact.application] = Holders(tuple(fact.principals), tuple(fact.domains))


def _sunset_reminded(draft: _Draft, fact: facts.SunsetReminded) -> None:
    draft.reminders[Subject.parse(fact.subject), fact.major] = SunsetReminder(fact.sunset, fact.days)


def _change_held_back(draft: _Draft, fact: facts.ChangeHeldBack) -> None:
    draft.held = tuple(HeldReader(**one) for one in fact.readers)


def _check_reviewed(draft: _Draft, fact: facts.CheckReviewed) -> None:
    entry = draft.entry
    said = Review(
        Subject.parse(fact.subject),
        fact.comment,
        fact.assignee,
        fact.handled,
        fact.reviewed_by,
        entry.recorded_at,
        entry.position,
    )
    draft.reviews[fact.about] = (*draft.reviews.get(fact.about, ()), said)


def _issuers_configured(draft: _Draft, fact: facts.IssuersConfigured) -> None:
    vars(draft)["issuers"] = Map({one["alias"]: one["kind"] for one in fact.issuers}).mutate()
    draft.issuers_digest = fact.digest


_APPLY: dict[type[facts.Fact], Callable[[_Draft, Any], None]] = {
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
    facts.VersionsSoftDeleted: _versions_soft_deleted,
    facts.VersionsPermanentlyDeleted: _versions_permanently_deleted,
    facts.VersionsRestored: _versions_restored,
    facts.RevisionsPurged: _revisions_purged,
    facts.WaiverGranted: _waiver_granted,
    facts.WaiverUsed: _waiver_used,
    facts.WaiverWithdrawn: _waiver_withdrawn,
    facts.MajorsHeld: _majors_held,
    facts.ConfigChanged: _config_changed,
    facts.ModeChanged: _mode_changed,
    facts.FirstMajorLifecycleChanged: _first_major_lifecycle_changed,
    facts.MajorLifecycleChanged: _major_lifecycle_changed,
    facts.MajorMigrationChanged: _major_migration_changed,
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
    facts.OwnerTransferOffered: _owner_transfer_offered,
    facts.OwnerTransferAccepted: _owner_transfer_accepted,
    facts.OwnerTransferWithdrawn: _owner_transfer_withdrawn,
    facts.AccessGranted: _access_granted,
    facts.AccessRevoked: _access_revoked,
    facts.AccessDenied: _evidence,
    facts.AccessSealed: _evidence,
    facts.ConsumerDeclared: _consumer_declared,
    facts.ConsumerWithdrawn: _consumer_withdrawn,
    facts.ApplicationDeployed: _application_deployed,
    facts.ApplicationHeld: _application_held,
    facts.SunsetReminded: _sunset_reminded,
    facts.ChangeHeldBack: _change_held_back,
    facts.CheckReviewed: _check_reviewed,
    facts.IssuersConfigured: _issuers_configured,
    facts.WebhookCreated: _webhook_created,
    facts.WebhookReplayed: _webhook_replayed,
    facts.DeadLettersReplayed: _dead_letters_replayed,
    facts.WebhookAdvanced: _webhook_advanced,
    facts.WebhookRemoved: _webhook_removed,
    **APPLY_KEYS,
}
