"""`moorings replay` as a CI job runs it."""

import base64
import io
import json
from pathlib import Path
from typing import Any

import fastavro
import httpx2
import pytest

import moorings
from moorings.cli.commands import run
from moorings.cli.session import Session
from moorings.integrations.dead_letters import JsonLinesSink, dead_letter
from moorings.integrations.records import TransportRecord
from tests.client.replay.conftest import REVISIONS, SUBJECT, World


def lines(*found: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in found)


def payload(data: bytes, **more: Any) -> dict[str, Any]:
    return {"payload": base64.b64encode(data).decode(), **more}


def told(world: World, capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any]:
    """The exit code, and the report."""
    capsys.readouterr()
    code = world.replay(*arguments, "--format", "json")
    shown = capsys.readouterr()
    assert "secret" not in shown.out + shown.err
    assert "4711" not in shown.out + shown.err
    return code, json.loads(shown.out) if shown.out else shown.err


def writers(report: Any) -> dict[str, tuple[int, int]]:
    return {one["writer"]: (one["readable"], one["unreadable"]) for one in report["writers"]}


@pytest.fixture
def all_three(world: World) -> Path:
    return world.write("all.jsonl", lines(*(payload(one) for one in world.events.values())))


READERS = [
    ("1", (), 1, {"1.0": (1, 0), "1.1": (1, 0), "2.0": (1, 0)}, "1.1", 0),
    ("2", (), 1, {"1.0": (0, 1), "1.1": (0, 1), "2.0": (1, 0)}, "2.0", 1),
    ("latest", (), 1, {"1.0": (0, 1), "1.1": (0, 1), "2.0": (1, 0)}, "2.0", 1),
    ("1.0", (), 1, {"1.0": (1, 0), "1.1": (1, 0), "2.0": (1, 0)}, "1.0", 0),
    ("v3", (), 1, {"1.0": (0, 1), "1.1": (0, 1), "2.0": (1, 0)}, "2.0", 1),
    ("2", ("--upcasts", "schemas"), 1, {"1.0": (1, 0), "1.1": (1, 0), "2.0": (1, 0)}, "2.0", 0),
]


@pytest.mark.parametrize(("reader", "more", "_n", "expected", "label", "exit_code"), READERS)
def test_the_report_counts_readable_events_by_writer(
    world: World, all_three: Path, capsys: pytest.CaptureFixture[str], reader: str, more: tuple[str, ...], _n: int,
    expected: dict[str, tuple[int, int]], label: str, exit_code: int,
) -> None:  # fmt: skip
    named = [str(world.folder / one) if one == "schemas" else one for one in more]
    code, report = told(world, capsys, all_three, "--reader", reader, *named)
    assert (writers(report), report["reader"]["label"], code) == (expected, label, exit_code)
    assert report["events"] == 3
    assert report["complete"] is True


