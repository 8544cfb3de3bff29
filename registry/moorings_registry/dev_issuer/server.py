"""Discovery and key set of the issuer for development, over https; for people who try the pages, over http."""

import ssl
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import structlog

from moorings_registry.dev_issuer.authority import CERTIFICATE_LIFE
from moorings_registry.dev_issuer.identities import DevIssuer
from moorings_registry.dev_issuer.people import Reply

RENEWED_EVERY_S = 5.0
_HANDSHAKE_S = 10.0
_LARGEST_FORM_BYTES = 32_768

log = structlog.get_logger("moorings.dev_issuer")


def serve_keys(issuer: DevIssuer, listening: "Listening", stop: threading.Event) -> None:
    """Serve until *stop* is set, and renew what is due."""
    listening.answer_with(issuer)
    certified = time.monotonic()
    thread = threading.Thread(target=listening.server.serve_forever, daemon=True)
    thread.start()
    try:
        while not stop.wait(RENEWED_EVERY_S):
            issuer.renew()
            if time.monotonic() - certified > CERTIFICATE_LIFE.total_seconds() / 2:
                certified = time.monotonic()
                listening.certify(issuer)
    finally:
        listening.server.shutdown()
        listening.server.server_close()


class Listening:
    """A bound port: an issuer has to know its own address before it issues anything."""

    def __init__(self, host: str, port: int, hosts: tuple[str, ...], *, plain: bool = False) -> None:
        """*plain*: over http, for browsers of this machine, which do not know the authority."""
        self._hosts = hosts
        self._issuer: DevIssuer | None = None
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        listening = self

        class Handler(BaseHTTPRequestHandler):
            timeout = _HANDSHAKE_S

            def do_GET(self) -> None:
                listening._answer(self)

            def do_POST(self) -> None:
                listening._take(self)

            def log_message(self, *_args: Any) -> None:
                """Log nothing: who fetches keys says nothing of interest."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def finish_request(self, request: Any, client_address: Any) -> None:
                # In the thread of the request, so that a slow handshake holds up nobody else.
                request.settimeout(_HANDSHAKE_S)
                if plain:
                    super().finish_request(request, client_address)
                    return
                with listening._context.wrap_socket(request, server_side=True) as encrypted:
                    super().finish_request(encrypted, client_address)

            def handle_error(self, _request: Any, _client_address: Any) -> None:
                """A caller that does not speak TLS, or hung up."""

        self.server = Server((host, port), Handler)

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def answer_with(self, issuer: DevIssuer) -> None:
        """Answer for *issuer* from now on, with a certificate of its authority."""
        self._issuer = issuer
        self.certify(issuer)

    def certify(self, issuer: DevIssuer) -> None:
        """Take a new certificate; handshakes use it from now on."""
        issued = issuer.authority.issue("dev-issuer", self._hosts)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory(prefix="moorings-") as folder:  # the library loads from files alone
            certificate, key = Path(folder) / "tls.crt", Path(folder) / "tls.key"
            certificate.write_bytes(issued.certificate)
            key.touch(0o600)
            key.write_bytes(issued.key)
            context.load_cert_chain(certificate, key)
        self._context = context

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        issuer = self._issuer
        path, _, query = handler.path.partition("?")
        if issuer is not None and issuer.people is not None and path == "/authorize":
            cookie = handler.headers.get("Cookie", "")
            _write(handler, issuer.people.ask(dict(parse_qsl(query)), cookie))
            return
        body = b""
        if issuer is not None and handler.path == "/.well-known/openid-configuration":
            body = issuer.metadata()
        elif issuer is not None and handler.path == "/jwks":
            body = issuer.key_set()
        _write(handler, Reply(200 if body else 404, body, "application/json"))

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer a form: who was chosen, or a code that is redeemed."""
        issuer, length = self._issuer, handler.headers.get("Content-Length", "")
        people = issuer.people if issuer is not None else None
        if issuer is None or people is None or not (length.isdecimal() and int(length[:6]) <= _LARGEST_FORM_BYTES):
            _write(handler, Reply(404))
            return
        form = dict(parse_qsl(handler.rfile.read(int(length)).decode("utf-8", "replace")))
        if handler.path == "/authorize":
            _write(handler, people.choose(form))
        else:
            _write(handler, people.redeem(form, issuer.tokens_of) if handler.path == "/token" else Reply(404))


def _write(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    handler.send_response(reply.status)
    handler.send_header("Content-Type", reply.media_type)
    handler.send_header("Content-Length", str(len(reply.body)))
    for name, value in reply.headers:
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(reply.body)
