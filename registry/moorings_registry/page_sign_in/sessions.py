"""Sessions of people in the pages. A session is a token of ours in a cookie, so nodes share nothing but what ended.

It lasts while it is used, and eight hours at most. What ended early is kept beside the ledger until it would
have ended by itself.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import structlog

from moorings_registry.errors import SessionEnded, SessionsUnavailable, SignInFailed, TokenRefused
from moorings_registry.expiring_records import ExpiringRecords, RecordsUnavailable
from moorings_registry.issuers import Trust, take_apart
from moorings_registry.own_keys import SESSION, OwnKeys
from moorings_registry.principals import Principal, Session

IDLE_S = 900
"""How long a session lasts that nobody uses."""
LONGEST_S = 8 * 3_600
ASKED_S = 3_600
"""How long a session goes by the groups that the issuer said, before it is asked again."""
REISSUED_S = 60
"""How old a cookie is before using it makes a new one."""
LARGEST_COOKIE = 3_800
"""Browsers keep cookies of 4,096 bytes, name and attributes included."""
BY_ISSUER = "issuer"
BY_LINK = "link"

_ENDED = "session-ended"
_ENDED_BY_ISSUER = "session-ended-by-issuer"
_PERSON_ENDED = "person-signed-out"

log = structlog.get_logger("moorings.sign_in")


class Sessions:
    """Begins, reads, renews and ends sessions. Safe from any thread; may wait for what is beside the ledger."""

    def __init__(
        self,
        own_keys: OwnKeys,
        records: ExpiringRecords,
        trust: Trust,
        *,
        named_groups: Callable[[], frozenset[str]] = frozenset,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """*named_groups* are the groups that grants name: all that a session holds of a person in very many."""
        self._own_keys = own_keys
        self._records = records
        self._trust = trust
        self._named_groups = named_groups
        self._clock = clock

    def now_s(self) -> int:
        return int(self._clock())

    def begin(
        self,
        person: Principal,
        *,
        way: str,
        authenticated_s: float,
        issuer_session: str = "",
        display_name: str = "",
        longest_s: float = LONGEST_S,
    ) -> str:
        """Begin a session of *person*; the value of its cookie.

        Raises:
            SignInFailed: the person's groups and claims do not fit into a cookie.
        """
        now = self.now_s()
        session = Session(
            id=secrets.token_urlsafe(16), way=way, began_s=now, authenticated_s=authenticated_s, asked_s=now,
            issued_s=now, ends_s=now + longest_s, issuer_session=issuer_session, display_name=display_name,
        )  # fmt: skip
        log.info("session_begun", principal=person.name, way=way, session=digest_of(session.id))
        return self._text(person, session)

    def continued(self, person: Principal, session: Session, *, authenticated_s: float, issuer_session: str) -> str:
        """The same session with what the issuer says of *person* now; the value of its cookie.

        Raises:
            SignInFailed: as `begin`.
        """
        now = self.now_s()
        fresh = replace(
            session, asked_s=now, issued_s=now, authenticated_s=authenticated_s or session.authenticated_s,
            issuer_session=issuer_session or session.issuer_session,
        )  # fmt: skip
        return self._text(person, fresh)

    def renewed(self, person: Principal) -> str:
        """The value of a new cookie for a session that was used; empty while its cookie is young."""
        session, now = person.session, self.now_s()
        if session is None or now - session.issued_s < REISSUED_S:
            return ""
        return self._text(person, replace(session, issued_s=now))

    def read(self, text: str) -> Principal:
        """The person whose session a cookie holds.

        Raises:
            SessionEnded: it ended, or the cookie is not one of ours.
            SessionsUnavailable: nobody can say now whether it was ended early.
        """
        try:
            person = _person(self._own_keys.verify(take_apart(text), SESSION))
        except (TokenRefused, KeyError):  # a release before or after this one may have signed other claims
            raise SessionEnded from None
        now = self._clock()
        session = person.session
        if session is None or now >= min(session.issued_s + IDLE_S, session.ends_s):
            raise SessionEnded
        if self._trust.named(person.issuer) is None or self._was_ended(person, session, now):
            raise SessionEnded
        return person

    def is_due(self, session: Session) -> bool:
        """Whether the issuer has to be asked for groups again; a link's session ends before that."""
        return session.way == BY_ISSUER and self._clock() - session.asked_s > ASKED_S

    def end(self, session: Session) -> None:
        """End a session on every node.

        Raises:
            SessionsUnavailable
        """
        self._put(_ENDED, session.id, b"", session.ends_s)
        log.info("session_ended", session=digest_of(session.id))

    def end_by_issuer(self, alias: str, *, person: str, issuer_session: str, told_s: float) -> None:
        """End what an issuer's logout token names: one session of the issuer's, or every one of *person* that began
        before the token was issued, at *told_s*; a token that somebody sends again ends no later ones.

        Raises:
            SessionsUnavailable
        """
        now = self._clock()
        if issuer_session:
            self._put(_ENDED_BY_ISSUER, _digest(alias, issuer_session), b"", now + LONGEST_S)
        else:
            self._put(_PERSON_ENDED, _digest(person), str(min(now, told_s)).encode(), now + LONGEST_S)
        log.info("sessions_ended_by_issuer", issuer=alias)

    def _was_ended(self, person: Principal, session: Session, now: float) -> bool:
        try:
            if self._records.get(_ENDED, session.id, now) is not None:
                return True
            named = session.issuer_session
            if named and self._records.get(_ENDED_BY_ISSUER, _digest(person.issuer, named), now) is not None:
                return True
            moment = self._records.get(_PERSON_ENDED, _digest(person.name), now)
        except RecordsUnavailable as error:
            log.warning("sessions_unavailable", cause=str(error))
            raise SessionsUnavailable from None
        return moment is not None and session.asked_s <= float(moment)

    def _put(self, kind: str, name: str, value: bytes, until_s: float) -> None:
        try:
            self._records.put(kind, name, value, until_s, self._clock())
        except RecordsUnavailable as error:
            log.warning("sessions_unavailable", cause=str(error))
            raise SessionsUnavailable from None

    def _text(self, person: Principal, session: Session) -> str:
        text = self._signed(person, session)
        groups = person.claims.get("groups", ())
        if len(text) > LARGEST_COOKIE and groups:
            named = tuple(one for one in groups if one in self._named_groups())
            text = self._signed(replace(person, claims={**person.claims, "groups": named}), session)
        if len(text) > LARGEST_COOKIE:
            raise SignInFailed(
                "the issuer says more about you than fits into a cookie: fewer groups or claims are needed"
            )
        return text

    def _signed(self, person: Principal, session: Session) -> str:
        life_s = min(IDLE_S, int(session.ends_s - session.issued_s))
        return self._own_keys.sign(SESSION, {**_claims(person, session), "aud": self._own_keys.url}, max(life_s, 1))


