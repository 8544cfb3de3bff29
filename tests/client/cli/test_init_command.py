"""`moorings init`: what it writes, what it leaves, and that it can be pushed."""

from pathlib import Path

import httpx2
import pytest

from moorings.cli.commands import run
from moorings.cli.session import Session

URL = "http://127.0.0.1:8081"


def init(root: Path, *arguments: str) -> int:
    return run(["--schemas", str(root / "schemas"), "init", *arguments], Session())


def test_the_first_files_can_be_pushed(tmp_path: Path, http: httpx2.BaseTransport) -> None:
    assert (
        init(tmp_path, "--domain", "shop.orders", "--owner", 'team "O"', "--event", "OrderPlaced", "--registry", URL)
        == 0
    )
    written = sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*") if one.is_file())
    assert written == [
        "moorings.toml",
        "schemas/shop.orders/OrderPlaced.toml",
        "schemas/shop.orders/OrderPlaced.v1.avsc",
        "schemas/shop.orders/domain.toml",
    ]
    assert run(["--schemas", str(tmp_path / "schemas"), "lint"]) == 0
    assert run(["--schemas", str(tmp_path / "schemas"), "push"], Session(http=http)) == 0


def test_another_domain_leaves_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = '# ours\nowns = ["shop.types"] # types\n\n[registry]\nurl = "https://registry.example"\n'
    (tmp_path / "moorings.toml").write_text(mine)
    assert init(tmp_path, "--domain", "shop.orders", "--owner", "team") == 0
    owned = mine.replace('["shop.types"]', '["shop.types", "shop.orders"]')
    assert (tmp_path / "moorings.toml").read_text() == owned
    (tmp_path / "schemas/shop.orders/domain.toml").write_text('owner = "others"\n')
    capsys.readouterr()
    assert init(tmp_path, "--domain", "shop.orders", "--owner", "team") == 0
    assert "domain.toml unchanged: it is there already" in capsys.readouterr().out
    assert (tmp_path / "moorings.toml").read_text() == owned
    assert (tmp_path / "schemas/shop.orders/domain.toml").read_text() == 'owner = "others"\n'


def test_names_that_cannot_be_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(tmp_path, "--domain", "Shop Orders", "--owner", "team") == 2
    assert "not the name of a domain" in capsys.readouterr().err
    assert init(tmp_path, "--domain", "shop.orders", "--owner", "team", "--event", "order-placed") == 2
    assert init(tmp_path, "--domain", "shop.orders", "--owner", "team", "--event", "PlaceOrder") == 1
    assert "PlaceOrder" in capsys.readouterr().out
    assert not (tmp_path / "schemas" / "Shop Orders").exists()


def test_the_address_of_the_registry_comes_from_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MOORINGS_URL", raising=False)
    init(tmp_path, "--domain", "shop.orders", "--owner", "team", "--registry", "ftp://nowhere")
    assert run(["--schemas", str(tmp_path / "schemas"), "push"], Session()) == 2
    assert "not a registry URL" in capsys.readouterr().err
    (tmp_path / "moorings.toml").write_text("owns = 1\n")
    assert run(["--schemas", str(tmp_path / "schemas"), "diff"], Session()) == 2
    assert "moorings.toml:1: owns is not a list of texts" in capsys.readouterr().err
