"""What the lint says about the name of an event."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether a name is one of a fact; ASK where English cannot tell."""

    FACT = "fact"
    NOT_A_FACT = "not_a_fact"
    ASK = "ask"


class Reason(StrEnum):
    """Why a name is judged as it is."""

    HAPPENED = "happened"
    # not a fact
    NO_WORDS = "no_words"
    NO_PAST = "no_past"
    COMMAND = "command"
    PAST_BEFORE_NOUN = "past_before_noun"
    KIND_OF_MESSAGE = "kind_of_message"
    INTENTION = "intention"
    IN_PROGRESS = "in_progress"
    PRESENT = "present"
    QUESTION = "question"
    MOMENT = "moment"
    STATE = "state"
    # ask
    NEGATION = "negation"
    LIKE_THE_PRESENT = "like_the_present"
    LIKE_A_NOUN = "like_a_noun"
    PAST_INSIDE = "past_inside"
    UNKNOWN_VERB = "unknown_verb"


@dataclass(frozen=True, slots=True)
class NameVerdict:
    """The judgement of a name.

    *verdict* and *reason* are about the words alone, however they are written; *case_problem* is about PascalCase.
    *sentence* gives the reason in plain English, with what to do. *suggestion* is a name in PascalCase that is a fact,
    made of the words of this one; None where there is no such name, or no need of one.
    """

    verdict: Verdict
    reason: Reason
    sentence: str
    suggestion: str | None = None
    case_problem: str | None = None
