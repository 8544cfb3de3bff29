"""The past at the end of a name: which it is, what may follow it, and what before it undoes it."""

from moorings_compat.event_names import content_words as content
from moorings_compat.event_names import doubtful_words as doubtful
from moorings_compat.event_names import function_words as small
from moorings_compat.event_names.sentence import Judgement, Sentence, is_adverb
from moorings_compat.event_names.verbs import Form, is_verb
from moorings_compat.event_names.verdict import Reason

_LOOK_BACK = 4
_OTHER = frozenset((Form.OTHER, Form.NOT_DONE))


def past_at_the_end(sentence: Sentence) -> Judgement | None:
    """Judge the last past with nothing but small words and their phrases after it; None where there is none.

    Where one is undone by what precedes it, an earlier one may still say what happened: PaymentScheduledToBeSent.
    """
    undone = None
    for place in range(sentence.end - 1, -1, -1):
        if sentence.forms[place] in _OTHER or not _ends_well(sentence, place):
            continue
        found = _judge(sentence, place)
        if found is not None and found.reason is Reason.HAPPENED:
            return found
        undone = undone or found
    return undone


def emphatic_past(sentence: Sentence) -> Judgement | None:
    """ApplicationDidFinishLaunching."""
    for place in range(1, sentence.end - 1):
        if sentence.words[place] == "did":
            if sentence.words[place + 1] in small.NEGATIONS:
                return Judgement(Reason.NEGATION, place + 1)
            if is_verb(sentence.words[place + 1]):
                return Judgement(Reason.HAPPENED, place)
    return None


def _ends_well(sentence: Sentence, place: int) -> bool:
    """Whether what follows the past at *place* belongs to it."""
    after = place + 1
    while after < sentence.end and after <= place + _LOOK_BACK and is_adverb(sentence.words[after]):
        after += 1
    word, is_last = sentence.word(after), after == sentence.end - 1
    if not word:
        return True
    if word in small.PARTICLES:
        return _ends_after_particle(sentence, place, after)
    if word in small.PREPOSITIONS:
        return not is_last or word in small.ENDING_PREPOSITIONS
    if place == sentence.first:
        return False
    return word in small.CONJUNCTIONS or (is_last and word in content.OUTCOMES_OF_A_CHANGE)


def _ends_after_particle(sentence: Sentence, place: int, particle: int) -> bool:
    following = sentence.word(particle + 1)
    if not following:
        return sentence.words[particle] != "on" or sentence.words[place] in small.VERBS_WITH_ON
    if following in small.AFTER_PARTICLES or is_adverb(following):
        return True
    opens_a_phrase = place != sentence.first and sentence.words[particle] in small.PLACES
    return opens_a_phrase and sentence.words[-1] not in content.CARRIERS


def _judge(sentence: Sentence, place: int) -> Judgement | None:
    word, form = sentence.words[place], sentence.forms[place]
    if word in content.STATES and sentence.word(place + 1) not in small.PARTICLES:
        return Judgement(Reason.STATE, place)
    before = sentence.word(place - 1)
    if word in doubtful.NOUNS or before in doubtful.NOUNS_AFTER.get(word, ()) or before in small.NOT_BEFORE_PASTS:
        return None
    undone = _undone_by(sentence, place)
    if undone is not None:
        return Judgement(undone, place)
    if place == sentence.first:
        return None if word in doubtful.DOUBTFUL else _judge_first(form)
    if form is Form.UNKNOWN:
        return Judgement(Reason.UNKNOWN_VERB, place)
    if form is Form.PARTICIPLE_LIKE_PRESENT:
        return Judgement(Reason.LIKE_A_NOUN, place)
    if place == sentence.end - 1 and _is_rather_a_noun(sentence, place):
        return Judgement(Reason.LIKE_A_NOUN, place)
    return Judgement(Reason.HAPPENED, place)


def _judge_first(form: Form) -> Judgement | None:
    if form is Form.PARTICIPLE_LIKE_PRESENT:
        return None
    if form is Form.LIKE_PRESENT:
        return Judgement(Reason.LIKE_THE_PRESENT)
    return Judgement(Reason.UNKNOWN_VERB if form is Form.UNKNOWN else Reason.HAPPENED)


def _is_rather_a_noun(sentence: Sentence, place: int) -> bool:
    word = sentence.words[place]
    return word in doubtful.DOUBTFUL or sentence.words[place - 1] in doubtful.DOUBTFUL_AFTER.get(word, ())


def _undone_by(sentence: Sentence, place: int) -> Reason | None:
    """What the auxiliaries before *place* make of the past there; None where it happened."""
    start = place
    while start > max(0, place - _LOOK_BACK) and _is_auxiliary(sentence.words[start - 1]):
        start -= 1
    helpers = sentence.words[start:place]
    modal = not small.MODALS.isdisjoint(helpers)
    if sentence.words[0] == "no" and sentence.word(1) not in small.NO_NEGATION_BEFORE and place:
        return Reason.NEGATION
    if not small.NEGATIONS.isdisjoint(helpers) and (not modal or "could" in helpers):
        return Reason.NEGATION
    if not small.BEING.isdisjoint(helpers):
        return Reason.IN_PROGRESS
    if "be" in helpers or (modal and not small.HAVE.isdisjoint(helpers)):
        return Reason.INTENTION
    if not small.BE_NOW.isdisjoint(helpers) or sentence.word(place - 1) in small.PRESENTS:
        return Reason.PRESENT
    like_present = sentence.forms[place] in (Form.LIKE_PRESENT, Form.PARTICIPLE_LIKE_PRESENT)
    return Reason.INTENTION if like_present and (modal or "to" in helpers) else None


def _is_auxiliary(word: str) -> bool:
    return word in small.AUXILIARIES or word in small.NEGATIONS or is_adverb(word)
