"""A start before its ledger is there: it waits, answers health checks, and serves once the ledger answers.

What only a person can change is not waited for.
"""

import http.client
import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from itertools import pairwise
from pathlib import Path

import pytest
from redis import Redis

from moorings_registry.engines import open_ledger
from moorings_registry.errors import LedgerUnavailable as Refused
from moorings_registry.ledger import Ledger, LedgerMisconfigured, LedgerUnavailable
from moorings_registry.server.ledger_wait import loaded_from_ledger
from moorings_registry.server.options import Options
from tests.faults.proxy import Cut, CuttingProxy
from tests.faults.starting import Starting
from tests.ports import free_port
from tests.registry.asking import Asked, record
from tests.registry.calling import Reply, require_problem
from tests.registry.serving import Serving
from tests.servers import PostgresServer, RedisServer, made_ledger
from tests.sign_in.certificates import SERVER, TestAuthority
from tests.sign_in.forging_issuer import ForgingIssuer
from tests.sign_in.signed_in import issuers_file
from tests.sign_in.test_reach import TlsServing
from tests.waiting import eventually

SOON_S = 60
SLOW = ("--key-load-delay", "300")
"""Redis waits for so many microseconds after each key that it loads, and answers after each 1,024."""


@pytest.fixture
def ending() -> Iterator[ExitStack]:
    """What ends with the test."""
    with ExitStack() as stack:
        yield stack


def answered(serving: Serving, path: str) -> Reply:
    """The answer to a request as soon as there is one."""
    deadline = time.monotonic() + SOON_S
    while True:
        try:
            return serving.call("GET", path, timeout_s=5)
        except (OSError, http.client.HTTPException):
            assert serving.process.poll() is None, serving.log()
            assert time.monotonic() < deadline
            time.sleep(0.05)


def database(kind: str, ending: ExitStack) -> tuple[RedisServer | PostgresServer, str]:
    """A database that is down, and the URL of a ledger there."""
    server: RedisServer | PostgresServer
    server = RedisServer() if kind == "redis" else PostgresServer()
    ending.callback(server.stop)
    url = made_ledger(server, "moorings") if isinstance(server, PostgresServer) else server.url
    server.kill()
    return server, url


def waiting_options(url: str, folder: Path, wait_s: int = 300) -> Options:
    return Options(
        host="127.0.0.1", port=free_port(), ledger=url, ledger_wait_s=wait_s, workers=1, threads=1, server="gunicorn",
        default_level="BACKWARD", floor="BACKWARD", require_domain=False, lock_modes=False, schema_bytes=1_000,
        access_log=False, runtime=str(folder),
    )  # fmt: skip


def open_late(url: str, folder: Path, wait_s: int = 300) -> None:
    """Open the ledger of a start, in this process; for a start that does not wait."""
    loaded_from_ledger(waiting_options(url, folder, wait_s), Ledger.close)


@pytest.mark.parametrize(("kind", "server"), [("redis", "gunicorn"), ("postgresql", "granian")])
def test_a_start_waits_for_its_ledger_and_then_serves(
    kind: str, server: str, tmp_path: Path, ending: ExitStack
) -> None:
    kept, url = database(kind, ending)
    serving = Starting(tmp_path, url, "--server", server)
    ending.callback(serving.stop)
    alive = answered(serving, "/healthz")
    assert (alive.status, alive.body) == (200, b"ok\n")
    ready = serving.call("GET", "/readyz")
    assert ready.status == 503
    assert "cannot be reached" in ready.body.decode()
    assert "127.0.0.1" not in ready.body.decode()
    native = serving.call("POST", "/v1/events/orders/versions", {"schema": record("a")}, X_Correlation_ID="early")
    assert (native.headers["x-correlation-id"], native.headers["retry-after"]) == ("early", "1")
    assert (native.status, native.json["code"]) == (503, "LEDGER_UNAVAILABLE")
    require_problem(native)
    confluent = serving.call("GET", "/subjects")
    assert (confluent.status, confluent.json["error_code"]) == (503, 50302)
    (awaited,) = serving.lines("ledger_awaited")
    assert str(kept.port) in awaited["cause"]
    assert awaited["at_most_s"] == 300
    kept.start()
    serving.await_ready()
    assert serving.call("POST", "/v1/events/orders/versions", {"schema": record("a")}).status == 201
    assert len(serving.lines("ledger_awaited")) == 1
    assert serving.lines("ledger_reached")[0]["waited_s"] > 0
    assert serving.terminate() == 0


