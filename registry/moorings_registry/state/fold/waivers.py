"""How facts about waivers change the state."""

from dataclasses import fields, replace

from moorings_registry import facts
from moorings_registry.state.fold.draft import Appliers, Draft
from moorings_registry.state.values import Waiver, WaiverKind


def _waiver_granted(draft: Draft, fact: facts.WaiverGranted) -> None:
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


def _waiver_requested(draft: Draft, fact: facts.WaiverRequested) -> None:
    members = {one.name: getattr(fact, one.name) for one in fields(fact)}
    _waiver_granted(draft, facts.WaiverGranted(**members, approved_by=""))


def _waiver_approved(draft: Draft, fact: facts.WaiverApproved) -> None:
    draft.waivers[fact.waiver] = replace(draft.waivers[fact.waiver], approved_by=fact.approved_by)


def _waiver_used(draft: Draft, fact: facts.WaiverUsed) -> None:
    waiver = draft.waivers[fact.waiver]
    draft.waivers[fact.waiver] = replace(waiver, uses=(*waiver.uses, draft.entry.position))
    if waiver.kind is WaiverKind.LEVEL:
        draft.waived_policies[fact.subject or f"domain:{fact.domain}"] = waiver.id
    if waiver.kind is WaiverKind.FINDING:
        draft.waived = fact


def _waiver_withdrawn(draft: Draft, fact: facts.WaiverWithdrawn) -> None:
    draft.waivers[fact.waiver] = replace(draft.waivers[fact.waiver], withdrawn_at=draft.entry.recorded_at)


APPLY: Appliers = {
    facts.WaiverGranted: _waiver_granted,
    facts.WaiverUsed: _waiver_used,
    facts.WaiverWithdrawn: _waiver_withdrawn,
    facts.WaiverRequested: _waiver_requested,
    facts.WaiverApproved: _waiver_approved,
}
