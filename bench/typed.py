"""Typed events beside dicts: the same events through the same handle, once as dicts and once as objects, by turns.

A ratio is CPU time with objects over CPU time with dicts, the median over rounds; *converting* is the time of the two
functions alone, without any codec. Objects are made by the classes that `moorings generate` writes.
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import moorings
from bench._events import SAMPLES, Sample
from bench.client import SUBJECT, connected
from moorings import typed
from moorings.typed.generate import files_of, from_registry
from moorings_compat import Format

ROUNDS = 9
Call = Callable[[], Any]


@dataclass(frozen=True)
class Row:
    """One comparison: with objects, with dicts, and the conversion alone."""

    name: str
    objects: Call
    dicts: Call
    converting: Call


def generated(registry: moorings.Registry) -> Any:
    """Return the class that the measured event becomes."""
    files = files_of(from_registry(registry, [SUBJECT]), "dataclass", 88)
    text = next(text for name, text in files.items() if name.name == "measured_v1.py")
    module = ModuleType("measured")
    sys.modules[module.__name__] = module
    exec(text, module.__dict__)
    return module.Measured


def rows_of(sample: Sample) -> list[Row]:
    texts = {Format.AVRO: json.dumps(sample.avro), Format.JSON: json.dumps(sample.json_schema)}
    texts[Format.PROTOBUF] = sample.proto
    return [row for format, text in texts.items() for row in _rows(sample, format, text)]


def _rows(sample: Sample, format: Format, text: str) -> list[Row]:
    registry = connected(format, text)
    kind = generated(registry)
    plain, contract = registry.event(SUBJECT), typed.event(registry, kind)
    data = plain.encode(sample.event)
    event, made = plain.decode(data), contract.decode(data)
    assert contract.decode(contract.encode(made)) == made
    converter = typed.converter(kind, str(format))
    assert converter.out_of(made) == event
    name = f"{format} {sample.name}"
    write = (partial(contract.encode, made), partial(plain.encode, event), partial(converter.out_of, made))
    read = (partial(contract.decode, data), partial(plain.decode, data), partial(converter.into, event))
    return [Row(f"{name} produce", *write), Row(f"{name} consume", *read)]


def _once(call: Call, times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - began) / times


def measured(row: Row, seconds: float) -> tuple[float, float, float]:
    """Return the microseconds of a call with an object, the ratio to a dict, the microseconds of the conversion."""
    times = max(1, int(seconds / _once(row.objects, 10)))
    calls = (row.objects, row.dicts, row.converting)
    rounds = [[_once(call, times) for call in calls] for _ in range(ROUNDS)]
    objects, converting = (statistics.median(one[place] for one in rounds) * 1e6 for place in (0, 2))
    return objects, statistics.median(one[0] / one[1] for one in rounds), converting


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=0.05, help="for each side of each round")
    arguments.add_argument("--only", default="", help="rows whose name has this text")
    chosen = arguments.parse_args()
    print(f"{'':32} {'µs':>9} {'to a dict':>10} {'converting':>11}")
    for sample in SAMPLES:
        for row in rows_of(sample):
            if chosen.only.lower() in row.name.lower():
                objects, ratio, converting = measured(row, chosen.seconds)
                print(f"{row.name:32} {objects:9.2f} {ratio:10.2f} {converting:11.2f}", flush=True)


if __name__ == "__main__":
    main()
