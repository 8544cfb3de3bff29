"""Everything that pages need for the people in front of them, as one value."""

from collections.abc import Callable
from dataclasses import dataclass

from moorings_registry.expiring_records import ExpiringRecords
from moorings_registry.issuers import Trust
from moorings_registry.own_keys import OwnKeys
from moorings_registry.page_sign_in.cookies import CookieNames
from moorings_registry.page_sign_in.flow import SignInFlow
from moorings_registry.page_sign_in.links import OpenLinks
from moorings_registry.page_sign_in.sessions import Sessions


@dataclass(frozen=True, slots=True)
class PeopleInPages:
    """How people sign in, their sessions, and links that `moorings open` makes."""

    flow: SignInFlow
    sessions: Sessions
    links: OpenLinks
    cookies: CookieNames
    url: str
    """The address by which browsers know the registry."""

    @classmethod
    def of(
        cls,
        trust: Trust,
        own_keys: OwnKeys,
        records: ExpiringRecords,
        named_groups: Callable[[], frozenset[str]],
        clock: Callable[[], float],
    ) -> "PeopleInPages":
        """*named_groups* are the groups that grants name; *clock* tells seconds of the epoch."""
        return cls(
            SignInFlow(trust, own_keys, records, clock=clock),
            Sessions(own_keys, records, trust, named_groups=named_groups, clock=clock),
            OpenLinks(records, clock),
            CookieNames.of(own_keys.url),
            own_keys.url,
        )
