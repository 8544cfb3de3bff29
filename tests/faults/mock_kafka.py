"""A Kafka cluster whose faults a test decides on: librdkafka's own, which speaks Kafka's protocol on loopback ports.

It keeps everything in memory, 5 MB of a partition at most, makes no topics by itself and tells no settings.
"""

import ctypes
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from confluent_kafka import KafkaError

PRODUCE, FETCH, LIST_OFFSETS, METADATA, FIND_COORDINATOR = 0, 1, 2, 3, 10
_NO_ERROR = 0


def _library() -> Any:
    spec = find_spec("confluent_kafka")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    (found,) = [*folder.parent.glob("confluent_kafka.libs/librdkafka-*.so*")]
    library = ctypes.CDLL(str(found))
    for name, result in (
        ("rd_kafka_conf_new", ctypes.c_void_p),
        ("rd_kafka_new", ctypes.c_void_p),
        ("rd_kafka_mock_cluster_new", ctypes.c_void_p),
        ("rd_kafka_mock_cluster_bootstraps", ctypes.c_char_p),
    ):
        getattr(library, name).restype = result
    return library


class MockKafka:
    """Three brokers."""

    brokers = (1, 2, 3)

    def __init__(self) -> None:
        self._library = _library()
        errors = ctypes.create_string_buffer(512)
        conf = ctypes.c_void_p(self._library.rd_kafka_conf_new())
        self._library.rd_kafka_conf_set(conf, b"log_level", b"2", errors, len(errors))
        handle = self._library.rd_kafka_new(0, conf, errors, ctypes.c_size_t(len(errors)))
        assert handle, errors.value
        self._handle = ctypes.c_void_p(handle)
        cluster = self._library.rd_kafka_mock_cluster_new(self._handle, len(self.brokers))
        assert cluster
        self._cluster = ctypes.c_void_p(cluster)

    @property
    def address(self) -> str:
        """The bootstrap servers."""
        return str(self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode())

    def make_topic(self, name: str) -> None:
        """Make a topic of one partition with three replicas."""
        self._succeed(self._library.rd_kafka_mock_topic_create(self._cluster, name.encode(), 1, 3))

    def delete_topic(self, name: str) -> None:
        """Remove a topic with all that is in it."""
        self._succeed(self._library.rd_kafka_mock_topic_delete(self._cluster, name.encode()))

    def fail(self, request: int, *errors: int) -> None:
        """Let the next requests of a kind end with *errors*, one each."""
        array = (ctypes.c_int * len(errors))(*errors)
        self._library.rd_kafka_mock_push_request_errors_array(
            self._cluster, ctypes.c_int16(request), ctypes.c_size_t(len(errors)), array
        )

    def answer_late(self, request: int, seconds: Sequence[float]) -> None:
        """Let each broker do the next requests of a kind, and answer after so many *seconds* each."""
        for broker in self.brokers:
            for one in seconds:
                self._succeed(
                    self._library.rd_kafka_mock_broker_push_request_error_rtts(
                        self._cluster,
                        ctypes.c_int32(broker),
                        ctypes.c_int16(request),
                        ctypes.c_size_t(1),
                        ctypes.c_int(_NO_ERROR),
                        ctypes.c_int(int(one * 1000)),
                    )
                )

    def forgive(self, request: int) -> None:
        """Forget the errors of a kind of request that have not come up; delays stay."""
        self._library.rd_kafka_mock_clear_request_errors(self._cluster, ctypes.c_int16(request))

    def lead(self, topic: str, broker: int) -> None:
        """Make *broker* the leader of *topic*."""
        outcome = self._library.rd_kafka_mock_partition_set_leader(
            self._cluster, topic.encode(), ctypes.c_int32(0), ctypes.c_int32(broker)
        )
        self._succeed(outcome)

    def take_down(self, broker: int) -> None:
        """End the connections of *broker*, and take no others."""
        self._succeed(self._library.rd_kafka_mock_broker_set_down(self._cluster, ctypes.c_int32(broker)))

    def bring_up(self, broker: int) -> None:
        """Let *broker* answer again."""
        self._succeed(self._library.rd_kafka_mock_broker_set_up(self._cluster, ctypes.c_int32(broker)))

    def close(self) -> None:
        """End the cluster."""
        self._library.rd_kafka_mock_cluster_destroy(self._cluster)
        self._library.rd_kafka_destroy(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    @staticmethod
    def _succeed(outcome: int) -> None:
        assert outcome == _NO_ERROR, KafkaError(outcome)
