"""The story of a contract, shown in the terminal within a minute, with real parts only: what `make demo` does.

A registry of its own runs on a free port with two workers and a SQLite ledger in a temporary folder, so nothing of
yours is touched. MOORINGS_URL=http://… tells the story against a running one; the last three chapters need its process
and its file, and are then left out.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from confluent_kafka.schema_registry import SchemaRegistryClient, SchemaRegistryError
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.schema_registry.json_schema import JSONSerializer
from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext
from rich.console import Console
from rich.markup import escape

import moorings
from moorings_compat import Format, parse
from moorings_compat.protobuf import message_class
from moorings_registry.callers import Caller
from moorings_registry.commands import SetMajorLifecycle
from moorings_registry.engines import open_ledger, open_usage
from moorings_registry.names import Subject
from moorings_registry.service import Registry
from moorings_registry.side_stores import SideStores
from moorings_registry.state import MajorState

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DOMAIN = "shop.checkout"
PLACED, SHIPPED, CAPTURED = (f"{DOMAIN}.{name}" for name in ("CartPlaced", "CartShipped", "CartPaid"))
EVENTS = 10_000
SUNSET_IN_DAYS = 90
BY_RECORD = {"auto.register.schemas": False, "subject.name.strategy": lambda _context, _record: PLACED}
QUIET_DAYS = 30
"""Of the policy, by default: days without use after which a major may be retired."""

CART_PLACED = {
    "type": "record",
    "name": "CartPlaced",
    "namespace": DOMAIN,
    "fields": [{"name": "cart_id", "type": "string"}, {"name": "total_cents", "type": "long"}],
}
WITH_NOTE = {**CART_PLACED, "fields": [*CART_PLACED["fields"], {"name": "note", "type": "string", "default": ""}]}
WITH_CURRENCY = {**CART_PLACED, "fields": [*CART_PLACED["fields"], {"name": "currency", "type": "string"}]}
WITH_MORE = {
    **WITH_NOTE,
    "fields": [
        *WITH_NOTE["fields"],
        *({"name": name, "type": "string", "default": ""} for name in ("voucher", "channel", "campaign")),
    ],
}
CART_SHIPPED = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "CartShipped",
    "type": "object",
    "properties": {"cart_id": {"type": "string"}, "parcels": {"type": "integer", "minimum": 1}},
    "required": ["cart_id"],
    "additionalProperties": False,
}
CART_PAID = """syntax = "proto3";
package shop.checkout;
message CartPaid {
  string cart_id = 1;
  int64 amount_cents = 2;
}
"""

WITH_TWO_FIELDS = {
    Format.AVRO: json.dumps(
        {
            **CART_PLACED,
            "fields": [
                *CART_PLACED["fields"],
                *({"name": name, "type": ["null", "string"], "default": None} for name in ("note", "coupon")),
            ],
        }
    ),
    Format.JSON: json.dumps(
        {
            **CART_SHIPPED,
            "properties": {**CART_SHIPPED["properties"], "note": {"type": "string"}, "coupon": {"type": "string"}},
        }
    ),
    Format.PROTOBUF: CART_PAID.replace("}", "  optional string note = 3;\n  optional string coupon = 4;\n}"),
}
WITH_ONE_OF_THEM = {
    Format.AVRO: json.dumps(
        {**CART_PLACED,
         "fields": [*CART_PLACED["fields"], {"name": "note", "type": ["null", "string"], "default": None}]}
    ),
    Format.JSON: json.dumps({**CART_SHIPPED, "properties": {**CART_SHIPPED["properties"], "note": {"type": "string"}}}),
    Format.PROTOBUF: CART_PAID.replace("}", "  optional string note = 3;\n  reserved 4;\n  reserved \"coupon\";\n}"),
}  # fmt: skip

console = Console(highlight=False)


@dataclass(frozen=True, slots=True)
class Running:
    """The registry that the story happens in; `master` and `ledger` only where it is our own."""

    url: str
    master: int | None = None
    ledger: str = ""


def main() -> int:
    """Tell every chapter; the exit code is 1 as soon as one does not hold."""
    with _registry() as running:
        try:
            _tell(running)
        except AssertionError as failed:
            console.print(f"[bold red]this did not hold:[/] {escape(str(failed))}")
            return 1
    console.print("\n[bold green]Done: every chapter held.[/]")
    return 0


def _tell(running: Running) -> None:
    client = moorings.connect(running.url)
    client.api.put_domain(
        DOMAIN, {"owner": "team-checkout", "contacts": ["#team-checkout"], "policy": {"level": "FULL_TRANSITIVE"}}
    )
    chapter("CI pushes the contracts in schemas/")
    push_contracts(running)
    chapter("A producer with an unmodified confluent-kafka client; a consumer with ours")
    exchange(running, client)
    chapter("All three formats gain two optional fields, and lose one of them again")
    evolve(client)
    chapter("A breaking change is refused, with a payload that proves why")
    refuse(client)
    chapter("Billing declares what it reads, and a removal is held back because of it")
    hold_back(client)
    chapter("The change that was refused starts the next major")
    start_next_major(client)
    chapter("A payload with an undeclared field is refused on produce, all violations at once")
    refuse_payload(client)
    chapter(f"{EVENTS:,} stored events, read with an older and with a newer reader")
    archive = replay(running, client)
    chapter("Major 1 is deprecated; everybody who uses it hears of it")
    deprecate(running, client)
    if running.master is not None:
        chapter("Major 1 is retired: a stock producer is refused, and the archive is still read")
        retire(running, client, archive)
        chapter("A worker is killed in the middle of registrations")
        kill_a_worker(running, client)
        chapter("The ledger proves what happened")
        verify(running)


def chapter(title: str) -> None:
    chapter.number += 1  # type: ignore[attr-defined]
    console.print(f"\n[bold cyan]{chapter.number}. {title}[/]", soft_wrap=True)  # type: ignore[attr-defined]


chapter.number = 0  # type: ignore[attr-defined]


def say(text: str) -> None:
    console.print(f"   {text}", soft_wrap=True)


def push_contracts(running: Running) -> None:
    pushed = subprocess.run(
        [BIN / "moorings", "--url", running.url, "push"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    for line in pushed.stdout.splitlines():
        say(escape(line))
    assert pushed.returncode == 0, pushed.stderr


def exchange(running: Running, client: moorings.Registry) -> None:
    """Serialise with confluent-kafka in all three formats, decode with our own client."""
    confluent = SchemaRegistryClient({"url": running.url})
    cart = {"cart_id": "c-1", "total_cents": 4200}
    placed = AvroSerializer(confluent, json.dumps(CART_PLACED))
    show_exchange(client, PLACED, placed(cart, _field(PLACED)), cart)

    parcel = {"cart_id": "c-1", "parcels": 2}
    shipped = JSONSerializer(json.dumps(CART_SHIPPED), confluent)
    show_exchange(client, SHIPPED, shipped(parcel, _field(SHIPPED)), parcel)

    message = message_class(parse(CART_PAID, Format.PROTOBUF), f"{DOMAIN}.CartPaid")
    paid = ProtobufSerializer(message, confluent, {"use.deprecated.format": False})
    data = paid(message(cart_id="c-1", amount_cents=4200), _field(CAPTURED))
    show_exchange(client, CAPTURED, data, {"cart_id": "c-1", "amount_cents": 4200})


def show_exchange(client: moorings.Registry, topic: str, data: bytes, sent: dict[str, Any]) -> None:
    contract = client.event(f"{topic}-value")
    read = contract.decode(data)
    say(f"{topic}: {len(data)} bytes {data[:12].hex(' ')}… -> {escape(str(read))}")
    assert {key: read[key] for key in sent} == sent, f"{topic} came back as {read}"


def evolve(client: moorings.Registry) -> None:
    for topic, format in ((PLACED, Format.AVRO), (SHIPPED, Format.JSON), (CAPTURED, Format.PROTOBUF)):
        subject = f"{topic}-value"
        gained = client.api.register(subject, WITH_TWO_FIELDS[format], format)
        lost = client.api.register(subject, WITH_ONE_OF_THEM[format], format)
        say(f"{subject} ({format}): {gained.version.label} gains note and coupon, {lost.version.label} loses coupon")
        assert (gained.version.label, lost.version.label) == ("1.1", "1.2"), subject
    newer, older = client.event(f"{SHIPPED}-value"), client.event(f"{SHIPPED}-value", reader="1.0")
    newer.refresh()
    read = older.decode(newer.encode({"cart_id": "c-2", "note": "gift"}))
    say(f"a JSON reader of 1.0 leaves out what it does not declare: {escape(str(read))}")
    assert read == {"cart_id": "c-2"}, read


def _field(topic: str) -> SerializationContext:
    return SerializationContext(topic, MessageField.VALUE)


def refuse(client: moorings.Registry) -> None:
    client.api.register(PLACED, json.dumps(CART_PLACED), Format.AVRO)
    client.api.register(PLACED, json.dumps(WITH_NOTE), Format.AVRO)
    say("1.1 adds [bold]note[/] with a default: accepted")
    try:
        client.api.register(PLACED, json.dumps(WITH_CURRENCY), Format.AVRO)
    except moorings.SchemaIncompatible as refused:
        show_report(refused.report)
        return
    raise AssertionError("a breaking change was accepted")


def show_report(report: Any) -> None:
    say(f"[red]refused[/]: {report['verdict']} at {report['level']} against {', '.join(report['failing'])}")
    comparison = next(one for one in report["comparisons"] if one["findings"])
    finding = next(one for one in comparison["findings"] if one["severity"] == "break")
    say(f"[bold]{finding['rule']}[/] at {finding['reader_path']}: {escape(finding['message'])}")
    witness = finding["witness"]
    assert witness, "the finding has no witness"
    say(f"written under {comparison['writer']}: [yellow]{escape(witness['payload'])}[/]")
    say(f"read with {comparison['reader']} by {witness['engine']}: [red]{escape(witness['error'])}[/]")
    say(f"to make it legal: {escape(finding['advice'])}")


def hold_back(client: moorings.Registry) -> None:
    """Let billing declare fields, then remove one that it does not read, and one that it reads."""
    client.api.register(PLACED, json.dumps(WITH_MORE), Format.AVRO)
    say("1.2 adds [bold]voucher[/], [bold]channel[/] and [bold]campaign[/]")
    reads = {"event": PLACED, "major": 1, "fields": [{"path": f"/{name}"} for name in ("cart_id", "voucher")]}
    client.api.send("PUT", "/v1/consumers/billing", {"team": "payments", "reads": [reads]})
    say("billing of team payments reads /cart_id and /voucher")
    label = client.api.register(PLACED, without("campaign"), Format.AVRO).version.label
    say(f"{label} removes campaign, which nobody reads: accepted")
    try:
        client.api.register(PLACED, without("campaign", "voucher"), Format.AVRO)
    except moorings.SchemaIncompatible as refused:
        show_reader(refused.report)
        return
    raise AssertionError("a field that billing reads was removed")


def without(*names: str) -> str:
    return json.dumps({**WITH_MORE, "fields": [one for one in WITH_MORE["fields"] if one["name"] not in names]})


def show_reader(report: Any) -> None:
    held = [one for pair in report["comparisons"] for one in pair["findings"] if one["rule"] == "CONSUMER_READS_FIELD"]
    assert held, "no finding names a reader"
    assert "billing" in held[0]["message"], held
    say(f"[red]refused[/] without voucher: [bold]{held[0]['rule']}[/]: {escape(held[0]['message'])}")
    witness = held[0]["witness"]
    assert witness, "the finding has no witness"
    say(f"a new event, reduced to the field that the finding is about: [yellow]{escape(witness['payload'])}[/]")


def start_next_major(client: moorings.Registry) -> None:
    opened = client.api.register(PLACED, json.dumps(WITH_CURRENCY), Format.AVRO, major="next")
    say(f"{PLACED} {opened.version.label} is version {opened.version.version}, id {opened.version.id}")
    assert opened.version.label == "2.0", opened.version.label


def refuse_payload(client: moorings.Registry) -> None:
    contract = client.event(PLACED, major=1)
    violations: tuple[moorings.Violation, ...] = ()
    try:
        contract.encode({"cart_id": 7, "total_cents": 1, "note": "", "coupon": "X"})
    except moorings.EventInvalid as invalid:
        violations = tuple(invalid.violations)
    for violation in violations:
        say(f"[red]{violation.rule}[/] at {violation.pointer}: expected {escape(violation.expected)}")
    assert len(violations) == 2, f"found {violations}"


def replay(running: Running, client: moorings.Registry) -> list[bytes]:
    newer = client.event(PLACED, major=1)
    newer.refresh()
    stored = [newer.encode({"cart_id": f"c-{n}", "total_cents": n, "note": "gift"}) for n in range(EVENTS // 2)]
    first = client.api.version(PLACED, "1.0")
    confluent = SchemaRegistryClient({"url": running.url})
    older = AvroSerializer(confluent, first.schema, conf=BY_RECORD)
    stored += [older({"cart_id": f"c-{n}", "total_cents": n}, _field(PLACED)) for n in range(EVENTS // 2)]
    began = time.perf_counter()
    notes = sum(1 for data in stored if newer.decode(data)["note"] == "gift")
    seconds = time.perf_counter() - began
    say(f"reader 1.3 (ours): {EVENTS:,} events in {seconds:.2f} s, {notes:,} with a note, the rest with the default")
    assert notes == EVENTS // 2, notes
    old_consumer = AvroDeserializer(confluent, first.schema)
    total = sum(old_consumer(data, _field(PLACED))["total_cents"] for data in stored)
    say(f"reader 1.0 (confluent-kafka): the sum of all totals is {total:,}, as it was written")
    assert total == 2 * sum(range(EVENTS // 2)), total
    return stored


def deprecate(running: Running, client: moorings.Registry) -> None:
    sunset = (datetime.now(UTC) + timedelta(days=SUNSET_IN_DAYS)).date().isoformat()
    client.api.set_lifecycle(PLACED, 1, MajorState.DEPRECATED, sunset=sunset)
    with urllib.request.urlopen(f"{running.url}/subjects/{PLACED}/versions/1", timeout=5) as answer:
        shown = {name: answer.headers[name] for name in ("Deprecation", "Sunset", "Link")}
    for name, value in shown.items():
        say(f"{name}: {escape(str(value))}")
    assert all(shown.values()), shown
    for one in client.api.retirement(PLACED, 1)["blockers"]:
        say(f"it cannot be retired yet: [yellow]{one['code']}[/]: {escape(one['message'])}")


def _refusal(running: Running) -> str:
    """What a stock producer of the retired major hears; workers learn a moment later of what another node wrote."""
    until = time.monotonic() + 10
    while True:
        confluent = SchemaRegistryClient({"url": running.url})
        producer = AvroSerializer(confluent, json.dumps(CART_PLACED), conf=BY_RECORD)
        try:
            producer({"cart_id": "c-9", "total_cents": 1}, _field(PLACED))
        except SchemaRegistryError as refused:
            return str(refused.error_message)
        assert time.monotonic() < until, "a stock producer wrote with a retired major"
        time.sleep(0.2)


def retire(running: Running, client: moorings.Registry, archive: list[bytes]) -> None:
    """Withdraw billing, retire major 1 at a moved clock, and try to write and to read."""
    client.api.send("DELETE", "/v1/consumers/billing", None)
    say("billing has moved to major 2, and withdraws its declaration")
    later = datetime.now(UTC) + timedelta(days=SUNSET_IN_DAYS + QUIET_DAYS)
    stores = SideStores(usage=open_usage(running.ledger))
    moved = Registry(open_ledger(running.ledger), clock=lambda: later, stores=stores)
    moved.catch_up()
    moved.execute(SetMajorLifecycle(Subject.parse(PLACED), 1, MajorState.RETIRED), Caller())
    say(f"on {later.date()}, after sunset and quiet period, a node whose clock is moved retires it")
    say(f"confluent-kafka writes: [red]refused[/]: {escape(_refusal(running))}")
    consumer = AvroDeserializer(SchemaRegistryClient({"url": running.url}))
    read = sum(1 for data in archive if "cart_id" in consumer(data, _field(PLACED)))
    say(f"confluent-kafka reads {read:,} of {len(archive):,} events of the archive")
    with moorings.connect(running.url) as fresh:
        read = sum(1 for data in archive if "note" in fresh.event(PLACED, major=1).decode(data))
    say(f"our client reads {read:,} of them")
    assert read == len(archive), read


def kill_a_worker(running: Running, client: moorings.Registry) -> None:
    acknowledged: list[tuple[str, int]] = []
    stop = threading.Event()
    threads = [threading.Thread(target=_register_until, args=(running.url, n, acknowledged, stop)) for n in range(4)]
    for thread in threads:
        thread.start()
    killed = []
    for _ in range(3):
        time.sleep(0.5)
        victim = _workers(running.master)[0]
        os.kill(victim, signal.SIGKILL)
        killed.append(victim)
    time.sleep(0.7)
    stop.set()
    for thread in threads:
        thread.join()
    missing = [subject for subject, id in acknowledged if client.api.version(subject, "latest").id != id]
    say(f"3 workers killed with SIGKILL, {len(acknowledged)} registrations acknowledged, {len(missing)} missing")
    assert acknowledged, "nothing was acknowledged"
    assert not missing, f"missing: {missing[:5]}"


def _register_until(url: str, number: int, acknowledged: list[tuple[str, int]], stop: threading.Event) -> None:
    with moorings.connect(url, retries=5) as client:
        count = 0
        while not stop.is_set():
            count += 1
            subject = f"load.thread{number}.Thing{count}Counted"
            text = json.dumps({"type": "record", "name": f"Thing{number}x{count}", "fields": []})
            try:
                registered = client.api.register(subject, text, Format.AVRO)
            except moorings.RegistryUnavailable:
                continue
            acknowledged.append((subject, registered.version.id))


def _workers(master: int | None) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(master)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in listed.stdout.split()]


def verify(running: Running) -> None:
    done = subprocess.run(
        [BIN / "moorings-registry", "ledger", "verify", "--ledger", running.ledger],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    say(escape((done.stdout + done.stderr).strip()))
    assert done.returncode == 0, "the ledger does not verify"


_LONGEST_START_S = 120
"""A machine that does much else at the time is slow."""


@contextmanager
def _registry() -> Iterator[Running]:
    given = os.environ.get("MOORINGS_URL")
    if given:
        yield Running(given)
        return
    with tempfile.TemporaryDirectory(prefix="moorings-demo-") as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        ledger = f"sqlite:///{folder}/ledger.db"
        with Path(folder, "log").open("wb") as log:
            command = [BIN / "moorings-registry", "serve", "--port", str(port), "--ledger", ledger, "--workers", "2"]
            server = subprocess.Popen(command, stdout=log, stderr=log)
            try:
                _wait(f"http://127.0.0.1:{port}", server)
                console.print(f"a registry of our own runs on port {port}: 2 workers, {escape(ledger)}", soft_wrap=True)
                yield Running(f"http://127.0.0.1:{port}", server.pid, ledger)
            finally:
                server.terminate()
                server.wait()


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _LONGEST_START_S
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):
                return
        except OSError:
            assert server.poll() is None, "the registry did not start"
            time.sleep(0.1)
    raise AssertionError(f"the registry did not become ready within {_LONGEST_START_S} s")


if __name__ == "__main__":
    sys.exit(main())
