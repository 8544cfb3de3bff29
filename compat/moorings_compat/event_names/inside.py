"""A past inside a name, with a noun after it: an adjective (SavedCard), or what somebody did (UserSavedCard)."""

from moorings_compat.event_names import command_words as commands
from moorings_compat.event_names import content_words as content
from moorings_compat.event_names import doubtful_words as doubtful
from moorings_compat.event_names import function_words as small
from moorings_compat.event_names.sentence import Judgement, Sentence
from moorings_compat.event_names.verbs import Form
from moorings_compat.event_names.verdict import Reason


def past_before_noun(sentence: Sentence) -> Judgement | None:
    """Judge the first past that a noun follows; None where there is none."""
    places = range(sentence.end - 1)
    place = next((one for one in places if sentence.is_past(one) and sentence.words[one] not in content.STATES), None)
    if place is None:
        return None
    form = sentence.forms[place]
    if place == sentence.first:
        return Judgement(Reason.COMMAND if form is Form.LIKE_PRESENT else Reason.PAST_BEFORE_NOUN, place)
    if sentence.words[-1] in content.CARRIERS:
        return Judgement(Reason.KIND_OF_MESSAGE, place)
    if _is_command_with_adjective(sentence, place):
        return Judgement(Reason.COMMAND)
    return _with_subject(sentence, place)


def _with_subject(sentence: Sentence, place: int) -> Judgement | None:
    if sentence.words[place - 1] in doubtful.DOUBTFUL_AFTER.get(sentence.words[place], ()):
        return None
    form, by_somebody = sentence.forms[place], sentence.words[place - 1] in content.AGENTS
    if sentence.words[-1] in content.THINGS_TO_SEND:
        return Judgement(Reason.PAST_INSIDE if by_somebody else Reason.KIND_OF_MESSAGE, place)
    if _is_said_of_the_subject(sentence, place):
        return Judgement(Reason.HAPPENED, place)
    if form is Form.LIKE_PRESENT:
        return Judgement(Reason.PAST_INSIDE, place) if by_somebody else None
    return Judgement(Reason.PAST_BEFORE_NOUN if form is Form.PARTICIPLE else Reason.PAST_INSIDE, place)


def _is_command_with_adjective(sentence: Sentence, place: int) -> bool:
    """ProcessReturnedItems, CleanUpDeletedFiles."""
    is_adjective = sentence.forms[place] is not Form.FINITE and sentence.words[place] not in content.REACHING_PASTS
    if not is_adjective or sentence.words[0] not in commands.COMMANDS:
        return False
    return place == 1 or (place == 2 and sentence.words[1] in small.PARTICLES)


def _is_said_of_the_subject(sentence: Sentence, place: int) -> bool:
    word, form, subject = sentence.words[place], sentence.forms[place], sentence.words[place - 1]
    last = sentence.words[-1]
    if word in content.REACHING_PASTS or (word in content.LINKING_PASTS and last in content.AFTER_LINKING_PASTS):
        return True
    if form is Form.FINITE:
        return word not in doubtful.NOUNS_BEFORE_NOUNS or subject in content.AGENTS
    if subject not in content.AGENTS or form is Form.LIKE_PRESENT or word in content.COMPOUND_PASTS:
        return False
    one_thing = not last.endswith("s") or last.endswith("ss")
    return one_thing and (form is Form.EITHER or word in content.GIVING_PASTS)
