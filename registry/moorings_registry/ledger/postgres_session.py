"""One connection to PostgreSQL, asked one statement at a time, each within a time limit.

A statement whose time is up is never canceled: on a server that waits for a synchronous standby, canceling makes the
commit return as if it had succeeded. The connection is closed instead, and the answer is lost.
"""

import select
import time
from collections.abc import Sequence

import psycopg
from psycopg import pq

from moorings_registry.ledger.postgres_errors import AnswerLost, Refused

Value = int | bytes | str
Row = tuple[bytes, ...]

_TYPES: dict[type, int] = {int: 20, bytes: 17, str: 25}
"""The object ids of ``bigint``, ``bytea`` and ``text``, which PostgreSQL never changes."""
_BINARY = pq.Format.BINARY
_ENDING = (b"FATAL", b"PANIC")
"""The severities after which a server ends the connection (PostgreSQL, 55.8): so does a pooler that lost its server."""
_CONNECTION_EXCEPTION = b"08"


class Session:
    """A connection in autocommit; used by one thread at a time."""

    def __init__(self, conninfo: str, timeout_s: float) -> None:
        """Connect.

        Raises:
            psycopg.OperationalError
        """
        self._connection = psycopg.connect(conninfo, autocommit=True)
        self._pg = self._connection.pgconn
        self._timeout_s = timeout_s
        self.warnings: list[str] = []
        """What the server warned of while it ran the last statement."""
        self._connection.add_notice_handler(self._note)

    def ask(self, statement: bytes, *values: Value) -> list[Row]:
        """Run *statement*; numbers are ``bigint``, bytes ``bytea``, texts ``text``; the answer has all as bytes.

        Raises:
            Refused: the server answered with an error.
            AnswerLost: it did not answer in time, or the connection ended. The session is of no more use.
        """
        self.warnings.clear()
        deadline = time.monotonic() + self._timeout_s
        try:
            self._send(statement, values, deadline)
            return self._answer(deadline)
        except psycopg.OperationalError as error:
            raise AnswerLost(str(error).strip()) from error

    def is_pooled(self) -> bool:
        """Whether something between answers in place of the server: the process at work is not the one that greeted.

        Raises:
            Refused, AnswerLost
        """
        ((process,),) = self.ask(b"SELECT pg_backend_pid()::bigint")
        return number(process) != self._pg.backend_pid

    def run(self, script: bytes) -> None:
        """Run several statements as one transaction; none of them answers.

        Raises:
            Refused, AnswerLost
        """
        deadline = time.monotonic() + self._timeout_s
        try:
            self._pg.send_query(script)
            self._answer(deadline)
        except psycopg.OperationalError as error:
            raise AnswerLost(str(error).strip()) from error

    def wait_for_notification(self, timeout_s: float) -> bool:
        """Return when somebody notifies, or after *timeout_s* seconds; whether somebody did.

        Raises:
            AnswerLost: the connection ended.
        """
        try:
            if self._drained():
                return True
            if not self._readable(timeout_s):
                return False
            self._pg.consume_input()
            return self._drained()
        except psycopg.OperationalError as error:
            raise AnswerLost(str(error).strip()) from error

    def close(self) -> None:
        """End the connection, without waiting for anything that is under way on it."""
        self._pg.finish()

    def _send(self, statement: bytes, values: Sequence[Value], deadline: float) -> None:
        self._pg.send_query_params(
            statement,
            [_binary(one) for one in values],
            param_types=[_TYPES[type(one)] for one in values],
            param_formats=[_BINARY] * len(values),
            result_format=_BINARY,
        )
        while self._pg.flush():  # a large entry, and a server that is slow to read it
            ready = self._ready(select.POLLIN | select.POLLOUT, _left(deadline))
            if not ready:
                raise AnswerLost("the time was up")
            if not ready & select.POLLOUT:
                self._pg.consume_input()

    def _answer(self, deadline: float) -> list[Row]:
        rows: list[Row] = []
        refused: Refused | None = None
        while True:
            while self._pg.is_busy():
                if not self._readable(_left(deadline)):
                    raise AnswerLost("the time was up")
                self._pg.consume_input()
            result = self._pg.get_result()
            if result is None:
                break
            if result.status == pq.ExecStatus.FATAL_ERROR:
                refused = _refused(result)
            elif result.status == pq.ExecStatus.TUPLES_OK:
                columns = range(result.nfields)
                rows = [tuple(result.get_value(row, one) or b"" for one in columns) for row in range(result.ntuples)]
        if refused is not None:
            raise refused
        self._drained()  # a pooler hands on what another session had asked to hear
        return rows

    def _readable(self, timeout_s: float) -> bool:
        return bool(self._ready(select.POLLIN, timeout_s))

    def _ready(self, events: int, timeout_s: float) -> int:
        """Wait until the socket is ready for one of *events*, or broken; not by select(2), which knows 1024 files."""
        waiting = select.poll()
        waiting.register(self._pg.socket, events)
        return sum(found for _, found in waiting.poll(timeout_s * 1000))

    def _drained(self) -> bool:
        """Take every notification that is there; whether there was one."""
        found = False
        while self._pg.notifies() is not None:
            found = True
        return found

    def _note(self, diagnostic: psycopg.errors.Diagnostic) -> None:
        if diagnostic.severity_nonlocalized == "WARNING":
            self.warnings.append(f"{diagnostic.sqlstate}: {diagnostic.message_primary}")


def _refused(result: pq.abc.PGresult) -> Refused:
    """The error that the server answered with.

    Raises:
        AnswerLost: it ends the connection with it.
    """
    state = result.error_field(pq.DiagnosticField.SQLSTATE)
    severity = result.error_field(pq.DiagnosticField.SEVERITY_NONLOCALIZED)
    severity = severity or result.error_field(pq.DiagnosticField.SEVERITY)  # all that a pooler sends
    if state is None or state.startswith(_CONNECTION_EXCEPTION) or severity in _ENDING:
        raise AnswerLost(result.get_error_message())
    return Refused(state.decode(), result.get_error_message())


def _left(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())


def _binary(value: Value) -> bytes:
    if isinstance(value, int):
        return value.to_bytes(8, "big", signed=True)
    return value.replace("\0", "\N{SYMBOL FOR NULL}").encode() if isinstance(value, str) else value


def number(value: bytes) -> int:
    """A ``bigint`` of an answer."""
    return int.from_bytes(value, "big", signed=True)
