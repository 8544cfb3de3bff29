"""What a topic is asked before it may keep a ledger: does it keep what it is given, for ever, on several brokers?

| setting of the topic                    | why                                                             |
|-----------------------------------------|-----------------------------------------------------------------|
| one partition                           | only a partition has an order                                   |
| `cleanup.policy=delete`                 | compaction removes entries                                      |
| `retention.ms=-1`, `retention.bytes=-1` | time and size remove the oldest                                 |
| `max.message.bytes`                     | bounds an entry; 17825792 holds the largest that is written     |
| replicas 3, `min.insync.replicas=2`     | an acknowledged entry is on two brokers: in memory, not on disk |
| `unclean.leader.election.enable=false`  | a broker that has fallen behind would cut the topic off         |

``durability=any`` lifts the last two. A topic is made with all of it, and never by a mere look.
"""

import shlex
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import structlog
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, TopicMetadata  # type: ignore[attr-defined]

from moorings_registry.ledger.errors import LedgerError, LedgerMisconfigured, LedgerMissing
from moorings_registry.ledger.kafka_errors import Causes, ledger_error, unusable
from moorings_registry.ledger.kafka_url import Durability, KafkaServer

MOST_BYTES = 17_825_792
"""`max.message.bytes` of a topic that is made: the largest entry, and 1 MiB."""
REPLICAS = 3
LEAST_REPLICAS = 2
_DEFAULT_MOST_BYTES = 1_048_588
"""`max.message.bytes` where nobody has set it."""
_FRAME_BYTES = 1024
"""Room for what Kafka adds to a record."""
_UNKNOWN_SETTINGS = (
    KafkaError._UNSUPPORTED_FEATURE,  # noqa: SLF001 - their public name
    KafkaError.UNSUPPORTED_VERSION,
    KafkaError.INVALID_REQUEST,
)

log = structlog.get_logger("moorings.ledger")


@dataclass(frozen=True, slots=True)
class Topic:
    """What a topic takes."""

    most_bytes: int
    """Bytes of one record as Kafka counts them."""
    least_replicas: int
    """Replicas that have to be in sync for a write."""

    @property
    def largest_append_bytes(self) -> int:
        """Bytes of the lines that one record can hold."""
        return self.most_bytes - _FRAME_BYTES


def settings_of(durability: Durability) -> dict[str, str]:
    """The settings that a topic is made with."""
    kept = {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "max.message.bytes": str(MOST_BYTES),
    }
    if durability is Durability.ANY:
        return kept
    return {**kept, "min.insync.replicas": str(LEAST_REPLICAS), "unclean.leader.election.enable": "false"}


def prepare(server: KafkaServer, *, create: bool) -> Topic:
    """Check the topic of *server*; where there is none, *create* has it made.

    Raises:
        LedgerMissing: there is none.
        LedgerMisconfigured: it would lose entries by design; says which setting to change.
        LedgerUnavailable
    """
    brokers = _Brokers(server)
    found = brokers.topic()
    if found is None:
        if not create:
            raise LedgerMissing(f"Kafka has no topic {server.topic}", "Check the URL")
        brokers.make_topic()
        found = brokers.topic()
        if found is None:
            raise ledger_error(KafkaError(KafkaError.LEADER_NOT_AVAILABLE))
    _require_one_partition(found)
    settings = brokers.topic_settings()
    _require_kept(settings)
    if server.durability is Durability.REPLICATED:
        _require_replicated(found, settings)
    return Topic(
        _number(settings, "max.message.bytes", _DEFAULT_MOST_BYTES), _number(settings, "min.insync.replicas", 1)
    )


def script(server: KafkaServer, user: str) -> str:
    """Commands of Kafka's own tools that make the topic, and let *user* keep a ledger there."""
    replicas = REPLICAS if server.durability is Durability.REPLICATED else 1
    configs = " ".join(f"--config {name}={value}" for name, value in settings_of(server.durability).items())
    brokers, topic = f"--bootstrap-server {server.brokers}", f"--topic {server.topic}"
    rights = " ".join(f"--operation {one}" for one in ("Read", "Write", "Describe", "DescribeConfigs"))
    return (
        f"kafka-topics.sh {brokers} --create {topic} --partitions 1 --replication-factor {replicas} \\\n    {configs}\n"
        f"kafka-acls.sh {brokers} --add --allow-principal {shlex.quote(f'User:{user}')} {topic} \\\n    {rights}\n"
    )


