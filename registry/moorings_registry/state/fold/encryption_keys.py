"""How facts about encryption keys change the state."""

from collections.abc import Callable
from dataclasses import replace

from moorings_registry import facts
from moorings_registry.names import Subject
from moorings_registry.state.fold.draft import Appliers, Draft
from moorings_registry.state.keys import Dek, DekAlgorithm, DekPlace, Kek


def _kek_registered(draft: Draft, fact: facts.KekRegistered) -> None:
    at = draft.entry.recorded_at
    draft.keks[fact.context, fact.kek] = Kek(
        name=fact.kek,
        context=fact.context,
        kms_type=fact.kms_type,
        kms_key_id=fact.kms_key_id,
        kms_props=fact.kms_props,
        doc=fact.doc,
        deleted=False,
        registered_at=at,
        changed_at=at,
    )


def _kek_changed(draft: Draft, fact: facts.KekChanged) -> None:
    place = (fact.context, fact.kek)
    at = draft.entry.recorded_at
    draft.keks[place] = replace(draft.keks[place], kms_props=fact.kms_props, doc=fact.doc, changed_at=at)


def _kek_soft_deleted(draft: Draft, fact: facts.KekSoftDeleted) -> None:
    place = (fact.context, fact.kek)
    draft.keks[place] = replace(draft.keks[place], deleted=True)


def _kek_restored(draft: Draft, fact: facts.KekRestored) -> None:
    place = (fact.context, fact.kek)
    draft.keks[place] = replace(draft.keks[place], deleted=False)


def _kek_permanently_deleted(draft: Draft, fact: facts.KekPermanentlyDeleted) -> None:
    del draft.keks[fact.context, fact.kek]


def _dek_registered(draft: Draft, fact: facts.DekRegistered) -> None:
    made = Dek(
        kek=(fact.context, fact.kek),
        subject=Subject.parse(fact.subject),
        version=fact.version,
        algorithm=DekAlgorithm(fact.algorithm),
        encrypted_key_material=fact.encrypted_key_material,
        deleted=False,
        registered_at=draft.entry.recorded_at,
    )
    others = draft.deks.get(made.place, ())
    draft.deks[made.place] = tuple(sorted((*others, made), key=lambda one: (one.algorithm, one.version)))


_OfVersions = facts.DekVersionsSoftDeleted | facts.DekVersionsRestored | facts.DekVersionsPermanentlyDeleted


def _versions_soft_deleted(draft: Draft, fact: facts.DekVersionsSoftDeleted) -> None:
    _each(draft, fact, lambda one: replace(one, deleted=True))


def _versions_restored(draft: Draft, fact: facts.DekVersionsRestored) -> None:
    _each(draft, fact, lambda one: replace(one, deleted=False))


def _versions_permanently_deleted(draft: Draft, fact: facts.DekVersionsPermanentlyDeleted) -> None:
    _each(draft, fact, lambda _one: None)


def _each(draft: Draft, fact: _OfVersions, become: Callable[[Dek], Dek | None]) -> None:
    place: DekPlace = (fact.context, fact.kek, Subject.parse(fact.subject))
    meant = {(fact.algorithm, number) for number in fact.versions}
    after = (become(one) if (one.algorithm, one.version) in meant else one for one in draft.deks[place])
    left = tuple(one for one in after if one is not None)
    if left:
        draft.deks[place] = left
    else:
        del draft.deks[place]


APPLY: Appliers = {
    facts.KekRegistered: _kek_registered,
    facts.KekChanged: _kek_changed,
    facts.KekSoftDeleted: _kek_soft_deleted,
    facts.KekRestored: _kek_restored,
    facts.KekPermanentlyDeleted: _kek_permanently_deleted,
    facts.DekRegistered: _dek_registered,
    facts.DekVersionsSoftDeleted: _versions_soft_deleted,
    facts.DekVersionsRestored: _versions_restored,
    facts.DekVersionsPermanentlyDeleted: _versions_permanently_deleted,
}
