"""What the word in front of a name says about it: a question, a handler, a command."""

from moorings_compat.event_names import command_words as commands
from moorings_compat.event_names import function_words as small
from moorings_compat.event_names.ending import past_at_the_end
from moorings_compat.event_names.sentence import Judgement, Sentence
from moorings_compat.event_names.verbs import is_only_verb, is_verb
from moorings_compat.event_names.verdict import Reason


def question(sentence: Sentence) -> Judgement | None:
    """IsOrderPlaced, CanOrderBePlaced."""
    front = sentence.words[0]
    asked = front in small.QUESTIONS or (front in small.MODALS and sentence.any_of({"be", "have"}, 1))
    return Judgement(Reason.QUESTION) if asked and sentence.end > 1 else None


def moment(sentence: Sentence) -> Judgement | None:
    """OnOrderPlaced, CheckIfOrderPlaced."""
    front = sentence.words[0]
    if front in small.MOMENTS and sentence.end > 1 and sentence.words[1] not in small.NO_MOMENT_BEFORE:
        return Judgement(Reason.MOMENT)
    is_condition = is_verb(front) and not {"if", "whether"}.isdisjoint(sentence.words[1:3])
    return Judgement(Reason.COMMAND) if is_condition else None


def command(sentence: Sentence) -> Judgement | None:
    """CancelPlacedOrder, MarkOrderShipped; but not CreateOrderFailed, which names how an attempt went."""
    front = sentence.words[0]
    if front in commands.CLAUSE_NOUNS and sentence.end > 2 and past_at_the_end(sentence):
        compound = front == "set" and sentence.words[1] in commands.COMPOUNDS_OF_SET
        return None if compound else Judgement(Reason.COMMAND)
    if front in commands.CAUSING_COMMANDS and past_at_the_end(sentence):
        return Judgement(Reason.COMMAND)
    if sentence.is_past(0):
        return None
    if is_only_verb(front):
        return None if _is_named_attempt(sentence) else Judgement(Reason.COMMAND)
    return Judgement(Reason.COMMAND) if front in commands.COMMANDS and _has_the_past_as_object(sentence) else None


def _is_named_attempt(sentence: Sentence) -> bool:
    """Whether the command in front is part of what something happened to."""
    front, found = sentence.words[0], past_at_the_end(sentence)
    if found is None or found.reason is not Reason.HAPPENED:
        return False
    past = sentence.words[found.at]
    if front in commands.CLAUSE_COMMANDS:
        return (
            front in commands.CLAUSES_THAT_FAIL
            and past in commands.FAILED_ATTEMPTS
            and not sentence.words[found.at - 1].endswith("s")
        )
    return found.at == 1 or past in commands.ATTEMPTS or sentence.words[1] in commands.DESCRIBED_BY_COMMANDS | {"not"}


def _has_the_past_as_object(sentence: Sentence) -> bool:
    """Whether the command in front, a noun as well, has the past at the end in its object: CountOrdersPlaced."""
    front, found = sentence.words[0], past_at_the_end(sentence)
    if found is None or found.at < 2:
        return False
    if found.reason is Reason.LIKE_A_NOUN:
        return True
    plural = sentence.words[found.at - 1].endswith("s")
    return (front in commands.LISTING_COMMANDS and plural) or (
        front in commands.WAITING_COMMANDS and sentence.words[1] == "for"
    )
