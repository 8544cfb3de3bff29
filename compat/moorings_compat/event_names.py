"""Names of events: facts in the past tense, in PascalCase (``OrderPlaced``, never ``PlaceOrder``).

English decides by word, not by grammar: a name passes when any of its words is a past participle or a simple past
(``StockLevelChanged``, ``OrderShippedToCustomer``, ``PaymentSent``). Regular forms are known by ``-ed``, irregular ones
by the lists below. A verb whose past looks like its present (``Reset``) counts anywhere but at the front, where it
would be a command: ``PasswordReset`` is a fact, ``ResetPassword`` is not.
"""

import re

_PASCAL_CASE = re.compile(r"[A-Z](?=.*[a-z])[A-Za-z0-9]*", re.ASCII)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|[0-9]+")
_SHOWN_CHARACTERS = 80

_IRREGULAR = frozenset(
    """
    arisen awoken beaten been begun bent beset bidden bitten bled blown born borne bought bound bred broken
    brought built burnt caught chosen clung crept dealt done drawn dreamt driven drunk dug eaten fallen fed felt
    fled flown forbidden foreseen forgiven forgotten forsaken fought found frozen given gone grown heard held hidden
    hung kept knelt known laid lain leapt learnt led left lent lit lost made meant met misled misspelt mistaken
    misunderstood outgrown overdrawn overridden overseen overtaken overthrown overwritten paid prepaid proven rebuilt
    redone redrawn regrown remade repaid resent resold retaken rethought rewound rewritten ridden risen rung said seen
    sent sewn shaken shone shot shown shrunk slain slept slid smelt sold sought sown spelt spent spilt spoken sprung
    spun sped stolen stood stricken striven struck stuck stung sung sunk sworn swept swollen swum swung taken taught
    thought thrown told torn trodden unbound unbuilt understood undertaken underpaid overpaid undone unfrozen unsold
    unwound upheld withdrawn withheld withstood woken won worn wound woven written wrung
    """.split()  # noqa: SIM905 - one text is easier to read and to extend
)
_SIMPLE_PAST = frozenset(
    """
    arose awoke became began broke came chose drove fell flew forgot froze gave grew hid knew overran overrode ran rang
    rewrote rode rose sang sank saw shook shrank spoke sprang stole swore swam threw took tore understood undertook
    undid went withdrew woke wore wove wrote
    """.split()  # noqa: SIM905 - one text is easier to read and to extend
)
_LIKE_THE_PRESENT = frozenset(
    """
    become broadcast burst come cut hit hurt let outbid overcome read reread rerun reset set shed shut split spread
    sublet undercut upset
    """.split()  # noqa: SIM905 - one text is easier to read and to extend
)
_NOT_A_PAST = frozenset(
    """
    abed aed alfred bed biomed biped bobsled coed crooked embed fred hatred hundred imbed infrared kindred med
    moped naked ned newlywed red rugged sacred shed shred sled ted toolshed unembed watershed wed wicked zed
    """.split()  # noqa: SIM905 - one text is easier to read and to extend
)
_PAST_IN_EED = frozenset(("agreed", "decreed", "disagreed", "freed", "guaranteed", "refereed"))

_COMMANDS = {  # for the hint: how a command that people write often becomes a fact
    "Accept": "Accepted",
    "Add": "Added",
    "Approve": "Approved",
    "Assign": "Assigned",
    "Book": "Booked",
    "Cancel": "Cancelled",
    "Capture": "Captured",
    "Change": "Changed",
    "Close": "Closed",
    "Complete": "Completed",
    "Confirm": "Confirmed",
    "Create": "Created",
    "Delete": "Deleted",
    "Deliver": "Delivered",
    "Move": "Moved",
    "Open": "Opened",
    "Pay": "Paid",
    "Place": "Placed",
    "Publish": "Published",
    "Receive": "Received",
    "Refund": "Refunded",
    "Register": "Registered",
    "Reject": "Rejected",
    "Release": "Released",
    "Remove": "Removed",
    "Rename": "Renamed",
    "Reserve": "Reserved",
    "Reset": "Reset",
    "Sell": "Sold",
    "Send": "Sent",
    "Set": "Set",
    "Ship": "Shipped",
    "Start": "Started",
    "Stop": "Stopped",
    "Submit": "Submitted",
    "Update": "Updated",
}


def past_tense_problem(event_name: str) -> str | None:
    """Say in one sentence what is wrong with *event_name* as the name of a fact; None when nothing is.

    *event_name* is the last part of the subject, without a ``-key`` or ``-value`` suffix. Linear in its length.
    """
    shown = event_name if len(event_name) <= _SHOWN_CHARACTERS else event_name[:_SHOWN_CHARACTERS] + "…"
    if not _PASCAL_CASE.fullmatch(event_name):
        return f"{shown!r} is not in PascalCase: ASCII letters and digits, each word with a capital, as in OrderPlaced"
    words = _WORD.findall(event_name)
    if any(_is_past(word.lower(), first=not place) for place, word in enumerate(words)):
        return None
    fact = _as_a_fact(words)
    return f"{shown!r} is not in the past tense: name what happened, such as {fact or 'OrderPlaced'}"


def _is_past(word: str, *, first: bool) -> bool:
    if word in _IRREGULAR or word in _SIMPLE_PAST:
        return True
    if word in _LIKE_THE_PRESENT:
        return not first
    if word in _NOT_A_PAST or len(word) < 4 or not word.endswith("ed"):
        return False
    return not word.endswith("eed") or word in _PAST_IN_EED


def _as_a_fact(words: list[str]) -> str | None:
    """Turn the words of a well-known command round: ``Place Order`` becomes ``OrderPlaced``."""
    if len(words) < 2 or len(words) > 6 or words[0] not in _COMMANDS:
        return None
    return "".join(words[1:]) + _COMMANDS[words[0]]
