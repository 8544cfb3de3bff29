"""What the errors of Kafka mean for a ledger."""

from confluent_kafka import KafkaError, KafkaException

from moorings_registry.ledger.errors import LedgerError, LedgerMisconfigured, LedgerUnavailable

_GRANT = (
    "Grant it READ, WRITE, DESCRIBE and DESCRIBE_CONFIGS on the topic, and CREATE if it is to make it: "
    "`moorings-registry ledger init` prints how"
)
_SIGN_IN = "Check the file that `config` of the ledger URL names: security.protocol, and what it signs in with"
_LARGER = "Raise max.message.bytes of the topic, and message.max.bytes where the brokers bound it"

_MISCONFIGURED = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED: ("Kafka does not let this user keep a ledger in the topic", _GRANT),
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: ("Kafka does not let this user keep a ledger in the topic", _GRANT),
    KafkaError._AUTHENTICATION: ("Kafka refuses to sign this user in", _SIGN_IN),  # noqa: SLF001 - their public names
    KafkaError.SASL_AUTHENTICATION_FAILED: ("Kafka refuses to sign this user in", _SIGN_IN),
    KafkaError.UNSUPPORTED_SASL_MECHANISM: ("Kafka does not know this way of signing in", _SIGN_IN),
    KafkaError._SSL: ("no TLS connection to Kafka can be made", _SIGN_IN),  # noqa: SLF001
    KafkaError.INVALID_RECORD: (
        "Kafka refuses records without a key: the topic is compacted, which removes entries",
        "Set cleanup.policy=delete, and check the ledger: moorings-registry ledger verify",
    ),
    KafkaError.MSG_SIZE_TOO_LARGE: ("the topic does not take a record of this size", _LARGER),
}
_UNAVAILABLE = {
    KafkaError._ALL_BROKERS_DOWN: "Kafka cannot be reached",  # noqa: SLF001
    KafkaError._TRANSPORT: "Kafka cannot be reached",  # noqa: SLF001
    KafkaError._RESOLVE: "the brokers of the ledger URL have no address",  # noqa: SLF001
    KafkaError._TIMED_OUT: "Kafka does not answer in time",  # noqa: SLF001
    KafkaError._TIMED_OUT_QUEUE: "Kafka does not answer in time",  # noqa: SLF001
    KafkaError._MSG_TIMED_OUT: "Kafka does not answer in time",  # noqa: SLF001
    KafkaError.REQUEST_TIMED_OUT: "Kafka does not answer in time",
    # As brokers say while they start, or take over; that the topic exists was seen when the ledger was opened.
    KafkaError.UNKNOWN_TOPIC_OR_PART: "Kafka does not know the topic of the ledger now",
    KafkaError._UNKNOWN_TOPIC: "Kafka does not know the topic of the ledger now",  # noqa: SLF001
    KafkaError._UNKNOWN_PARTITION: "Kafka does not know the topic of the ledger now",  # noqa: SLF001
    KafkaError.LEADER_NOT_AVAILABLE: "Kafka has no leader for the topic",
    KafkaError.NOT_LEADER_FOR_PARTITION: "the leader of the topic has moved",
    KafkaError.OFFSET_NOT_AVAILABLE: "the leader of the topic has moved",
    KafkaError.NOT_ENOUGH_REPLICAS: "Kafka has too few replicas in sync to accept a write",
    KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND: "Kafka has too few replicas in sync to keep a write",
    KafkaError.KAFKA_STORAGE_ERROR: "Kafka cannot write to its disk",
}
_TELLING = (
    KafkaError._AUTHENTICATION,  # noqa: SLF001
    KafkaError.SASL_AUTHENTICATION_FAILED,
    KafkaError._SSL,  # noqa: SLF001
    KafkaError._RESOLVE,  # noqa: SLF001
    KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001
    KafkaError._TRANSPORT,  # noqa: SLF001
)
"""Causes of a time-out, the most telling first."""
_VAGUE = (KafkaError._TIMED_OUT, KafkaError._MSG_TIMED_OUT, KafkaError._TRANSPORT)  # noqa: SLF001

IGNORED = (KafkaError.GROUP_AUTHORIZATION_FAILED, KafkaError._PARTITION_EOF)  # noqa: SLF001
"""The library asks for the coordinator of a group that the registry never joins."""


class Causes:
    """What a client has said of its connections: why an answer did not come in time."""

    def __init__(self) -> None:
        self._heard: dict[int, KafkaError] = {}

    def hear(self, error: KafkaError) -> None:
        """Remember *error*; for the client's `error_cb`."""
        self._heard[error.code()] = error

    def forget(self) -> None:
        """An answer came: what was said before is over."""
        self._heard.clear()

    def of(self, error: KafkaError) -> KafkaError:
        """What led to *error*, where that says only that time was up."""
        if error.code() in _VAGUE:
            return next((self._heard[code] for code in _TELLING if code in self._heard), error)
        return error


def is_final(error: KafkaError) -> bool:
    """Whether sending the same record again would end in the same way."""
    return error.code() in _MISCONFIGURED


def unusable(error: KafkaException) -> LedgerMisconfigured:
    """What Kafka's client says of the settings that it was to be made with; files may have changed since the start."""
    return LedgerMisconfigured(
        f"Kafka's client refuses its settings ({error.args[0].str()})", "Correct the file that `config` names"
    )


def ledger_error(error: KafkaError, *, in_doubt: bool = False) -> LedgerError:
    """Translate *error*; what the tables do not know is unavailable, with the words of Kafka."""
    code, text = error.code(), " ".join(error.str().split())
    if code in _MISCONFIGURED:
        what, fix = _MISCONFIGURED[code]
        return LedgerMisconfigured(f"{what} ({text})", fix)
    if code in _UNAVAILABLE:
        reason = _UNAVAILABLE[code]
        return LedgerUnavailable(f"{reason} ({text})", in_doubt=in_doubt, public=reason)
    public = "Kafka refuses the request"
    return LedgerUnavailable(f"Kafka refuses ({error.name()}): {text}", in_doubt=in_doubt, public=public)
