"""How facts about schemas: definitions, versions, and refusals of them change the state."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from moorings_compat import Format, Level, Reference, Verdict
from moorings_registry import facts
from moorings_registry.names import Subject
from moorings_registry.state.consumers import HeldReader
from moorings_registry.state.fold.draft import Appliers, Draft, touch_uses
from moorings_registry.state.state import Place, RefusalKey
from moorings_registry.state.values import CheckRecord, Definition, Departed, SubjectState, Version


def _schema_defined(draft: Draft, fact: facts.SchemaDefined) -> None:
    references = tuple(Reference(one["name"], one["subject"], one["version"]) for one in fact.references)
    draft.definitions[fact.guid] = Definition(
        fact.guid, Format(fact.format), fact.text, references, fact.metadata, fact.rule_set
    )


def _invalid_schema_kept(draft: Draft, fact: facts.InvalidSchemaKept) -> None:
    draft.definitions[fact.guid] = replace(draft.definitions[fact.guid], unreadable=fact.reason)


def _dialect_chosen(draft: Draft, fact: facts.DialectChosen) -> None:
    draft.definitions[fact.guid] = replace(draft.definitions[fact.guid], dialect=fact.dialect)


def _schema_aliased(draft: Draft, fact: facts.SchemaAliased) -> None:
    draft.aliases[fact.alias] = fact.guid
    draft.known_as[fact.guid] = (*draft.known_as.get(fact.guid, ()), fact.alias)


def _schema_registered(draft: Draft, fact: facts.SchemaRegistered) -> None:
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


def _waiver_for(draft: Draft, fact: facts.SchemaRegistered) -> facts.WaiverUsed | None:
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


def _schema_refused(draft: Draft, fact: facts.SchemaRefused) -> None:
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


def _versions_soft_deleted(draft: Draft, fact: facts.VersionsSoftDeleted) -> None:
    _mark(draft, fact.subject, fact.versions, deleted=True)


def _versions_restored(draft: Draft, fact: facts.VersionsRestored) -> None:
    _mark(draft, fact.subject, fact.versions, deleted=False)


def _mark(draft: Draft, name: str, numbers: list[int], *, deleted: bool) -> None:
    subject = Subject.parse(name)
    marked = set(numbers)
    before = draft.subjects[subject]
    versions = tuple(replace(one, deleted=deleted) if one.number in marked else one for one in before.versions)
    draft.subjects[subject] = replace(before, versions=versions)
    for version in versions:
        if version.number in marked:
            touch_uses(draft, version)


def _versions_permanently_deleted(draft: Draft, fact: facts.VersionsPermanentlyDeleted) -> None:
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


def _link(draft: Draft, version: Version) -> None:
    place: Place = (version.subject, version.number)
    key = (version.subject.context, version.guid)
    draft.uses[key] = (*draft.uses.get(key, ()), place)
    for target in _targets(draft, version):
        draft.referrers[target] = (*draft.referrers.get(target, ()), place)


def _revisions_purged(draft: Draft, fact: facts.RevisionsPurged) -> None:
    """Keep what still counts apart, before it leaves the subject."""
    if fact.waiver:
        return
    subject = Subject.parse(fact.subject)
    held, gone = draft.subjects[subject], draft.peek("departed").get(subject)
    going = [one for number in fact.versions if (one := held.by_number(number)) is not None]
    versions = sorted((*(gone.versions if gone else ()), *going), key=lambda one: one.number)
    draft.departed[subject] = Departed(tuple(versions), held.last_number, held.revisions, held.lives)


def _unlink(draft: Draft, version: Version, *, refers: bool) -> None:
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


def _targets(draft: Draft, version: Version) -> list[Place]:
    references = draft.definitions[version.guid].references
    context = version.subject.context
    return [(Subject.parse(one.subject, context=context), one.version) for one in references]


def _touch_deprecated(draft: Draft, held: SubjectState) -> None:
    for version in held.versions:
        if held.life(version.major).since:
            touch_uses(draft, version)


APPLY: Appliers = {
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
}
