"""Which words are verbs, which of their forms a word is, and the past of a verb.

Regular forms follow from spelling (``place`` placed, ``ship`` shipped, ``carry`` carried); the table has the rest.
"""

import re
from enum import Enum

from moorings_compat.event_names.verb_table import DOUBLED, IRREGULAR, NOT_PAST, ONLY_VERBS, OTHER_VERBS

_PREFIXES = ("re", "de", "dis", "over", "under", "pre", "mis", "out", "auto", "co", "cross", "inter", "fore")
_VERB_ENDINGS = ("ize", "ise", "ify", "ate")
LONGEST_WORD = 30
_ONE_SYLLABLE_SHORT = re.compile(r"[^aeiou]*(?:qu)?[aeiouy][^aeiouwxy]")


class Form(Enum):
    """What a word is of a verb; a past counts before a present that looks like it."""

    EITHER = "either"  # simple past and participle: placed, sent
    FINITE = "finite"  # simple past alone: took, went
    PARTICIPLE = "participle"  # participle alone: taken, gone
    LIKE_PRESENT = "like_present"  # past, participle and present: put, read
    PARTICIPLE_LIKE_PRESENT = "participle_like_present"  # participle and present: run, become
    NOT_DONE = "not_done"  # unpaid, unprocessed: the participle of what did not happen
    UNKNOWN = "unknown"  # ends as a past does, of no verb that English has
    OTHER = "other"


_ONLY = frozenset(ONLY_VERBS.split())
_ALSO = frozenset(OTHER_VERBS.split())
_DOUBLED = frozenset(DOUBLED.split())
_NOT_PAST = frozenset(NOT_PAST.split())
_PASTS: dict[str, tuple[str, ...]] = {}
_PARTICIPLES: dict[str, tuple[str, ...]] = {}
for _line in IRREGULAR.splitlines():
    _verb, _pasts, _participles = _line.split()
    _PASTS[_verb], _PARTICIPLES[_verb] = tuple(_pasts.split("/")), tuple(_participles.split("/"))
_ALL_PASTS = frozenset(form for forms in _PASTS.values() for form in forms)
_ALL_PARTICIPLES = frozenset(form for forms in _PARTICIPLES.values() for form in forms)


def form_of(word: str) -> Form:
    """The form that *word*, in small letters, is of a verb."""
    if len(word) > LONGEST_WORD:
        return Form.OTHER
    irregular = _irregular_form(word)
    if irregular is not None:
        return irregular
    if word in _NOT_PAST or not word.endswith("ed"):
        return Form.NOT_DONE if _is_undone(word) else Form.OTHER
    if any(_is_regular(verb) for verb in _regular_verbs(word)):
        return Form.EITHER
    if _is_undone(word):
        return Form.NOT_DONE
    return Form.OTHER if word.endswith("eed") or len(word) < 4 else Form.UNKNOWN


def is_verb(word: str) -> bool:
    """Whether *word* is the base form of a verb, whatever else it is."""
    return word in _PASTS or _is_regular(word)


def is_only_verb(word: str) -> bool:
    """Whether *word* is the base form of a verb, and neither noun nor adjective."""
    return word in _ONLY or any(word.startswith(one) and word[len(one) :] in _ONLY for one in _PREFIXES)


def past_of(verb: str) -> str:
    """The participle of *verb*, its usual one: ``put`` put, ``write`` written, ``cancel`` cancelled."""
    if verb in _PARTICIPLES:
        return _PARTICIPLES[verb][0]
    if verb.endswith("e"):
        return verb + "d"
    if re.search(r"[^aeiou]y$", verb):
        return verb[:-1] + "ied"
    if verb.endswith("ic"):
        return verb + "ked"
    if verb in _DOUBLED or _ONE_SYLLABLE_SHORT.fullmatch(verb):
        return verb + verb[-1] + "ed"
    return verb + "ed"


def past_in_names(verb: str) -> str:
    """The past of *verb* for a suggestion, with a capital; where the participle is the present, the simple past."""
    if verb == "get":
        return "Retrieved"
    past = past_of(verb)
    return (_PASTS[verb][0] if past == verb and verb in _PASTS else past).capitalize()


def verb_in_ing(word: str) -> str | None:
    """The verb whose -ing form *word* is; None where it is not one."""
    if not word.endswith("ing") or len(word) > LONGEST_WORD:
        return None
    return next((verb for verb in _stems(word[:-3]) if len(verb) > 1 and is_verb(verb)), None)


def _irregular_form(word: str) -> Form | None:
    finite, participle = word in _ALL_PASTS, word in _ALL_PARTICIPLES
    if not (finite or participle):
        return None
    if word in _PASTS and word in _PASTS[word]:
        return Form.LIKE_PRESENT
    if word in _PARTICIPLES and word in _PARTICIPLES[word]:
        return Form.PARTICIPLE_LIKE_PRESENT
    if finite and participle:
        return Form.EITHER
    return Form.FINITE if finite else Form.PARTICIPLE


def _regular_verbs(word: str) -> tuple[str, ...]:
    """The verbs whose regular past *word* may be: ``shipped`` of ship, shipp and shippe."""
    stem = word[:-2]
    return (*_stems(stem), stem[:-1] + "y") if stem.endswith("i") else _stems(stem)


def _stems(stem: str) -> tuple[str, ...]:
    found = [stem + "e", stem]
    if len(stem) > 2 and stem[-1] == stem[-2]:
        found.append(stem[:-1])
    if stem.endswith("ck"):
        found.append(stem[:-1])
    return tuple(found)


def _is_regular(verb: str) -> bool:
    without = [verb[len(one) :] for one in _PREFIXES if verb.startswith(one)]
    if _is_listed(verb) or any(_is_listed(one) or (_has_prefix(one)) for one in without):
        return True
    return len(verb) > 5 and verb.endswith(_VERB_ENDINGS) and not verb.startswith("un")


def _has_prefix(verb: str) -> bool:
    return any(verb.startswith(one) and _is_listed(verb[len(one) :]) for one in _PREFIXES)


def _is_listed(verb: str) -> bool:
    return _has_regular_past(verb) if verb in _PASTS else verb in _ONLY or verb in _ALSO


def _has_regular_past(verb: str) -> bool:
    """Whether an irregular *verb* has a regular past too: ``learn`` learnt and learned."""
    return any(form.endswith("ed") for form in _PASTS.get(verb, ()))


def _is_undone(word: str) -> bool:
    return word.startswith("un") and form_of(word[2:]) in (Form.EITHER, Form.PARTICIPLE, Form.LIKE_PRESENT)
