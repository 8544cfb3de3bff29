"""What machines read: every format names the file, the line and the column, and is what its consumers accept."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest

from moorings.cli.commands import run
from moorings.cli.output.entries import summary
from moorings.cli.results import Checked
from moorings.cli.session import Session
from moorings.layout.issues import Issue
from tests.client.layout.test_lint import CLEAN, write

OLD = """syntax = "proto3";
package shop;
message Order { Line line = 1; }
message Line { int64 price = 1; string note = 2; }
"""
NEW = """syntax = "proto3";
package shop;

message Order {
  Line line = 1;
}

message Line {
  int32 price = 1;
  string note = 2;
}
"""
AVRO = """{
  "type": "record", "name": "E",
  "fields": [
    {"name": "a", "type": %s}
  ]
}"""

SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "text": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}},
        "run": {
            "type": "object",
            "required": ["tool", "results"],
            "additionalProperties": False,
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "properties": {
                        "driver": {
                            "type": "object",
                            "required": ["name"],
                            "properties": {
                                "rules": {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/rule"}}
                            },
                        }
                    },
                },
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
        },
        "rule": {
            "type": "object",
            "required": ["id"],
            "additionalProperties": False,
            "properties": {
                "id": {"type": "string"},
                "shortDescription": {"$ref": "#/$defs/text"},
                "fullDescription": {"$ref": "#/$defs/text"},
                "help": {"$ref": "#/$defs/text"},
            },
        },
        "result": {
            "type": "object",
            "required": ["message"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "level": {"enum": ["none", "note", "warning", "error"]},
                "message": {"$ref": "#/$defs/text"},
                "locations": {"type": "array", "items": {"$ref": "#/$defs/location"}},
                "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                "properties": {"type": "object"},
            },
        },
        "location": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "logicalLocations": {"type": "array", "items": {"required": ["fullyQualifiedName"]}},
                "physicalLocation": {
                    "required": ["artifactLocation"],
                    "properties": {
                        "artifactLocation": {"properties": {"uri": {"type": "string", "format": "uri-reference"}}},
                        "region": {
                            "properties": {
                                "startLine": {"type": "integer", "minimum": 1},
                                "startColumn": {"type": "integer", "minimum": 1},
                            }
                        },
                    },
                },
            },
        },
    },
}
"""The part of SARIF 2.1.0 (OASIS, sections 3.13 to 3.49) that is written, less what it leaves optional."""


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two files in a folder with a space in its name, the new one named whole."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a b").mkdir()
    (tmp_path / "old.proto").write_text(OLD)
    (tmp_path / "a b/new.proto").write_text(NEW)
    return ["check", "old.proto", str(tmp_path / "a b/new.proto"), "--level", "BACKWARD"]


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert run(arguments) == 1
    return capsys.readouterr().out


def test_sarif_output_has_rules_and_locations(changed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(said([*changed, "--format", "sarif"], capsys))
    jsonschema.Draft202012Validator(SARIF).validate(document)
    (log,) = document["runs"]
    (result,) = log["results"]
    rule = log["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == result["ruleId"] == "PROTO_WIRE_NUMBER_TRUNCATED"
    assert rule["help"]["text"].startswith("Keep the wide type")
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b/new.proto"},
        "region": {"startLine": 9, "startColumn": 3},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "/Line/price"}]
    assert result["properties"]["witness"]["encoded"] == "088080808008"


def test_github_output_annotates_the_line(changed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = said([*changed, "--format", "github"], capsys).splitlines()
    assert line.startswith("::error file=a b/new.proto,line=9,col=3,title=`line.price`%3A int64 -> int32::")
    assert "PROTO_WIRE_NUMBER_TRUNCATED" in line


def test_gitlab_output_has_unique_fingerprints(changed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (entry,) = json.loads(said([*changed, "--format", "gitlab"], capsys))
    assert entry["location"] == {"path": "a b/new.proto", "lines": {"begin": 9}}
    assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}


def test_junit_output_has_one_case_per_contract(changed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    suite = ET.fromstring(said([*changed, "--format", "junit"], capsys))
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    failure = suite[0][0]
    assert failure.tag == "failure"
    assert "new.proto:9: PROTO_WIRE_NUMBER_TRUNCATED" in str(failure.text)


@pytest.mark.parametrize("output", ["text", "markdown"])
def test_text_output_shows_the_line_and_the_bytes(
    changed: list[str], capsys: pytest.CaptureFixture[str], output: str
) -> None:
    text = said([*changed, "--format", output], capsys)
    assert "line 9" in text
    assert "088080808008" in text
    assert '{"line": {"price"' in text or '{"price": "2147483648"}' in text


def test_json_output_has_the_positions_of_both_texts(changed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (result,) = json.loads(said([*changed, "--format", "json"], capsys))["results"]
    assert result["findings"][0]["reader_position"] == {"line": 9, "column": 3}
    assert result["findings"][0]["writer_position"] == {"line": 4, "column": 16}


@pytest.mark.parametrize("output", ["sarif", "github", "gitlab"])
def test_a_finding_in_json_schema_has_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], output: str) -> None:
    for name, kind in (("old.avsc", '"long"'), ("new.avsc", '"int"')):
        (tmp_path / name).write_text(AVRO % kind)
    text = said(["check", str(tmp_path / "old.avsc"), str(tmp_path / "new.avsc"), "--format", output], capsys)
    assert {"sarif": '"startLine": 4', "github": "line=4,col=19", "gitlab": '"begin": 4'}[output] in text


POLICIES = [
    ("m.proto", 'syntax = "proto3"; message M { int32 a = 1; }', 'syntax = "proto3"; message M { int32 b = 1; }',
     ["--protobuf-level", "json"], (0, 1)),
    ("m.json", '{"type": "string"}', '{"type": "string", "format": "date"}', ["--formats-are-annotations"], (1, 0)),
    ("m.json", '{"type": "object"}', '{"type": "object", "properties": {"a": {"type": "string"}}}', ["--lenient"],
     (1, 0)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "options", "codes"), POLICIES)
def test_the_policy_options_change_the_verdict(
    tmp_path: Path, name: str, old: str, new: str, options: list[str], codes: tuple[int, int]
) -> None:
    (tmp_path / f"old-{name}").write_text(old)
    (tmp_path / name).write_text(new)
    files = [str(tmp_path / f"old-{name}"), str(tmp_path / name), "--level", "BACKWARD"]
    assert (run(["check", *files]), run(["check", *files, *options])) == codes


def test_tolerated_findings_are_still_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.json").write_text(POLICIES[2][1])
    (tmp_path / "new.json").write_text(POLICIES[2][2])
    files = [str(tmp_path / "old.json"), str(tmp_path / "new.json")]
    assert run(["check", *files, "--level", "BACKWARD", "--lenient", "--format", "json"]) == 0
    (result,) = json.loads(capsys.readouterr().out)["results"]
    assert result["findings"][0]["tolerated_by"] == "LENIENT"
    assert result["findings"][0]["witness"]["payload"]


REFERENCES: dict[str, Any] = {
    "use.avsc": {"type": "record", "name": "E", "fields": [{"name": "m", "type": "x.Money"}]},
    "money.avsc": {"type": "record", "name": "x.Money", "fields": [{"name": "c", "type": "x.Cur"}]},
    "cur.avsc": {"type": "enum", "name": "x.Cur", "symbols": ["EUR"]},
}


def test_references_may_use_one_another_in_any_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in REFERENCES.items():
        (tmp_path / name).write_text(json.dumps(value))
    money, cur = ("--reference", "x.Money=money.avsc"), ("--reference", "x.Cur=cur.avsc")
    for order in ((*money, *cur), (*cur, *money)):
        assert run(["check", "use.avsc", "use.avsc", *order]) == 0
    assert run(["check", "use.avsc", "use.avsc", *money]) == 0, "found beside the file"
    (tmp_path / "cur.avsc").unlink()
    assert run(["check", "use.avsc", "use.avsc", *money]) == 1


class Dead(httpx2.BaseTransport):
    """A registry that does not answer."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")


