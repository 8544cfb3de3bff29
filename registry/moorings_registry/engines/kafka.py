"""A ledger in a topic of Kafka. A topic has no place for what is beside it: another engine, which the URL names, has.

confluent-kafka is an extra, so what uses it is imported by those who have a ledger there.
"""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from moorings_registry.drift import DriftStore
from moorings_registry.engines.engine import (
    Address,
    Engine,
    Setup,
    address_of,
    beside_file,
    engine_among,
    needing_extra,
    with_entries,
)
from moorings_registry.engines.postgres import POSTGRES
from moorings_registry.engines.redis import REDIS, REDISS
from moorings_registry.engines.sqlite import SQLITE
from moorings_registry.expiring_records import ExpiringRecords
from moorings_registry.export_statuses import StatusStore
from moorings_registry.exporting.leases import Lease
from moorings_registry.kept_checks import KeptCheckStore
from moorings_registry.ledger import Ledger, LedgerMisconfigured

if TYPE_CHECKING:
    from types import ModuleType

    from moorings_registry.ledger.kafka_url import KafkaServer

_BESIDE = {"sqlite": SQLITE, "redis": REDIS, "postgresql": POSTGRES, "rediss": REDISS}


def _ledger(address: Address, create: bool) -> Ledger:
    file = _file(address)
    kafka_setup, server = _topic(address)
    from moorings_registry.ledger.kafka import KafkaLedger

    if file is not None and server.index is None:
        server = replace(server, index=beside_file(file, f".{server.topic}.index"))
    ledger = KafkaLedger(server, kafka_setup.prepare(server, create=create))
    return ledger if create else with_entries(ledger, "the topic has no entries")


def _topic(address: Address) -> "tuple[ModuleType, KafkaServer]":
    """What makes and checks topics, and where this one is.

    Raises:
        LedgerMisconfigured
    """
    with needing_extra("kafka", "confluent_kafka", "Kafka"):
        from moorings_registry.ledger import kafka_setup
        from moorings_registry.ledger.kafka_url import server_of
    return kafka_setup, server_of(address.parts, address.parameters, address.seconds("timeout_s", 5.0))


def _beside(address: Address) -> tuple[Engine, Address]:
    """The engine that stores all that is beside the topic, and where.

    Raises:
        LedgerMisconfigured
    """
    url = address.parameters.get("beside", "")
    if not url:
        raise LedgerMisconfigured(
            "the ledger URL does not say what stores that which a topic cannot: leases, counts, kept checks, sessions",
            "Add &beside= with the URL of a PostgreSQL or a Redis, or of an SQLite file if there is one node, its "
            "special characters escaped: beside=sqlite%3A%2F%2F%2Fbeside.db",
        )
    if url.partition(":")[0].lower() in ("memory", "kafka"):
        raise LedgerMisconfigured(
            "what is beside the ledger would not be shared", "Let beside name a PostgreSQL, a Redis or an SQLite file"
        )
    engine = engine_among(url, _BESIDE)
    return engine, address_of(url, engine)


def _file(address: Address) -> Path | None:
    engine, beside = _beside(address)
    return engine.file(beside)


def _counts(address: Address, kind: str, kept: timedelta) -> DriftStore:
    engine, beside = _beside(address)
    return engine.open_counts(beside, kind, kept)


def _lease(address: Address, runtime: Path, purpose: str) -> Lease:
    engine, beside = _beside(address)
    return engine.open_lease(beside, runtime, purpose)


def _statuses(address: Address, runtime: Path) -> StatusStore:
    engine, beside = _beside(address)
    return engine.open_statuses(beside, runtime)


def _kept_checks(address: Address) -> KeptCheckStore:
    engine, beside = _beside(address)
    return engine.open_kept_checks(beside)


def _records(address: Address) -> ExpiringRecords:
    engine, beside = _beside(address)
    return engine.open_records(beside)


def _setup(address: Address) -> Setup:
    kafka_setup, server = _topic(address)

    def run(_user: str) -> None:
        kafka_setup.prepare(server, create=True)

    return Setup(lambda user: str(kafka_setup.script(server, user)), run, missing=tuple)


def _start_notes(address: Address) -> tuple[str, ...]:
    preview = "a ledger in Kafka is a preview: keep backups, and read docs/operations.md on what it promises"
    if _file(address) is None:
        return (preview,)
    alone = (
        "what is beside this ledger is a file: no second node may serve it, which would do exports and webhooks again"
    )
    return (preview, alone)


KAFKA = Engine(
    "kafka://kafka.example:9092/moorings?beside=...",
    "a topic in Kafka, for several machines; preview",
    _ledger,
    _counts,
    _lease,
    _statuses,
    _kept_checks,
    _records,
    frozenset({"beside", "config", "durability", "fetch_wait_ms", "index", "timeout_s"}),
    file=_file,
    setup=_setup,
    start_notes=_start_notes,
)