def test_health_checks_are_answered_with_tls_and_nobody_holds_up_the_others(tmp_path: Path, ending: ExitStack) -> None:
    authority, issuer = TestAuthority.make(), ForgingIssuer()
    ending.callback(issuer.stop)
    pair = authority.issue(tmp_path, "tls", ids=(), usage=SERVER, hosts=("localhost",))
    context = ssl.create_default_context(cadata=authority.pem.decode())
    context.check_hostname = False

    class Secure(Starting, TlsServing):
        """Asked by https."""

    Secure.context = context
    files = ("--tls-certificate", str(pair.certificate), "--tls-key", str(pair.key))
    issuers = str(issuers_file(tmp_path, issuer))
    serving = Secure(tmp_path, f"redis://127.0.0.1:{free_port()}/0", "--issuers", issuers, *files)
    ending.callback(serving.stop)
    assert answered(serving, "/healthz").status == 200
    began = time.monotonic()
    with ExitStack() as silent:
        for _ in range(5):  # they connect and say nothing, not even a handshake
            quiet = http.client.HTTPConnection("127.0.0.1", serving.port)
            quiet.connect()
            silent.callback(quiet.close)
        assert serving.call("GET", "/readyz").status == 503
    assert time.monotonic() - began < 5  # for as long, one caller that says nothing is waited for


def test_whoever_sends_slowly_or_much_while_a_start_waits_holds_up_nobody(tmp_path: Path, ending: ExitStack) -> None:
    serving = Starting(tmp_path, f"redis://127.0.0.1:{free_port()}/0")
    ending.callback(serving.stop)
    assert answered(serving, "/healthz").status == 200
    head = serving.call("HEAD", "/readyz")
    assert (head.status, head.body) == (503, b"")
    assert "python" not in head.headers["server"].lower()
    large = serving.call("POST", "/v1/contracts", {"text": "x" * 30_000_000})  # read whole: the caller still sends
    assert (large.status, large.headers["retry-after"]) == (503, "1")
    for _ in range(200):
        slow = ending.enter_context(socket.create_connection(("127.0.0.1", serving.port), timeout=SOON_S))
        slow.sendall(b"GET /healthz HTTP/1.1\r\n")
    assert serving.call("GET", "/healthz").status == 200
    assert len(list(Path(f"/proc/{serving.process.pid}/task").iterdir())) < 100  # the first of them were sent away


def test_a_start_that_reads_its_ledger_no_longer_says_that_it_cannot_be_reached(
    tmp_path: Path, ending: ExitStack
) -> None:
    kept, url = database("redis", ending)
    options = waiting_options(url, tmp_path)
    starting = threading.Timer(1, kept.start)
    starting.start()
    ending.callback(starting.join)

    def asked_while_it_loads(ledger: Ledger) -> bytes:
        ledger.close()
        connection = http.client.HTTPConnection(options.host, options.port, timeout=SOON_S)
        connection.request("GET", "/readyz")
        return connection.getresponse().read()

    assert loaded_from_ledger(options, asked_while_it_loads) == b"reading the ledger\n"


QUESTIONS = {"redis": b"XRANGE", "postgresql": b"line FROM"}


