"""`moorings init`: what it writes, what it leaves, and that it can be pushed."""

import os
from pathlib import Path

import httpx2
import pytest

from moorings.cli.commands import run
from moorings.cli.session import Session
from tests.client.layout.deep_folders import deep_folder

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


REFUSED = [  # what is given, the exit code, what is said
    (["--domain", "Shop Orders", "--owner", "team"], 2, "not the name of a domain"),
    (["--domain", "shop.orders", "--owner", " "], 2, "--owner: the name of the team is blank"),
    (["--domain", "shop.orders", "--owner", "team", "--event", "order-placed"], 2, "not the name of an event"),
    (["--domain", "shop.orders", "--owner", "team", "--registry", "ftp://nowhere"], 2, "does not begin with http://"),
    (["--domain", "shop.orders", "--owner", "team", "--event", "PlaceOrder"], 1, "NAME_REFUSED"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), REFUSED)
def test_nothing_is_written_of_what_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    assert init(tmp_path, *arguments, "--ci", "github") == code
    captured = capsys.readouterr()
    assert said in captured.out + captured.err
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_leaves_the_files_that_are_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(tmp_path, "--domain", "shop.orders", "--owner", "team") == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert init(tmp_path, "--domain", "shop.orders", "--owner", "team", "--event", "PlaceOrder") == 1
    assert str(tmp_path / "schemas/shop.orders/PlaceOrder.toml") in capsys.readouterr().out
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_the_policy_of_the_domain_decides_about_names(tmp_path: Path) -> None:
    (tmp_path / "schemas/shop").mkdir(parents=True)
    (tmp_path / "schemas/shop/domain.toml").write_text('owner = "team"\n[policy]\nnames = "any"\ncomplete = false\n')
    assert init(tmp_path, "--domain", "shop.orders", "--owner", "team", "--event", "PlaceOrder") == 0
    assert (tmp_path / "schemas/shop.orders/PlaceOrder.v1.avsc").is_file()


def test_a_name_that_is_asked_about_is_answered_in_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(tmp_path, "--domain", "shop.orders", "--owner", "team", "--event", "OrderCost") == 1
    assert "NAME_ASKED" in capsys.readouterr().out
    settings = tmp_path / "schemas/shop.orders/OrderCost.toml"
    settings.write_text('name_reviewed = "A noun here, and the past of to cost."\n' + settings.read_text())
    assert run(["--schemas", str(tmp_path / "schemas"), "lint"]) == 0


def test_the_address_of_the_registry_comes_from_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MOORINGS_URL", raising=False)
    init(tmp_path, "--domain", "shop.orders", "--owner", "team", "--registry", "http://127.0.0.1:9")
    assert run(["--schemas", str(tmp_path / "schemas"), "push"], Session()) == 3
    assert "http://127.0.0.1:9" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("owns = 1\n", "owns is not a list of texts"),
        ("owns = [\n", "not valid TOML"),
        ('[registry]\nurl = "ftp://nowhere"\n', "registry.url is not a registry URL: 'ftp://nowhere'"),
    ],
)
def test_a_fault_in_the_repository_file_is_a_finding_of_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    monkeypatch.delenv("MOORINGS_URL", raising=False)
    init(tmp_path, "--domain", "shop.orders", "--owner", "team")
    (tmp_path / "moorings.toml").write_text(text)
    for command in (
        ["lint"],
        ["check"],
        ["push"],
        ["diff"],
        ["pull"],
        ["init", "--domain", "shop.types", "--owner", "x"],
    ):
        capsys.readouterr()
        assert (command, run(["--schemas", str(tmp_path / "schemas"), *command], Session())) == (command, 1)
        captured = capsys.readouterr()
        assert said in captured.out + captured.err
    assert (tmp_path / "moorings.toml").read_text() == text


def test_folders_may_be_deeper_than_python_recurses(tmp_path: Path) -> None:
    assert init(tmp_path, "--domain", "shop.orders", "--owner", "team") == 0
    with deep_folder(tmp_path / "schemas/shop.orders"):
        assert init(tmp_path, "--domain", "shop.stock", "--owner", "team") == 0


def test_a_pipe_in_the_folder_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "schemas/shop.types").mkdir(parents=True)
    (tmp_path / "schemas/shop.types/domain.toml").write_text('owner = "team"\n')
    os.mkfifo(tmp_path / "schemas/shop.types/notes")
    assert init(tmp_path, "--domain", "shop.orders", "--owner", "team") == 0


@pytest.mark.parametrize(
    ("in_the_way", "said"),
    [("schemas/shop.orders", "schemas/shop.orders: File exists"), ("moorings.toml/x", "moorings.toml: Is a directory")],
)
def test_what_is_in_the_way_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], in_the_way: str, said: str
) -> None:
    (tmp_path / in_the_way).parent.mkdir(parents=True)
    (tmp_path / in_the_way).write_text("")
    assert init(tmp_path, "--domain", "shop.orders", "--owner", "team") == 2
    assert f"{tmp_path}/{said}" in capsys.readouterr().err


def test_a_name_longer_than_files_may_have_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(tmp_path, "--domain", "shop.orders", "--owner", "team", "--event", "Placed" * 50) == 2
    assert f"{tmp_path}/schemas/shop.orders/Placed" in capsys.readouterr().err


def test_no_password_of_an_address_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = "ftp://user:secret@registry.example"
    assert init(tmp_path, "--domain", "shop.orders", "--owner", "team", "--registry", address) == 2
    shown = capsys.readouterr().err
    assert "'registry.example'" in shown
    assert "secret" not in shown
