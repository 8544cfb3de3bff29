"""Ledgers in Kafka: what their URLs and files of properties say, which topics are refused, and what bounds an entry."""

import re
import resource
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from confluent_kafka.admin import AdminClient
from structlog.testing import capture_logs

from moorings_registry.bases import BaseFolder, fold_version
from moorings_registry.cli.main import main
from moorings_registry.engines import (
    access_path,
    bases_path,
    open_ledger,
    open_records,
    open_webhook_progress,
    start_notes,
)
from moorings_registry.entries import GENESIS, START, Head
from moorings_registry.errors import SchemaLimitExceeded
from moorings_registry.ledger import LedgerError, LedgerMisconfigured, LedgerMissing, LedgerUnavailable, export, import_
from moorings_registry.ledger.kafka_client import LogReader, LogWriter
from moorings_registry.ledger.kafka_index import PositionIndex
from moorings_registry.ledger.kafka_url import Durability, KafkaServer
from moorings_registry.ledger.memory import MemoryLedger
from moorings_registry.state import apply
from tests.brokers import KafkaBroker, KafkaItself
from tests.engines.places import kafka_ledger
from tests.engines.samples import append_all, append_next, chain, entry
from tests.ports import free_port
from tests.registry.asking import Asked, record

KEPT = {"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}
BESIDE = "beside=sqlite%3A%2F%2F%2Fbeside.db"


def fresh(name: str) -> str:
    """The name of a topic that is not there, on a Kafka that keeps those of earlier runs as well."""
    return f"moorings-{name}-{secrets.token_hex(8)}"


WRONG = [  # the URL, what is said
    ("kafka://host:9092/topic", "does not say what stores.*beside="),
    (f"kafka:///topic?{BESIDE}", "does not name brokers.*kafka://host:9092"),
    (f"kafka://host:many/topic?{BESIDE}", "does not name brokers"),
    (f"kafka://host;other/topic?{BESIDE}", "does not name brokers"),
    (f"kafka://host,/topic?{BESIDE}", "does not name brokers"),
    (f"kafka://host?{BESIDE}", "not the name of a topic"),
    (f"kafka://host/a/b?{BESIDE}", "not the name of a topic"),
    (f"kafka://host/..?{BESIDE}", "not the name of a topic"),
    (f"kafka://host/topic?{BESIDE}&durability=perhaps", "not one of replicated and any"),
    (f"kafka://host/topic?{BESIDE}&fetch_wait_ms=soon", "fetch_wait_ms is not a whole number"),
    (f"kafka://host/topic?{BESIDE}&timeout_s=0", "timeout_s is not a number of seconds"),
    (f"kafka://host/topic?{BESIDE}&password=x", "unknown parameter 'password'"),
    ("kafka://host/topic?beside=memory%3A", "would not be shared"),
    ("kafka://host/topic?beside=kafka%3A%2F%2Fhost%2Ftopic", "would not be shared"),
    ("kafka://host/topic?beside=mysql%3A%2F%2Fhost", "unknown ledger engine 'mysql'"),
    (f"kafka://host/topic?{BESIDE}&config=/nowhere/kafka.properties", "cannot be read"),
]


@pytest.mark.parametrize(("url", "said"), WRONG, ids=[case[0] for case in WRONG])
def test_a_wrong_url_is_refused_with_what_to_write(url: str, said: str) -> None:
    with pytest.raises(LedgerMisconfigured, match=said):
        open_ledger(url)


def test_a_password_in_the_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(LedgerMisconfigured, match="config=PATH") as refused:
        open_ledger(f"kafka://user:secret-word@host:9092/topic?{BESIDE}")
    assert "secret-word" not in str(refused.value)


PROPERTIES = [  # the file, what is said
    ("enable.idempotence=true", "enable.idempotence, which is not about"),
    ("acks=1", "acks, which is not about"),
    ("bootstrap.servers=elsewhere:9092", "the brokers by its URL"),
    ("group.id=mine", "group.id, which is not about"),
    ("security.protocol=SASL_PLAINTEXT", "over TLS"),
    ("ssl.endpoint.identification.algorithm=none", "whose certificate fits"),
    ("enable.ssl.certificate.verification=false", "whose certificate fits"),
    ("sasl.jaas.config=org.apache.kafka...", "a property of Java's clients"),
    ("# a comment\n\nhello", "line 3 of .* is not name=value"),
    ("sasl.password: hush=", "line 1 of .* is not name=value"),
    ("sasl.oauthbearer.client.secret=hush\nsasl.oauthbearer.token.endpoint.url=http://h/token", "endpoint without TLS"),
    ("ssl.ca.location=/nowhere/ca.pem\nsecurity.protocol=SSL", "Kafka's client refuses its settings"),
]


@pytest.mark.parametrize(("text", "said"), PROPERTIES, ids=[case[0].splitlines()[0] for case in PROPERTIES])
def test_properties_that_are_unsafe_or_the_registrys_own_are_refused(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "kafka.properties"
    file.write_text(text)
    file.chmod(0o640)
    with pytest.raises(LedgerMisconfigured, match=said) as refused:
        open_ledger(f"kafka://127.0.0.1:{free_port()}/topic?{BESIDE}&config={file}")
    assert "hush" not in str(refused.value)


def test_properties_that_everybody_may_change_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "kafka.properties"
    file.write_text("security.protocol=SSL\n")
    file.chmod(0o666)
    with pytest.raises(LedgerMisconfigured, match="chmod o-w"):
        open_ledger(f"kafka://127.0.0.1:{free_port()}/topic?{BESIDE}&config={file}")


def test_properties_that_are_wrong_since_the_start_are_an_error_of_the_ledger(tmp_path: Path) -> None:
    file = tmp_path / "kafka.properties"
    file.write_text("security.protocol=SSL\nssl.ca.location=/nowhere/ca.pem\n")
    server = KafkaServer("127.0.0.1:1", "topic", file, Durability.ANY, None, 10, 1.0)
    for make in (lambda: LogReader(server, 1000, 10), lambda: LogWriter(server, 1000)):
        with pytest.raises(LedgerMisconfigured, match="refuses its settings"):
            make()


def test_a_secret_that_everybody_may_read_is_refused_and_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "kafka.properties"
    file.write_text(
        "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\nsasl.username=m\nsasl.password=hush-word\n"
    )
    url = f"kafka://127.0.0.1:{free_port()}/topic?{BESIDE}&timeout_s=0.5&config={file}"
    file.chmod(0o644)
    with pytest.raises(LedgerMisconfigured, match="chmod o-rw") as refused:
        open_ledger(url)
    assert "hush-word" not in str(refused.value)
    file.chmod(0o640)
    with pytest.raises(LedgerUnavailable) as away:
        open_ledger(url)
    assert "hush-word" not in str(away.value)


def test_ways_of_signing_in_are_handed_to_the_client(tmp_path: Path) -> None:
    file = tmp_path / "kafka.properties"
    file.write_text(
        "security.protocol=SASL_SSL\nsasl.mechanism=OAUTHBEARER\nsasl.oauthbearer.method=oidc\n"
        "sasl.oauthbearer.client.id=moorings\nsasl.oauthbearer.client.secret=hush\n"
        f"sasl.oauthbearer.token.endpoint.url=https://127.0.0.1:{free_port()}/token\n"
    )
    file.chmod(0o600)
    with pytest.raises(LedgerError, match=r"cannot be reached|does not answer|sign this user in") as refused:
        open_ledger(f"kafka://127.0.0.1:{free_port()}/topic?{BESIDE}&timeout_s=0.5&config={file}")
    assert "hush" not in str(refused.value)


def test_brokers_that_are_away_are_unavailable() -> None:
    with pytest.raises(LedgerUnavailable, match="cannot be reached") as away:
        open_ledger(f"kafka://127.0.0.1:{free_port()}/topic?{BESIDE}&timeout_s=0.5")
    assert away.value.retryable
    assert "127.0.0.1" not in away.value.public


def test_without_the_client_the_way_to_install_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in sys.modules if one.startswith("moorings_registry.ledger.kafka")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    import moorings_registry.ledger as package

    for name in [one for one in vars(package) if one.startswith("kafka")]:
        monkeypatch.delattr(package, name)
    with pytest.raises(LedgerMisconfigured, match=re.escape("pip install 'moorings-registry[kafka]'")):
        open_ledger(f"kafka://host/topic?{BESIDE}")


def test_what_is_beside_the_ledger_is_where_the_url_says(tmp_path: Path) -> None:
    on_file = kafka_ledger("host:9092", "topic", tmp_path)
    assert access_path(on_file) == tmp_path / "beside.db.access"
    assert bases_path(on_file) == tmp_path / "beside.db.bases"
    assert (tmp_path / "beside.db.webhooks") == vars(open_webhook_progress(on_file, tmp_path))["_folder"]
    records = open_records(on_file)
    records.put("keys", "a", b"one", 60.0, 1.0)
    records.close()
    assert (tmp_path / "beside.db.records").exists()
    on_redis = "kafka://host:9092/topic?beside=redis%3A%2F%2Fhost%2F0"
    assert bases_path(on_redis) is None
    assert access_path(on_redis) == Path("moorings.access").absolute()


def test_who_serves_it_reads_that_it_is_a_preview() -> None:
    preview, alone = start_notes(f"kafka://host/topic?{BESIDE}")
    assert "preview" in preview
    assert "no second node" in alone
    assert start_notes("kafka://host/topic?beside=redis%3A%2F%2Fhost%2F0") == (preview,)
    assert start_notes("sqlite:///x.db") == ()


# Topics

REFUSED = [  # the topic's settings and partitions, what is said
    ({**KEPT, "cleanup.policy": "compact"}, 1, "cleanup.policy=compact, with which entries are removed.*=delete"),
    ({**KEPT, "cleanup.policy": "compact,delete"}, 1, "cleanup.policy=compact,delete"),
    ({**KEPT, "retention.ms": "604800000"}, 1, "retention.ms=604800000.*retention.ms=-1"),
    ({**KEPT, "retention.bytes": "1000000"}, 1, "retention.bytes=1000000"),
    (KEPT, 3, "3 partitions, and a history has one order.*ledger init"),
]


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("settings", "partitions", "said"), REFUSED, ids=["compacted", "both", "days", "bytes", "three"]
)
def test_a_topic_that_loses_entries_is_refused(
    settings: dict[str, str],
    partitions: int,
    said: str,
    kafka_broker: KafkaBroker | KafkaItself,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    name = fresh(f"refused-{request.node.callspec.id}")
    kafka_broker.make_topics(name, partitions=partitions, settings=settings)
    with pytest.raises(LedgerMisconfigured, match=said):
        open_ledger(kafka_ledger(kafka_broker.address, name, tmp_path))


@pytest.mark.kafka
def test_a_topic_on_one_broker_is_refused_unless_the_url_says_so(
    kafka_broker: KafkaBroker | KafkaItself, tmp_path: Path
) -> None:
    name = fresh("alone")
    kafka_broker.make_topics(name, settings=KEPT)
    url = kafka_ledger(kafka_broker.address, name, tmp_path)
    with pytest.raises(LedgerMisconfigured, match=r"fewer than 3 replicas \(1\).*durability=any"):
        open_ledger(url.replace("durability=any", "durability=replicated"))
    assert append_next(open_ledger(url), "one").position == 1


@pytest.mark.kafka
def test_settings_that_the_broker_does_not_tell_are_warned_of(
    kafka_broker: KafkaBroker | KafkaItself, tmp_path: Path
) -> None:
    if isinstance(kafka_broker, KafkaItself):
        pytest.skip("Kafka tells all settings")
    name = fresh("untold")
    kafka_broker.make_topics(name)
    with capture_logs() as logs:
        open_ledger(kafka_ledger(kafka_broker.address, name, tmp_path)).close()
    unknown = {one["setting"] for one in logs if one["event"] == "kafka_setting_unknown"}
    assert unknown == {"cleanup.policy", "retention.ms", "retention.bytes"}


@pytest.mark.kafka
def test_a_look_makes_no_topic(kafka_broker: KafkaBroker | KafkaItself, tmp_path: Path) -> None:
    url = kafka_ledger(kafka_broker.address, "never-made", tmp_path)
    with pytest.raises(LedgerMissing, match="no topic never-made"):
        open_ledger(url, create=False)
    done = CliRunner().invoke(main, ["ledger", "verify", "--ledger", url])
    assert done.exit_code == 3, done.output
    assert "never-made" not in AdminClient({"bootstrap.servers": kafka_broker.address}).list_topics(timeout=5).topics


@pytest.mark.kafka
def test_init_prints_how_and_runs_it(kafka_broker: KafkaBroker | KafkaItself, tmp_path: Path) -> None:
    url = kafka_ledger(kafka_broker.address, fresh("by-init"), tmp_path)
    printed = CliRunner().invoke(main, ["ledger", "init", "--ledger", url, "--user", "CN=registry,O=shop"])
    assert "--partitions 1" in printed.output
    assert "--config retention.ms=-1" in printed.output
    assert "--allow-principal User:CN=registry,O=shop" in printed.output
    assert "--operation Read --operation Write --operation Describe --operation DescribeConfigs" in printed.output
    with pytest.raises(LedgerMissing):
        open_ledger(url, create=False)
    assert CliRunner().invoke(main, ["ledger", "init", "--ledger", url, "--run"]).exit_code == 0
    assert open_ledger(url).head() == START
    replicated = url.replace("durability=any", "durability=replicated")
    printed = CliRunner().invoke(main, ["ledger", "init", "--ledger", replicated])
    assert "--replication-factor 3" in printed.output
    assert "--config min.insync.replicas=2" in printed.output


# Sizes


@pytest.fixture
def small_url(kafka_broker: KafkaBroker | KafkaItself, tmp_path: Path) -> str:
    """The URL of a ledger in a topic that takes records of 20,000 bytes."""
    name = fresh("small")
    kafka_broker.make_topics(name, settings={**KEPT, "max.message.bytes": "20000"})
    return kafka_ledger(kafka_broker.address, name, tmp_path)


@pytest.mark.kafka
def test_the_topic_bounds_an_entry(small_url: str) -> None:
    ledger = open_ledger(small_url)
    assert ledger.largest_append_bytes == 20_000 - 1024
    with pytest.raises(LedgerMisconfigured, match=r"takes entries of 18976 bytes.*Raise max\.message\.bytes"):
        ledger.append(entry(START, text="x" * 20_000), after=START)
    fitting = entry(START, text="x" * 18_000)
    ledger.append(fitting, after=START)
    assert list(ledger.read(0)) == [fitting]


@pytest.mark.kafka
def test_a_schema_that_the_topic_does_not_take_is_refused_alone(small_url: str) -> None:
    asked = Asked(open_ledger(small_url))
    asked.register(record("a"), "shop.orders.Small")
    large = record(*(f"field{number}" for number in range(800)))
    with pytest.raises(SchemaLimitExceeded, match="at most 18976 are kept"):
        asked.register(large, "shop.orders.Large")
    asked.register(record("b"), "shop.orders.Other")
    assert asked.ledger.head().position == 2


@pytest.mark.kafka
def test_an_import_sends_no_more_together_than_the_topic_takes(small_url: str, tmp_path: Path) -> None:
    source, entries = MemoryLedger(), chain(30, fact={"text": "x" * 5_000})
    append_all(source, entries)
    with (tmp_path / "all").open("wb") as stream:
        export(source, stream)
    with (tmp_path / "all").open("rb") as stream:
        assert import_(open_ledger(small_url), stream).added == 30
    assert list(open_ledger(small_url).read(0)) == entries


# The index


@pytest.mark.kafka
def test_a_second_start_finds_the_index_of_the_first(kafka_broker: KafkaBroker | KafkaItself, tmp_path: Path) -> None:
    topic = fresh("indexed")
    url = kafka_ledger(kafka_broker.address, topic, tmp_path)
    entries = chain(30)
    append_all(open_ledger(url), entries)
    again = open_ledger(url)
    assert again.read(27).__next__() == entries[27]
    index = tmp_path / f"beside.db.{topic}.index"
    assert index.stat().st_mode & 0o777 == 0o600
    assert index.stat().st_size == 31 * 44


@pytest.mark.kafka
@pytest.mark.parametrize("at", [44, 44 * 15, 44 * 30])
def test_an_index_that_does_not_fit_is_made_again(
    at: int, kafka_broker: KafkaBroker | KafkaItself, tmp_path: Path
) -> None:
    topic = fresh("spoiled")
    url = kafka_ledger(kafka_broker.address, topic, tmp_path)
    entries = chain(30)
    append_all(open_ledger(url), entries)
    with (tmp_path / f"beside.db.{topic}.index").open("r+b") as file:
        file.seek(at)
        file.write(b"\xff" * 44)
    again = open_ledger(url)
    append_next(again, "one more")
    assert list(again.read(0))[:30] == entries


@pytest.mark.kafka
def test_a_start_takes_the_base_that_is_beside_the_topic(
    kafka_broker: KafkaBroker | KafkaItself, tmp_path: Path
) -> None:
    url = kafka_ledger(kafka_broker.address, fresh("base"), tmp_path)
    asked = Asked(open_ledger(url))
    for number in range(5):
        asked.register(record("a"), f"shop.orders.Event{number}")
    assert CliRunner().invoke(main, ["ledger", "base", "--ledger", url]).exit_code == 0
    asked.register(record("a"), "shop.orders.Later")
    path = bases_path(url)
    assert path is not None
    again = open_ledger(url)
    state = BaseFolder(path, again, fold_version()).newest_state()
    assert state is not None
    assert state.position == 5
    assert apply(state, again.read(5)) == asked.registry.state


@pytest.mark.kafka
def test_an_index_that_cannot_be_used_is_named(kafka_broker: KafkaBroker | KafkaItself, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    url = kafka_ledger(kafka_broker.address, fresh("index"), tmp_path)
    with pytest.raises(LedgerMisconfigured, match=r"file/index cannot be used.*Correct index"):
        open_ledger(f"{url}&index={tmp_path}/file/index")


def test_an_index_is_read_as_far_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "index"
    index = PositionIndex(path, "topic")
    digests = [f"{number:064x}" for number in range(1, 11)]
    for number, digest in enumerate(digests):
        index.add(2 * number, digest)
    assert (index.offset(3), index.digest(3), index.digest(0)) == (4, digests[2], GENESIS)
    assert PositionIndex(path, "topic").head == index.head
    with path.open("r+b") as file:
        file.truncate(44 * 8 + 7)
    assert PositionIndex(path, "topic").count == 7
    with path.open("r+b") as file:
        file.seek(44 * 3)
        file.write(bytes(44))
    assert PositionIndex(path, "topic").count == 2
    assert PositionIndex(path, "another").count == 0


def test_an_index_that_the_disk_does_not_take_is_kept_in_memory(tmp_path: Path) -> None:
    index = PositionIndex(tmp_path / "index", "topic")
    index.add(0, "1" * 64)
    with files_of_at_most(88), capture_logs() as logs:
        index.add(1, "2" * 64)
    index.add(5, "3" * 64)
    assert [one["event"] for one in logs] == ["kafka_index_not_written"]
    assert index.rows(0, 9) == [(1, 0, "1" * 64), (2, 1, "2" * 64), (3, 5, "3" * 64)]
    assert PositionIndex(tmp_path / "index", "topic").count == 1


def test_an_index_that_the_disk_takes_a_part_of_is_kept_in_memory(tmp_path: Path) -> None:
    index = PositionIndex(tmp_path / "index", "topic")
    with files_of_at_most(44 * 3 + 7), capture_logs() as logs:
        index.add(0, "1" * 64, "2" * 64, "3" * 64)
    assert [one["event"] for one in logs] == ["kafka_index_not_written"]
    assert [one[2] for one in index.rows(0, 9)] == ["1" * 64, "2" * 64, "3" * 64]
    assert PositionIndex(tmp_path / "index", "topic").head == Head(2, "2" * 64)


def test_a_file_that_is_no_index_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(b"SQLite format 3\0" + bytes(100))
    with pytest.raises(LedgerMisconfigured, match=r"ledger\.db exists, and is not an index"):
        PositionIndex(path, "topic")
    assert path.read_bytes().startswith(b"SQLite")
    path.write_bytes(bytes(88))  # what a power cut may leave
    assert PositionIndex(path, "topic").count == 0


@contextmanager
def files_of_at_most(size_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond *size_bytes*."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
