"""Are two names of fields the same word? ``qty`` and ``quantity``, ``amount_minor`` and ``amount``, ``orderId``
and ``order_id``; not ``shipping_address`` and ``billing_address``."""

import re
from difflib import SequenceMatcher
from enum import IntEnum
from functools import lru_cache

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_LITTLE_WORDS = "id ids at on by of the is has no in to date time ts key code type value name flag ref"
_LITTLE = frozenset(_LITTLE_WORDS.split())
"""Words that many names end or begin with: names that share nothing else are not alike."""
_LEAST_RATIO = 0.82


class Alike(IntEnum):
    """How much two names say the same."""

    UNLIKE = 0
    SHARED = 1
    """One word of each is the same, another is not: ``shipping_address`` and ``billing_address``."""
    WITHIN = 2
    """All words of one are words of the other: ``amount_minor`` and ``amount``."""
    SAME = 3
    """The same words, written in another way, abbreviated, or mistyped."""


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """Split a name in any style into its words, lower case: ``orderID`` is ``order``, ``id``."""
    return tuple(word.lower() for word in _WORDS.findall(name)) or (name.lower(),)


@lru_cache(maxsize=8192)
def alike(one: str, other: str) -> Alike:
    """Compare two names."""
    ours, theirs = words_of(one), words_of(other)
    if "".join(ours) == "".join(theirs) or _ratio("".join(ours), "".join(theirs)) >= _LEAST_RATIO:
        return Alike.SAME if _first_words_agree(ours, theirs) else Alike.SHARED
    main, others = _main(ours), _main(theirs)
    found = [word for word in main if any(_same_word(word, another) for another in others)]
    back = [word for word in others if any(_same_word(word, another) for another in main)]
    if not found:
        return Alike.UNLIKE
    if len(found) == len(main) and len(back) == len(others):
        return Alike.SAME
    return Alike.WITHIN if len(found) == len(main) or len(back) == len(others) else Alike.SHARED


def _first_words_agree(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether names that look alike do not differ by a whole word: ``first_line`` and ``fourth_line`` do."""
    if len(ours) != len(theirs) or len(ours) == 1:
        return True
    return all(_same_word(one, other) for one, other in zip(ours, theirs, strict=True))


def _main(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _LITTLE) or words


@lru_cache(maxsize=8192)
def _same_word(one: str, other: str) -> bool:
    if one == other:
        return True
    if one.isdigit() or other.isdigit():
        return False
    short, long = sorted((one, other), key=len)
    return (len(short) >= 2 and _abbreviates(short, long)) or (len(short) >= 4 and _ratio(one, other) >= _LEAST_RATIO)


def _abbreviates(short: str, long: str) -> bool:
    """Whether *short* is the beginning of *long*, or its first letter with some of the others in their order."""
    if short[0] != long[0]:
        return False
    if long.startswith(short):
        return len(short) >= 3 or len(long) <= 5
    if len(short) < 3 or len(long) < len(short) + 2:
        return False
    letters = iter(long)
    return all(letter in letters for letter in short) and not set(short[1:]) & set("aeiou")


def _ratio(one: str, other: str) -> float:
    if abs(len(one) - len(other)) > max(len(one), len(other)) // 3:
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
