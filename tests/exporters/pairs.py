"""Two registries of this process, the one exporting to the other over a connection that can fail."""

import json
import random
from collections.abc import Callable
from typing import Any

import httpx2

from moorings_registry.exporting.runner import Runner
from moorings_registry.migration import ImportedRegistry, ImportedVersion, Peer, WsgiTransport, read_registry
from tests.confluent.api import Api, new_api

URL = "http://localhost:8081"


class Connection(httpx2.BaseTransport):
    """Leads to a registry of this process.

    *fault* says what becomes of the next request: it is lost on the way ``there`` or its answer on the way ``back``, a
    proxy is ``away`` (503) or fails with what came ``back`` (``broken``, 500), or the answer is cut (``garbled``).
    *no_import* is how the target refuses mode IMPORT, where it does.
    """

    def __init__(self, target: Api) -> None:
        self.target = target
        self.fault: Callable[[], str] = lambda: ""
        self.no_import: tuple[int, int] | None = None
        self.asked: list[tuple[str, str]] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        fault = self.fault()
        if fault == "there":
            raise httpx2.ConnectError("nobody there")
        if fault == "away":
            return httpx2.Response(503, text="no backend")
        self.asked.append((request.method, request.url.raw_path.decode()))
        if self.no_import is not None and (request.method, request.url.path[:6]) == ("PUT", "/mode/"):
            status, code = self.no_import
            return httpx2.Response(status, json={"error_code": code, "message": "no"})
        answer = WsgiTransport(self.target.application.middleware).handle_request(request)
        if fault == "back":
            raise httpx2.ReadError("the answer was lost")
        if fault == "broken":
            return httpx2.Response(500, text="<html>")
        if fault == "garbled":
            return httpx2.Response(200, content=answer.read()[:-1] + b"\xff")
        return answer


class Turns:
    """A lease that is held or not, as the test says."""

    def __init__(self) -> None:
        self.ours = True

    def held(self) -> bool:
        return self.ours

    def release(self) -> None:
        self.ours = False


class Pair:
    """A source, a target, and the exporter between them, which goes on when the test says so."""

    def __init__(self) -> None:
        self.source, self.target = new_api(), new_api()
        self.connection = Connection(self.target)
        self.now = 0.0
        self.lease = Turns()
        self.restart()

    def restart(self) -> None:
        """Forget what the running exporters know, as when their process was killed."""
        self.runner = Runner(self.source.application.registry, self.lease, transport=self.connection, clock=self._clock)

    def create(self, **more: Any) -> None:
        body = {"name": "x", "contextType": "NONE", "config": {"schema.registry.url": URL}, **more}
        reply = self.source.post("/exporters", body)
        assert reply.status == 200, reply.text

    def turn(self, times: int = 1) -> None:
        """Let the exporters take steps, each after every pause for a failure."""
        for _ in range(times):
            self.now += 60
            self.runner.turn()

    def status(self) -> dict[str, Any]:
        told: dict[str, Any] = self.source.get("/exporters/x/status").json
        return told

    def _clock(self) -> float:
        return self.now


def held_by(api: Api) -> ImportedRegistry:
    """All that a registry holds, as another one reads it."""
    peer = Peer(URL, transport=WsgiTransport(api.application.middleware))
    try:
        return read_registry(peer)
    finally:
        peer.close()


def versions_of(api: Api) -> dict[tuple[str, int], ImportedVersion]:
    return {one.place: one for one in held_by(api).versions}


def subject_settings(api: Api) -> dict[str, Any]:
    """The settings of each subject."""
    return {scope: own for scope, own in held_by(api).configs.items() if scope and not scope.endswith(":")}


class History:
    """Random requests of a source: registrations, references, deletes of both kinds, restorations, settings, lives."""

    def __init__(self, source: Api, seed: int, *, removes: bool = True) -> None:
        """Ask of *source*; *removes*: permanently, too."""
        self.source = source
        removals = [self._remove, self._drop] if removes else []
        self._asks = [*[self._register] * 4, self._delete, *removals, self._undelete, self._set, self._live]
        self.random = random.Random(seed)
        source.put("/config", {"compatibility": "NONE"})

    def step(self) -> None:
        """Ask for one thing; it may well be refused."""
        subject = self.random.choice(["a", "b", ":.eu:c", "d/e f"])
        self.random.choice(self._asks)(subject.replace("/", "%2F").replace(" ", "%20"))

    def _register(self, subject: str) -> None:
        names = self.random.sample(["p", "q", "r", "s"], 2)
        fields: list[dict[str, Any]] = [{"name": name, "type": "string"} for name in names]
        body: dict[str, Any] = {}
        if self.random.random() < 0.4 and subject in ("b", "d%2Fe%20f"):
            used = self.source.get("/subjects/a/versions")
            if used.status == 200:
                told = self.source.get(f"/subjects/a/versions/{self.random.choice(used.json)}").json
                if "references" not in told:
                    body["references"] = [{"name": "shop.A", "subject": "a", "version": told["version"]}]
                    fields.append({"name": "other", "type": "shop.A"})
        schema = {"type": "record", "name": subject[0].upper().replace(":", "C"), "namespace": "shop", "fields": fields}
        self.source.post(f"/subjects/{subject}/versions", {"schema": json.dumps(schema), **body})

    def _delete(self, subject: str) -> None:
        self.source.delete(f"/subjects/{subject}/versions/{self._number(subject)}")

    def _remove(self, subject: str) -> None:
        self.source.delete(f"/subjects/{subject}/versions/{self._number(subject)}?permanent=true")

    def _drop(self, subject: str) -> None:
        self.source.delete(f"/subjects/{subject}")
        self.source.delete(f"/subjects/{subject}?permanent=true")

    def _undelete(self, subject: str) -> None:
        self.source.post(f"/subjects/{subject}/undelete")

    def _live(self, subject: str) -> None:
        if subject == "a":
            return  # others refer to it, and what an active version refers to stays active in the target
        self.source.put(f"/v1/events/{subject}/majors/1", {"state": self.random.choice(["active", "retired"])})

    def _set(self, subject: str) -> None:
        if self.random.random() < 0.3:
            self.source.delete(f"/config/{subject}")
        else:
            level = self.random.choice(["NONE", "FULL"])
            self.source.put(f"/config/{subject}", {"compatibility": level, "normalize": level == "FULL"})

    def _number(self, subject: str) -> int:
        listed = self.source.get(f"/subjects/{subject}/versions?deleted=true")
        return self.random.choice(listed.json) if listed.status == 200 else 1


FAULTS = ("there", "back", "away", "broken", "garbled")


def endure(pair: Pair, history: History, seed: int, steps: int) -> None:
    """Take *steps* of a history, with faults, turns of the exporter and restarts between them; then let it catch up."""
    chance = random.Random(-seed)
    pair.create(subjects=[":*:"])
    pair.connection.fault = lambda: chance.choice(FAULTS) if chance.random() < 0.2 else ""
    for _ in range(steps):
        history.step()
        if chance.random() < 0.5:
            pair.turn()
        if chance.random() < 0.05:
            pair.restart()
    pair.connection.fault = lambda: ""
    pair.turn(steps)
