"""Clients of other makers, unmodified, with tokens of `moorings agent`; the token is renewed in the middle."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from tests.confluent.node_clients import HERE as NODE_CLIENTS
from tests.node_packages import node_folder
from tests.registry.serving import Serving
from tests.servers import free_port
from tests.sign_in.forging_issuer import ForgingIssuer
from tests.sign_in.signed_in import issuers_file

LIFE_S = 4
SIGNED_IN = (200,)
"""A principal without a grant is known, and sees an empty registry."""
pytestmark = pytest.mark.timeout(400)


@dataclass(frozen=True, slots=True)
class Agent:
    """A registry that takes no expired token, an agent, and the file whose token it hands out."""

    serving: Serving
    url: str
    issuer: ForgingIssuer
    file: Path

    @property
    def registry(self) -> str:
        return f"http://127.0.0.1:{self.serving.port}"

    def renew(self) -> None:
        """Write a token of a few seconds, as a kubelet does it: whole, beside the old one."""
        beside = self.file.with_suffix(".new")
        beside.write_text(self.issuer.token(exp=int(time.time()) + LIFE_S))
        beside.replace(self.file)


@pytest.fixture
def agent(tmp_path: Path, issuer: ForgingIssuer) -> Iterator[Agent]:
    serving = Serving(tmp_path, "--workers", "1", "--issuers", str(issuers_file(tmp_path, issuer, "skew_s = 0")))
    file, port = tmp_path / "token", free_port()
    program = Path(sys.executable).parent / "moorings"
    process = subprocess.Popen(
        [str(program), "agent", "--sign-in", f"file:{file}", "--listen", f"127.0.0.1:{port}"], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    url = process.stdout.readline().split()[-1].decode()
    made = Agent(serving, url, issuer, file)
    made.renew()
    yield made
    process.terminate()
    assert process.wait(20) == 0
    serving.stop()


@pytest.fixture
def renewing(agent: Agent) -> Iterator[None]:
    """Renew the token each second, until the test ends."""
    stop = threading.Event()

    def renew() -> None:
        while not stop.wait(1):
            agent.renew()

    thread = threading.Thread(target=renew)
    thread.start()
    yield
    stop.set()
    thread.join()


def answered(client: SchemaRegistryClient) -> int:
    try:
        client.get_subjects()
    except SchemaRegistryError as error:
        return int(error.http_status_code)
    return 200


def test_the_python_client_renews_its_token(agent: Agent, renewing: None) -> None:
    client = SchemaRegistryClient(
        {
            "url": agent.registry,
            "bearer.auth.credentials.source": "OAUTHBEARER_AZURE_IMDS",
            "bearer.auth.issuer.endpoint.url": agent.url,
            "bearer.auth.logical.cluster": "moorings",
        }
    )
    assert answered(client) in SIGNED_IN
    time.sleep(LIFE_S + 2)
    assert answered(client) in SIGNED_IN


def test_the_python_client_reads_a_file_by_a_function(agent: Agent, renewing: None) -> None:
    def token(_config: object) -> dict[str, str]:
        return {"bearer.auth.token": agent.file.read_text().strip(), "bearer.auth.logical.cluster": "moorings"}

    client = SchemaRegistryClient(
        {
            "url": agent.registry,
            "bearer.auth.credentials.source": "CUSTOM",
            "bearer.auth.custom.provider.function": token,
            "bearer.auth.custom.provider.config": {},
        }
    )
    assert answered(client) in SIGNED_IN
    time.sleep(LIFE_S + 2)
    assert answered(client) in SIGNED_IN


def test_the_python_client_sends_a_token_as_a_password(agent: Agent) -> None:
    token = agent.issuer.token()
    good, bad = (
        SchemaRegistryClient({"url": agent.registry, "basic.auth.user.info": f"token:{one}"}) for one in (token, "x")
    )
    assert answered(good) in SIGNED_IN
    assert answered(bad) == 401
    assert answered(SchemaRegistryClient({"url": agent.registry})) == 401


def test_the_node_client_renews_its_token(agent: Agent, renewing: None) -> None:
    script = shutil.copy(Path(__file__).parent / "node" / "agent.mjs", node_folder("node-clients", NODE_CLIENTS))
    command = ["node", script, agent.registry, agent.url, str((LIFE_S + 2) * 1_000)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    assert set(json.loads(done.stdout.splitlines()[-1])["seen"]) <= set(SIGNED_IN)
