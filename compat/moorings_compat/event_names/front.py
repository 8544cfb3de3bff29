"""What the word in front of a name says about it: a question, a handler, a command."""

from moorings_compat.event_names import vocabulary as v
from moorings_compat.event_names.ending import past_at_the_end
from moorings_compat.event_names.sentence import Judgement, Sentence
from moorings_compat.event_names.verbs import is_only_verb
from moorings_compat.event_names.verdict import Reason


def question(sentence: Sentence) -> Judgement | None:
    """IsOrderPlaced, CanOrderBePlaced."""
    front = sentence.words[0]
    asked = front in v.QUESTIONS or (front in v.MODALS and sentence.any_of({"be", "have"}, 1, sentence.end))
    return Judgement(Reason.QUESTION) if asked and sentence.end > 1 else None


def moment(sentence: Sentence) -> Judgement | None:
    """OnOrderPlaced, CheckIfOrderPlaced."""
    front = sentence.words[0]
    if front in v.MOMENTS and sentence.end > 1 and sentence.words[1] not in v.NO_MOMENT_BEFORE:
        return Judgement(Reason.MOMENT)
    condition = next((place for place in (1, 2) if sentence.word(place) in ("if", "whether")), None)
    return None if condition is None else Judgement(Reason.COMMAND)


def command(sentence: Sentence) -> Judgement | None:
    """CancelPlacedOrder, MarkOrderShipped; but not CreateOrderFailed, which names how an attempt went."""
    front = sentence.words[0]
    if front in v.CLAUSE_NOUNS and sentence.end > 2 and past_at_the_end(sentence):
        compound = front == "set" and sentence.words[1] in v.COMPOUNDS_OF_SET
        return None if compound else Judgement(Reason.COMMAND)
    if front in v.CAUSING_COMMANDS and past_at_the_end(sentence):
        return Judgement(Reason.COMMAND)
    if sentence.is_past(0):
        return None
    if is_only_verb(front):
        return None if _is_named_attempt(sentence) else Judgement(Reason.COMMAND)
    return Judgement(Reason.COMMAND) if front in v.COMMANDS and _has_the_past_as_object(sentence) else None


def _is_named_attempt(sentence: Sentence) -> bool:
    """Whether the command in front is part of what something happened to."""
    front, found = sentence.words[0], past_at_the_end(sentence)
    if found is None or found.reason is not Reason.HAPPENED:
        return False
    past = sentence.words[found.at]
    if front in v.CLAUSE_COMMANDS:
        return front in v.CLAUSES_THAT_FAIL and past in v.FAILED_ATTEMPTS and not sentence.words[found.at - 1].endswith("s")
    return found.at == 1 or past in v.ATTEMPTS or sentence.words[1] in v.DESCRIBED_BY_COMMANDS | {"not"}


def _has_the_past_as_object(sentence: Sentence) -> bool:
    """Whether the command in front, a noun as well, has the past at the end in its object: CountOrdersPlaced."""
    front, found = sentence.words[0], past_at_the_end(sentence)
    if found is None or found.at < 2:
        return False
    if found.reason is Reason.LIKE_A_NOUN:
        return True
    plural = sentence.words[found.at - 1].endswith("s")
    return (front in v.LISTING_COMMANDS and plural) or (
        front in v.WAITING_COMMANDS and sentence.words[1] == "for"
    )
