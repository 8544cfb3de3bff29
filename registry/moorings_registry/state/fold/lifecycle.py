"""How facts about the lives of majors change the state."""

from dataclasses import replace

from moorings_registry import facts
from moorings_registry.names import Subject
from moorings_registry.state.fold.draft import DAY, Appliers, Draft, set_or_drop, touch_uses
from moorings_registry.state.values import HeldPolicy, Lifecycle, MajorState, Migration, SunsetReminder


def _majors_held(draft: Draft, fact: facts.MajorsHeld) -> None:
    before = draft.held_policies.get(fact.scope, ())
    after = (*before, HeldPolicy(draft.entry.position, fact.policy)) if fact.policy else ()
    set_or_drop(draft.held_policies, fact.scope, after)


def _first_major_lifecycle_changed(draft: Draft, fact: facts.FirstMajorLifecycleChanged) -> None:
    since = "" if fact.state == MajorState.ACTIVE else draft.entry.recorded_at[:DAY]
    _live(draft, fact.subject, fact.major, Lifecycle(MajorState(fact.state), fact.sunset, since))


def _major_lifecycle_changed(draft: Draft, fact: facts.MajorLifecycleChanged) -> None:
    life = Lifecycle(MajorState(fact.state), fact.sunset, fact.since, fact.replacement, fact.page)
    _live(draft, fact.subject, fact.major, life)


def _live(draft: Draft, name: str, major: int, life: Lifecycle) -> None:
    subject = Subject.parse(name)
    before = draft.subjects[subject]
    announced = max(before.life(major).announced, life.sunset) if life.since else ""
    draft.subjects[subject] = replace(before, lives={**before.lives, major: replace(life, announced=announced)})
    for version in before.versions:
        if version.major == major:
            touch_uses(draft, version)


def _major_migration_changed(draft: Draft, fact: facts.MajorMigrationChanged) -> None:
    subject = Subject.parse(fact.subject)
    before = draft.subjects[subject]
    others = {major: one for major, one in before.migrations.items() if major != fact.major}
    said = {fact.major: Migration(tuple(fact.steps), fact.reason)} if fact.steps or fact.reason else {}
    draft.subjects[subject] = replace(before, migrations={**others, **said})


def _sunset_reminded(draft: Draft, fact: facts.SunsetReminded) -> None:
    draft.reminders[Subject.parse(fact.subject), fact.major] = SunsetReminder(fact.sunset, fact.days)


APPLY: Appliers = {
    facts.MajorsHeld: _majors_held,
    facts.FirstMajorLifecycleChanged: _first_major_lifecycle_changed,
    facts.MajorLifecycleChanged: _major_lifecycle_changed,
    facts.MajorMigrationChanged: _major_migration_changed,
    facts.SunsetReminded: _sunset_reminded,
}
