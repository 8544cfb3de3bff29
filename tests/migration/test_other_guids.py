"""Moving in from a registry that computes guids in its own way: messages carry them, so they still lead here."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
import pytest
from click.testing import CliRunner, Result
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry import header_schema_id_serializer as in_header
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

import moorings
from moorings.codecs.framing import HEADER_NAME
from moorings_registry.cli.main import main
from moorings_registry.engines import open_ledger
from tests.migration.sources import Source, fill, record

Import = Callable[..., Result]
HEADERS = [("Content-Type", "application/json")]


def theirs(guid: str) -> str:
    return str(UUID(hashlib.md5(guid.encode()).hexdigest()))


def foreign(middleware: Any) -> Any:
    """See a registry as one of another kind: no `/v1`, and guids of its own."""

    def renamed(found: Any) -> Any:
        if isinstance(found, list):
            return [renamed(one) for one in found]
        if isinstance(found, dict):
            return {name: theirs(one) if name == "guid" else renamed(one) for name, one in found.items()}
        return found

    def seen(environ: dict[str, Any], start: Any) -> Any:
        if environ["PATH_INFO"].startswith("/v1/"):
            start("404 Not Found", HEADERS)
            return [b'{"error_code": 404, "message": "HTTP 404 Not Found"}']
        told: list[Any] = []
        body = b"".join(middleware(environ, lambda status, headers, *_: told.append((status, headers))))
        status, headers = told[-1]
        if status.startswith("200") and body.startswith((b"{", b"[")):
            body = json.dumps(renamed(json.loads(body))).encode()
            headers = [pair for pair in headers if pair[0].lower() != "content-length"]
        start(status, headers)
        return [body]

    return seen


@pytest.fixture
def other_kind() -> Iterator[Source]:
    source = Source(seen_through=foreign)
    fill(source)
    yield source
    source.stop()


@pytest.fixture
def moved(ledger_url: str) -> Iterator[Callable[[], Source]]:
    """Serves what was moved in."""
    served: list[Source] = []

    def serve() -> Source:
        served.append(Source(open_ledger(ledger_url)))
        return served[-1]

    yield serve
    for one in served:
        one.stop()


def guids_of(source: Source) -> dict[tuple[str, int], str]:
    listed = source.ask("GET", "/schemas?deleted=true")
    return {(one["subject"], one["version"]): one["guid"] for one in listed}


def test_both_guids_lead_to_the_schema(other_kind: Source, run_import: Import, moved: Callable[[], Source]) -> None:
    result = run_import("--from", other_kind.url)
    assert result.exit_code == 0, result.output
    assert "guids: 15 of the other registry mapped to their schemas here" in result.output
    target = moved()
    ours = guids_of(target)
    for place, old in guids_of(other_kind).items():
        assert old != ours[place]
        for path in (f"/schemas/guids/{old}", f"/schemas/guids/{old.upper()}"):
            assert target.ask("GET", path)["guid"] == ours[place]
        assert target.ask("GET", f"/schemas/guids/{old}/ids") == target.ask("GET", f"/schemas/guids/{ours[place]}/ids")
        if not place[0].startswith(":"):
            assert target.ask("GET", f"/v1/schemas/{old}") == target.ask("GET", f"/v1/schemas/{ours[place]}")


def test_a_second_run_adds_nothing(other_kind: Source, run_import: Import, ledger_url: str) -> None:
    assert run_import("--from", other_kind.url).exit_code == 0
    head = open_ledger(ledger_url).head()
    assert run_import("--from", other_kind.url).exit_code == 0
    assert open_ledger(ledger_url).head() == head


def test_they_come_along_from_one_moorings_to_the_next(
    other_kind: Source, run_import: Import, moved: Callable[[], Source], tmp_path: Path
) -> None:
    assert run_import("--from", other_kind.url).exit_code == 0
    between = moved()
    last = f"sqlite:///{tmp_path / 'last.db'}"
    result = CliRunner().invoke(main, ["import", "--create", "--ledger", last, "--from", between.url])
    assert result.exit_code == 0, result.output
    assert "guids: 15 of the other registry mapped to their schemas here" in result.output
    target = Source(open_ledger(last))
    try:
        for place, old in guids_of(other_kind).items():
            assert target.ask("GET", f"/schemas/guids/{old}")["guid"] == guids_of(between)[place]
    finally:
        target.stop()


def dumped(source: Source, path: Path, guid: Callable[[str], str | None]) -> Path:
    """Write the topic of *source*, as far as its schemas go, with guids as *guid* makes them of ours."""
    lines = [
        {"key": {"keytype": "SCHEMA", "subject": one["subject"], "version": one["version"]}, "value": one}
        for one in source.ask("GET", "/schemas?deleted=true")
    ]
    for line in lines:
        line["value"]["guid"] = guid(line["value"]["guid"])
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def test_guids_of_a_topic_may_come_later(
    source: Source, run_import: Import, moved: Callable[[], Source], tmp_path: Path
) -> None:
    path = tmp_path / "schemas.jsonl"
    assert run_import("--from-topic-dump", dumped(source, path, lambda _: None)).exit_code == 0
    later = run_import("--from-topic-dump", dumped(source, path, theirs))
    assert later.exit_code == 0, later.output
    assert (
        "done: versions added: 0, soft-deleted: 0, settings: 0, modes: 0, guids of the other registry mapped: 15"
        in later.output
    )
    assert "guids: 15 of the other registry mapped to their schemas here" in later.output
    target = moved()
    assert all(target.ask("GET", f"/schemas/guids/{theirs(own)}")["guid"] == own for own in guids_of(source).values())


@pytest.mark.parametrize("told", ["guid-1", "", "0" * 40])
def test_a_name_that_is_not_a_guid_is_passed_over(
    source: Source, run_import: Import, tmp_path: Path, told: str
) -> None:
    result = run_import("--from-topic-dump", dumped(source, tmp_path / "d", lambda _: told))
    assert (result.exit_code == 0) == (told == ""), "the comparison notes that such a name leads nowhere"
    assert "Traceback" not in result.output


def test_one_guid_for_two_schemas_stops_the_import(source: Source, run_import: Import, tmp_path: Path) -> None:
    result = run_import("--from-topic-dump", dumped(source, tmp_path / "d", lambda _: theirs("one")))
    assert result.exit_code == 1
    assert f"The guid {theirs('one')} already belongs to another schema here." in result.output
    assert "nothing written" in result.output


def test_a_guid_that_was_told_of_another_text_leads_to_its_own(
    source: Source, run_import: Import, moved: Callable[[], Source], tmp_path: Path
) -> None:
    """Whoever fills a dump can compute the guid of a text that will be registered here later."""
    later = record("Later", "id")
    guid = source.register("later", later)["guid"]
    told: dict[str, Any] = {"key": {"keytype": "SCHEMA", "subject": "x", "version": 1}}
    told["value"] = {"subject": "x", "version": 1, "id": 1, "guid": guid, "schema": record("Other", "a")}
    path = tmp_path / "schemas.jsonl"
    path.write_text(json.dumps(told))
    assert run_import("--from-topic-dump", path).exit_code == 0
    target = moved()
    assert target.ask("GET", f"/schemas/guids/{guid}")["schema"] == record("Other", "a")
    target.register("later", later)
    assert target.ask("GET", f"/schemas/guids/{guid}")["schema"] == later


def test_messages_of_before_are_read_by_our_client(
    other_kind: Source, run_import: Import, moved: Callable[[], Source]
) -> None:
    old = guids_of(other_kind)["evolved", 4]
    with moorings.connect(http=httpx2.WSGITransport(app=other_kind.application.middleware)) as before:
        payload = before.event("evolved").encode({"id": "o-1"})[5:]
    assert run_import("--from", other_kind.url).exit_code == 0
    with moorings.connect(moved().url) as after:
        assert after.event("evolved").decode(payload, {HEADER_NAME: b"\1" + UUID(old).bytes})["id"] == "o-1"


def test_messages_of_before_are_read_by_confluents_client(
    other_kind: Source, run_import: Import, moved: Callable[[], Source]
) -> None:
    context = SerializationContext("evolved", MessageField.VALUE, [])
    there = SchemaRegistryClient({"url": other_kind.url})
    serialize = AvroSerializer(there, record("E", "id"), conf={"schema.id.serializer": in_header})
    payload = serialize({"id": "a header needs a payload of some length"}, context)
    assert context.headers, "the guid travels in a header"

    assert run_import("--from", other_kind.url).exit_code == 0
    read = AvroDeserializer(SchemaRegistryClient({"url": moved().url}))(payload, context)
    assert read["id"].startswith("a header")
