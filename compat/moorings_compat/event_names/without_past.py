"""Names without a past: what they say instead."""

from moorings_compat.event_names import vocabulary as v
from moorings_compat.event_names.sentence import Judgement, Sentence
from moorings_compat.event_names.verbs import Form, is_verb, verb_in_ing
from moorings_compat.event_names.verdict import Reason


def intention(sentence: Sentence) -> Judgement | None:
    """TrialWillEnd, ItemsToShip, OrderReadyToBeShipped."""
    for place in range(1, sentence.end - 1):
        word = sentence.words[place]
        if word in v.MODALS or (word == "to" and is_verb(sentence.words[place + 1])):
            return Judgement(Reason.INTENTION, place)
    return None


def present(sentence: Sentence) -> Judgement | None:
    """UserIsActive, OrderNeedsReview."""
    for place, word in enumerate(sentence.words[:-1]):
        if word in v.PRESENTS:
            return Judgement(Reason.PRESENT, place)
    return None


def in_progress(sentence: Sentence) -> Judgement | None:
    """OrderPlacing."""
    last = sentence.end - 1
    return Judgement(Reason.IN_PROGRESS, last) if last and verb_in_ing(sentence.words[last]) else None


def state(sentence: Sentence) -> Judgement | None:
    """InvoiceOverdue, OrderUnpaid."""
    last = sentence.end - 1
    if last == 1 and sentence.words[0] in v.COMMANDS and sentence.words[1] in v.PARTICLES:
        return None
    if sentence.words[last] in v.STATE_ADJECTIVES or sentence.forms[last] is Form.NOT_DONE:
        return Judgement(Reason.STATE, last)
    return None


def bare_command(sentence: Sentence) -> Judgement | None:
    """PlaceOrder; also of verbs that are nouns, where nothing says that they are the subject."""
    front, last = sentence.words[0], sentence.words[-1]
    outcomes = v.FIELDS | v.OUTCOME_NOUNS
    is_command = front in v.COMMANDS and sentence.end > 1 and outcomes.isdisjoint((sentence.words[1], last))
    return Judgement(Reason.COMMAND) if is_command else None


def kind_of_message(sentence: Sentence) -> Judgement | None:
    """OrderCommand."""
    is_kind = sentence.words[-1] in v.KINDS_OF_MESSAGE | v.THINGS_TO_SEND
    return Judgement(Reason.KIND_OF_MESSAGE) if is_kind else None
