"""`moorings fix` and `moorings new-major`: what they write, and that nothing is written before it was shown."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from moorings.cli.commands import run
from moorings_compat import Format

Run = Callable[..., int]

PLACED = """{
  "type": "record",
  "name": "OrderPlaced",
  "namespace": "shop.orders",
  "doc": "An order was placed.",
  "fields": [
    { "name": "order_id", "type": "string", "doc": "Its number." },
    { "name": "amount_minor", "type": "int", "doc": "What it costs." }
  ]
}
"""
RENAMED = PLACED.replace("amount_minor", "amount")
RETYPED = PLACED.replace('"string"', '"long"')
SHIPPED = """{
    "type": "object",
    "title": "OrderShipped",
    "properties": {"id": {"type": "string"}, "qty": {"type": "integer"}},
    "required": ["id"],
    "additionalProperties": false
}
"""
PAID = """syntax = "proto3";

package shop.orders;

// An order was paid.
message OrderPaid {
  string id = 1;
  int64 amount = 2; // in cents
}
"""
CASES: list[tuple[str, str, str, str]] = [
    ("OrderPlaced.v1.avsc", PLACED, RENAMED, '"amount_minor"'),
    ("OrderPlaced.v1.avsc", PLACED, RETYPED, '"order_id_long"'),
    ("OrderShipped.v1.schema.json", SHIPPED, SHIPPED.replace('["id"]', '["id", "qty"]'), '"required": ["id"]'),
    ("OrderPaid.v1.proto", PAID, PAID.replace("int64 amount", "string amount"), "string amount_string = 3;"),
    ("OrderPaid.v1.proto", PAID, PAID.replace("int64", "int32").replace("\n", "\r\n"), "int64 amount = 2"),
]


@pytest.fixture
def domain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a domain in a repository of its own, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    git("init", "-q", "-b", "main")
    folder = tmp_path / "schemas" / "shop.orders"
    folder.mkdir(parents=True)
    (folder / "domain.toml").write_text('owner = "team-orders"\n\n[policy]\ncomplete = false\n')
    return folder


def git(*arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example", *arguments], check=True)


def committed(domain: Path, name: str, text: str) -> Path:
    file = domain / name
    file.write_text(text)
    git("add", "-A")
    git("commit", "-q", "-m", "as it was")
    return file


@pytest.mark.parametrize(("name", "before", "after", "written"), CASES, ids=[f"{one[0]}: {one[3]}" for one in CASES])
def test_what_fix_writes_passes_the_check(
    domain: Path, capsys: pytest.CaptureFixture[str], name: str, before: str, after: str, written: str
) -> None:
    file = committed(domain, name, before)
    file.write_bytes(after.encode())
    asked = [str(file), "--against", "git:main"]
    assert run(["check", *asked]) == 1
    assert "moorings fix" in capsys.readouterr().out
    assert run(["fix", *asked]) == 1
    said = capsys.readouterr().out
    assert "nothing was written" in said
    assert written in said
    assert file.read_bytes() == after.encode()
    assert run(["fix", *asked, "--yes"]) == 0
    assert written in file.read_text()
    assert file.read_bytes().count(b"\r\n") == (file.read_bytes().count(b"\n") if "\r\n" in after else 0)
    assert run(["check", *asked]) == 0


def test_fix_leaves_what_passes_alone(domain: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = committed(domain, "OrderPlaced.v1.avsc", PLACED)
    assert run(["fix", str(file), "--against", "git:main", "--yes"]) == 0
    assert "nothing to fix" in capsys.readouterr().out
    assert file.read_text() == PLACED


def test_fix_says_what_it_cannot_fix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.avsc").write_text(PLACED)
    (tmp_path / "new.json").write_text("{}")
    assert run(["fix", str(tmp_path / "old.avsc"), str(tmp_path / "new.json"), "--yes"]) == 1
    said = capsys.readouterr().out
    assert "no edit of these was found that passes" in said
    assert "the format was changed from AVRO to JSON" in said
    assert said.count("a reader of JSON cannot decode what is written as AVRO") == 1


def test_the_next_major_has_the_change_a_mapping_and_what_the_current_one_says(
    domain: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tags = '# who\n[metadata.tags]\n"shop.orders.OrderPlaced.order_id" = ["PII"]\n'
    (domain / "OrderPlaced.v1.toml").write_text(tags)
    file = committed(domain, "OrderPlaced.v1.avsc", PLACED)
    changed = json.loads(RENAMED)
    changed["fields"][0]["type"] = "long"
    changed["fields"].append({"name": "note", "type": ["null", "string"], "default": None, "doc": "A remark."})
    file.write_text(json.dumps(changed, indent=2))
    assert run(["new-major", "OrderPlaced", "--against", "git:main", "--dry-run"]) == 0
    assert not (domain / "OrderPlaced.v2.avsc").exists()
    assert run(["new-major", "shop.orders.OrderPlaced", "--against", "git:main"]) == 0
    assert json.loads((domain / "OrderPlaced.v2.avsc").read_text()) == changed
    assert json.loads(file.read_text()) == json.loads(PLACED)
    following = (domain / "OrderPlaced.v2.toml").read_text()
    assert following.startswith(tags.strip())
    assert '[[migration.step]]\nrename = "/amount_minor"\nto = "amount"' in following
    assert '[[migration.step]]\nconvert = "/order_id"\nwith = "text_to_integer"' in following
    current = (domain / "OrderPlaced.v1.toml").read_text()
    assert current.startswith(tags)
    assert f"sunset = {datetime.now(UTC).date() + timedelta(days=30)}" in current
    capsys.readouterr()
    assert run(["lint"]) == 0, capsys.readouterr().out


def test_what_a_mapping_cannot_know_is_left_to_its_owner(domain: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = committed(domain, "OrderPlaced.v1.avsc", PLACED)
    changed = json.loads(PLACED)
    changed["fields"].append({"name": "customer", "type": "string", "doc": "Who ordered."})
    file.write_text(json.dumps(changed))
    assert run(["new-major", "OrderPlaced", "--against", "git:main"]) == 0
    assert "# /customer: what do events of the major before say?" in (domain / "OrderPlaced.v2.toml").read_text()
    capsys.readouterr()
    assert run(["lint"]) == 1
    assert "/customer" in capsys.readouterr().out


REFUSED: list[tuple[list[str], str]] = [
    (["OrderPlacd"], "did you mean OrderPlaced"),
    (["Nothing"], "does not have Nothing"),
    (["OrderPlaced", "--sunset", "tomorrow"], "not a day"),
    (["OrderPlaced", "--sunset", date.min.isoformat()], "earlier than the 30 days of notice allow"),
]


@pytest.mark.parametrize(("arguments", "said"), REFUSED, ids=[one[1] for one in REFUSED])
def test_new_major_says_what_is_wrong(
    domain: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    committed(domain, "OrderPlaced.v1.avsc", PLACED)
    assert run(["new-major", *arguments, "--against", "git:main"]) == 2
    assert said in capsys.readouterr().err


def test_formats_of_all_kinds_were_tried() -> None:
    suffixes: dict[Format, str] = {Format.AVRO: ".avsc", Format.JSON: ".schema.json", Format.PROTOBUF: ".proto"}
    names: list[Any] = [one[0] for one in CASES]
    assert all(any(name.endswith(suffix) for name in names) for suffix in suffixes.values())
