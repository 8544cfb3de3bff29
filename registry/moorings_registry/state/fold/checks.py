"""How facts about checks besides a refusal itself: who was affected, and what was said of it change the state."""

from moorings_registry import facts
from moorings_registry.names import Subject
from moorings_registry.state.consumers import HeldReader
from moorings_registry.state.fold.draft import Appliers, Draft
from moorings_registry.state.values import Review


def _change_held_back(draft: Draft, fact: facts.ChangeHeldBack) -> None:
    draft.held = tuple(HeldReader(**one) for one in fact.readers)


def _check_reviewed(draft: Draft, fact: facts.CheckReviewed) -> None:
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


APPLY: Appliers = {
    facts.ChangeHeldBack: _change_held_back,
    facts.CheckReviewed: _check_reviewed,
}
