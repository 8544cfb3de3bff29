"""The verbs that permissions are made of."""

from collections.abc import Iterable
from enum import StrEnum

ANYWHERE = ""
"""The node of a request that names none: a list, a search, a setting of the registry as a whole."""


class Verb(StrEnum):
    """What a request wants to do; every route has exactly one."""

    OPEN = "open"
    """Needs no permission: health, static files, and answers that something is not served."""
    READ = "read"
    """See, fetch, look up, compare and check schemas; report drift. Leaves no version behind."""
    REGISTER = "register"
    """Add a subject or a version."""
    GOVERN = "govern"
    """Delete, restore, deprecate; settings, tags, associations, owners and grants below a node."""
    OPERATE = "operate"
    """Modes, contexts, exporters, and the settings of the registry as a whole."""
    AUDIT = "audit"
    """The ledger, the metrics, and who read what."""


GRANTABLE = (Verb.READ, Verb.REGISTER, Verb.GOVERN, Verb.OPERATE, Verb.AUDIT)
ROOT_ONLY = (Verb.OPERATE, Verb.AUDIT)
"""What is granted for the registry as a whole or not at all."""

_INCLUDED = {
    Verb.REGISTER: (Verb.REGISTER, Verb.READ),
    Verb.GOVERN: (Verb.GOVERN, Verb.REGISTER, Verb.READ),
}


def included(verbs: Iterable[Verb]) -> frozenset[Verb]:
    """The verbs that *verbs* come to: `govern` includes `register`, and that includes `read`."""
    return frozenset(one for verb in verbs for one in _INCLUDED.get(verb, (verb,)))
