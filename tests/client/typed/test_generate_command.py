"""`moorings generate` as a CI job runs it: which files it writes, which it leaves alone, and its exit codes."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

import moorings
from moorings.cli.commands import run
from moorings.cli.session import Session
from moorings_compat import Format
from tests.client.layout.test_lint import CLEAN, write
from tests.client.typed.generated import formatted_differently, lint_findings, typing_errors

Run = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "schemas", CLEAN)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "contracts"


@pytest.fixture
def generate(folder: Path, out: Path) -> Run:
    def call(*arguments: str | Path, session: Session | None = None) -> int:
        return run(["--schemas", str(folder), "generate", "--out", str(out), *map(str, arguments)], session)

    return call


def files(out: Path) -> dict[str, str]:
    return {path.relative_to(out).as_posix(): path.read_text("utf-8") for path in sorted(out.rglob("*.py"))}


@pytest.mark.parametrize("style", ["dataclass", "typeddict"])
def test_the_same_contracts_give_the_same_package(generate: Run, out: Path, style: str) -> None:
    assert generate("--style", style) == 0
    first = files(out)
    assert generate("--style", style) == 0
    assert files(out) == first
    assert "shop_orders/order_placed_v1.py" in first
    assert generate("--style", style, "--check") == 0


def test_a_package_is_typed_formatted_and_can_be_imported(generate: Run, out: Path, tmp_path: Path) -> None:
    pytest.importorskip("ruff")
    pytest.importorskip("mypy")
    assert generate() == 0
    assert formatted_differently(out, 88) == ""
    assert lint_findings(out) == ""
    assert typing_errors(out, tmp_path / "mypy_cache") == ""
    code = (
        "from contracts.shop_orders.order_placed_v1 import OrderPlaced; print(OrderPlaced.__moorings_contract__.major)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_types_of_another_contract_are_imported_from_its_module(generate: Run, out: Path) -> None:
    assert generate() == 0
    text = files(out)["shop_orders/order_placed_v1.py"]
    assert "from ..shop_types.money_v1 import Money\n" in text
    assert "class Money" not in text


def test_check_lists_the_files_that_are_not_up_to_date(
    generate: Run, folder: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generate("--check") == 1
    assert not out.exists()
    assert generate() == 0
    capsys.readouterr()
    path = folder / "shop.orders/OrderPlaced.v1.avsc"
    path.write_text(
        path.read_text().replace('"fields": [', '"fields": [{"name": "added", "type": "int", "default": 0},', 1)
    )
    assert generate("--check") == 1
    assert "order_placed_v1.py changed" in capsys.readouterr().out
    assert generate() == 0
    assert "added: int = 0" in files(out)["shop_orders/order_placed_v1.py"]


def test_stale_modules_are_removed_and_other_files_are_kept(generate: Run, out: Path) -> None:
    assert generate() == 0
    own = out / "shop_orders" / "helpers.py"
    own.write_text("ANSWER = 42\n")
    assert generate("--event", "shop.types.Money") == 0
    assert "shop_types/money_v1.py" in files(out)
    assert "shop_orders/order_placed_v1.py" not in files(out)
    assert own.read_text() == "ANSWER = 42\n"


def test_a_file_that_was_not_generated_is_never_overwritten(
    generate: Run, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = out / "shop_orders" / "order_placed_v1.py"
    target.parent.mkdir(parents=True)
    target.write_text("KEPT = True\n")
    assert generate() == 2
    assert "was not generated" in capsys.readouterr().err
    assert files(out) == {"shop_orders/order_placed_v1.py": "KEPT = True\n"}


@pytest.mark.parametrize(
    ("break_it", "code", "message"),
    [
        (lambda folder: (folder / "shop.orders/OrderPlaced.v1.avsc").write_text("{"), 1, "nothing was written"),
        (lambda folder: None, 1, "no contract shop.nothing.Here"),
    ],
)
def test_contracts_that_cannot_be_read_are_reported(
    generate: Run,
    folder: Path,
    out: Path,
    break_it: Callable[[Path], object],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    break_it(folder)
    arguments = ["--event", "shop.nothing.Here"] if "Here" in message else []
    assert generate(*arguments) == code
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_a_package_is_generated_from_a_registry(
    generate: Run, out: Path, registry: moorings.Registry, http: httpx2.BaseTransport
) -> None:
    money = {
        "type": "record",
        "name": "Money",
        "namespace": "shop.types",
        "fields": [{"name": "cents", "type": "long"}],
    }
    registry.api.register("shop.types.Money", json.dumps(money), Format.AVRO)
    assert generate("--url", "http://127.0.0.1", "--event", "shop.types.Money", session=Session(http=http)) == 0
    text = files(out)["shop_types/money_v1.py"]
    assert 'label="1.0"' in text
    assert f'guid="{registry.event("shop.types.Money").latest.guid}"' in text
    assert generate("--url", "http://127.0.0.1", session=Session(http=http)) == 2
    assert generate("--url", "http://127.0.0.1", "--event", "shop.none.Here", session=Session(http=http)) != 0


def test_the_revision_comes_from_the_lock_file(
    folder: Path, generate: Run, out: Path, http: httpx2.BaseTransport
) -> None:
    for command in ("push", "pull"):
        assert run(["--schemas", str(folder), command], Session(http=http)) == 0
    assert generate() == 0
    text = files(out)["shop_orders/order_placed_v1.py"]
    with moorings.connect(http=http) as registry:
        assert f'guid="{registry.event("shop.orders.OrderPlaced").latest.guid}"' in text
    assert "version=1," in text
