"""The command against a real registry: what a CI job sees, and with which exit code."""

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx2
import pytest

import moorings as client
from moorings.cli.commands import run
from moorings.cli.session import Session
from moorings.layout.lock_file import Lock
from moorings_compat import DEFAULT_LIMITS, LARGEST_LIMITS
from tests.client.layout.test_lint import CLEAN, SHIPPED, write
from tests.ports import free_port

PLACED = "shop.orders/OrderPlaced.v1.avsc"
TYPES_POLICY = '[policy]\n# types have nouns for names\nnames = "any"\n'
Run = Callable[..., int]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "schemas", CLEAN)


@pytest.fixture
def moorings(http: httpx2.BaseTransport, folder: Path) -> Run:
    def call(*arguments: str | Path, schemas: Path = folder) -> int:
        return run(["--schemas", str(schemas), *map(str, arguments)], Session(http=http))

    return call


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def widen(folder: Path) -> None:
    """Add a field with a default: a change that keeps every promise."""
    field = '{"name": "note", "type": ["null", "string"], "default": null}'
    change(folder, PLACED, '"fields": [', f'"fields": [{field},')


def break_it(folder: Path) -> None:
    change(folder, PLACED, '"shop.types.Money"', '"string"')


def test_push_registers_everything_once(moorings: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert moorings("push") == 0
    assert "6 registered" in capsys.readouterr().out
    assert moorings("push") == 0
    assert "8 unchanged" in capsys.readouterr().out


def test_a_push_keeps_the_rules_and_metadata_of_the_major(
    moorings: Run, folder: Path, http: httpx2.BaseTransport
) -> None:
    moorings("push")
    rules = {"domainRules": [{"name": "known", "kind": "CONDITION", "mode": "WRITE", "type": "CEL", "expr": "true"}]}
    with client.connect("http://127.0.0.1", http=http, retries=0, drift=False) as registry:
        before = registry.api.version("shop.orders.OrderPlaced", "v1")
        definition = (before.subject, before.schema, before.format, before.references, 1)
        registry.api.register(*definition, metadata={"properties": {"team": "orders"}}, rule_set=rules)
        widen(folder)
        assert moorings("push") == 0
        after = registry.api.version("shop.orders.OrderPlaced", "v1")
    assert after.version == before.version + 2
    assert after.rule_set == rules
    assert after.metadata == {"properties": {"team": "orders"}}


def test_a_dry_run_registers_nothing(moorings: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert moorings("push", "--dry-run") == 0
    assert "would be: 2 created, 6 registered" in capsys.readouterr().out
    assert moorings("diff") == 1


def test_a_new_revision_is_checked_and_pushed(moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moorings("push")
    widen(folder)
    assert moorings("check") == 0
    assert moorings("push", "--format", "json") == 0
    out = capsys.readouterr().out
    steps = json.loads(out[out.index("{") :])["steps"]
    assert [(one["name"], one["label"]) for one in steps if one["action"] == "registered"] == [
        ("shop.orders.OrderPlaced v1", "1.1")
    ]


def test_a_break_is_found_and_refused_with_its_payload(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    break_it(folder)
    capsys.readouterr()
    assert moorings("check") == 1
    said = capsys.readouterr().out
    assert "shop.orders.OrderPlaced v1: breaking" in said
    assert "payload:" in said
    assert moorings("push") == 1
    assert "1 refused" in capsys.readouterr().out


def test_a_break_can_open_the_next_major(moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moorings("push")
    (folder / "shop.orders/OrderPlaced.v2.avsc").write_text((folder / PLACED).read_text("utf-8"), "utf-8")
    change(folder, "shop.orders/OrderPlaced.v2.avsc", '"shop.types.Money"', '"string"')
    assert moorings("check") == 0
    assert moorings("push") == 0
    assert "shop.orders.OrderPlaced v2 opened: 2.0" in capsys.readouterr().out
    assert moorings("diff") == 0


def test_what_uses_a_refused_contract_is_blocked(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    change(folder, "shop.types/Money.v1.avsc", '"long"', '"string"')
    assert moorings("push") == 1
    said = capsys.readouterr().out
    assert "shop.orders.OrderPlaced v1 blocked: it uses shop.types.Money v1" in said


def test_a_contract_that_uses_an_unregistered_one_is_checked_locally(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    change(folder, "shop.types/Money.v1.avsc", '"long"', '"string"')
    assert moorings("check", "--format", "json") == 1
    out = capsys.readouterr().out
    results = {one["name"]: one for one in json.loads(out[out.index("{") :])["results"]}
    assert results["shop.types.Money v1"]["verdict"] == "breaking"
    assert results["shop.orders.OrderPlaced v1"]["verdict"] == "breaking"
    assert "checked locally" in results["shop.orders.OrderPlaced v1"]["note"]


def test_nothing_is_pushed_from_a_folder_with_issues(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, {"shop.orders/PlaceOrder.v1.schema.json": "{}"})
    assert moorings("push") == 1
    assert "nothing was pushed" in capsys.readouterr().out
    assert moorings("diff", "--format", "json") == 1


def test_a_contract_that_has_another_format_in_the_registry_is_said_beside_its_faults(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who corrects the faults alone would be refused for the format then."""
    moorings("push")
    (folder / "shop.types/Money.v1.avsc").unlink()
    write(folder, {"shop.types/Money.v1.schema.json": '{"type": "objekt"}'})
    capsys.readouterr()
    assert moorings("push") == 1
    said = capsys.readouterr().out
    changed = "Money.v1.schema.json: FORMAT_CHANGED: the registry has shop.types.Money v1 as AVRO, and this is JSON"
    assert -1 < said.find(changed) < said.find("SCHEMA_INVALID: 'objekt'")
    assert said.count("FORMAT_CHANGED") == 1
    assert "start the next major" in said


@pytest.mark.parametrize("taken", [True, False])
def test_the_registry_decides_how_large_a_contract_may_be(
    folder: Path, capsys: pytest.CaptureFixture[str], taken: bool
) -> None:
    change(folder, "shop.types/Money.v1.avsc", '"Money"', f'"Money", "doc": "{"x" * 2_000_000}"')
    app, settings = pytest.importorskip("moorings_registry.app"), pytest.importorskip("moorings_registry.settings")
    ledger = pytest.importorskip("moorings_registry.engines").open_ledger("memory:")
    limits = LARGEST_LIMITS if taken else DEFAULT_LIMITS
    http = httpx2.WSGITransport(app=app.build_application(ledger, settings.Settings(limits=limits)).middleware)
    assert run(["--schemas", str(folder), "push"], Session(http=http)) == (0 if taken else 1)
    assert ("SCHEMA_LIMIT_EXCEEDED" in capsys.readouterr().out) != taken


def test_faults_are_listed_where_the_registry_does_not_answer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"shop.orders/OrderLost.v1.schema.json": '{"type": "objekt"}'})
    url = f"http://127.0.0.1:{free_port()}"
    assert run(["--schemas", str(folder), "--url", url, "push"], Session()) == 1
    said = capsys.readouterr()
    assert "SCHEMA_INVALID" in said.out
    assert said.err == ""


def test_push_names_the_files_that_it_did_not_read(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, {"shop.orders/notes.yaml": "{}"})
    assert moorings("push") == 0
    assert "notes.yaml: FILE_UNKNOWN" in capsys.readouterr().out


UNREGISTRABLE = [  # a file, the domains that the repository owns, what is wrong with it
    ("shop.orders/OrderLost.avsc", '["shop.orders", "shop.types"]', "FILE_NAME_INVALID"),
    ("shop.orders/lost/OrderLost.v1.avsc", '["shop.orders", "shop.types"]', "FILE_MISPLACED"),
    ("OrderLost.v1.avsc", '["shop.orders", "shop.types"]', "FILE_MISPLACED"),
    ("Lost/OrderLost.v1.avsc", '["shop.orders", "shop.types"]', "DOMAIN_NAME_INVALID"),
    ("shop.lost/OrderLost.v1.avsc", '["shop.orders", "shop.types", "shop.lost"]', "DOMAIN_FILE_MISSING"),
    ("shop.orders/OrderLost.toml", '["shop.orders", "shop.types", "shop.lost"]', "REPOSITORY_FILE_INVALID"),
]


@pytest.mark.parametrize(("file", "owns", "code"), UNREGISTRABLE)
def test_lint_check_and_push_agree_about_what_cannot_be_registered(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str], file: str, owns: str, code: str
) -> None:
    git = ("git", "-C", str(folder.parent), "-c", "user.name=t", "-c", "user.email=t@example")
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "before")):
        subprocess.run([*git, *arguments], check=True)
    moorings("push")
    (folder.parent / "moorings.toml").write_text(f"owns = {owns}\n", "utf-8")
    write(folder, {file: ""})
    for command in (["lint"], ["check"], ["check", "--against", "git:HEAD"], ["push"], ["push", "--dry-run"]):
        capsys.readouterr()
        assert (command, moorings(*command)) == (command, 1)
        assert code in capsys.readouterr().out


def test_a_fault_in_the_file_of_a_major_is_one_of_its_contract(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, {"shop.orders/OrderPlaced.v1.toml": 'stat = "active"\n'})
    assert moorings("check") == 1
    said = capsys.readouterr().out
    assert "1 of 6 contracts fails" in said
    assert "OrderPlaced v1 (new" not in said
    assert said.count("MAJOR_FILE_INVALID") == 1
    assert moorings("ci", "--against", "registry") == 1
    said = capsys.readouterr().out
    assert "1 of 6 contracts fails" in said
    assert said.count("MAJOR_FILE_INVALID") == 1


def test_a_payload_that_shows_two_changes_is_written_once(
    moorings: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fields = [{"name": name, "type": "string"} for name in ("id", "sku", "note")]
    for name, count in (("old", 1), ("new", 3)):
        record = {"type": "record", "name": "OrderPacked", "fields": fields[:count]}
        (tmp_path / f"{name}.avsc").write_text(json.dumps(record), "utf-8")
    assert moorings("check", tmp_path / "old.avsc", tmp_path / "new.avsc") == 1
    said = capsys.readouterr().out
    assert said.count("payload:") == 1
    assert said.count("the new schema reads a stored event: the payload above shows it") == 1
    assert moorings("check", tmp_path / "new.avsc", tmp_path / "old.avsc", "--level", "FORWARD") == 1
    said = capsys.readouterr().out
    assert "- Keep `sku`." in said
    assert "Write" not in said


def test_files_of_domains_that_others_own_do_not_keep_a_push_back(moorings: Run, folder: Path) -> None:
    (folder.parent / "moorings.toml").write_text('owns = ["shop.types"]\nconsumes = ["shop.orders"]\n', "utf-8")
    write(folder, {"shop.orders/OrderLost.avsc": ""})
    assert moorings("check") == 0
    assert moorings("push") == 0


def test_contracts_that_refer_to_each_other_in_a_circle_are_named(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = '{"$id": "https://x.example/%s", "properties": {"of": {"$ref": "https://x.example/%s"}}}'
    circle = {"Opened": schema % ("a", "b"), "Closed": schema % ("b", "a")}
    write(folder, {f"shop.orders/Order{name}.v1.schema.json": text for name, text in circle.items()})
    assert moorings("check") == 1
    assert "REFERENCE_CIRCLE" in capsys.readouterr().out
    assert moorings("diff") == 1
    assert "shop.orders.OrderOpened v1: only here" in capsys.readouterr().out


def test_pull_writes_what_push_registered(moorings: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moorings("push")
    other = tmp_path / "other"
    assert moorings("pull", "--all", schemas=other) == 0
    assert moorings("lint", schemas=other) == 0
    assert moorings("diff", schemas=other) == 0
    pinned = Lock.read(other).find("shop.orders.OrderPlaced", 1)
    assert pinned is not None
    assert (pinned.version, pinned.label) == (1, "1.0")
    capsys.readouterr()
    assert moorings("pull", schemas=other) == 0
    assert "8 unchanged" in capsys.readouterr().out


def test_pull_updates_to_a_newer_revision_and_keeps_local_changes(
    moorings: Run, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    other = tmp_path / "other"
    moorings("pull", "--all", schemas=other)
    widen(folder)
    moorings("push")
    assert moorings("diff", schemas=other) == 1
    assert "behind" in capsys.readouterr().out
    assert moorings("pull", schemas=other) == 0
    assert moorings("diff", schemas=other) == 0
    change(other, PLACED, '"note"', '"remark"')
    assert moorings("pull", schemas=other) == 1
    assert "remark" in (other / PLACED).read_text("utf-8")
    assert moorings("pull", "--force", schemas=other) == 0
    assert "remark" not in (other / PLACED).read_text("utf-8")


def test_pull_keeps_comments_and_order_of_a_domain_file(moorings: Run, folder: Path, tmp_path: Path) -> None:
    moorings("push")
    other = tmp_path / "other"
    moorings("pull", "--all", schemas=other)
    file = other / "shop.types/domain.toml"
    file.write_text('# ours\ndescription = ""\nowner = "team-platform"  # ask them first\n\n' + TYPES_POLICY, "utf-8")
    change(folder, "shop.types/domain.toml", "team-platform", "team-base")
    moorings("push")
    assert moorings("pull", schemas=other) == 0
    kept = '# ours\ndescription = ""\nowner = "team-base"  # ask them first\n\n'
    assert file.read_text("utf-8") == kept + TYPES_POLICY + 'json_fields = "declared"\ntype_names = "event"\n'


def test_pull_keeps_the_references_that_a_domain_file_declares(moorings: Run, folder: Path, tmp_path: Path) -> None:
    moorings("push")
    other = tmp_path / "other"
    moorings("pull", "--all", schemas=other)
    file = other / "shop.orders/domain.toml"
    declared = (
        '\n[references."OrderLost.v1.avsc"] # not written yet\n"stock.Item" = { subject = "stock.Item", major = 1 }\n'
    )
    file.write_text(file.read_text("utf-8") + declared, "utf-8")
    change(folder, "shop.orders/domain.toml", "team-orders", "team-sales")
    moorings("push")
    assert moorings("pull", schemas=other) == 0
    assert file.read_text("utf-8").endswith(declared)
    assert 'owner = "team-sales"' in file.read_text("utf-8")


def test_pull_leaves_a_domain_file_that_is_not_toml_unless_forced(
    moorings: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("push")
    other = tmp_path / "other"
    moorings("pull", "--all", schemas=other)
    file = other / "shop.types/domain.toml"
    file.write_text("owner = team\n", "utf-8")
    capsys.readouterr()
    assert moorings("pull", schemas=other) == 1
    assert "not valid TOML" in capsys.readouterr().out
    assert file.read_text("utf-8") == "owner = team\n"
    assert moorings("pull", "--force", schemas=other) == 0
    assert 'owner = "team-platform"' in file.read_text("utf-8")


def test_pull_of_one_domain(moorings: Run, tmp_path: Path) -> None:
    moorings("push")
    assert moorings("pull", "--domain", "shop.types", schemas=tmp_path / "other") == 0
    assert sorted(path.name for path in (tmp_path / "other").iterdir()) == [
        ".moorings",
        "moorings.lock",
        "shop.types",
    ]


def test_diff_shows_both_sides(moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moorings("push")
    widen(folder)
    (folder / "shop.orders/OrderShipped.v1.schema.json").unlink()
    change(folder, "shop.types/domain.toml", "team-platform", "team-base")
    assert moorings("diff") == 1
    said = capsys.readouterr().out
    assert "shop.orders.OrderPlaced v1: changed (compared with 1.0)" in said
    assert '"name": "note"' in said
    assert "shop.orders.OrderShipped v1: only there (1.0)" in said
    assert "shop.types: changed (owner)" in said


def test_two_files_need_no_registry(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.avsc", tmp_path / "new.avsc"
    old.write_text('{"type": "record", "name": "E", "fields": [{"name": "a", "type": "int"}]}')
    new.write_text('{"type": "record", "name": "E", "fields": [{"name": "a", "type": "long"}]}')
    assert run(["check", str(old), str(new), "--level", "backward"]) == 0
    assert run(["check", str(old), str(new)]) == 1
    assert "compared with old.avsc" in capsys.readouterr().out


def test_two_files_with_references(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/money.avsc").write_text(CLEAN["shop.types/Money.v1.avsc"])
    (tmp_path / "old.avsc").write_text(CLEAN[PLACED])
    reference = f"shop.types.Money={tmp_path / 'elsewhere/money.avsc'}"
    old = str(tmp_path / "old.avsc")
    assert run(["check", old, old, "--reference", reference]) == 0
    assert run(["check", old, old]) == 0  # a folder below is looked through
    assert run(["check", old, old, "--root", str(tmp_path / "elsewhere")]) == 2
    (tmp_path / "elsewhere/money.avsc").rename(tmp_path.parent / "money.avsc")
    assert run(["check", old, old]) == 1


def test_a_file_that_is_not_a_schema_is_an_issue_at_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "new.avsc"
    broken.write_text('{\n  "type": "record",\n  "name": "1x", "fields": []\n}')
    assert run(["check", str(broken), str(broken), "--format", "json"]) == 1
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert result["verdict"] == "invalid"
    assert result["problems"][0]["line"] == 3


def test_a_file_is_checked_against_a_git_revision(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(folder.parent)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "x"], check=True)
    file = str(folder / PLACED)
    assert run(["check", file, "--against", "git:main"]) == 0
    break_it(folder)
    assert run(["check", file, "--against", "git:main"]) == 1
    assert "compared with main" in capsys.readouterr().out
    assert run(["check", file, "--against", f"git:main:schemas/{PLACED}"]) == 1
    write(folder, {"shop.orders/OrderLost.v1.schema.json": "{}"})
    assert run(["check", str(folder / "shop.orders/OrderLost.v1.schema.json"), "--against", "git:main"]) == 0
    assert run(["check", file, "--against", "git:nowhere"]) == 2
    assert run(["check", file, "--against", "git:--help"]) == 2


def test_one_file_is_checked_against_the_registry(moorings: Run, folder: Path) -> None:
    moorings("push")
    assert moorings("check", folder / PLACED, "--against", "registry") == 0
    break_it(folder)
    assert moorings("check", folder / PLACED, "--against", "registry") == 1
    assert moorings("check", folder / "nowhere.avsc", "--against", "registry") == 2


@pytest.mark.parametrize(
    ("change", "text", "markdown"),
    [
        ({"required": ["a"]}, "also run:  writer accepts, reader refuses  [jsonschema ", "- also run: writer accepts"),
        (
            {"dependencies": {"a": ["b"]}},
            "disagrees: writer accepts, reader accepts  [jsonschema ",
            "engines disagree: writer accepts, reader accepts",
        ),
    ],
    ids=["engines agree", "engines disagree"],
)
def test_a_check_by_the_registry_prints_the_second_engine(
    moorings: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], text: str, markdown: str
) -> None:
    domain = tmp_path / "schemas" / "shop.orders"
    file = domain / "OrderShelved.v1.schema.json"
    content = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "OrderShelved", "type": "object"}
    file.write_text(json.dumps(content), "utf-8")
    assert moorings("push") == 0
    file.write_text(json.dumps(content | change), "utf-8")
    capsys.readouterr()
    assert moorings("check", file, "--against", "registry") == 1
    assert text in capsys.readouterr().out
    assert moorings("check", file, "--against", "registry", "--format", "markdown") == 1
    assert markdown in capsys.readouterr().out
    assert moorings("check", file, "--against", "registry", "--format", "json") == 1
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert result["findings"][0]["witness"]["second_opinion"]["writer"] == "accepts"


def _json(text: str) -> Any:
    return json.loads(text)


READERS: list[tuple[str, Callable[[str], Any], Callable[[Any], str]]] = [
    ("json", _json, lambda found: found["results"][0]["findings"][0]["rule"]),
    ("sarif", _json, lambda found: found["runs"][0]["results"][0]["ruleId"]),
    ("gitlab", _json, lambda found: found[0]["check_name"]),
    ("junit", ET.fromstring, lambda found: found[0][0].text),
    ("github", str, str),
    ("markdown", str, str),
    ("text", str, str),
]


@pytest.mark.parametrize(("output", "read", "rule"), READERS)
def test_every_format_is_well_formed_and_names_the_rule(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], output: str, read: Any, rule: Any
) -> None:
    old = tmp_path / "old.avsc"
    old.write_text('{"type": "record", "name": "E", "fields": [{"name": "a", "type": "int"}]}')
    new = tmp_path / "new,<&>.avsc"
    new.write_text('{"type": "record", "name": "E", "fields": [{"name": "a", "type": "string"}]}')
    assert run(["check", str(old), str(new), "--format", output]) == 1
    assert "AVRO_TYPE_MISMATCH" in rule(read(capsys.readouterr().out))


@pytest.mark.parametrize("output", ["json", "sarif", "gitlab", "junit", "github", "markdown", "text"])
def test_lint_in_every_format(folder: Path, capsys: pytest.CaptureFixture[str], output: str) -> None:
    write(folder, {"shop.orders/PlaceOrder.v1.schema.json": "{}"})
    assert run(["--schemas", str(folder), "lint", "--format", output]) == 1
    assert "NAME_REFUSED" in capsys.readouterr().out


def test_an_unreachable_registry_is_exit_3(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Dead(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ConnectError("refused")

    assert run(["--schemas", str(folder), "check"], Session(http=Dead())) == 3
    assert "registry unavailable" in capsys.readouterr().err


@pytest.mark.parametrize("status", [401, 403])
def test_not_allowed_is_exit_4(folder: Path, status: int) -> None:
    http = httpx2.MockTransport(lambda request: httpx2.Response(status, json={"code": "NOT_ALLOWED", "detail": "no"}))
    assert run(["--schemas", str(folder), "check"], Session(http=http)) == 4


USAGE: list[list[str]] = [
    ["nonsense"],
    ["check", "one.avsc"],
    ["check", "missing.avsc", "missing.avsc"],
    ["check", "a", "b", "c"],
    ["check", "--level", "SIDEWAYS"],
    ["check", "--batch", "x"],
    ["check", "a.avsc", "b.avsc", "--reference", "nothing"],
    ["--schemas", "/nowhere/at/all", "lint"],
    ["--timeout", "0", "lint"],
    ["--url", "ftp://x", "pull"],
    ["explain", "NOTHING"],
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_usage_is_exit_2(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 2


def test_rules_are_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "--format", "json"]) == 0
    rules = json.loads(capsys.readouterr().out)["rules"]
    assert {"AVRO", "JSON", "PROTOBUF"} <= {rule["format"] for rule in rules}
    for rule in rules:
        assert run(["explain", rule["code"]]) == 0
    assert "fix" in capsys.readouterr().out
    assert run(["rules"]) == 0


@pytest.mark.parametrize("command", ["", "lint", "check", "push", "pull", "diff", "rules", "explain"])
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), "--help"]) == 0
    assert "Usage: moorings" in capsys.readouterr().out


def test_the_installed_command_runs() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "moorings", "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    assert shown.stdout.startswith("moorings")


def commit(folder: Path) -> None:
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(folder.parent)]
    if not (folder.parent / ".git").exists():
        subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "x"], check=True)


@pytest.mark.parametrize("against", ["git:main", "registry"])
def test_lint_asks_for_the_documentation_of_what_was_added(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str], against: str
) -> None:
    commit(folder)
    moorings("push")
    capsys.readouterr()
    assert moorings("lint", "--against", against) == 0
    assert "clean" in capsys.readouterr().out
    widen(folder)
    assert moorings("lint", "--against", against) == 0
    assert "DOC_MISSING: the field 'note' is new, and has no doc" in capsys.readouterr().out
    assert moorings("lint", "--against", "git:nowhere") == 2
    assert "git has no revision 'nowhere' here" in capsys.readouterr().err
    assert moorings("lint", "--against", "main") == 2


RULES = '[[rules]]\nname = "total"\nkind = "CONDITION"\nmode = "WRITE"\ntype = "CEL"\nexpr = "message.m.a %s 0"\n'
NEEDS_RULES = pytest.mark.skipif(not find_spec("cel_expr_python"), reason="the extra `rules` is not installed")
GOVERNED = {"shop.orders/OrderPlaced.v1.toml": RULES % ">="}
Edit = Callable[[Path], object]


def replace_in(file: str, old: str, new: str) -> Edit:
    return lambda folder: change(folder, file, old, new)


def rename(old: str, new: str) -> Edit:
    def do(folder: Path) -> None:
        text = (folder / f"shop.orders/{old}.v1.avsc").read_text("utf-8").replace(old, new)
        (folder / f"shop.orders/{old}.v1.avsc").unlink()
        (folder / f"shop.orders/{old}.v1.toml").unlink()
        (folder / f"shop.orders/{new}.v1.avsc").write_text(text, "utf-8")

    return do


EDITS: list[tuple[str, Edit, int, str]] = [
    ("nothing", lambda folder: None, 0, "6 contracts pass"),
    ("a field with a default", widen, 0, "6 contracts pass"),
    ("a break", break_it, 1, "OrderPlaced v1: breaking (FULL_TRANSITIVE)"),
    ("a narrower rule", replace_in("shop.orders/OrderPlaced.v1.toml", ">=", ">"), 1, "RULE_CONDITION_NARROWED"),
    ("unsaid rules", lambda folder: (folder / "shop.orders/OrderPlaced.v1.toml").unlink(), 0, "6 contracts pass"),
    ("a deleted contract", lambda folder: (folder / PLACED).unlink(), 1, "CONTRACT_DELETED: shop.orders.OrderPlaced"),
    ("a renamed contract", rename("OrderPlaced", "OrderAccepted"), 1, "it looks renamed to shop.orders.OrderAccepted"),
    (
        "a lowered policy",
        lambda folder: write(folder, {"shop.orders/domain.toml": 'owner = "x"\n[policy]\nlevel = "BACKWARD"\n'}),
        1,
        "domain.toml:3:1: POLICY_LOWERED: policy.level is BACKWARD, and was FULL_TRANSITIVE in HEAD",
    ),
    (
        "a new contract with references",
        lambda folder: write(folder, {"shop.orders/OrderLost.v1.schema.json": SHIPPED}),
        0,
        "✓ 7 contracts pass, among them shop.orders.OrderLost v1 (not in HEAD)",
    ),
    ("a fault in an event file", lambda folder: write(folder, {"shop.orders/OrderPlaced.toml": "kid = 1"}), 1, "kind"),
]  # fmt: skip


@NEEDS_RULES
@pytest.mark.parametrize(("edit", "code", "says"), [one[1:] for one in EDITS], ids=[one[0] for one in EDITS])
def test_the_folder_is_checked_against_a_git_revision(
    folder: Path, capsys: pytest.CaptureFixture[str], edit: Edit, code: int, says: str
) -> None:
    commit(write(folder, GOVERNED))
    edit(folder)
    assert run(["--schemas", str(folder), "check", "--against", "git:HEAD"]) == code
    assert says in capsys.readouterr().out


def test_a_retired_contract_may_be_deleted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit(write(folder, {"shop.orders/OrderPlaced.v1.toml": '[lifecycle]\nstate = "retired"\n'}))
    (folder / PLACED).unlink()
    (folder / "shop.orders/OrderPlaced.v1.toml").unlink()
    assert run(["--schemas", str(folder), "check", "--against", "git:HEAD"]) == 0


def test_only_owned_domains_are_checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"../moorings.toml": 'owns = ["shop.types"]\n'})
    commit(folder)
    break_it(folder)
    assert run(["--schemas", str(folder), "check", "--against", "git:HEAD"]) == 0
    assert "3 contracts pass" in capsys.readouterr().out


def test_a_check_of_an_owned_domain_without_a_folder_does_not_pass(
    moorings: Run, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, {"../moorings.toml": 'owns = ["shop.order"]\n'})
    assert moorings("check") == 1
    said = capsys.readouterr().out
    assert f"owns shop.order, and {folder / 'shop.order'} is missing; did you mean 'shop.orders'?" in said


@NEEDS_RULES
def test_what_passes_is_counted_in_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commit(write(folder, GOVERNED))
    assert run(["--schemas", str(folder), "check", "--against", "git:HEAD"]) == 0
    assert capsys.readouterr().out == "✓ 6 contracts pass\n"
    break_it(folder)
    assert run(["--schemas", str(folder), "check", "--against", "git:HEAD"]) == 1
    said = capsys.readouterr().out
    assert said.endswith("\n\n✓ 5 contracts pass\n1 of 6 contracts fails, in 1 change\n")
    assert said.count("✓") == 1
