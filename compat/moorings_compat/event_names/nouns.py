"""The verb that a noun is made of: ``place`` of placement, ``log in`` of login, ``change`` of change.

It only has to serve suggestions, so it knows the common ways to make one, of the commands that people give.
"""

from collections.abc import Iterator

from moorings_compat.event_names.verbs import is_only_verb
from moorings_compat.event_names.vocabulary import ACTION_NOUNS, COMMANDS, NOUNS_OF_ACTIONS, PARTICLES

_ENDINGS = (  # of the noun, of the verb
    ("ification", ("ify",)),
    ("isation", ("ise",)),
    ("ization", ("ize",)),
    ("ation", ("ate", "", "e")),
    ("ment", ("",)),
    ("ion", ("e", "")),
    ("al", ("", "e")),
    ("ure", ("", "e")),
)


def verb_of_noun(noun: str) -> str | None:
    """The verb of *noun*, a particle behind it where it has one; None where nothing is known."""
    if noun in NOUNS_OF_ACTIONS:
        return NOUNS_OF_ACTIONS[noun]
    if noun in ACTION_NOUNS or is_only_verb(noun):
        return noun
    if noun.endswith("s") and is_only_verb(noun[:-1]):
        return noun[:-1]
    return next((verb for verb in _candidates(noun) if verb.split()[0] in COMMANDS), None)


def _candidates(noun: str) -> Iterator[str]:
    for ending, verb_endings in _ENDINGS:
        if noun.endswith(ending):
            stem = noun[: -len(ending)]
            yield from (stem + one for one in verb_endings)
    for particle in PARTICLES:
        if noun.endswith(particle):
            yield f"{noun[: -len(particle)]} {particle}"
