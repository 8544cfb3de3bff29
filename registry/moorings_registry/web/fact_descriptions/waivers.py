"""Facts about waivers, as sentences."""

from moorings_registry import facts
from moorings_registry.web.fact_descriptions.sentences import Phrase, Sentence, Tellers, brief


def _waiver_granted(fact: facts.WaiverGranted, position: int) -> Sentence:
    what = f"Waiver {position} of kind {fact.kind} was granted for {fact.subject or fact.domain}"
    until = f" until {fact.until[:10]}" if fact.until else ""
    told = f"{what}{until}, requested by {brief(fact.requested_by)}, approved by {brief(fact.approved_by)}: "
    return Sentence("warn", "note", (Phrase(told), Phrase(brief(fact.reason))))


def _waiver_used(fact: facts.WaiverUsed, _position: int) -> Sentence:
    told = f"Waiver {fact.waiver} was used for {fact.subject or fact.domain}."
    return Sentence("warn", "note", (Phrase(told),))


def _waiver_withdrawn(fact: facts.WaiverWithdrawn, _position: int) -> Sentence:
    return Sentence("calm", "note", (Phrase(f"Waiver {fact.waiver} was withdrawn."),))


def _waiver_requested(fact: facts.WaiverRequested, position: int) -> Sentence:
    what = f"Waiver {position} of kind {fact.kind} was requested for {fact.subject or fact.domain}"
    return Sentence("warn", "note", (Phrase(f"{what} by {brief(fact.requested_by)}: {brief(fact.reason)}"),))


def _waiver_approved(fact: facts.WaiverApproved, _position: int) -> Sentence:
    return Sentence("warn", "note", (Phrase(f"Waiver {fact.waiver} was approved by {brief(fact.approved_by)}."),))


TELLERS: Tellers = {
    facts.WaiverGranted: _waiver_granted,
    facts.WaiverUsed: _waiver_used,
    facts.WaiverWithdrawn: _waiver_withdrawn,
    facts.WaiverRequested: _waiver_requested,
    facts.WaiverApproved: _waiver_approved,
}
