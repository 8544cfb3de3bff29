"""What each reason says in plain English."""

from collections.abc import Mapping
from typing import Final

from moorings_compat.event_names.verdict import Reason, Verdict

CAUSES: Final[Mapping[Reason, str]] = {  # {word} is the word that decided, quoted
    Reason.HAPPENED: "{word} says what happened",
    Reason.NO_WORDS: "it has no words",
    Reason.NO_PAST: "{word} at its end is not a verb in the past tense",
    Reason.COMMAND: "{word} in front makes it a command",
    Reason.PAST_BEFORE_NOUN: "{word} describes the noun after it",
    Reason.KIND_OF_MESSAGE: "{last} at its end names a message or a field",
    Reason.INTENTION: "it says what is to happen or may happen",
    Reason.IN_PROGRESS: "it says what is in progress",
    Reason.PRESENT: "it is in the present tense",
    Reason.QUESTION: "{word} in front makes it a question",
    Reason.MOMENT: "{word} in front makes it a condition or a handler",
    Reason.STATE: "{word} says what is the case, not what happened",
    Reason.NEGATION: "it says what did not happen",
    Reason.LIKE_THE_PRESENT: "{word} may be a command",
    Reason.LIKE_A_NOUN: "{word} may be a noun",
    Reason.PAST_INSIDE: "{word} may describe the noun after it",
    Reason.UNKNOWN_VERB: "{word} is not a form of a known verb",
}
_OPENINGS = {
    Verdict.FACT: "{name} is a fact in the past tense",
    Verdict.NOT_A_FACT: "{name} is not a fact in the past tense",
    Verdict.ASK: "{name} may or may not be a fact in the past tense",
}
_RULE = "name what happened, with the verb at the end, such as OrderPlaced"
_RULES = {Reason.NEGATION: "name what happened instead, such as OrderDeliveryFailed"}
_ANSWER = "say in the event file that it names something that happened"
CASE_RULE = "ASCII letters and digits, each word with a capital, such as OrderPlaced"


def sentence(verdict: Verdict, reason: Reason, *, name: str, word: str, last: str, suggestion: str | None) -> str:
    """One sentence of what *name* is, why, and what to do; *name*, *word* and *last* come quoted."""
    cause = CAUSES[reason].format(word=word, last=last)
    told = f"{_OPENINGS[verdict].format(name=name)}: {cause}"
    if verdict is Verdict.FACT:
        return told
    advice = f"name it {suggestion}" if suggestion else _RULES.get(reason, _RULE)
    return f"{told}; {advice}, or {_ANSWER}" if verdict is Verdict.ASK else f"{told}; {advice}"


def case_sentence(name: str, suggestion: str | None) -> str:
    """What is wrong with the case of *name*, which comes quoted."""
    return (
        f"{name} is not in PascalCase; name it {suggestion}"
        if suggestion
        else f"{name} is not in PascalCase: {CASE_RULE}"
    )
