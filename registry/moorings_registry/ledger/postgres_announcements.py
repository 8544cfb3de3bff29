"""New entries are announced by PostgreSQL's notifications, where these reach those who listen.

A pooler in transaction mode lends its connections to the server for one transaction each. It takes a LISTEN without an
error, and then keeps every notification to itself. So where a pooler answers, one notification is tried first.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from moorings_registry.ledger.connections import Connections
from moorings_registry.ledger.postgres_client import PostgresServer
from moorings_registry.ledger.postgres_errors import AnswerLost, Refused, ledger_error, unreachable
from moorings_registry.ledger.postgres_session import Session

_LISTEN_S = 1.0  # so long is a session lent for waiting; a fork waits for it
_POLL_S = 0.25
_TRY_S = 1.0
_ANNOUNCE = b"SELECT 1::bigint, pg_notify('%c', '')"

log = structlog.get_logger("moorings.ledger")


class Announcements:
    """Hears of new entries; where that is turned off or does not work, it only says when to look again."""

    def __init__(self, server: PostgresServer, sessions: Connections[Session]) -> None:
        """*sessions* announce entries; those that listen are opened when somebody waits."""
        self._sessions = sessions
        self._listeners = Connections(server.connect_to_listen) if server.connect_to_listen else None
        self._announce = _ANNOUNCE.replace(b"%c", server.tables.channel)
        self._arrive: bool | None = None
        """Whether they reach those who listen; None until it was tried."""

    @contextmanager
    def heard(self) -> Iterator[Callable[[float], object]]:
        """Listen during a block; what it gets returns at the next announcement, or after at most so many seconds.

        Raises:
            LedgerMisconfigured, LedgerUnavailable
        """
        if self._listeners is None or self._arrive is False:
            yield _pause
            return
        try:
            with self._listeners.lent() as session:
                if self._arrive is None:
                    self._arrive = self._try(session)
                yield (lambda left_s: session.wait_for_notification(min(_LISTEN_S, left_s))) if self._arrive else _pause
        except AnswerLost as error:
            raise unreachable(error) from error
        except Refused as refused:
            raise ledger_error(refused) from refused

    def close(self) -> None:
        """Close the connections."""
        if self._listeners is not None:
            self._listeners.close()

    def _try(self, listening: Session) -> bool:
        """Whether announcements reach *listening*; asked where a pooler is between."""
        if not listening.is_pooled():
            return True
        with self._sessions.lent() as announcing:
            announcing.ask(self._announce)
        arrived = listening.wait_for_notification(_TRY_S)
        if not arrived:
            log.warning(
                "notifications_swallowed",
                cause="a pooler in transaction mode hands on no notifications of PostgreSQL",
                fix="name a URL that leads past it: ?listen=URL. Until then the head is asked for every 0.25 s, "
                "as with ?notify=off",
            )
        return arrived


def _pause(left_s: float) -> None:
    time.sleep(min(_POLL_S, left_s))