@pytest.mark.parametrize("output", ["junit", "sarif"])
def test_a_check_without_its_registry_still_leaves_a_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], output: str
) -> None:
    folder = write(tmp_path, CLEAN)
    assert run(["--schemas", str(folder), "check", "--format", output], Session(http=Dead())) == 3
    text = capsys.readouterr().out
    if output == "junit":
        suite = ET.fromstring(text)
        assert suite.get("errors") == "1"
        assert "registry unavailable" in str(suite[0][0].get("message"))
    else:
        (log,) = json.loads(text)["runs"]
        assert log["results"] == []
        assert log["invocations"][0]["executionSuccessful"] is False


def test_github_gets_ten_annotations_and_a_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def record(kind: str) -> str:
        fields = [{"name": f"f{number}", "type": kind} for number in range(14)]
        return json.dumps({"type": "record", "name": "E", "fields": fields})

    for name, kind in (("old.avsc", "int"), ("new.avsc", "string")):
        (tmp_path / name).write_text(record(kind))
    lines = said(["check", str(tmp_path / "old.avsc"), str(tmp_path / "new.avsc"), "--format", "github"], capsys)
    annotations = [line for line in lines.splitlines() if line.startswith("::error")]
    assert len(annotations) == 10
    assert "4 more entries not shown" in lines


def _named(name: str, verdict: str) -> Checked:
    file = Path(name)
    problems = (Issue(file, "POINTER_UNKNOWN", "the schema has no field /id", ""),) if verdict == "invalid" else ()
    return Checked(name, verdict, "", file, problems=problems)


@pytest.mark.parametrize(
    ("checked", "said"),
    [
        ({"A.v1.avsc": "compatible"}, "1 contract passes"),
        ({"A.v1.avsc": "compatible", "A.toml": "clean"}, "1 contract passes"),
        ({"A.v1.avsc": "invalid", "B.v1.avsc": "compatible"}, "1 of 2 contracts fails, in 1 issue"),
        (
            {"A.v1.avsc": "compatible", "A.toml": "invalid"},
            "1 contract passes and 1 settings file is invalid, in 1 issue",
        ),
        (
            {"A.v1.avsc": "invalid", "A.toml": "invalid", "domain.toml": "invalid"},
            "1 of 1 contract fails and 2 settings files are invalid, in 3 issues",
        ),
        ({"moorings.toml": "invalid"}, "1 settings file is invalid, in 1 issue"),
    ],
    ids=["one", "a clean settings file", "a contract", "a settings file", "both", "a settings file alone"],
)
def test_a_file_of_settings_is_not_counted_as_a_contract(checked: dict[str, str], said: str) -> None:
    assert summary(_named(name, verdict) for name, verdict in checked.items()) == said