def lost_in_load(folder: Path, ending: ExitStack, kind: str, *options: str) -> tuple[Starting, CuttingProxy]:
    """A registry whose ledger goes away within the first answer that has entries, until the proxy takes connections."""
    kept, url = database(kind, ending)
    kept.start()
    with closing(open_ledger(url)) as ledger:
        Asked(ledger).register(record("a"), "orders")
    proxy = CuttingProxy(kept.port)
    ending.callback(proxy.close)
    proxy.cut_next(Cut.WITHIN, QUESTIONS[kind], lambda: setattr(proxy, "refuses", True))
    serving = Starting(folder, url.replace(str(kept.port), str(proxy.port)), *options)
    ending.callback(serving.stop)
    return serving, proxy


@pytest.mark.parametrize(("kind", "server"), [("redis", "gunicorn"), ("postgresql", "granian")])
def test_a_ledger_that_goes_away_while_it_is_loaded_is_waited_for_and_loaded_again(
    kind: str, server: str, tmp_path: Path, ending: ExitStack
) -> None:
    serving, proxy = lost_in_load(tmp_path, ending, kind, "--server", server)
    eventually(lambda: serving.lines("ledger_awaited"), within_s=SOON_S)
    assert proxy.cuts == 1
    if server == "gunicorn":  # the workers of granian load for themselves, while its port is taken
        ready = answered(serving, "/readyz")
        assert (ready.status, b"cannot be reached" in ready.body) == (503, True)
    proxy.refuses = False
    serving.await_ready()
    assert serving.call("GET", "/v1/events/orders/versions/1").status == 200
    eventually(lambda: serving.lines("ledger_reached"), within_s=SOON_S)  # another worker may answer before
    assert "Traceback" not in serving.log()
    assert serving.terminate() == 0


def test_a_ledger_that_goes_away_in_every_load_ends_the_start_when_its_time_is_over(
    tmp_path: Path, ending: ExitStack
) -> None:
    kept, url = database("redis", ending)
    kept.start()
    loads: list[float] = []

    def lost(_ledger: Ledger) -> None:
        loads.append(time.monotonic())
        raise Refused("The ledger cannot be read right now") from LedgerUnavailable("it went away")

    with pytest.raises(LedgerUnavailable, match="it went away"):
        loaded_from_ledger(waiting_options(url, tmp_path, wait_s=4), lost)
    pauses = [after - before for before, after in pairwise(loads)]
    assert pauses == sorted(pauses)  # which become longer, since each costs the ledger a load
    assert len(pauses) == 3


def test_a_worker_of_granian_that_waits_ends_by_a_signal(tmp_path: Path, ending: ExitStack) -> None:
    """It has the handlers of the master, which would note the signal for nobody."""
    serving, _ = lost_in_load(tmp_path, ending, "redis", "--server", "granian")
    eventually(lambda: serving.lines("ledger_awaited"), within_s=SOON_S)
    assert serving.terminate(timeout_s=15) == 0  # it is killed after 20
    assert "refused to gracefully stop" not in serving.log()


def test_a_worker_of_granian_that_gives_up_is_one_line_in_the_log_and_another_takes_its_place(
    tmp_path: Path, ending: ExitStack
) -> None:
    serving, proxy = lost_in_load(tmp_path, ending, "redis", "--server", "granian", "--ledger-wait-s", "1")
    eventually(lambda: serving.lines("worker_without_ledger"), within_s=SOON_S)
    assert "cannot be reached" in serving.lines("worker_without_ledger")[0]["cause"]
    proxy.refuses = False
    eventually(lambda: len(serving.workers()) > 1, within_s=SOON_S)
    serving.await_ready()
    assert "Traceback" not in serving.log()


def test_a_start_gives_up_when_its_time_is_over(tmp_path: Path, ending: ExitStack) -> None:
    serving = Starting(tmp_path, f"redis://127.0.0.1:{free_port()}/0", "--ledger-wait-s", "2")
    ending.callback(serving.stop)
    assert answered(serving, "/healthz").status == 200
    assert serving.process.wait(SOON_S) == 3
    assert "moorings-registry: Redis cannot be reached" in serving.log()


