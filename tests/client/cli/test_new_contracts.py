"""Checks of contracts that the registry does not have yet."""

import json
from pathlib import Path

import httpx2
import pytest

import moorings
from moorings.cli.commands import run
from moorings.cli.session import Session
from moorings_compat import Format

MONEY = {"type": "record", "name": "Money", "namespace": "shop.types", "fields": [{"name": "cents", "type": "long"}]}
PLACED = {
    "type": "record",
    "name": "OrderPlaced",
    "namespace": "shop.orders",
    "fields": [{"name": "total", "type": "shop.types.Money"}],
}
DOMAIN = """owner = "team-orders"

[references."OrderPlaced.v1.avsc"]
"shop.types.Money" = { subject = "shop.types.Money", major = 1 }
"""


@pytest.fixture
def folder(tmp_path: Path, http: httpx2.BaseTransport) -> Path:
    """A folder with one new contract, which uses a type that only the registry has."""
    with moorings.connect(http=http, drift=False) as registry:
        registry.api.put_domain("shop.types", {"owner": "team-types", "policy": {"kinds": ["type"], "names": "any"}})
        registry.api.register("shop.types.Money", json.dumps(MONEY), Format.AVRO)
    domain = tmp_path / "schemas" / "shop.orders"
    domain.mkdir(parents=True)
    (domain / "domain.toml").write_text(DOMAIN)
    (domain / "OrderPlaced.v1.avsc").write_text(json.dumps(PLACED))
    return tmp_path / "schemas"


def check(folder: Path, http: httpx2.BaseTransport) -> int:
    return run(["--schemas", str(folder), "check"], Session(http=http))


def test_a_new_contract_may_use_what_only_the_registry_has(
    folder: Path, http: httpx2.BaseTransport, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(folder, http) == 0, capsys.readouterr().out
    assert "new event" in capsys.readouterr().out


def test_a_new_contract_is_parsed_with_what_it_uses(
    folder: Path, http: httpx2.BaseTransport, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = PLACED | {"fields": [{"name": "total", "type": "shop.types.Money", "default": {"cents": "many"}}]}
    (folder / "shop.orders" / "OrderPlaced.v1.avsc").write_text(json.dumps(broken))
    assert check(folder, http) == 1
    assert "default" in capsys.readouterr().out
