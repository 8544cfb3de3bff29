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
    if sentence.words[-1] in v.KINDS_OF_MESSAGE | v.FIELDS:
        return Judgement(Reason.KIND_OF_MESSAGE, place)
    if form is not Form.FINITE and _is_command_with_adjective(sentence, place):
        return Judgement(Reason.COMMAND)
    return _with_subject(sentence, place)


def _with_subject(sentence: Sentence, place: int) -> Judgement | None:
    form, by_somebody = sentence.forms[place], sentence.words[place - 1] in v.AGENTS
    if sentence.words[-1] in v.THINGS_TO_SEND:
        return Judgement(Reason.PAST_INSIDE if by_somebody else Reason.KIND_OF_MESSAGE, place)
    if _is_said_of_the_subject(sentence, place):
        return Judgement(Reason.HAPPENED, place)
    if form is Form.LIKE_PRESENT:
        return Judgement(Reason.PAST_INSIDE, place) if by_somebody else None
    return Judgement(Reason.PAST_BEFORE_NOUN if form is Form.PARTICIPLE else Reason.PAST_INSIDE, place)


def _is_command_with_adjective(sentence: Sentence, place: int) -> bool:
    """ProcessReturnedItems, CleanUpDeletedFiles."""
    if sentence.words[0] not in v.COMMANDS:
        return False
    return place == 1 or (place == 2 and sentence.words[1] in v.PARTICLES)


def _is_said_of_the_subject(sentence: Sentence, place: int) -> bool:
    word, form, subject = sentence.words[place], sentence.forms[place], sentence.words[place - 1]
    last = sentence.words[-1]
    if word in v.LINKING_PASTS and last in v.OUTCOMES_OF_A_CHANGE | v.STATE_ADJECTIVES | v.ROLES | v.AGENTS:
        return True
    if word in v.REACHING_PASTS:
        return subject not in v.DOUBTFUL_AFTER.get(word, ())
    if form is Form.FINITE:
        return word not in v.NOUNS_BEFORE_NOUNS or subject in v.AGENTS
    if subject not in v.AGENTS or form is Form.LIKE_PRESENT or word in v.COMPOUND_PASTS:
        return False
    one_thing = not last.endswith("s") or last.endswith("ss")
    return one_thing and (form is Form.EITHER or word in v.GIVING_PASTS)