def digest_of(session_id: str) -> str:
    """What a session is called in logs and in the ledger."""
    return _digest(session_id)[:32]


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _claims(person: Principal, session: Session) -> dict[str, Any]:
    return {
        "sid": session.id,
        "sub": person.name,
        "issuer": person.issuer,
        "claims": {name: list(value) if isinstance(value, tuple) else value for name, value in person.claims.items()},
        "scope": None if person.scope is None else list(person.scope),
        "way": session.way,
        "began": session.began_s,
        "auth_time": session.authenticated_s,
        "asked": session.asked_s,
        "end": session.ends_s,
        "issuer_sid": session.issuer_session,
        "name": session.display_name,
        "issued": session.issued_s,
    }


def _person(claims: Mapping[str, Any]) -> Principal:
    session = Session(
        id=claims["sid"],
        way=claims["way"],
        began_s=claims["began"],
        authenticated_s=claims["auth_time"],
        asked_s=claims["asked"],
        issued_s=claims["issued"],
        ends_s=claims["end"],
        issuer_session=claims["issuer_sid"],
        display_name=claims["name"],
    )
    held = {name: tuple(value) if isinstance(value, list) else value for name, value in claims["claims"].items()}
    shown = {"session": digest_of(session.id), "way": session.way}
    scope = None if claims["scope"] is None else tuple(claims["scope"])
    return Principal(claims["sub"], claims["issuer"], held, "session", provenance=shown, scope=scope, session=session)
