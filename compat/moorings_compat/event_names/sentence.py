"""The words of a name as the rules look at them."""

from collections.abc import Set
from dataclasses import dataclass
from functools import cached_property

from moorings_compat.event_names.verbs import Form, form_of
from moorings_compat.event_names.verdict import Reason, Verdict
from moorings_compat.event_names.vocabulary import ADVERBS, NOT_ADVERBS

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


@dataclass(frozen=True)
class Sentence:
    """The words of a name, in small letters, and the form that each is of a verb."""

    words: tuple[str, ...]

    @cached_property
    def forms(self) -> tuple[Form, ...]:
        return tuple(map(form_of, self.words))

    @property
    def end(self) -> int:
        return len(self.words)

    def word(self, place: int) -> str:
        """The word at *place*; empty outside the name."""
        return self.words[place] if 0 <= place < self.end else ""

    def any_of(self, group: Set[str], start: int, end: int) -> bool:
        """Whether a word of *group* is among those from *start* up to *end*."""
        return not group.isdisjoint(self.words[max(start, 0) : end])

    def is_past(self, place: int) -> bool:
        return self.forms[place] in _PAST

    @cached_property
    def first(self) -> int:
        """The place of the first word that is not an adverb: of ``Created`` in NewlyCreatedAccount."""
        return next((place for place, word in enumerate(self.words) if not is_adverb(word)), 0)


def is_adverb(word: str) -> bool:
    return word in ADVERBS or (word.endswith("ly") and len(word) > 4 and word not in NOT_ADVERBS)
