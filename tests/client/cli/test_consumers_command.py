"""`moorings consumers`, `can-i`, `who`, `unused-fields` and `deployed` against a real registry."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

import moorings as client
from moorings.cli.commands import run
from moorings.cli.session import Session
from moorings.contracts import deprecation

Run = Callable[..., int]
SUBJECT = "shop.orders.OrderPlaced"
FIELDS = [
    {"name": "order_id", "type": "string"},
    {"name": "total", "type": ["null", "double"], "default": None},
    {"name": "note", "type": ["null", "string"], "default": None},
]
FILE = f"""# what billing reads
application = "billing"  # as in the deployment
team = "payments"
contact = "#payments"
environment = "production"
version = "1.4"

[[reads]]
event = "{SUBJECT}"
major = {1}
fields = [
    "/order_id",  # the key
    {{ path = "/total", use = "optional" }},
]
"""


def schema(*left_out: str) -> str:
    fields = [one for one in FIELDS if one["name"] not in left_out]
    return json.dumps({"type": "record", "name": "OrderPlaced", "fields": fields})


@pytest.fixture
def moorings(http: httpx2.BaseTransport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    with client.connect("http://127.0.0.1", http=http, retries=0, drift=False) as registry:
        registry.api.put_domain("shop.orders", {"owner": "team", "contacts": [], "policy": None})
        registry.api.send("POST", f"/v1/events/{SUBJECT}/versions", {"schema": schema(), "format": "AVRO"})
    return lambda *arguments: run([*map(str, arguments)], Session(http=http))


@pytest.fixture
def billing(tmp_path: Path) -> Path:
    path = tmp_path / "consumers" / "billing.toml"
    path.parent.mkdir()
    path.write_text(FILE)
    return path


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_files_are_checked_pushed_and_listed(moorings: Run, billing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert moorings("consumers", "check") == 0
    assert moorings("consumers", "list") == 0
    assert "no consumers" in said(capsys)
    assert moorings("consumers", "push") == 0
    assert "billing reads 1 event" in said(capsys)
    assert moorings("consumers", "list", "--event", SUBJECT, "--format", "json") == 0
    (consumer,) = json.loads(said(capsys))["consumers"]
    assert (consumer["application"], consumer["version"]) == ("billing", "1.4")
    assert consumer["reads"][0]["fields"][1] == {"path": "/total", "use": "optional"}


def test_wrong_fields_are_named(moorings: Run, billing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    billing.write_text(FILE.replace("/order_id", "/orderid"))
    assert moorings("consumers", "check") == 1
    assert "/orderid is not a field of shop.orders.OrderPlaced 1.0; did you mean /order_id?" in said(capsys)
    assert moorings("consumers", "push") == 1
    billing.write_text(FILE.replace('team = "payments"', 'teem = "payments"'))
    assert moorings("consumers", "push") == 2
    assert "did you mean 'team'" in capsys.readouterr().err


def test_a_reader_schema_names_its_fields(moorings: Run, billing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (billing.parent / "reader.avsc").write_text(schema("note"))
    head = FILE[: FILE.index("fields = [")]
    billing.write_text(head + 'reader = "reader.avsc"\n')
    assert moorings("consumers", "push") == 0
    capsys.readouterr()
    assert moorings("consumers", "list") == 0
    assert "/order_id, /total" in said(capsys)


def test_recorded_fields_are_written_into_the_file(
    moorings: Run, billing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / ".moorings" / "reads"
    folder.mkdir(parents=True)
    read = {"event": SUBJECT, "major": 1, "fields": {"/total": "required", "/note": "optional"}}
    (folder / "billing.main.json").write_text(json.dumps({"application": "billing", "reads": [read]}))
    assert moorings("consumers", "record") == 0
    written = billing.read_text()
    assert "# what billing reads" in written
    assert "# the key" in written
    assert '"/note"' in written
    assert '{ path = "/total", use = "optional" }' in written
    assert moorings("consumers", "record") == 0
    assert billing.read_text() == written
    assert moorings("consumers", "record", "--prune") == 0
    assert "/order_id" not in billing.read_text()
    assert moorings("consumers", "check") == 0


def test_a_deprecated_major_is_told_in_a_line(
    moorings: Run, billing: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deprecation, "_warned", set())
    assert moorings("deprecate", f"{SUBJECT}@1", "--sunset", "2099-01-31") == 0
    with warnings.catch_warnings():
        warnings.simplefilter("always", deprecation.ContractDeprecated)
        assert moorings("consumers", "check") == 0
    assert capsys.readouterr().err.splitlines() == [
        f"warning: {SUBJECT} major 1 is deprecated; maintained until 2099-01-31"
    ]


def test_questions_answer_by_their_exit_codes(moorings: Run, billing: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert moorings("who", "reads", SUBJECT, "/total") == 3
    assert moorings("can-i", "break", SUBJECT, "--drop", "/total") == 3
    assert moorings("consumers", "push") == 0
    assert moorings("who", "reads", SUBJECT, "/total") == 0
    assert "billing declares to read /total (payments)" in said(capsys)
    assert moorings("who", "reads", SUBJECT, "/note") == 1
    assert moorings("can-i", "break", SUBJECT, "--drop", "/total") == 1
    assert moorings("can-i", "break", f"{SUBJECT}@1", "--drop", "/note") == 0
    assert moorings("unused-fields", SUBJECT) == 0
    assert moorings("as-expected", SUBJECT) == 3
    assert "nobody declares to read /note" in said(capsys)
    assert moorings("can-i", "retire", f"{SUBJECT}@1", "--format", "json") == 1
    codes = [one["code"] for one in json.loads(said(capsys))["reasons"]]
    assert "DECLARED_CONSUMER" in codes
    assert moorings("can-i", "retire", SUBJECT) == 2


def test_a_change_is_asked_about_as_a_file(moorings: Run, billing: Path, tmp_path: Path) -> None:
    moorings("consumers", "push")
    changed = tmp_path / "changed.avsc"
    changed.write_text(schema("total"))
    assert moorings("can-i", "break", SUBJECT, "--change", changed) == 1
    changed.write_text(schema("note"))
    assert moorings("can-i", "break", SUBJECT, "--change", changed) == 0
    assert moorings("can-i", "break", SUBJECT) == 2


def test_a_deployment_is_asked_about_and_recorded(
    moorings: Run, billing: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("can-i", "deploy", "--app", "billing", "--env", "production", "--version")
    assert moorings(*asked, "1.4") == 1  # nothing is declared yet
    moorings("consumers", "push")
    assert moorings(*asked, "1.4") == 0
    assert moorings(*asked, "1.5") == 3
    assert moorings("consumers", "push", "--app-version", "1.5") == 0
    assert moorings(*asked, "1.5") == 0
    assert moorings("deployed", "--app", "billing", "--version", "1.5", "--env", "production") == 0
    capsys.readouterr()
    assert moorings(*asked, "1.5") == 0
    assert "1.5 runs in production" in said(capsys)


def test_a_check_says_what_a_change_does_to_consumers(
    moorings: Run, billing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moorings("consumers", "push")
    folder = tmp_path / "schemas" / "shop.orders"
    folder.mkdir(parents=True)
    (folder / "domain.toml").write_text('owner = "team"\n')
    (folder / "OrderPlaced.v1.avsc").write_text(schema("total"))
    capsys.readouterr()
    assert moorings("check") == 1
    text = said(capsys)
    assert "billing (team payments) is affected: /total is removed" in text
    assert "CONSUMER_READS_FIELD" in text
    assert moorings("check", "--format", "markdown") == 1
    assert "- billing (team payments) is affected" in said(capsys)
    assert moorings("check", "--format", "json") == 1
    assert json.loads(said(capsys))["results"][0]["consumers"][0]["application"] == "billing"
    for format in ("sarif", "junit", "github", "gitlab"):
        assert moorings("check", "--format", format) == 1
        assert "billing reads /total, which is removed" in said(capsys)
    (folder / "OrderPlaced.v1.avsc").write_text(schema("note"))
    assert moorings("check") == 0
