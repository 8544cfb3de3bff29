"""The example contracts of this repository as a project has them: generated, typed, and through a registry."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

import moorings
from moorings import typed
from moorings.cli.commands import run
from moorings.cli.session import Session
from moorings.layout import read_folder
from moorings.testing import payloads
from moorings.typed.generate import files_of, from_folder
from tests.client.typed.generated import typing_errors

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"
EVENTS = [
    ("shop_orders.order_placed_v1", "OrderPlaced"),
    ("shop_orders.order_shipped_v1", "OrderShipped"),
    ("shop_payments.payment_captured_v1", "PaymentCaptured"),
]
USE = """
import moorings
from moorings import typed
from example_contracts.shop_orders.order_placed_v1 import OrderPlaced

def handle(registry: moorings.Registry, data: bytes) -> str:
    placed = typed.event(registry, OrderPlaced)
    order = placed.decode(data)
    reveal_type(order.total.amount_minor)
    placed.encode("no order")
    return order.order_id
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    out = tmp_path_factory.mktemp("project")
    assert run(["--schemas", str(SCHEMAS), "generate", "--out", str(out / "example_contracts")]) == 0
    sys.path.insert(0, str(out))
    yield out
    sys.path.remove(str(out))


def imported(module: str, name: str) -> Any:
    return getattr(__import__(f"example_contracts.{module}", fromlist=[name]), name)


@pytest.mark.parametrize(("module", "name"), EVENTS)
def test_generated_classes_open_their_contracts(
    package: Path, http: httpx2.BaseTransport, module: str, name: str
) -> None:
    assert run(["--schemas", str(SCHEMAS), "push"], Session(http=http)) == 0
    kind = imported(module, name)
    with moorings.connect(http=http, refresh_s=None) as registry:
        plain = registry.event(kind.__moorings_contract__.subject)
        assert kind.__moorings_contract__.parsed() == plain.schema or plain.schema.references
        assert typed.compare(kind, plain) == typed.compare(kind, kind.__moorings_contract__) == ()
        contract = typed.event(registry, kind)
        for payload in payloads.adversarial(plain):
            made = contract.decode(payload.data)
            assert made.__class__ is kind
            assert contract.decode(contract.encode(made)) == made


def test_a_type_checker_knows_the_objects(package: Path, tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (package / "use.py").write_text(USE)
    told = typing_errors(package, tmp_path / "mypy_cache").splitlines()
    assert [line.partition(": ")[2] for line in told if "use.py" in line] == [
        'note: Revealed type is "int"',
        'error: Argument 1 has incompatible type "str"; expected "OrderPlaced"  [arg-type]',
    ]


def test_a_generated_module_imports_only_the_contracts_value(package: Path) -> None:
    sources, problems = from_folder(read_folder(SCHEMAS), ["shop.types.Money"])
    assert problems == []
    texts = files_of(sources, "dataclass", 88)
    imports = [line for text in texts.values() for line in text.splitlines() if line.startswith(("import ", "from "))]
    assert {line.split()[1] for line in imports} == {"__future__", "dataclasses", "typing", "moorings.typed"}
