"""Clients of other makers, unmodified, by the snippets of the documentation: over TLS, against two workers, through a
real broker. They produce and consume, the token that they began with expires, and they do so again.
"""

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from moorings_registry.cli.main import main
from tests.brokers import KafkaBroker
from tests.confluent.node_clients import HERE as NODE_CLIENTS
from tests.node_packages import node_folder
from tests.ports import free_port
from tests.sign_in.certificates import SERVER, TestAuthority
from tests.sign_in.forging_issuer import ForgingIssuer
from tests.sign_in.signed_in import WHO, fault_of, issuers_file
from tests.sign_in.test_reach import TlsServing

LIFE_S = 6
PAUSE_S = LIFE_S + 2
"""After this, a client that did not renew its token is refused."""
PAGE = Path(__file__).resolve().parents[2] / "docs" / "sign-in.md"
STOCK = Path(__file__).parent / "stock"
SNIPPETS = {
    "python-agent": ("confluent-kafka (Python)", "python", 0),
    "python-function": ("confluent-kafka (Python)", "python", 1),
    "python-password": ("confluent-kafka (Python)", "python", 2),
    "node-agent": ("Node", "js", 0),
    "node-file": ("Node", "js", 1),
    "kafkajs-middleware": ("Node", "js", 2),
}
"""Where each is on the page: under a heading, in a language, the number of it."""
RENEWING = [one for one in SNIPPETS if one != "python-password"]
pytestmark = pytest.mark.timeout(400)  # the packages may have to be installed


def snippet_of(name: str) -> str:
    heading, language, number = SNIPPETS[name]
    section = PAGE.read_text().partition(f"\n### {heading}\n")[2].partition("\n### ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)[number]


@dataclass
class Stage:
    """A registry over TLS, a broker, an agent, and the file with the token of the moment."""

    folder: Path
    serving: TlsServing
    issuer: ForgingIssuer
    broker: KafkaBroker
    agent_port: int = field(default_factory=free_port)
    written: list[Path] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.serving.port}"

    @property
    def token_file(self) -> Path:
        return self.folder / "token"

    @property
    def environment(self) -> Mapping[str, str]:
        ca = str(self.folder / "ca.crt")
        return {**os.environ, "SSL_CERT_FILE": ca, "NODE_EXTRA_CA_CERTS": ca}

    def token(self) -> str:
        return self.issuer.token(exp=int(time.time()) + LIFE_S)

    def renew(self) -> None:
        """Write the next token as a kubelet does it: whole, beside the old one."""
        beside = self.token_file.with_suffix(".new")
        beside.write_text(self.token())
        beside.replace(self.token_file)

    def write_snippet(self, name: str, folder: Path) -> Path:
        """The snippet with the addresses and the file of this stage in place of those of the page."""
        text = snippet_of(name)
        changes = {
            "https://registry.example.com:8081": self.url,
            "127.0.0.1:7071": f"127.0.0.1:{self.agent_port}",
            "/var/run/secrets/tokens/moorings": str(self.token_file),
        }
        for before, after in changes.items():
            text = text.replace(before, after)
        assert "example.com" not in text
        path = folder / f"{name}-{self.serving.port}.{'py' if SNIPPETS[name][1] == 'python' else 'mjs'}"
        path.write_text(text)
        self.written.append(path)
        return path

    def start(self, name: str, *pauses_s: float, **variables: str) -> "subprocess.Popen[str]":
        """Run a snippet with its driver; one pause after each round but the last."""
        topic = f"orders-{name}" + variables.get("ID_TOKEN", "")[-4:].replace("_", "-")
        self.broker.make_topics(*(f"{topic}-{number}" for number in range(len(pauses_s) + 1)))
        command: list[str]
        if SNIPPETS[name][1] == "python":
            command = [sys.executable, str(STOCK / "python_client.py"), str(self.write_snippet(name, self.folder))]
            pauses = [str(one) for one in pauses_s]
        else:
            packages = node_folder("node-clients", NODE_CLIENTS)
            script = shutil.copy(STOCK / "node_client.mjs", packages)
            command = ["node", script, str(self.write_snippet(name, packages))]
            pauses = [str(one * 1_000) for one in pauses_s]
        return subprocess.Popen(
            [*command, self.broker.address, topic, *pauses],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**self.environment, **variables},
        )


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder, issuer, authority = tmp_path_factory.mktemp("stock"), ForgingIssuer(), TestAuthority.make()
    pair = authority.issue(folder, "tls", ids=(), usage=SERVER, hosts=("localhost",))
    (folder / "ca.crt").write_bytes(authority.pem)
    TlsServing.context = ssl.create_default_context(cadata=authority.pem.decode())
    TlsServing.context.check_hostname = False
    ledger = f"sqlite:///{folder / 'ledger.db'}"
    # The client of kafkajs sets the level of a new subject before it registers.
    for verb, node in (("register", "orders*"), ("govern", "orders-kafkajs*")):
        words = ("--to", "people:ann", "--verb", verb, "--node", node, "--because", "a test")
        assert CliRunner().invoke(main, ("grant", "--create", "--ledger", ledger, *words)).exit_code == 0
    serving = TlsServing(
        folder, "--workers", "2", "--issuers", str(issuers_file(folder, issuer, "skew_s = 0")),
        "--tls-certificate", str(pair.certificate), "--tls-key", str(pair.key),
    )  # fmt: skip
    broker = KafkaBroker()
    stage = Stage(folder, serving, issuer, broker)
    stage.renew()
    stop = threading.Event()
    renewing = threading.Thread(target=lambda: [stage.renew() for _ in iter(lambda: stop.wait(1), True)])
    renewing.start()
    agent = start_agent(stage)
    yield stage
    agent.terminate()
    assert agent.wait(20) == 0
    stop.set()
    renewing.join()
    broker.stop()
    serving.stop()
    issuer.stop()
    for path in stage.written:  # those for Node lie beside its packages, which outlive this
        path.unlink(missing_ok=True)


