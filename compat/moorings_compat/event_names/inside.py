"""A past inside a name, with a noun after it: an adjective (SavedCard), or what somebody did (UserSavedCard)."""

from moorings_compat.event_names import vocabulary as v
from moorings_compat.event_names.sentence import Judgement, Sentence
from moorings_compat.event_names.verbs import Form
from moorings_compat.event_names.verdict import Reason


def past_before_noun(sentence: Sentence) -> Judgement | None:
    """Judge the first past that a noun follows; None where there is none."""
    places = range(sentence.end - 1)
    place = next((one for one in places if sentence.is_past(one) and sentence.words[one] not in v.STATES), None)
    if place is None:
        return None
    form = sentence.forms[place]
    if place == sentence.first:
        return Judgement(Reason.COMMAND if form is Form.LIKE_PRESENT else Reason.PAST_BEFORE_NOUN, place)
    if sentence.words[-1] in v.KINDS_OF_MESSAGE or sentence.words[-1] in v.FIELDS:
        return Judgement(Reason.KIND_OF_MESSAGE, place)
    if _is_command_with_adjective(sentence, place):
        return Judgement(Reason.COMMAND)
    if _is_said_of_the_subject(sentence, place):
        return Judgement(Reason.HAPPENED, place)
    if form is Form.LIKE_PRESENT:
        return None
    if form is Form.PARTICIPLE:
        return Judgement(Reason.PAST_BEFORE_NOUN, place)
    return Judgement(Reason.PAST_INSIDE, place)


def _is_command_with_adjective(sentence: Sentence, place: int) -> bool:
    """ProcessReturnedItems, CleanUpDeletedFiles."""
    if sentence.words[0] not in v.COMMANDS:
        return False
    return place == 1 or (place == 2 and sentence.words[1] in v.PARTICLES)


def _is_said_of_the_subject(sentence: Sentence, place: int) -> bool:
    word, form, subject = sentence.words[place], sentence.forms[place], sentence.words[place - 1]
    if word in v.LINKING_PASTS or word in v.REACHING_PASTS:
        return True
    if subject not in v.AGENTS:
        return form is Form.FINITE and word not in v.NOUNS_BEFORE_NOUNS
    if word in v.COMPOUND_PASTS or (sentence.words[-1].endswith("s") and not sentence.words[-1].endswith("ss")):
        return False
    return form is not Form.PARTICIPLE or word in v.GIVING_PASTS
