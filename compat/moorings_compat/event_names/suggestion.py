"""A fact in the past tense made of the words of a name: ``OrderPlaced`` of PlaceOrder, CreatedOrder, OrderToBePlaced.

Each reason has its own way to turn the words; what it makes is only handed out when it is itself judged a fact.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from moorings_compat.event_names import command_words as commands
from moorings_compat.event_names import content_words as content
from moorings_compat.event_names import function_words as small
from moorings_compat.event_names.judgement import judge_words, significant
from moorings_compat.event_names.nouns import verb_of_noun
from moorings_compat.event_names.sentence import Judgement, is_adverb
from moorings_compat.event_names.splitting import in_pascal_case, is_pascal_case, split_name
from moorings_compat.event_names.verbs import past_in_names, verb_in_ing
from moorings_compat.event_names.verdict import Reason, Verdict

_LONGEST_PARTS = 16
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Phrase:
    """The parts of a name as written, and the same in small letters."""

    parts: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(part.lower() for part in self.parts)


Turn: TypeAlias = Callable[[Phrase, int], Iterator[tuple[str, ...]]]


def suggest(parts: Sequence[str], judgement: Judgement) -> str | None:
    """A name in PascalCase that is a fact, made of *parts*; None where none comes of them."""
    if len(parts) > _LONGEST_PARTS or sum(map(len, parts)) > _LONGEST_NAME:
        return None
    if judgement.reason is Reason.HAPPENED:
        return _accepted(tuple(parts))
    turn = _TURNS.get(judgement.reason)
    end = significant([part.lower() for part in parts])
    phrase = Phrase(tuple(parts[:end] if end > 1 else parts))
    made = turn(phrase, judgement.at) if turn else iter(())
    return next((name for one in made if (name := _accepted(one))), None)


def _accepted(parts: tuple[str, ...]) -> str | None:
    name = in_pascal_case(parts)
    fits = is_pascal_case(name) and _is_fact(split_name(name))
    return name if fits else None


def _is_fact(parts: Sequence[str]) -> bool:
    return bool(parts) and judge_words([part.lower() for part in parts]).verdict is Verdict.FACT


def _from_command(phrase: Phrase, _: int) -> Iterator[tuple[str, ...]]:
    """The object in front, the verb behind it: TurnOffLight is LightTurnedOff, PutOrderOnHold is OrderPutOnHold."""
    parts = _without_kind(phrase)
    words = Phrase(parts).words
    if words[1:2] == ("not",):
        return
    yield from _facts_inside(parts[1:])
    rest = 2 if len(words) > 1 and words[1] in small.PARTICLES else 1
    phrases = small.PREPOSITIONS | small.PARTICLES
    stop = next((place for place in range(rest, len(words)) if words[place] in phrases), len(words))
    yield (*parts[rest:stop], past_in_names(words[0]), *parts[1:rest], *parts[stop:])


def _without_kind(phrase: Phrase) -> tuple[str, ...]:
    """The parts without Command and the like at the end, and without Request after a command that has no requests."""
    last = phrase.words[-1]
    is_kind = last in content.MESSAGES or (last == "request" and phrase.words[0] in commands.COMMANDS_WITHOUT_REQUESTS)
    return phrase.parts[:-1] if is_kind and len(phrase.parts) > 2 else phrase.parts


def _facts_inside(parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """What a command has as its object, where that is a fact: OrderPlaced in HandleOrderPlaced."""
    words = Phrase(parts).words
    skipped = small.PREPOSITIONS | small.MOMENTS | {"that", "whether"}
    start = next((place for place, word in enumerate(words) if word not in skipped), len(words))
    if len(parts) - start > 1:
        yield parts[start:]


def _from_past_before_noun(phrase: Phrase, at: int) -> Iterator[tuple[str, ...]]:
    """CreatedOrder is OrderCreated, UserWrittenReview is ReviewWrittenByUser."""
    before, past, after = phrase.parts[:at], phrase.parts[at], phrase.parts[at + 1 :]
    if all(is_adverb(word) for word in phrase.words[:at]):
        yield (*after, past)
    else:
        yield (*after, past, "By", *before)


def _from_past_with_kind(phrase: Phrase, at: int) -> Iterator[tuple[str, ...]]:
    """OrderPlacedCommand and OrderPlacedDate are OrderPlaced; PasswordResetRequest is PasswordResetRequested."""
    verb = verb_of_noun(phrase.words[-1])
    if verb and phrase.words[at] == past_in_names(phrase.words[at]).lower():
        yield (*phrase.parts[:-1], past_in_names(verb))
    yield phrase.parts[:-1]
    yield phrase.parts[: at + 1]
    yield from _from_noun(phrase, at)


def _without_auxiliaries(phrase: Phrase, at: int) -> Iterator[tuple[str, ...]]:
    """OrderToBePlaced, OrderIsPlaced and CanOrderBePlaced are OrderPlaced, TrialWillEnd is TrialEnded."""
    words = phrase.words
    left = [part for part, word in zip(phrase.parts, words, strict=True) if word not in small.NOT_IN_SUGGESTIONS]
    yield tuple(left)
    subject = next((place for place, word in enumerate(words) if word in small.NOT_IN_SUGGESTIONS), 0)
    verb = next((place for place in range(at, len(words)) if words[place] not in small.NOT_IN_SUGGESTIONS), None)
    if subject and verb is not None:
        yield (*phrase.parts[:subject], past_in_names(words[verb]), *phrase.parts[verb + 1 :])


def _from_ing(phrase: Phrase, at: int) -> Iterator[tuple[str, ...]]:
    """OrderPlacing is OrderPlaced."""
    yield from _without_auxiliaries(phrase, at)
    verb = verb_in_ing(phrase.words[-1])
    if verb:
        yield (*phrase.parts[:-1], past_in_names(verb))


def _from_front_word(phrase: Phrase, at: int) -> Iterator[tuple[str, ...]]:
    """OnOrderPlaced is OrderPlaced."""
    yield phrase.parts[1:]
    yield from _without_auxiliaries(phrase, at)


def _from_state(phrase: Phrase, _: int) -> Iterator[tuple[str, ...]]:
    """OrderComplete is OrderCompleted."""
    if phrase.words[-1] in commands.COMMANDS and len(phrase.parts) > 1:
        yield (*phrase.parts[:-1], past_in_names(phrase.words[-1]))


def _from_noun(phrase: Phrase, _: int) -> Iterator[tuple[str, ...]]:
    """PriceChange is PriceChanged, OrderPlacement is OrderPlaced, UserLogin is UserLoggedIn."""
    verb = verb_of_noun(phrase.words[-1])
    if verb and len(phrase.parts) > 1:
        base, *particle = verb.split()
        yield (*phrase.parts[:-1], past_in_names(base), *particle)


_TURNS: dict[Reason, Turn] = {
    Reason.COMMAND: _from_command,
    Reason.PAST_BEFORE_NOUN: _from_past_before_noun,
    Reason.PAST_INSIDE: _from_past_before_noun,
    Reason.KIND_OF_MESSAGE: _from_past_with_kind,
    Reason.INTENTION: _without_auxiliaries,
    Reason.PRESENT: _without_auxiliaries,
    Reason.IN_PROGRESS: _from_ing,
    Reason.QUESTION: _from_front_word,
    Reason.MOMENT: _from_front_word,
    Reason.STATE: _from_state,
    Reason.LIKE_A_NOUN: _from_noun,
    Reason.NO_PAST: _from_noun,
}
