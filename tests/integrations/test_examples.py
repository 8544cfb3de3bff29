"""Every file of `examples/` runs against real servers, and shows what it says."""

import os
import re
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.brokers import KafkaBroker, NatsBroker, RabbitBroker
from tests.confluent.served import ServedRegistry
from tests.ports import free_port
from tests.registry.serving import Serving
from tests.servers import RedisServer
from tests.waiting import eventually
from tests.webhooks.receivers import listening

pytestmark = pytest.mark.timeout(600)  # a broker may have to be installed

ROOT = Path(__file__).resolve().parent.parent.parent
REFUSED = r"refused: .*/total: TYPE_WRONG.*/discount: FIELD_UNDECLARED"
HANDLED = r"handled: o-1"
DEAD = r"dead letter: FRAMING_INVALID from "


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry with the contracts of `schemas/` in it."""
    served = ServedRegistry(tmp_path_factory.mktemp("registry"), workers=1)
    command = [sys.executable, "-m", "moorings", "--url", served.url, "push"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    yield served.url
    served.stop()


def run(name: str, registry: str, **addresses: str) -> str:
    """Run an example; return what it printed."""
    environment = {**os.environ, "MOORINGS_URL": registry, "PYTHONUNBUFFERED": "1", **addresses}
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / f"{name}.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def assert_shown(printed: str, *patterns: str) -> None:
    for pattern in (REFUSED, HANDLED, DEAD, *patterns):
        assert re.search(pattern, printed), f"{pattern!r} is not in:\n{printed}"


@pytest.mark.parametrize("name", ["kafka_orders", "aiokafka_orders", "faststream_orders"])
def test_kafka(name: str, pushed: str, kafka: KafkaBroker) -> None:
    assert_shown(run(name, pushed, KAFKA_BOOTSTRAP=kafka.address))


@pytest.mark.redis
def test_redis(pushed: str, redis_server: RedisServer) -> None:
    assert_shown(run("redis_streams_orders", pushed, REDIS_URL=redis_server.url), "1 handled, 1 set aside")


def test_rabbitmq(pushed: str, rabbitmq: RabbitBroker) -> None:
    assert_shown(run("rabbitmq_orders", pushed, RABBITMQ_URL=rabbitmq.url))


def test_nats(pushed: str, nats: NatsBroker) -> None:
    assert_shown(run("nats_orders", pushed, NATS_URL=nats.url))


def test_webhook(pushed: str) -> None:
    printed = run("cloudevents_webhook", pushed)
    assert_shown(printed, r"answered: 204 to application/cloudevents-batch\+json")
    assert printed.count("handled: o-1") == 4


def test_a_receiver_of_registry_events(tmp_path: Path) -> None:
    served = Serving(tmp_path, "--workers", "1", "--public-url", "https://registry.example")
    with MailServer() as mail, listening() as chat:
        port = free_port()
        environment = {
            **os.environ,
            "MOORINGS_URL": f"http://127.0.0.1:{served.port}",
            "RECEIVER_PORT": str(port),
            "SMTP_HOST": f"127.0.0.1:{mail.port}",
            "MAIL_FROM": "registry@shop.example",
            "MAIL_TO": "team@shop.example",
            "CHAT_URL": chat.url,
        }
        program = (ROOT / "examples" / "registry_events_receiver").with_suffix(".py")
        command = [sys.executable, program]
        receiving = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        try:
            assert receiving.stdout is not None
            url = receiving.stdout.readline().removeprefix("receiving at ").strip()
            hook = {"url": url, "node": "shop", "kinds": ["DomainRegistered"]}
            assert served.call("POST", "/v1/webhooks", hook).status == 201
            served.call("PUT", "/v1/domains/shop", {"owner": "team-shop"})
            said = receiving.stdout.readline()
            assert said.startswith(
                "DomainRegistered: Domain shop was registered with owner team-shop. https://registry."
            )
            eventually(lambda: bool(mail.messages and chat.received))
            assert "Subject: DomainRegistered shop" in mail.messages[0]
            assert "Domain shop was registered" in chat.received[0].body.decode()
            forged = httpx2.post(url, json={}, headers={"content-type": "application/cloudevents+json"})
            assert forged.status_code == 401
        finally:
            receiving.kill()
            receiving.wait()
            served.stop()


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail by SMTP, as far as one message needs it (RFC 5321)."""

    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Mail)
        self.port = self.server_address[1]
        self.messages: list[str] = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def __exit__(self, *told: object) -> None:
        self.shutdown()
        super().__exit__(*told)


class _Mail(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 mail.example\r\n")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.messages.append(b"".join(lines).decode())  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")


def test_every_example_is_listed_and_run() -> None:
    programs = {path.stem for path in (ROOT / "examples").glob("*.py")} - {"shop"}
    listed = (ROOT / "examples" / "README.md").read_text()
    here = Path(__file__).read_text()
    assert {name for name in programs if f"`{name}.py`" in listed and f'"{name}"' in here} == programs
