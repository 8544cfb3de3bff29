"""Contracts as CloudEvents over HTTP: a webhook that takes every mode, and a producer that calls it."""

import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
from flask import Flask, request
from shop import ORDER_PLACED, broken_order, order_placed
from werkzeug.serving import make_server

import moorings
from moorings.integrations.cloudevents import EventSource, cloud_record, from_http, to_batch, to_binary, to_structured
from moorings.integrations.consuming import consume_or_set_aside
from moorings.integrations.dead_letters import JsonLinesSink, read_json_lines


def webhook(placed: moorings.EventContract, dead: Path) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000
    sink = JsonLinesSink(dead)

    @app.post("/orders")
    def receive() -> tuple[str, int]:
        try:
            events = from_http(request.headers, request.get_data())
        except moorings.FramingInvalid as error:
            return str(error), 400  # not a CloudEvent: the sender has to fix it
        for event in events:
            consume_or_set_aside(placed, cloud_record(event), handle, sink, patience_s=2)
        return "", 204  # each was handled, or is kept: the sender need not repeat it

    return app


def handle(order: dict[str, Any]) -> None:
    print("handled:", order["order_id"], order["total"])


def produce(placed: moorings.EventContract, url: str) -> None:
    orders = EventSource(placed, source="https://shop.example/checkout", registry_url="http://127.0.0.1:8081")
    first = orders.event(order_placed("o-1"), subject="o-1")
    for message in (to_binary(first), to_structured(first), to_batch([first, first])):
        answer = httpx2.post(url, headers=message.headers, content=message.body)
        print("answered:", answer.status_code, "to", message.headers["content-type"])
    try:
        orders.event(broken_order())
    except moorings.EventInvalid as error:
        print("refused:", error)
    somebody = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/elsewhere", "ce-type": "order"}
    httpx2.post(url, headers={**somebody, "content-type": "avro/binary"}, content=b"not an event")


def main() -> None:
    with moorings.connect() as registry, TemporaryDirectory() as folder:
        placed = registry.event(ORDER_PLACED)
        dead = Path(folder) / "dead.jsonl"
        server = make_server("127.0.0.1", 0, webhook(placed, dead))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        produce(placed, f"http://127.0.0.1:{server.server_port}/orders")
        server.shutdown()
        for letter in read_json_lines(dead):
            print("dead letter:", letter.reason.code, "from", letter.record.place, "-", letter.reason.text)


if __name__ == "__main__":
    main()
