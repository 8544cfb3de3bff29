"""A TCP proxy on loopback that breaks a connection at a chosen moment of a chosen request."""

import socket
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from select import select
from threading import Thread


class Cut(StrEnum):
    """When the connection breaks, seen from the request."""

    BEFORE = "before the request arrives"
    HALFWAY = "when half of the request has arrived"
    AFTER = "after the request was carried out, before its answer arrives"
    WITHIN = "within the answer"


class CuttingProxy:
    """Forwards to a local port; `cut_next` breaks the connection of the next request that holds a word, once."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._cut: tuple[Cut, bytes, Callable[[], object]] | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.cuts = 0
        self.refuses = False
        Thread(target=self._accept, daemon=True).start()

    def cut_next(self, cut: Cut, word: bytes, meanwhile: Callable[[], object] = lambda: None) -> None:
        """Break at *cut* in the next request that holds *word*; *meanwhile* runs before the client learns of it."""
        self._cut = (cut, word, meanwhile)

    def close(self) -> None:
        """Accept nothing more."""
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                if self.refuses:
                    client.close()
                    continue
                Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", self._target_port)) as server:
            while True:
                ready, _, _ = select([client, server], [], [])
                if client in ready:
                    request = client.recv(1 << 20)
                    if not request:
                        return
                    if self._cut and self._cut[1] in request:
                        self._break(server, client, request)
                        return
                    server.sendall(request)
                if server in ready:
                    client.sendall(server.recv(1 << 20))

    def _break(self, server: socket.socket, client: socket.socket, request: bytes) -> None:
        assert self._cut is not None
        (cut, _, meanwhile), self._cut = self._cut, None
        self.cuts += 1
        if cut is Cut.HALFWAY:
            server.sendall(request[: len(request) // 2])
        elif cut in (Cut.AFTER, Cut.WITHIN):
            server.sendall(request)
            answer = server.recv(1 << 20)
            if cut is Cut.WITHIN:
                client.sendall(answer[: len(answer) // 2])
        meanwhile()
