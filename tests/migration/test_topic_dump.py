"""Moving in from a dump of the topic: records in their order, later ones over earlier ones."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import Result

from moorings_registry.app import build_application
from moorings_registry.engines import open_ledger
from moorings_registry.migration import SourceUnreadable, WsgiTransport, read_topic_dump
from tests.migration.sources import ADDRESS, CURRENCY, GUEST, MONEY, POINT, ROUTE, record, refer

Import = Callable[..., Result]
Line = tuple[dict[str, Any], Any]


def schema(subject: str, version: int, id: int, text: str, **more: Any) -> Line:
    key = {"keytype": "SCHEMA", "subject": subject, "version": version, "magic": 1}
    return key, {"subject": subject, "version": version, "id": id, "schema": text, "deleted": False, **more}


def gone(subject: str, version: int) -> Line:
    return {"keytype": "SCHEMA", "subject": subject, "version": version, "magic": 1}, None


def setting(kind: str, subject: str | None, value: Any) -> Line:
    return {"keytype": kind, "subject": subject, "magic": 0}, value


def deletion(kind: str, subject: str | None, **value: Any) -> Line:
    return {"keytype": kind, "subject": subject, "magic": 0}, {"subject": subject, **value}


NOOP: Line = ({"keytype": "NOOP", "magic": 0}, None)
WORLD: list[Line] = [
    NOOP,
    setting("CONFIG", None, {"compatibilityLevel": "BACKWARD"}),
    setting("CONFIG", None, {"compatibilityLevel": "FULL"}),
    schema("money", 1, 7, MONEY, references=[refer("shop.Currency", "z-currency", 3)]),
    schema("z-currency", 3, 5, CURRENCY, guid=None, metadata=None),
    schema("z-address", 1, 20, ADDRESS, schemaType="JSON"),
    schema("guest", 1, 21, GUEST, schemaType="JSON", references=[refer("address.json", "z-address")]),
    schema("z-point", 1, 30, POINT, schemaType="PROTOBUF"),
    schema("route", 1, 31, ROUTE, schemaType="PROTOBUF", references=[refer("point.proto", "z-point")]),
    schema("evolved", 1, 40, record("E", "id")),
    schema("evolved", 2, 41, record("E", "id", "a")),
    schema("evolved", 2, 41, record("E", "id", "a"), deleted=True),
    schema("evolved", 3, 42, record("E", "id", "b")),
    gone("evolved", 3),
    schema("evolved", 4, 43, record("E", "id", "c")),
    schema("abandoned", 1, 50, record("A", "id")),
    schema("abandoned", 2, 51, record("A", "id", "a")),
    deletion("DELETE_SUBJECT", "abandoned", version=2),
    schema("abandoned", 3, 50, record("A", "id")),
    schema("cleared", 1, 60, record("C")),
    deletion("DELETE_SUBJECT", "cleared", version=1),
    deletion("CLEAR_SUBJECT", "cleared"),
    schema(":.tenant:orders", 1, 5, record("Tenant")),
    ({"keytype": "CONTEXT", "tenant": "default", "context": ".tenant", "magic": 0}, {"context": ".tenant"}),
    setting("CONFIG", "evolved", {"compatibilityLevel": "NONE"}),
    setting("CONFIG", "money", {"compatibilityLevel": "NONE"}),
    setting("CONFIG", "money", None),
    setting("MODE", "guest", {"mode": "READONLY"}),
    setting("MODE", "route", {"mode": "READONLY"}),
    setting("MODE", "route", None),
    setting("MODE", ":.tenant:", {"mode": "IMPORT"}),
    NOOP,
]


def dump(path: Path, lines: list[Line], write: Callable[[Line], Any] = lambda line: _record(*line)) -> Path:
    path.write_text("".join(json.dumps(write(line)) + "\n" for line in lines))
    return path


def _record(key: Any, value: Any) -> Any:
    return {"key": key, "value": value}


def _as_strings(line: Line) -> Any:
    return {"key": json.dumps(line[0]), "value": None if line[1] is None else json.dumps(line[1])}


def _as_payload(line: Line) -> Any:
    return {"topic": "_schemas", "offset": 1, "key": json.dumps(line[0]), "payload": json.dumps(line[1])}


@pytest.mark.parametrize("write", [lambda line: _record(*line), _as_strings, _as_payload], ids=["json", "text", "kcat"])
def test_a_dump_becomes_what_the_topic_says(
    tmp_path: Path, run_import: Import, ledger_url: str, write: Callable[[Line], Any]
) -> None:
    result = run_import("--from-topic-dump", dump(tmp_path / "dump.jsonl", WORLD, write))
    assert result.exit_code == 0, result.output
    assert "verified: 13 versions" in result.output
    state = build_application(open_ledger(ledger_url)).registry.state
    held = sorted(
        (str(one.subject), one.number, one.id, one.deleted) for s in state.subjects.values() for one in s.versions
    )
    assert held == [
        (":.tenant:orders", 1, 5, False),
        ("abandoned", 1, 50, True),
        ("abandoned", 2, 51, True),
        ("abandoned", 3, 50, False),
        ("evolved", 1, 40, False),
        ("evolved", 2, 41, True),
        ("evolved", 4, 43, False),
        ("guest", 1, 21, False),
        ("money", 1, 7, False),
        ("route", 1, 31, False),
        ("z-address", 1, 20, False),
        ("z-currency", 3, 5, False),
        ("z-point", 1, 30, False),
    ]
    assert dict(state.configs) == {"": {"compatibility": "FULL"}, "evolved": {"compatibility": "NONE"}}
    assert dict(state.modes) == {"guest": "READONLY", ":.tenant:": "IMPORT"}


def test_answers_name_what_the_topic_named(tmp_path: Path, run_import: Import, ledger_url: str) -> None:
    run_import("--from-topic-dump", dump(tmp_path / "dump.jsonl", WORLD))
    middleware = build_application(open_ledger(ledger_url)).middleware
    with httpx2.Client(base_url="http://localhost", transport=WsgiTransport(middleware)) as client:
        assert client.get("/subjects/z-currency/versions/3/referencedby").json() == [7]
        assert client.get("/subjects/money/versions/1").json()["references"] == [
            refer("shop.Currency", "z-currency", 3)
        ]
        assert client.get("/subjects/evolved/versions").json() == [1, 4]
        assert client.get("/schemas/ids/41").status_code == 200


def test_what_is_not_valid_here_stops_it_unless_it_may_be_left_out(
    tmp_path: Path, run_import: Import, ledger_url: str
) -> None:
    lines = [
        *WORLD,
        schema("broken", 1, 90, '{"type":"record","name":"B"}'),
        schema("needs-broken", 1, 91, MONEY, references=[refer("shop.Currency", "broken")]),
        schema("thrift", 1, 92, "struct X {}", schemaType="THRIFT"),
        schema(" \u0007", 1, 93, '"string"'),
        setting("CONFIG", "evolved", {"compatibilityLevel": "NONE", "compatibilityPolicy": "LOGICAL"}),
        setting("MODE", "evolved", {"mode": "ASLEEP"}),
        setting("ASSOC", "money", {"resourceName": "money"}),
    ]
    path = dump(tmp_path / "dump.jsonl", lines)
    result = run_import("--from-topic-dump", path)
    assert result.exit_code == 1
    assert "not valid here: 4\n" in result.output
    assert "kept as they are, although this registry cannot read them: 2\n" in result.output
    assert "  broken version 1: " in result.output
    assert "  needs-broken version 1: " in result.output
    assert "  the setting compatibilityPolicy of evolved: " in result.output
    assert "  thrift version 1: the schema type 'THRIFT' is not one of " in result.output
    assert "records of the kind ASSOC: 1" in result.output
    assert "--skip-invalid skips these" in result.output
    assert open_ledger(ledger_url).head().position == 0
    lenient = run_import("--from-topic-dump", path, "--skip-invalid")
    assert lenient.exit_code == 0, lenient.output
    assert "verified: 15 versions" in lenient.output
    state = build_application(open_ledger(ledger_url)).registry.state
    assert state.configs["evolved"] == {"compatibility": "NONE"}
    kept = {one.text for one in state.definitions.values() if one.unreadable}
    assert kept == {'{"type":"record","name":"B"}', MONEY}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("[]", "line 2: not an object with key and value"),
        ('{"key":{"keytype":"NOOP"}}', "line 2: not an object with key and value"),
        ('{"key":', "line 2: not JSON"),
        ('{"key":"{","value":null}', "line 2, key: not JSON"),
        ('{"key":null,"value":null}', "line 2: the key has no keytype"),
        ('{"key":{"keytype":"CONFIG"},"value":[1]}', "line 2: the value is neither an object nor null"),
        ('{"key":{"keytype":"SCHEMA","version":1},"value":{}}', "line 2: has no subject"),
        ('{"key":{"keytype":"SCHEMA","subject":"s","version":"1"},"value":{}}', "line 2: has no version"),
        (
            '{"key":{"keytype":"SCHEMA","subject":"s","version":1},"value":{"id":-1}}',
            "line 2: id is not an integer",
        ),
        (
            '{"key":{"keytype":"SCHEMA","subject":"s","version":1},"value":{"id":1,"schema":"","version":2}}',
            "line 2: the key names s version 1, the value s version 2",
        ),
        ('{"key":{"keytype":"MODE"},"value":{}}', "line 2: mode is not a string"),
    ],
)
def test_a_line_that_is_no_record_is_named(line: str, said: str) -> None:
    stream = io.BytesIO(b'{"key":{"keytype":"NOOP"},"value":null}\n' + line.encode())
    with pytest.raises(SourceUnreadable, match=said.replace("[", r"\[")):
        read_topic_dump(stream)


def test_a_context_is_cleared_with_what_was_deleted_in_it() -> None:
    lines = [
        schema(":.a:s", 1, 1, '"int"', deleted=True),
        schema(":.a:t", 1, 2, '"long"'),
        schema(":.b:s", 1, 1, '"int"', deleted=True),
        deletion("CLEAR_SUBJECT", ":.a:"),
    ]
    stream = io.BytesIO("".join(json.dumps(_record(*one)) + "\n\n" for one in lines).encode())
    assert [one.subject for one in read_topic_dump(stream).versions] == [":.a:t", ":.b:s"]
