"""Names without a past: what they say instead."""

from moorings_compat.event_names import command_words as commands
from moorings_compat.event_names import content_words as content
from moorings_compat.event_names import function_words as small
from moorings_compat.event_names.sentence import Judgement, Sentence
from moorings_compat.event_names.verbs import Form, is_verb, verb_in_ing
from moorings_compat.event_names.verdict import Reason


def intention(sentence: Sentence) -> Judgement | None:
    """TrialWillEnd, ItemsToShip, OrderReadyToBeShipped."""
    for place in range(1, sentence.end - 1):
        word = sentence.words[place]
        if word in small.MODALS or (word == "to" and is_verb(sentence.words[place + 1])):
            return Judgement(Reason.INTENTION, place)
    return None


def present(sentence: Sentence) -> Judgement | None:
    """UserIsActive, OrderNeedsReview."""
    for place, word in enumerate(sentence.words[:-1]):
        if word in small.PRESENTS or word in small.HAVE_NOW:
            return Judgement(Reason.PRESENT, place)
    return None


def in_progress(sentence: Sentence) -> Judgement | None:
    """OrderPlacing."""
    last = sentence.end - 1
    return Judgement(Reason.IN_PROGRESS, last) if last and verb_in_ing(sentence.words[last]) else None


def state(sentence: Sentence) -> Judgement | None:
    """InvoiceOverdue, OrderUnpaid."""
    last = sentence.end - 1
    if last and sentence.words[0] in commands.COMMANDS and sentence.words[last] in small.PARTICLES:
        return None
    if sentence.words[last] in content.STATE_ADJECTIVES or sentence.forms[last] is Form.NOT_DONE:
        return Judgement(Reason.STATE, last)
    return None


def bare_command(sentence: Sentence) -> Judgement | None:
    """PlaceOrder; also of verbs that are nouns, where nothing says that they are the subject."""
    front = sentence.words[0]
    if sentence.end < 2 or front not in commands.COMMANDS:
        return None
    makes_a_noun = (
        commands.OUTCOME_NOUNS if front in commands.COMMANDS_OF_FIELDS else content.FIELDS | commands.OUTCOME_NOUNS
    )
    is_noun = not makes_a_noun.isdisjoint((sentence.words[1], sentence.words[-1]))
    return None if is_noun else Judgement(Reason.COMMAND)


def kind_of_message(sentence: Sentence) -> Judgement | None:
    """OrderCommand."""
    return Judgement(Reason.KIND_OF_MESSAGE) if sentence.words[-1] in content.ALL_MESSAGES else None
