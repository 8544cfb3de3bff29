"""The verb that a noun is made of: ``place`` of placement, ``log in`` of login, ``change`` of change.

It only has to serve suggestions, so it knows the common ways to make one, of the commands that people give.
"""

from collections.abc import Iterator

from moorings_compat.event_names.command_words import COMMANDS
from moorings_compat.event_names.function_words import PARTICLES
from moorings_compat.event_names.verbs import is_only_verb
from moorings_compat.event_names.word_group import group

# Nouns that are their verb as well.
_ALIKE = group(
    """
    approve attempt backup block boost broadcast cancel capture change claim click close commit complete crash create
    debit decrease delay delete delivery deploy deposit discharge dispatch download drop end escape exchange exit export
    import increase install lapse launch load merge move open pause pay payout pickup promote publish purchase push
    recall redesign refill refresh refund register release reload remove rename renew repair replay request rerun reset
    restart restock restore retry return reversal review revoke rollback rotate run save search share shift ship sign
    start stop submit swap switch sync timeout transfer trigger unlock update upgrade upload view visit void withdraw
    """
)
_IRREGULAR = {
    "arrival": "arrive",
    "backup": "back up",
    "birth": "bear",
    "cancellation": "cancel",
    "death": "die",
    "decision": "decide",
    "deletion": "delete",
    "delivery": "deliver",
    "departure": "depart",
    "expiration": "expire",
    "expiry": "expire",
    "failure": "fail",
    "loss": "lose",
    "payout": "pay out",
    "receipt": "receive",
    "redemption": "redeem",
    "registration": "register",
    "resolution": "resolve",
    "sale": "sell",
    "submission": "submit",
    "subscription": "subscribe",
    "timeout": "time out",
}
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
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if noun in _ALIKE or is_only_verb(noun):
        return noun
    if noun.endswith("s") and is_only_verb(noun[:-1]):
        return noun[:-1]
    return next((verb for verb in _candidates(noun) if verb.partition(" ")[0] in COMMANDS), None)


def _candidates(noun: str) -> Iterator[str]:
    for ending, verb_endings in _ENDINGS:
        if noun.endswith(ending):
            stem = noun[: -len(ending)]
            yield from (stem + one for one in verb_endings)
    for particle in PARTICLES:
        if noun.endswith(particle):
            yield f"{noun[: -len(particle)]} {particle}"
