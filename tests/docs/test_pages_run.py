"""Pages that lead somebody step by step: every line of them runs, and says what the page says."""

import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.confluent.served import ServedRegistry
from tests.docs.pages import DOCS, Shell, Step, python_of, steps_of
from tests.registry.serving import Serving

pytestmark = pytest.mark.timeout(300)
SERVES = "moorings-registry serve --port 8081 --ledger sqlite:///moorings.db"
OLD, NEW = "old-registry:8081", "127.0.0.1:8081"


def test_from_nothing_to_a_deprecated_contract_and_the_session_of_the_readme(tmp_path: Path) -> None:
    served = ServedRegistry(tmp_path, workers=1)
    shell = Shell(tmp_path)
    shell.instead[NEW] = f"127.0.0.1:{served.port}"
    try:
        for step in steps_of("first-repository.md"):
            if step.command == SERVES:
                continue  # what `served` does
            shell.run(step)
        (tmp_path / "readme").mkdir()
        readme = Shell(tmp_path / "readme", MOORINGS_URL=served.url)
        for step in steps_of("../README.md", "A session that ends in a refused schema"):
            readme.run(step)
        readme.instead[NEW] = shell.instead[NEW]
        readme.run(Step(script(python_of("../README.md")[0])))
    finally:
        served.stop()
    assert shell.ran > 30
    assert readme.ran == 7


def script(python: str) -> str:
    """The command that runs a block of Python."""
    return f"python - <<'END'\n{python}\nEND"


def test_the_guide_of_the_client_runs_against_the_contracts_of_make_run(tmp_path: Path) -> None:
    served = ServedRegistry(tmp_path, workers=1)
    shell = Shell(DOCS.parent, MOORINGS_URL=served.url)
    shell.instead[NEW] = f"127.0.0.1:{served.port}"
    blocks = python_of("client.md")
    [coroutine] = (one for one in blocks if "async with" in one)
    [observed] = (one for one in blocks if "RegistrySpans" in one)
    assert "domains = await" in coroutine
    awaited = f"import asyncio\nasync def main():\n{textwrap.indent(coroutine, '    ')}\n    return domains\n"
    try:
        shell.run(Step("moorings push"))
        shell.run(Step(script(f"{blocks[0]}assert event == parcel\n{awaited}assert asyncio.run(main())")))
        shell.run(Step(script(f"import moorings\n{observed}registry.event('shop.orders.OrderShipped')")))
    finally:
        served.stop()
    assert shell.ran == 3


def test_the_calls_of_the_lifecycle_work_in_an_empty_registry(tmp_path: Path) -> None:
    served = ServedRegistry(tmp_path, workers=1)
    shell = Shell(tmp_path, MOORINGS_URL=served.url)
    shell.instead = {"localhost:8081": f"127.0.0.1:{served.port}", "curl ": "curl -sS --fail-with-body "}
    try:
        for step in steps_of("lifecycle.md"):
            shell.run(step)
    finally:
        served.stop()
    assert shell.ran == 9


@pytest.fixture
def old_registry(tmp_path: Path) -> Iterator[Serving]:
    """A registry with two versions of one subject, as it speaks the Confluent API."""
    (tmp_path / "old").mkdir()
    old = Serving(tmp_path / "old", "--workers", "1")
    fields = [{"name": "id", "type": "string"}]
    for more in ([], [{"name": "total", "type": ["null", "long"], "default": None}]):
        text = {"type": "record", "name": "OrderPlaced", "namespace": "shop.orders", "fields": [*fields, *more]}
        body = {"schema": json.dumps(text, separators=(",", ":"))}
        assert old.call("POST", "/subjects/orders-value/versions", body).status == 200
    yield old
    old.stop()


def test_coming_from_confluent(tmp_path: Path, old_registry: Serving) -> None:
    shell = Shell(tmp_path)
    shell.instead = {OLD: f"127.0.0.1:{old_registry.port}", "sqlite:///moorings.db": f"sqlite:///{tmp_path}/ledger.db"}
    served: Serving | None = None
    try:
        for step in steps_of("coming-from-confluent.md"):
            if step.command == SERVES:
                served = Serving(tmp_path, "--workers", "1")
                shell.instead[NEW] = f"127.0.0.1:{served.port}"
                continue
            shell.run(step)
        assert served is not None
        fields = [{"name": "id", "type": "string"}, {"name": "total", "type": "string"}]
        text = {"type": "record", "name": "OrderPlaced", "namespace": "shop.orders", "fields": fields}
        broken = {"schema": json.dumps(text)}
        assert served.call("POST", "/subjects/orders-value/versions", broken).status == 409
    finally:
        if served is not None:
            served.stop()
    assert shell.ran > 10


@pytest.mark.parametrize("page", ["first-repository.md", "coming-from-confluent.md"])
def test_no_command_is_left_out(page: str) -> None:
    """Commands of these pages are in blocks that run."""
    fences = re.findall(r"^```(\w*)$", (DOCS / page).read_text(), re.MULTILINE)
    assert set(fences) == {"console", ""}
