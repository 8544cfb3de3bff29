"""The client: encode and decode through a contract handle, validation included, beside the bare codec in the same run.

Times are CPU times; a ratio is the median over rounds in which both run by turns, so that what else the machine does
weighs on both.
Limits: `fastavro.schemaless_writer` and `schemaless_reader`; orjson and jsonschema-rs with 5 bytes before the text;
`SerializeToString` and `FromString` of upb.
"""

import argparse
import io
import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import fastavro
import httpx2
import orjson

import moorings
from bench._events import SAMPLES, Sample
from moorings_compat import Format, parse
from moorings_compat.json_schema import validator
from moorings_registry.testing import in_memory

ROUNDS = 9
SUBJECT = "bench.events.Measured"
Call = Callable[[], Any]


@dataclass(frozen=True)
class Row:
    """One comparison; *target* is the ratio that is promised."""

    name: str
    ours: Call
    limit: Call
    target: float | None


def rows_of(sample: Sample) -> list[Row]:
    return [*avro_rows(sample), *json_rows(sample), *protobuf_rows(sample)]


def connected(format: Format, *texts: str) -> moorings.Registry:
    """Register *texts* as revisions of one subject in a registry of its own."""
    middleware = in_memory()
    registry = moorings.connect(http=httpx2.WSGITransport(app=middleware))
    for text in texts:
        registry.api.register(SUBJECT, text, format)
    return registry


def avro_rows(sample: Sample) -> list[Row]:
    event, parsed = sample.event, fastavro.parse_schema(sample.avro)
    registry = connected(Format.AVRO, json.dumps(sample.avro))
    contract = registry.event(SUBJECT)
    data = contract.encode(event)
    registry.api.register(SUBJECT, json.dumps(sample.avro_next), Format.AVRO)
    newer = moorings.Registry(registry.client_state).event(SUBJECT, reader="1.1")
    bare = data[5:]

    def write() -> bytes:
        out = io.BytesIO()
        fastavro.schemaless_writer(out, parsed, event)
        return out.getvalue()

    def read() -> Any:
        return fastavro.schemaless_reader(io.BytesIO(bare), parsed, None)

    assert write() == bare
    assert contract.decode(data) == read()
    assert newer.decode(data) == {**event, "added": None}
    return [
        Row(f"Avro {sample.name} produce", partial(contract.encode, event), write, 0.7),
        Row(f"Avro {sample.name} consume", partial(contract.decode, data), read, 0.9),
        Row(
            f"Avro {sample.name} evolved, to as written",
            partial(newer.decode, data),
            partial(contract.decode, data),
            1.3,
        ),
    ]


def json_rows(sample: Sample) -> list[Row]:
    text = json.dumps(sample.json_schema)
    contract = connected(Format.JSON, text).event(SUBJECT)
    fits = validator(parse(text, Format.JSON)).is_valid
    event, data = sample.event, contract.encode(sample.event)

    def write() -> bytes:
        assert fits(event)
        return b"\x00\x00\x00\x00\x01" + orjson.dumps(event)

    def read() -> Any:
        value = orjson.loads(data[5:])
        assert fits(value)
        return value

    return [
        Row(f"JSON {sample.name} produce", partial(contract.encode, event), write, 1.3),
        Row(f"JSON {sample.name} consume", partial(contract.decode, data), read, 1.3),
    ]


def protobuf_rows(sample: Sample) -> list[Row]:
    contract = connected(Format.PROTOBUF, sample.proto).event(SUBJECT)
    event, data = sample.event, contract.encode(sample.event)
    message = contract.decode_message(data)
    message_type, bare = type(message), data[6:]

    def write() -> bytes:
        return message.SerializeToString()  # type: ignore[no-any-return]

    def read() -> Any:
        return message_type.FromString(bare)

    target = {"small": 2.2, "large": 1.2}.get(sample.name)
    return [
        Row(f"Protobuf {sample.name} produce", partial(contract.encode, message), write, target),
        Row(f"Protobuf {sample.name} consume", partial(contract.decode_message, data), read, target),
        Row(f"Protobuf {sample.name} produce a dict", partial(contract.encode, event), write, None),
        Row(f"Protobuf {sample.name} consume as a dict", partial(contract.decode, data), read, None),
    ]


def measured(row: Row, seconds: float) -> tuple[float, float]:
    """Return our microseconds a call, and the ratio to the limit."""
    times = max(1, int(seconds / _once(row.ours, 10)))
    pairs = [(_once(row.ours, times), _once(row.limit, times)) for _ in range(ROUNDS)]
    return statistics.median(ours for ours, _ in pairs) * 1e6, statistics.median(a / b for a, b in pairs)


def _once(call: Call, times: int) -> float:
    """Return the CPU-seconds of one call: time in which another process has the core does not count."""
    began = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - began) / times


def threads_ratio() -> float:
    """Time 8 threads that share a handle, to the same work in one: 1 is what the interpreter's lock allows."""
    sample = SAMPLES[1]
    contract = connected(Format.AVRO, json.dumps(sample.avro)).event(SUBJECT)

    def work() -> None:
        for _ in range(500):
            contract.decode(contract.encode(sample.event))

    work()
    alone = _elapsed(lambda: [work() for _ in range(8)])

    def together() -> None:
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return _elapsed(together) / alone


def _elapsed(call: Call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def import_cpu_s() -> float:
    """Measure the CPU-seconds of `import moorings` in a fresh interpreter, the best of five."""
    code = "import time; a = time.process_time(); import moorings; print(time.process_time() - a)"
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(5)]
    return min(float(run.stdout) for run in runs)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=0.05, help="for each side of each round")
    arguments.add_argument("--only", default="", help="rows whose name has this text")
    chosen = arguments.parse_args()
    print(f"{'':48} {'µs':>9} {'ratio':>7} {'target':>7}")
    for sample in SAMPLES:
        for row in rows_of(sample):
            if chosen.only.lower() in row.name.lower():
                microseconds, ratio = measured(row, chosen.seconds)
                mark = "" if row.target is None else ("  ok" if ratio <= row.target else "  missed")
                target = "" if row.target is None else f"{row.target:7.2f}"
                print(f"{row.name:48} {microseconds:9.2f} {ratio:7.2f} {target:>7}{mark}", flush=True)
    if not chosen.only:
        print(f"{'8 threads to 1, the same work':48} {'':9} {threads_ratio():7.2f}")
        print(f"{'import moorings, CPU-seconds':48} {'':9} {import_cpu_s():7.3f}    0.15")


if __name__ == "__main__":
    main()