class _Brokers:
    """What brokers are asked and told about the topic."""

    def __init__(self, server: KafkaServer) -> None:
        self._server = server
        self._causes = Causes()
        timeout_ms = str(max(1000, int(server.timeout_s * 1000)))
        settings: dict[str, Any] = {**server.settings(), "log_level": "2", "socket.timeout.ms": timeout_ms}
        settings["error_cb"] = self._causes.hear
        try:
            self._client = AdminClient(settings)
        except KafkaException as error:
            raise unusable(error) from None

    def topic(self) -> TopicMetadata | None:
        """What the brokers say of the topic. All are asked for: to ask for one by its name may make it."""
        try:
            topics: Mapping[str, TopicMetadata] = self._client.list_topics(timeout=self._server.timeout_s).topics
        except KafkaException as error:
            raise self._error(error) from None
        return topics.get(self._server.topic)

    def make_topic(self) -> None:
        """Make the topic; passes where another node is first."""
        server = self._server
        replicas = REPLICAS if server.durability is Durability.REPLICATED else 1
        made = NewTopic(server.topic, 1, replicas, config=settings_of(server.durability))
        outcome = self._client.create_topics([made], request_timeout=server.timeout_s)[server.topic]
        try:
            outcome.result(server.timeout_s + 1)
        except KafkaException as error:
            if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                return
            if error.args[0].code() == KafkaError.INVALID_REPLICATION_FACTOR:
                raise LedgerMisconfigured(
                    f"Kafka has fewer than {REPLICAS} brokers, so an entry could not be kept on several",
                    "Add ?durability=any to the ledger URL, if the end of one broker may take entries",
                ) from None
            raise self._error(error) from None
        except TimeoutError:
            raise ledger_error(self._causes.of(KafkaError(KafkaError._TIMED_OUT))) from None  # noqa: SLF001
        log.info("kafka_topic_made", topic=server.topic)

    def topic_settings(self) -> dict[str, str]:
        """The settings of the topic, as far as the brokers tell them."""
        resource = ConfigResource(ConfigResource.Type.TOPIC, self._server.topic)
        try:
            asked: Mapping[ConfigResource, Future[Mapping[str, object]]] = self._client.describe_configs(
                [resource], request_timeout=self._server.timeout_s
            )
            found = asked[resource].result(self._server.timeout_s + 1)
        except KafkaException as error:
            if error.args[0].code() in _UNKNOWN_SETTINGS:
                return {}
            raise self._error(error) from None
        except TimeoutError:
            raise ledger_error(self._causes.of(KafkaError(KafkaError._TIMED_OUT))) from None  # noqa: SLF001
        values = ((name, getattr(one, "value", None)) for name, one in found.items())
        return {name: str(value) for name, value in values if value is not None}

    def _error(self, error: KafkaException) -> LedgerError:
        self._client.poll(0)
        return ledger_error(self._causes.of(error.args[0]))


def _require_one_partition(topic: TopicMetadata) -> None:
    if topic.error is not None:
        raise ledger_error(topic.error)
    if len(topic.partitions) != 1:
        raise LedgerMisconfigured(
            f"the topic has {len(topic.partitions)} partitions, and a history has one order",
            "Name another topic, made with one partition: `moorings-registry ledger init` prints how",
        )


def _require_kept(settings: Mapping[str, str]) -> None:
    """Pass where nothing removes entries.

    Raises:
        LedgerMisconfigured
    """
    for name, wanted in (("cleanup.policy", "delete"), ("retention.ms", "-1"), ("retention.bytes", "-1")):
        _require(settings, name, settings.get(name) in (wanted, None), wanted, "with which entries are removed")


def _require_replicated(topic: TopicMetadata, settings: Mapping[str, str]) -> None:
    """Pass where the end of one broker takes nothing.

    Raises:
        LedgerMisconfigured
    """
    replicas = len(topic.partitions[0].replicas)
    if replicas < REPLICAS:
        raise LedgerMisconfigured(
            f"the topic has fewer than {REPLICAS} replicas ({replicas}), so the end of a broker may take entries",
            f"Give it {REPLICAS} with kafka-reassign-partitions.sh{_OTHERWISE}",
        )
    least = _number(settings, "min.insync.replicas", LEAST_REPLICAS)
    why = "with which one broker alone acknowledges an entry"
    _require(settings, "min.insync.replicas", least >= LEAST_REPLICAS, str(LEAST_REPLICAS), why, _OTHERWISE)
    is_clean = settings.get("unclean.leader.election.enable", "false") == "false"
    why = "with which a broker that has fallen behind drops entries"
    _require(settings, "unclean.leader.election.enable", is_clean, "false", why, _OTHERWISE)


_OTHERWISE = ", or add ?durability=any to the ledger URL if that may be"


def _require(settings: Mapping[str, str], name: str, fits: bool, wanted: str, why: str, otherwise: str = "") -> None:
    if not fits:
        raise LedgerMisconfigured(
            f"the topic has {name}={settings[name]}, {why}",
            f"Set {name}={wanted} for the topic with kafka-configs.sh{otherwise}",
        )
    if name not in settings:
        log.warning("kafka_setting_unknown", setting=name, wanted=wanted)


def _number(settings: Mapping[str, str], name: str, default: int) -> int:
    text = settings.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else default
