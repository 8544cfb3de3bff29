"""Who may do what: the one question that is asked before a request is answered, and what a caller may see."""

from collections.abc import Hashable
from enum import StrEnum
from typing import Protocol

from moorings_registry.principals import LOCAL_PRINCIPAL, Principal
from moorings_registry.state import State

ANYWHERE = ""
"""The node of a request whose path names none: a list, a search, a setting of the registry as a whole."""


class Verb(StrEnum):
    """What a request wants to do; every route has exactly one."""

    OPEN = "open"
    """Needs no permission: health, static files, and answers that something is not served."""
    READ = "read"
    """See, fetch, look up, compare and check schemas; report drift. Leaves no version behind."""
    REGISTER = "register"
    """Add a subject or a version."""
    GOVERN = "govern"
    """Delete, restore, deprecate; settings, tags, associations and owners below a node."""
    OPERATE = "operate"
    """Modes, contexts, exporters, and the settings of the registry as a whole."""
    AUDIT = "audit"
    """The ledger and the metrics."""


class Authorization(Protocol):
    """Decides for each principal; asked on every request, so it answers from memory."""

    def allows(self, principal: Principal, verb: Verb, node: str) -> bool:
        """Whether *principal* may do *verb* to *node*: a subject, a domain, or `ANYWHERE`."""

    def view_of(self, principal: Principal) -> Hashable:
        """What *principal* may see, as a key: two principals with the same key get the same answers."""

    def visible(self, state: State, principal: Principal) -> State:
        """*state* as *principal* may see it."""


class LocalAuthorization:
    """Allows everything to callers on this machine, who all see the same; nothing to anybody else."""

    def allows(self, principal: Principal, verb: Verb, node: str) -> bool:
        return verb is Verb.OPEN or principal is LOCAL_PRINCIPAL or principal == LOCAL_PRINCIPAL

    def view_of(self, principal: Principal) -> Hashable:
        return 0

    def visible(self, state: State, principal: Principal) -> State:
        return state
