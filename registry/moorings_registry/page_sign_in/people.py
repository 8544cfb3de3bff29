"""Everything that pages need for the people in front of them, as one value."""

from collections.abc import Callable
from dataclasses import dataclass

from moorings_registry.expiring_records import ExpiringRecords
from moorings_registry.issuers import Trust
from moorings_registry.page_sign_in.flow import SignInFlow
from moorings_registry.page_sign_in.links import OpenLinks
from moorings_registry.page_sign_in.port import OwnTokens
from moorings_registry.page_sign_in.sessions import Sessions


@dataclass(frozen=True, slots=True)
class PeopleInPages:
    """How people sign in, their sessions, and links that `moorings open` makes."""

    flow: SignInFlow
    sessions: Sessions
    links: OpenLinks

    @classmethod
    def of(
        cls,
        trust: Trust,
        tokens: OwnTokens,
        records: ExpiringRecords,
        named_groups: Callable[[], frozenset[str]],
        clock: Callable[[], float],
    ) -> "PeopleInPages":
        """*named_groups* are the groups that grants name; *clock* tells seconds of the epoch."""
        return cls(
            SignInFlow(trust, tokens, records, clock=clock),
            Sessions(tokens, records, trust, named_groups=named_groups, clock=clock),
            OpenLinks(records, clock),
        )
