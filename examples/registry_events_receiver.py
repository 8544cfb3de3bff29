"""Events of the registry as messages: a receiver that verifies them, and prints, mails or posts a sentence of each.

    moorings-registry serve --public-url http://127.0.0.1:8081
    python examples/registry_events_receiver.py
    moorings webhooks add http://127.0.0.1:8090/events --node shop --kind SchemaRefused --kind ContractDeprecated

SMTP_HOST, MAIL_FROM and MAIL_TO make it send mail; CHAT_URL, the address of an incoming webhook of a chat, posts there.
"""

import os
import smtplib
from collections import OrderedDict
from email.message import EmailMessage
from threading import Lock

import httpx2
import orjson
from flask import Flask, request
from werkzeug.serving import make_server

import moorings
from moorings.integrations.registry_events import RegistryEvents

MOST_REMEMBERED = 10_000


class Seen:
    """The ids that were handled: the registry sends an event again where it did not get our answer."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def __contains__(self, id: str) -> bool:
        with self._lock:
            return id in self._ids

    def add(self, id: str) -> None:
        with self._lock:
            self._ids[id] = None
            if len(self._ids) > MOST_REMEMBERED:
                self._ids.popitem(last=False)


def receiver(registry_url: str, url: str) -> Flask:
    """The application; *url* is its address as the webhook was created with."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000
    events, seen = RegistryEvents(registry_url), Seen()

    @app.post("/events")
    def receive() -> tuple[str, int]:
        try:
            event = events.read(url, request.headers, request.get_data())
        except (moorings.SignatureInvalid, moorings.FramingInvalid) as error:
            return str(error), 401
        if event["id"] in seen:
            return "", 204
        data = orjson.loads(event.data or b"{}")
        kind = event["type"].split(".")[-2]
        try:
            tell(kind, event.attributes.get("subject", ""), f"{data['summary']} {data.get('link', '')}".strip())
        except (OSError, smtplib.SMTPException, httpx2.HTTPError) as error:
            print("not told:", type(error).__name__, flush=True)
            return "the message could not be sent", 503  # the registry tries again
        seen.add(event["id"])
        return "", 204

    return app


def tell(kind: str, subject: str, text: str) -> None:
    """Print a message, and send it where the environment says."""
    print(f"{kind}: {text}", flush=True)
    if os.environ.get("SMTP_HOST"):
        message = EmailMessage()
        message["From"], message["To"] = os.environ["MAIL_FROM"], os.environ["MAIL_TO"]
        message["Subject"] = " ".join(f"{kind} {subject}".split())  # a header has one line
        message.set_content(text)
        host, _, port = os.environ["SMTP_HOST"].partition(":")
        with smtplib.SMTP(host, int(port or 25), timeout=5) as server:
            server.send_message(message)
    if os.environ.get("CHAT_URL"):
        httpx2.post(os.environ["CHAT_URL"], json={"text": f"{kind}: {text}"}, timeout=5).raise_for_status()


def main() -> None:
    registry_url = os.environ.get("MOORINGS_URL", "http://127.0.0.1:8081")
    port = int(os.environ.get("RECEIVER_PORT", "8090"))
    url = os.environ.get("RECEIVER_URL", f"http://127.0.0.1:{port}/events")
    print("receiving at", url, flush=True)
    make_server("127.0.0.1", port, receiver(registry_url, url), threaded=True).serve_forever()


if __name__ == "__main__":
    main()
