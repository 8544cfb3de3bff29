"""The ledger's URL as the settings of Kafka's client.

    kafka://kafka1.example:9092,kafka2.example:9092/moorings?config=/etc/moorings/kafka.properties&beside=...

Brokers to begin with, and the topic. How the registry signs in is in the file that `config` names; the URL has no
names and no secrets.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, unquote

from moorings_registry.ledger.errors import LedgerMisconfigured
from moorings_registry.ledger.kafka_properties import read_properties

_EXAMPLE = "Write kafka://host:9092,host2:9092/topic"
_BROKER = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?", re.ASCII)
_TOPIC = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}", re.ASCII)
_FETCH_WAIT_MS = 500


class Durability(StrEnum):
    """What a ledger URL demands of the topic."""

    REPLICATED = "replicated"
    """An acknowledged entry is in the memory of two brokers at least; the default."""
    ANY = "any"
    """Whatever the topic does: for trials and tests."""


@dataclass(frozen=True, slots=True)
class KafkaServer:
    """Where a ledger is, and how it is reached."""

    brokers: str
    topic: str
    config: Path | None
    durability: Durability
    index: Path | None
    """The file of the position index; None for one that ends with the processes."""
    fetch_wait_ms: int
    """How long a broker holds a question for new records back."""
    timeout_s: float

    def settings(self) -> dict[str, str]:
        """What every client of it is made with; the file is read again for each.

        Raises:
            LedgerMisconfigured
        """
        return {"bootstrap.servers": self.brokers, **(read_properties(self.config) if self.config else {})}


def server_of(parts: SplitResult, parameters: Mapping[str, str], timeout_s: float) -> KafkaServer:
    """Read a ledger's URL.

    Raises:
        LedgerMisconfigured: says what to write instead.
    """
    if "@" in parts.netloc:
        raise LedgerMisconfigured(
            "the ledger URL holds a user or a password", "Put them into a file, and name it: ?config=PATH"
        )
    brokers = parts.netloc.split(",")
    if not all(map(_BROKER.fullmatch, brokers)):
        raise LedgerMisconfigured("the ledger URL does not name brokers", _EXAMPLE)
    topic = unquote(parts.path.removeprefix("/"))
    if not _TOPIC.fullmatch(topic):
        raise LedgerMisconfigured("the path of the Kafka URL is not the name of a topic", _EXAMPLE)
    return KafkaServer(
        ",".join(brokers),
        topic,
        Path(parameters["config"]).absolute() if "config" in parameters else None,
        _durability(parameters),
        Path(parameters["index"]).absolute() if parameters.get("index") else None,
        _fetch_wait_ms(parameters),
        timeout_s,
    )


def _durability(parameters: Mapping[str, str]) -> Durability:
    try:
        return Durability(parameters.get("durability", Durability.REPLICATED))
    except ValueError:
        raise LedgerMisconfigured(
            "the durability is not one of replicated and any", "Leave it out: replicated is the default"
        ) from None


def _fetch_wait_ms(parameters: Mapping[str, str]) -> int:
    text = parameters.get("fetch_wait_ms", str(_FETCH_WAIT_MS))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 10_000:
        raise LedgerMisconfigured(
            "fetch_wait_ms is not a whole number from 1 to 10000", "Leave it out: 500 is the default"
        )
    return int(text)
