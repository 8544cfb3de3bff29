"""Facts about reviews of checks, as sentences."""

from moorings_registry import facts
from moorings_registry.web import links
from moorings_registry.web.fact_descriptions.sentences import Phrase, Sentence, Tellers, brief, event_phrase
from moorings_registry.web.labels import listed


def _change_held_back(fact: facts.ChangeHeldBack, _position: int) -> Sentence:
    names = sorted({str(one["application"]) or "further applications" for one in fact.readers})
    told = Phrase(f" was held back for {listed(names, 3)}.")
    return Sentence("warn", "people", (Phrase("A change to "), event_phrase(fact.subject), told))


def _check_reviewed(fact: facts.CheckReviewed, _position: int) -> Sentence:
    kind, _, id = fact.about.partition(":")
    href = links.report_href(int(id)) if kind == "report" else links.kept_check_href(id)
    said = []
    if fact.handled is not None:
        said.append("was marked as handled" if fact.handled else "is open again")
    if fact.assignee is not None:
        said.append(f"was assigned to {brief(fact.assignee)}" if fact.assignee else "is assigned to nobody")
    if fact.comment:
        said.append(f"was commented on: {brief(fact.comment)}")
    change = Phrase("A change to "), event_phrase(fact.subject), Phrase(" (")
    what = Phrase(f"report {id}" if kind == "report" else "check of a CI job", href)
    return Sentence("calm", "people", (*change, what, Phrase(f") {listed(said)}")))


TELLERS: Tellers = {
    facts.ChangeHeldBack: _change_held_back,
    facts.CheckReviewed: _check_reviewed,
}