def start_agent(stage: Stage) -> "subprocess.Popen[bytes]":
    program = Path(sys.executable).parent / "moorings"
    words = ("agent", "--sign-in", f"file:{stage.token_file}", "--listen", f"127.0.0.1:{stage.agent_port}")
    process = subprocess.Popen([str(program), *words], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"providing tokens at")
    return process


@dataclass(frozen=True, slots=True)
class Running:
    """The clients that renew their token, side by side: each waits for the token that it began with to expire."""

    clients: Mapping[str, "subprocess.Popen[str]"]
    first: str
    """A token of the time before them."""


@pytest.fixture(scope="module")
def running(stage: Stage) -> Iterator[Running]:
    first = stage.token()
    assert stage.serving.call("GET", WHO, Authorization=f"Bearer {first}").status == 200
    started = {name: stage.start(name, PAUSE_S) for name in RENEWING}
    yield Running(started, first)
    for one in started.values():
        one.kill()
        one.communicate()


@pytest.mark.parametrize("name", RENEWING)
def test_a_stock_client_goes_on_beyond_its_first_token(name: str, stage: Stage, running: Running) -> None:
    client = running.clients[name]
    out, err = client.communicate(timeout=90)
    assert client.returncode == 0, err[:1_500]
    assert json.loads(out.splitlines()[-1]) == [{"id0": "o-1"}, {"id1": "o-1"}]
    assert fault_of(stage.serving.call("GET", WHO, Authorization=f"Bearer {running.first}")) == "expired"


def test_a_stock_client_sends_a_token_as_a_password(stage: Stage) -> None:
    """It cannot renew that: each job is a new process with a new token."""
    now = int(time.time())
    for token in (stage.issuer.token(), stage.issuer.token()):
        process = stage.start("python-password", ID_TOKEN=token)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err[:1_500]
        assert json.loads(out) == [{"id0": "o-1"}]
    process = stage.start("python-password", ID_TOKEN=stage.issuer.token(iat=now - 100, exp=now - 1))
    assert "HTTP status code 401" in process.communicate(timeout=60)[1]
    assert process.returncode == 1


def test_every_client_of_the_page_is_run() -> None:
    """A snippet in a language that is run here belongs to `SNIPPETS`."""
    for heading, language in {one[:2] for one in SNIPPETS.values()}:
        section = PAGE.read_text().partition(f"\n### {heading}\n")[2].partition("\n### ")[0]
        listed = [one[2] for one in SNIPPETS.values() if one[:2] == (heading, language)]
        assert listed == list(range(section.count(f"```{language}\n")))
