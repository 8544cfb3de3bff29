"""Consumers: what impact adds to a check among many of them, and what their reports of use cost.

Two limits are held: the impact of a check within 50 ms among 10,000 consumers of 2,000 events, and reports of 1,000
clients a minute within 5 % of a core. Of events that a thousand of them read, the time is shown. Times are the
processor's.
"""

import json
import statistics
import sys
import tempfile
import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from werkzeug.test import Client

from moorings_compat import Format
from moorings_registry.app import Application, build_application
from moorings_registry.callers import Caller
from moorings_registry.commands import Draft, PutConsumer, PutDomain, RegisterSchema, impacts_of
from moorings_registry.engines import open_ledger, open_usage
from moorings_registry.entries import START
from moorings_registry.http.access_log import AccessLog
from moorings_registry.names import Subject
from moorings_registry.side_stores import SideStores

CONSUMERS, EVENTS, OF_ONE, CLIENTS = 10_000, 2_000, 1_000, 1_000
MOST_MS, MOST_SHARE = 50.0, 0.05
FIELDS = [f"field_{number}" for number in range(20)]
FORMATS = (Format.AVRO, Format.JSON, Format.PROTOBUF)


def subject_of(number: int) -> Subject:
    return Subject.parse(f"shop.part{number % 20}.Event{number}Placed")


def text_of(format: Format, number: int, fields: list[str]) -> str:
    name = f"Event{number}Placed"
    if format is Format.AVRO:
        members: list[Any] = [{"name": one, "type": ["null", "string"], "default": None} for one in fields]
        return json.dumps({"type": "record", "name": name, "fields": members})
    if format is Format.JSON:
        properties = {one: {"type": "string"} for one in fields}
        draft = "https://json-schema.org/draft/2020-12/schema"
        return json.dumps({"$schema": draft, "type": "object", "properties": properties})
    lines = [f"  optional string {one} = {FIELDS.index(one) + 1};" for one in fields]
    return "\n".join(['syntax = "proto3";', "package shop;", f"message {name} {{", *lines, "}"])


def format_of(number: int) -> Format:
    """Events 0, 1 and 2 are one of each format; of the others, few are Protobuf, whose compiler takes its time."""
    return FORMATS[number] if number < 3 else FORMATS[number % 2]


def application_of(url: str) -> Application:
    return build_application(open_ledger(url), stores=SideStores(usage=open_usage(url)), access_log=AccessLog(None))


def filled() -> Application:
    application = application_of("memory:")
    registry, rng = application.registry, Random(7)
    for part in range(20):
        registry.execute(PutDomain(f"shop.part{part}", "team"), Caller())
    for number in range(EVENTS):
        format = format_of(number)
        draft = Draft(format, text_of(format, number, FIELDS))
        registry.execute(RegisterSchema(subject_of(number), draft), Caller())
    for number in range(CONSUMERS):
        events = rng.sample(range(3, EVENTS), 2)
        if number < OF_ONE:
            events += [0, 1, 2]
        reads = tuple(read(event, rng.sample(FIELDS, 3)) for event in events)
        registry.execute(PutConsumer(f"app-{number}", f"team-{number % 100}", "", "", "", reads), Caller())
    return application


def copied(application: Application, url: str) -> Application:
    """The same registry on another engine, its entries appended together: one by one, each waits for the disk."""
    history, head = application.registry.entries(0), START
    with closing(open_ledger(url)) as ledger:
        while batch := tuple(islice(history, 1_000)):
            ledger.append(*batch, after=head)
            head = batch[-1].head
    return application_of(url)


def read(event: int, fields: list[str]) -> dict[str, Any]:
    uses = [{"path": f"/{one}", "use": "optional"} for one in fields]
    return {"event": str(subject_of(event)), "major": 1, "fields": uses, "tests": []}


def impact_ms(application: Application, number: int) -> tuple[float, int]:
    """How long the impact of dropping a field takes, nothing of it known before; and on how many consumers."""
    registry = application.registry
    state = registry.state
    format, subject = format_of(number), subject_of(number)
    draft = Draft(format, text_of(format, number, FIELDS[1:]))
    candidate = registry.read_candidate(state, subject, draft)
    held = state.subject(subject)
    assert held is not None
    began = time.process_time()
    found = impacts_of(state, held.versions[-1], candidate, registry.dependencies)
    return (time.process_time() - began) * 1_000, len(found)


def reports_share(application: Application) -> float:
    """The part of a core that reports of `CLIENTS` clients take, each once a minute and of five events."""
    client, rng = Client(application.middleware), Random(8)
    bodies = []
    for number in range(CLIENTS):
        used = [
            {
                "subject": str(subject_of(event)),
                "direction": ("produce", "consume")[number % 2],
                "major": 1,
                "revision": "1.0",
                "count": 1,
                "sizes": [[100 + number % 300, 1]],
                "seconds": [[1 + number % 90, 1]],
            }
            for event in rng.sample(range(EVENTS), 5)
        ]
        bodies.append({"application": f"app-{number}", "client": "moorings-python/0", "used": used})
    began = time.process_time()
    for number, body in enumerate(bodies):
        answer = client.post("/v1/usage", json=body, headers={"Idempotency-Key": f"batch-{number}"})
        assert answer.status_code == 200, answer.data
    return (time.process_time() - began) / 60


def main() -> int:
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        in_memory = filled()
        on_sqlite = copied(in_memory, f"sqlite:///{Path(folder) / 'ledger.db'}")
        for engine, application in (("memory", in_memory), ("sqlite", on_sqlite)):
            usual = [impact_ms(application, number)[0] for number in range(3, 303)]
            usual_ms = statistics.quantiles(usual, n=100)[98]
            middle = statistics.median(usual)
            slow = f"99 % within {usual_ms:.2f} ms, slowest {max(usual):.0f} ms"
            print(f"{engine}: impact of a check: median {middle:.2f} ms, {slow}")
            for number, format in enumerate(FORMATS):
                took, count = impact_ms(application, number)
                again, _ = impact_ms(application, number)
                print(f"{engine}: on {count} consumers of one event, {format}: {took:.1f} ms, again {again:.1f} ms")
            share = reports_share(application)
            print(f"{engine}: reports of {CLIENTS} clients a minute: {share:.1%} of a core")
            failed |= usual_ms > MOST_MS or share > MOST_SHARE
    print("a limit does not hold" if failed else "within the limits")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
