"""The words of a name as the rules look at them."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from moorings_compat.event_names.function_words import ADVERBS, NOT_ADVERBS
from moorings_compat.event_names.verbs import Form, form_of
from moorings_compat.event_names.verdict import Reason, Verdict

_ASKS = frozenset(
    (Reason.NEGATION, Reason.LIKE_THE_PRESENT, Reason.LIKE_A_NOUN, Reason.PAST_INSIDE, Reason.UNKNOWN_VERB)
)
_PAST = frozenset((Form.EITHER, Form.FINITE, Form.PARTICIPLE, Form.LIKE_PRESENT))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Why, and the place of the word that decided, counted from 0."""

    reason: Reason
    at: int = 0

    @property
    def verdict(self) -> Verdict:
        if self.reason is Reason.HAPPENED:
            return Verdict.FACT
        return Verdict.ASK if self.reason in _ASKS else Verdict.NOT_A_FACT


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of a name, at least one, in small letters; and the form that each is of a verb.

    *first* is the place of the first word that is not an adverb: of ``Created`` in NewlyCreatedAccount.
    """

    words: tuple[str, ...]
    forms: tuple[Form, ...]
    first: int

    @property
    def end(self) -> int:
        return len(self.words)

    def word(self, place: int) -> str:
        """The word at *place*; empty outside the name."""
        return self.words[place] if 0 <= place < self.end else ""

    def any_of(self, group: AbstractSet[str], start: int) -> bool:
        """Whether a word of *group* is at *start* or behind it."""
        return not group.isdisjoint(self.words[start:])

    def is_past(self, place: int) -> bool:
        return self.forms[place] in _PAST


def read_sentence(words: tuple[str, ...]) -> Sentence:
    first = next((place for place, word in enumerate(words) if not is_adverb(word)), 0)
    return Sentence(words, tuple(map(form_of, words)), first)


def is_adverb(word: str) -> bool:
    return word in ADVERBS or (word.endswith("ly") and len(word) > 4 and word not in NOT_ADVERBS)
