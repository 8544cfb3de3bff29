"""The ledger's URL as what PostgreSQL's own library takes, and how a connection is made from it.

    postgresql://moorings@db.example/registry?sslmode=verify-full&sslcert=…&sslkey=…
    postgresql:///registry?host=/var/run/postgresql       over a local socket

User, hosts and database as in any such URL (PostgreSQL, 34.1.1), several hosts too. A password is not a part of it:
what signs in is a client certificate, the user of a local socket (``peer``), a ``passfile``, or what a
``password_command`` prints. The last two are read again for each connection, so they may be rotated.
"""

import math
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import SplitResult

import psycopg
from psycopg import conninfo

from moorings_registry.ledger.errors import LedgerMisconfigured
from moorings_registry.ledger.postgres_errors import AnswerLost, Refused, ledger_error, unreachable, untrusted
from moorings_registry.ledger.postgres_session import Session
from moorings_registry.ledger.postgres_tables import Tables

LIBPQ = frozenset({"host", "passfile", "sslcert", "sslkey", "sslmode", "sslrootcert"})
"""Parameters that go to PostgreSQL's library as they are."""
OURS = frozenset({"listen", "notify", "password_command", "schema", "timeout_s"})

_COMMAND_TIMEOUT_S = 10.0
_KEPT_ALIVE = {"keepalives_idle": "30", "tcp_user_timeout": "10000"}
_LEAST_CONNECT_TIMEOUT_S = 2  # PostgreSQL's library takes less as 2
_NO_PASSWORDS = (
    "Leave it out: sign in by a client certificate (sslcert, sslkey), the user of a local socket, a passfile, "
    "or a password_command"
)


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """Where a ledger is, and how it is reached."""

    tables: Tables
    connect: Callable[[], Session]
    connect_to_listen: Callable[[], Session] | None
    """Makes a session for notifications; None where the head is asked for every now and then instead."""
    timeout_s: float
    connect_to_each: tuple[Callable[[], Session], ...] = ()
    """Make a session with one of the hosts each, where the URL names several."""


def server_of(parts: SplitResult, parameters: Mapping[str, str], timeout_s: float) -> PostgresServer:
    """Read a ledger's URL.

    Raises:
        LedgerMisconfigured: says what to write instead.
    """
    tables = Tables.of(parameters.get("schema", "moorings"))
    notify = parameters.get("notify", "on")
    if notify not in ("on", "off"):
        raise LedgerMisconfigured("notify is neither on nor off", "Leave it out: on is the default")
    url = parts._replace(query="").geturl()
    settings, command = _settings(url, parameters), parameters.get("password_command", "")
    listen = connect = partial(_connect, settings, command, timeout_s)
    if parameters.get("listen"):  # where the URL leads through a pooler, which swallows notifications
        listen = partial(_connect, _settings(parameters["listen"], parameters), command, timeout_s)
    return PostgresServer(
        tables,
        connect,
        partial(_listening, listen, tables) if notify == "on" else None,
        timeout_s,
        tuple(partial(_connect, one, command, timeout_s) for one in _each_host(settings)),
    )


def _each_host(settings: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The settings once for each host, with the port that belongs to it; none where there is but one."""
    if "," not in settings.get("host", ""):
        return
    hosts, ports = settings["host"].split(","), settings.get("port", "").split(",")
    for host, port in zip(hosts, ports if len(ports) == len(hosts) else ports[:1] * len(hosts), strict=True):
        yield {**settings, "host": host, **({"port": port} if port else {})}


def _settings(url: str, parameters: Mapping[str, str]) -> dict[str, str]:
    try:
        found = conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:  # its text may repeat a password
        raise LedgerMisconfigured(
            "the ledger URL cannot be read", "Write postgresql://user@host:5432/database"
        ) from None
    if "password" in found:
        raise LedgerMisconfigured("the ledger URL holds a password", _NO_PASSWORDS)
    named = {name: value for name, value in parameters.items() if name in LIBPQ}
    return {
        **_KEPT_ALIVE,
        "application_name": "moorings-registry",
        "client_encoding": "UTF8",
        "target_session_attrs": "read-write",
        **{name: str(value) for name, value in found.items()},
        **named,
    }


def _connect(settings: Mapping[str, str], password_command: str, timeout_s: float) -> Session:
    password = {"password": _printed(password_command)} if password_command else {}
    connect_timeout_s = max(_LEAST_CONNECT_TIMEOUT_S, math.ceil(timeout_s))
    try:
        return Session(conninfo.make_conninfo("", connect_timeout=connect_timeout_s, **settings, **password), timeout_s)
    except psycopg.OperationalError as error:
        if error.sqlstate:
            raise ledger_error(Refused(error.sqlstate, str(error))) from None
        for words, state in _UNSTATED.items():
            if words in str(error):
                raise ledger_error(Refused(state, "")) from None
        said = _QUOTED.sub("", str(error))  # without names of hosts, users and files, which may be like the words
        if any(words in said for words in _TLS):
            raise untrusted(error) from None
        raise unreachable(error) from None


_QUOTED = re.compile(r'"[^"]*"')
_TLS = ("certificate", "SSL was required")
"""What the library says of a server that cannot be trusted, or speaks no TLS."""
_UNSTATED = {
    "too many connections for": "53300",  # before users and databases, which it names
    "authentication failed": "28P01",
    "no password supplied": "28P01",
    "no pg_hba.conf entry": "28000",
    'role "': "42704",  # before databases, since both "do not exist"
    '" does not exist': "3D000",
    "no such database": "3D000",  # of a pooler
    "session is read-only": "25006",
    "too many clients": "53300",
    "remaining connection slots": "53300",
    "no more connections allowed": "53300",  # of a pooler
    "is starting up": "57P03",
    "is shutting down": "57P01",
    "in recovery mode": "57P02",
}
"""What the library says of a connection that was refused, for which it hands over no SQLSTATE."""


def _printed(command: str) -> str:
    """What *command* prints: a password that lives for minutes, such as a token of a cloud's."""
    try:
        done = subprocess.run(  # the operator's own command
            shlex.split(command), capture_output=True, text=True, timeout=_COMMAND_TIMEOUT_S, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise unreachable(f"the password_command failed: {type(error).__name__}") from None
    return done.stdout.strip()


def _listening(connect: Callable[[], Session], tables: Tables) -> Session:
    session = connect()
    try:
        session.ask(b"LISTEN " + tables.channel)
    except BaseException:
        session.close()
        raise
    return session


def run(server: PostgresServer, script: str) -> None:
    """Run a script of several statements, all or nothing.

    Raises:
        LedgerMisconfigured, LedgerUnavailable
    """
    with _session(server) as session:
        session.run(script.encode())


def table_names(server: PostgresServer) -> frozenset[str]:
    """The names of the tables in the ledger's schema.

    Raises:
        LedgerMisconfigured, LedgerUnavailable
    """
    with _session(server) as session:
        return frozenset(name.decode() for (name,) in session.ask(_TABLE_NAMES, server.tables.schema))


_TABLE_NAMES = (
    b"SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    b" WHERE n.nspname = $1 AND c.relkind IN ('r', 'p')"
)


@contextmanager
def _session(server: PostgresServer) -> Iterator[Session]:
    session = server.connect()
    try:
        yield session
    except Refused as refused:
        raise ledger_error(refused) from refused
    except AnswerLost as error:
        raise unreachable(error) from error
    finally:
        session.close()