def test_a_start_that_may_not_wait_ends(tmp_path: Path) -> None:
    with pytest.raises(LedgerUnavailable, match="Redis cannot be reached"):
        open_late(f"redis://127.0.0.1:{free_port()}/0", tmp_path, wait_s=0)


def test_a_start_that_waits_ends_by_a_signal(tmp_path: Path, ending: ExitStack) -> None:
    os.environ["TMPDIR"], before = str(tmp_path), os.environ.get("TMPDIR")
    ending.callback(lambda: os.environ.pop("TMPDIR") if before is None else os.environ.update(TMPDIR=before))
    serving = Starting(tmp_path, f"redis://127.0.0.1:{free_port()}/0")
    ending.callback(serving.stop)
    assert answered(serving, "/healthz").status == 200
    assert list(tmp_path.glob("moorings-*"))
    serving.process.send_signal(signal.SIGTERM)
    assert serving.process.wait(SOON_S) == 0
    assert list(tmp_path.glob("moorings-*")) == []  # what belongs to the run is removed


def test_a_wrong_password_is_refused_immediately(tmp_path: Path, ending: ExitStack) -> None:
    redis = RedisServer()
    ending.callback(redis.stop)
    with Redis(port=redis.port) as client:
        client.config_set("requirepass", "right")
    (tmp_path / "password").write_text("wrong")
    serving = Starting(tmp_path, f"{redis.url}?password_file={tmp_path / 'password'}")
    ending.callback(serving.stop)
    assert serving.process.wait(SOON_S) == 3
    assert "moorings-registry: Redis refuses the name or password" in serving.log()
    assert serving.lines("ledger_awaited") == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("moorings@", "nobody@"), "PostgreSQL does not have this user"),
        (("/postgres", "/nowhere"), "PostgreSQL does not have this database"),
        (("schema=moorings", "schema=other"), "the database has no ledger"),
        (("schema=moorings", "schema=moorings&sslmode=require"), "no TLS connection to PostgreSQL can be made"),
    ],
    ids=["user", "database", "tables", "TLS"],
)
def test_what_only_a_person_changes_is_refused_immediately(
    change: tuple[str, str], words: str, tmp_path: Path, postgres: PostgresServer
) -> None:
    with pytest.raises(LedgerMisconfigured, match=words):
        open_late(made_ledger(postgres, "moorings").replace(*change), tmp_path)


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


def test_a_certificate_of_an_unknown_authority_is_refused_immediately(tmp_path: Path, ending: ExitStack) -> None:
    pair = TestAuthority.make().issue(tmp_path, "tls", ids=(), usage=SERVER, hosts=("localhost",))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    listener = ending.enter_context(socket.create_server(("127.0.0.1", 0)))
    threading.Thread(target=_shake_hands, args=(listener, context), daemon=True).start()
    with pytest.raises(LedgerMisconfigured, match="the certificate of Redis is refused"):
        open_late(f"rediss://localhost:{listener.getsockname()[1]}/0", tmp_path)


def _shake_hands(listener: socket.socket, context: ssl.SSLContext) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with suppress(ssl.SSLError):
                context.wrap_socket(connection, server_side=True)


def test_a_redis_that_still_loads_its_data_is_waited_for(tmp_path: Path, ending: ExitStack) -> None:
    """It takes connections, and answers most questions by -LOADING."""
    redis = RedisServer()
    ending.callback(redis.stop)
    with Redis(port=redis.port) as client:
        pipeline = client.pipeline(transaction=False)
        for number in range(20_000):
            pipeline.set(f"key-{number}", number)
        pipeline.execute()
    redis.kill()
    serving = Starting(tmp_path, redis.url)
    ending.callback(serving.stop)
    assert answered(serving, "/healthz").status == 200
    redis.start(*SLOW, awaited=False)
    deadline = time.monotonic() + SOON_S
    while b"still loading" not in answered(serving, "/readyz").body:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    serving.await_ready()
