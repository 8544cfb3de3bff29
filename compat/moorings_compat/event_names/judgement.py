"""Whether the words of a name say that something happened.

The verb at the end decides. Small words may follow it (``ShippedToCustomer``, ``PickedUp``), and what precedes it
may undo it (``ToBePlaced``, ``NotDelivered``). A past with a noun after it is an adjective (``CancelPlacedOrder``),
unless a person before it did it (``CustomerPlacedOrder``).
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from moorings_compat.event_names import function_words as small
from moorings_compat.event_names.ending import emphatic_past, past_at_the_end
from moorings_compat.event_names.front import command, moment, question
from moorings_compat.event_names.inside import past_before_noun
from moorings_compat.event_names.sentence import Judgement, Sentence, read_sentence
from moorings_compat.event_names.verdict import Reason
from moorings_compat.event_names.without_past import (
    bare_command,
    in_progress,
    intention,
    kind_of_message,
    present,
    state,
)

Rule: TypeAlias = Callable[[Sentence], Judgement | None]

_RULES: tuple[Rule, ...] = (
    question,
    moment,
    command,
    emphatic_past,
    past_at_the_end,
    past_before_noun,
    intention,
    present,
    in_progress,
    state,
    bare_command,
    kind_of_message,
)


def judge_words(words: Sequence[str]) -> Judgement:
    """Judge a name by its *words*, in small letters, by the first rule that has a say. Linear in their length."""
    kept = tuple(words[: significant(words)])
    if not kept:
        return Judgement(Reason.NO_WORDS)
    sentence = read_sentence(kept)
    for rule in _RULES:
        found = rule(sentence)
        if found is not None:
            return found
    return Judgement(Reason.NO_PAST, sentence.end - 1)


def significant(words: Sequence[str]) -> int:
    """How many of *words* are left without a version and the word Event, which say nothing of their own."""
    end = len(words)
    while end and (words[end - 1] in small.SUFFIXES or words[end - 1].isdigit()):
        is_event = words[end - 1] in small.SUFFIXES
        end -= 1
        if end > 1 and words[end - 1] in (small.SUFFIX_KINDS if is_event else ("v",)):
            end -= 1
    return end
