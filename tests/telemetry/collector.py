"""A collector for tests: a real HTTP server that decodes what OTLP exporters send, and keeps the bytes."""

import threading
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass
class Collector:
    """What was received so far; *status* and *delay_s* say how the next requests are answered."""

    status: int = 200
    delay_s: float = 0.0
    bodies: list[tuple[str, bytes]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def everything(self) -> bytes:
        return b"\n".join(body for _, body in list(self.bodies))

    def spans(self) -> list[dict[str, Any]]:
        """All spans: name, kind, ids, attributes, and the instance of the service that made each."""
        found = []
        for path, body in list(self.bodies):
            if path == "/v1/traces":
                for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    instance = attributes(of_resource.resource.attributes)["service.instance.id"]
                    for scope in of_resource.scope_spans:
                        found += [as_dict(span, instance) for span in scope.spans]
        return found

    def newest_metrics(self) -> dict[str, dict[str, Any]]:
        """The last request of metrics of each instance: metric by name."""
        found: dict[str, dict[str, Any]] = {}
        for path, body in list(self.bodies):
            if path == "/v1/metrics":
                for of_resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                    instance = attributes(of_resource.resource.attributes)["service.instance.id"]
                    found[instance] = {one.name: one for scope in of_resource.scope_metrics for one in scope.metrics}
        return found

    def counts(self, metric: str, *labels: str) -> Counter[tuple[str, ...]]:
        """The sum of a counter over all instances, by the values of *labels*."""
        found: Counter[tuple[str, ...]] = Counter()
        for metrics in self.newest_metrics().values():
            for point in metrics[metric].sum.data_points if metric in metrics else ():
                told = attributes(point.attributes)
                found[tuple(told[label] for label in labels)] += int(point.as_double)
        return found


def attributes(listed: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in listed}


def as_dict(span: Any, instance: str) -> dict[str, Any]:
    return {
        "name": span.name,
        "kind": span.kind,
        "trace": span.trace_id.hex(),
        "id": span.span_id.hex(),
        "parent": span.parent_span_id.hex(),
        "status": span.status.code,
        "seconds": (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
        "instance": instance,
        **attributes(span.attributes),
    }


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that listens."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = zlib.decompress(body, 31)
            time.sleep(collector.delay_s)
            if collector.status == 200:
                collector.bodies.append((self.path, body))
                collector.headers.append(dict(self.headers.items()))
            self.send_response(collector.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_told: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    collector.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