def test_a_schema_file_can_be_the_reader(world: World, all_three: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = world.write("OrderPlaced.v2.avsc", REVISIONS["2.0"].replace('"currency"', '"coin"').encode())
    code, report = told(world, capsys, all_three, "--reader", file)
    assert (code, report["unreadable"], report["reader"]) == (1, 3, {"label": "OrderPlaced.v2.avsc", "guid": None})


def test_failures_are_reported_by_path_and_rule(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    good = world.events["1.1"]
    archive = world.write("bad.jsonl", lines(
        payload(good, id="a-1"), payload(good[:-1], id="a-2"), payload(good[:-1] + b"\xff", id="a-3"),
        payload(b"secret"), payload(b"\0\0\1\1\1secret"), {"event": {"id": 1}, "writer": "1.0"},
        {"event": {"id": "x", "lines": ["secret"], "secret": 1}}, {"event": {"id": "x", "lines": []}, "writer": "9.9"},
        {"payload": None},
    ))  # fmt: skip
    code, report = told(world, capsys, archive, "--reader", "1")
    assert code == 1
    assert writers(report) == {"1.1": (1, 3), "1.0": (0, 1), "not framed": (0, 1), "unknown": (0, 2)}
    found = {(one["writer"], one["path"], one["rule"]): (one["count"], one["first"]) for one in report["failures"]}
    assert found == {
        ("1.1", "/note", "UNREADABLE"): (2, "line 2 (a-2)"),
        ("not framed", "", "FRAMING_INVALID"): (1, "line 4"),
        ("unknown", "", "WRITER_UNKNOWN"): (2, "line 5"),
        ("1.0", "/id", "TYPE_WRONG"): (1, "line 6"),
        ("1.0", "/lines", "FIELD_MISSING"): (1, "line 6"),
        ("1.1", "/lines/*", "TYPE_WRONG"): (1, "line 7"),
        ("1.1", "", "FIELD_UNDECLARED"): (1, "line 7"),
    }
    assert report["tombstones"] == 1
    world.replay(archive, "--reader", "1")
    assert "    1 tombstone\n" in capsys.readouterr().out


def container(label: str, codec: str = "deflate", text: str = "") -> bytes:
    out = io.BytesIO()
    event = {"id": "secret-4711", "lines": [1], "currency": "EUR"}
    parsed = fastavro.parse_schema(json.loads(text or REVISIONS[label]))
    fastavro.writer(out, parsed, [event] * 20, codec=codec, sync_interval=200)
    return out.getvalue()


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_container_files_are_read_with_their_own_schema(
    world: World, capsys: pytest.CaptureFixture[str], codec: str
) -> None:
    archive = world.write("events.avro", container("1.0", codec))
    assert writers(told(world, capsys, archive, "--reader", "1")[1]) == {"1.0": (20, 0)}
    assert writers(told(world, capsys, archive, "--reader", "2")[1]) == {"1.0": (0, 20)}
    mapped = told(world, capsys, archive, "--reader", "2", "--upcasts", world.folder / "schemas")
    assert (mapped[0], writers(mapped[1])) == (0, {"1.0": (20, 0)})


def test_an_unregistered_writers_schema_is_still_read(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    text = REVISIONS["1.0"].replace('"items": "int"', '"items": "long"')
    archive = world.write("own.avro", container("", text=text))
    code, report = told(world, capsys, archive, "--reader", "1.0")
    assert (code, writers(report)) == (1, {"the archive's own schema": (0, 20)})
    code, report = told(world, capsys, world.write("wide.avro", container("2.0")), "--reader", "1.0")
    assert (code, writers(report)) == (0, {"2.0": (20, 0)})


def frames(*events: bytes, varints: bool = False) -> bytes:
    if varints:
        return b"".join(bytes([len(one)]) + one for one in events)
    return b"".join(len(one).to_bytes(4, "big") + one for one in events)


@pytest.mark.parametrize("kind", ["frames", "varints"])
def test_frames_are_read(world: World, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    archive = world.write("f.bin", frames(*world.events.values(), b"", varints=kind == "varints"))
    code, report = told(world, capsys, archive, "--reader", "1", "--kind", kind)
    assert (code, report["events"], report["tombstones"]) == (0, 3, 1)
    bare = world.write("b.bin", frames(world.events["1.1"][5:], varints=kind == "varints"))
    assert told(world, capsys, bare, "--reader", "1", "--kind", kind)[0] == 1
    assert told(world, capsys, bare, "--reader", "1", "--kind", kind, "--writer", "1.1")[0] == 0
    assert told(world, capsys, bare, "--reader", "1", "--kind", kind, "--writer", "v2")[0] == 0


def test_dead_letters_are_read_again(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    path = world.folder / "dead.jsonl"
    sink = JsonLinesSink(path)
    placed = world.registry.event(SUBJECT, 2)
    for position, data in enumerate((world.events["1.0"], world.events["1.1"][:-1])):
        with pytest.raises(moorings.EventUnreadable) as caught:
            placed.decode(data)
        record = TransportRecord(
            data[5:], headers=(("__value_schema_id", data[:5]),), place="orders", position=str(position)
        )
        sink(dead_letter(record, caught.value))
    code, report = told(world, capsys, path, "--reader", "1")
    assert (code, writers(report)) == (1, {"1.0": (1, 0), "1.1": (0, 1)})
    assert report["failures"][0]["first"] == "line 2 (1)"


def test_a_replay_resumes_where_it_stopped(world: World, all_three: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = world.folder / "state"
    code, report = told(world, capsys, all_three, "--reader", "1", "--resume", state, "--limit", "2")
    assert (code, report["events"], report["complete"], report["resumed"]) == (0, 2, False, False)
    code, report = told(world, capsys, all_three, "--reader", "1", "--resume", state)
    assert (report["events"], report["complete"], report["resumed"]) == (3, True, True)
    with all_three.open("ab") as more:
        more.write(lines(payload(world.events["1.0"][:-1])))
    code, report = told(world, capsys, all_three, "--reader", "1", "--resume", state)
    assert (code, report["events"], report["unreadable"]) == (1, 4, 1)


def test_a_container_resumes_within_a_block(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    archive, state = world.write("events.avro", container("1.0")), world.folder / "state"
    seen = [
        told(world, capsys, archive, "--reader", "1", "--resume", state, "--limit", "7")[1]["events"] for _ in range(4)
    ]
    assert seen == [7, 14, 20, 20]


def test_the_state_of_another_replay_is_refused(
    world: World, all_three: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = world.folder / "state"
    told(world, capsys, all_three, "--reader", "1", "--resume", state)
    code, said = told(world, capsys, all_three, "--reader", "2", "--resume", state)
    assert (code, "another reader" in said) == (2, True)
    other = world.write("other.jsonl", all_three.read_bytes())
    assert "another archive" in told(world, capsys, other, "--reader", "1", "--resume", state)[1]
    for content in ("{}", "[]", "nonsense", '{"version": 9}', "[" * 100_000):
        state.write_text(content)
        assert told(world, capsys, all_three, "--reader", "1", "--resume", state)[0] == 2
    assert world.replay("-", "--kind", "lines", "--resume", state) == 2


USAGE = [
    ("no such file", ("none.jsonl",), "cannot be opened"),
    ("a kind that cannot be recognised", ("odd.bin",), "name it with --kind"),
    ("no container", ("odd.bin", "--kind", "avro"), "not an Avro container"),
    ("an unknown reader", ("all.jsonl", "--reader", "7"), "no major 7"),
    ("an unknown revision", ("all.jsonl", "--reader", "7.1"), "no version 7.1"),
    ("an unknown version", ("all.jsonl", "--reader", "v99"), "no version 99"),
    ("a missing file", ("all.jsonl", "--reader", "none.avsc"), "cannot be read"),
    ("an unknown writer", ("all.jsonl", "--writer", "9.9"), "no version 9.9"),
    ("no stream", ("redis://127.0.0.1:1/",), "write redis://host:6379/STREAM"),
    ("a server that is away", ("redis://user:hidden@127.0.0.1:1/0/x",), "redis://127.0.0.1:1/0/x cannot be read"),
    ("nothing kept", ("all.jsonl", "--offline"), "moorings pull"),
    ("an unknown kind", ("all.jsonl", "--kind", "xml"), "'xml' is not one of"),
]


@pytest.mark.parametrize(("arguments", "message"), [one[1:] for one in USAGE], ids=[one[0] for one in USAGE])
def test_usage_errors_are_exit_2_with_a_sentence(
    world: World, all_three: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    world.write("odd.bin", b"\0\0\0\1x")
    if arguments[0].startswith("redis"):
        pytest.importorskip("redis")
    named = [
        str(world.folder / one) if ("." in one and "jsonl" in one) or one == "odd.bin" else one for one in arguments
    ]
    capsys.readouterr()
    assert world.replay(*named) == 2
    said = capsys.readouterr().err
    assert message in said
    assert "hidden" not in said
    assert "Traceback" not in said


def test_an_unreachable_registry_is_exit_3(world: World, all_three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)

    def cut(_request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("cut")

    assert world.replay(all_three, http=httpx2.MockTransport(cut)) == 3


def test_offline_needs_only_what_was_pulled(world: World, all_three: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schemas = ["--schemas", str(world.folder / "pulled")]
    world.registry.api.put_domain("shop.orders", {"owner": "team-orders"})
    assert run([*schemas, "pull", "--all"], Session(http=world.http)) == 0

    def cut(_request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("cut")

    for archive, expected in ((all_three, 3), (world.write("events.avro", container("1.0")), 20)):
        for reader in ("1", "1.0", "v2"):
            capsys.readouterr()
            words = [*schemas, "replay", str(archive), "--event", SUBJECT, "--reader", reader, "--offline"]
            assert run([*words, "--format", "json"], Session(http=httpx2.MockTransport(cut))) == 0
            assert json.loads(capsys.readouterr().out)["readable"] == expected


def test_text_and_markdown_say_the_same(world: World, all_three: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert world.replay(all_three, "--reader", "2") == 1
    text = capsys.readouterr().out
    assert "read as 2.0: 2 unreadable" in text
    assert "written with 1.0: 0 readable, 1 not" in text
    assert "/currency" in text
    assert world.replay(all_three, "--reader", "2", "--format", "markdown", "--failures", "1") == 1
    shown = capsys.readouterr().out
    assert "| `1.0` | 0 | 1 |" in shown
    assert "and 1 more kind of failure\n" in shown
    assert world.replay(world.write("empty.jsonl", b"\n"), "--kind", "lines") == 0
    assert "no events" in capsys.readouterr().out


def test_a_replay_is_not_counted_as_drift(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    told(world, capsys, world.write("bad.jsonl", lines(payload(world.events["1.0"][:-1]))))
    assert world.registry.api.answer(f"/v1/events/{SUBJECT}/drift")["total"] == 0
