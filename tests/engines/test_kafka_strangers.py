"""Records that no registry wrote: they are counted, and one that follows the last entry is named, and got over."""

import hashlib
import json
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result
from confluent_kafka import Producer
from prometheus_client import REGISTRY

from moorings_registry.app import build_application
from moorings_registry.cli.main import main
from moorings_registry.engines import open_ledger
from moorings_registry.entries import Head
from moorings_registry.ledger import LedgerCorrupt, verify
from tests.brokers import KafkaBroker, KafkaItself
from tests.engines.places import kafka_ledger
from tests.engines.samples import append_next

pytestmark = pytest.mark.kafka
REASONS = ("lost", "again", "foreign", "unreadable")


def write(url: str, value: bytes) -> None:
    """Produce a record as somebody does who may write to the topic."""
    parts = urlsplit(url)
    producer = Producer({"bootstrap.servers": parts.netloc})
    producer.produce(parts.path.strip("/"), value)
    assert producer.flush(10) == 0


def following(head: Head) -> bytes:
    """A record that follows *head* by its position and its digests, and holds nothing that an entry has to."""
    rest = json.dumps({"position": head.position + 1, "previous": head.digest}, separators=(",", ":"))[1:]
    return b'{"digest":"' + hashlib.sha256(b"{" + rest.encode()).hexdigest().encode() + b'",' + rest.encode()


def skipped(reason: str) -> float | None:
    return REGISTRY.get_sample_value("moorings_ledger_skipped_records", {"reason": reason})


def run(*command: str) -> Result:
    return CliRunner().invoke(main, ["ledger", *command])


def test_records_that_are_no_entries_are_counted_by_reason(kafka_url: str) -> None:
    ledger = open_ledger(kafka_url)
    build_application(ledger)
    assert [skipped(one) for one in REASONS] == [0, 0, 0, 0]
    append_next(ledger, "first")
    write(kafka_url, b"hello")
    write(kafka_url, following(Head(7, "7" * 64)))
    assert ledger.head().position == 1
    assert [skipped(one) for one in REASONS] == [0, 0, 1, 1]
    append_next(ledger, "second")
    assert verify(ledger.read(0)).position == 2
    ledger.close()


def test_a_record_that_ends_the_ledger_is_named_and_what_precedes_it_moves_to_another_topic(
    kafka_url: str, kafka_broker: KafkaBroker | KafkaItself, tmp_path: Path
) -> None:
    ledger = open_ledger(kafka_url)
    for number in range(3):
        append_next(ledger, str(number))
    before = [one.digest for one in ledger.read(0)]
    write(kafka_url, b"hello")
    write(kafka_url, following(ledger.head()))
    named = f"position 4: .*offset 4 of the topic {urlsplit(kafka_url).path.strip('/')}"
    with pytest.raises(LedgerCorrupt, match=named):
        list(ledger.read(0))
    ledger.close()
    assert (found := run("verify", "--ledger", kafka_url)).exit_code == 1
    assert "(offset 4 of the topic" in found.output
    lines = tmp_path / "before.jsonl"
    assert run("export", "--ledger", kafka_url, "--to", str(lines)).exit_code == 1  # it says that there is more
    (tmp_path / "other").mkdir()
    other = kafka_ledger(kafka_broker.address, f"moorings-test-{secrets.token_hex(8)}", tmp_path / "other")
    assert run("import", "--ledger", other, "--create", "--from", str(lines)).exit_code == 0
    moved = open_ledger(other)
    assert [one.digest for one in moved.read(0)] == before
    append_next(moved, "and more")
    assert verify(moved.read(0)).position == 4
    moved.close()
