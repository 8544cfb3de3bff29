"""The callers of a run: threads that write and read at every node, through both APIs, and record each request."""

import json
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.chaos.history import Kind, Operation, Outcome
from tests.chaos.requests import Ask, send

CLIENTS_A_NODE = 3
PAUSE_S = 0.02
"""The mean time between two requests of a client."""
HOT, STATES = 4, 3
"""Subjects that all clients share: for versions, and for states."""
HOT_FOR_S = 60
"""How long a shared subject takes versions, before all go on to the next."""
SAME_FOR_S = 0.4
"""How long all clients register the same schema."""
ATTEMPTS = 5
IMPATIENT = 0.05
"""The share of writes whose caller hangs up after a moment."""
READ_AFTER = 0.4
"""The share of writes after which the caller reads at once what the same node shows; another worker may answer."""
AT_HOME = 0.8
SUNSET = "2100-01-01"


class Recorder:
    """Every operation, in memory and in a file, in the order of their ends."""

    def __init__(self, path: Path) -> None:
        self.operations: list[Operation] = []
        self._file = path.open("w")
        self._lock = threading.Lock()

    def note(self, operation: Operation) -> None:
        line = json.dumps(asdict(operation), separators=(",", ":"))
        with self._lock:
            self.operations.append(operation)
            self._file.write(line + "\n")

    def close(self) -> None:
        self._file.close()


class Board:
    """What all callers know of each other's acknowledged writes."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.written: deque[Operation] = deque(maxlen=300)
        self.subjects: set[str] = set()

    def note(self, write: Operation) -> None:
        self.subjects.add(write.subject)
        self.written.append(write)

    def slot(self, seconds: float) -> int:
        return int((time.monotonic() - self.begun) / seconds)


class Client:
    """One caller; most of its requests go to the node that it lives on."""

    def __init__(
        self, name: str, home: str, nodes: list[str], board: Board, recorder: Recorder, timeout_s: float, seed: str
    ) -> None:
        self._name = name
        self._home = home
        self._nodes = nodes
        self._board = board
        self._recorder = recorder
        self._timeout_s = timeout_s
        self._chance = random.Random(seed)
        self._numbers = count(1)
        self._position = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self._choices: list[tuple[int, Callable[[], None]]] = [
            (15, self._register_new),
            (20, self._register_next),
            (15, self._register_same),
            (4, self._register_breaking),
            (8, self._set_state),
            (38, self._read),
        ]

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._ended.set()

    def join(self) -> None:
        self._thread.join()

    def _work(self) -> None:
        weights, works = zip(*self._choices, strict=True)
        while not self._ended.wait(self._chance.expovariate(1 / PAUSE_S)):
            self._chance.choices(works, weights)[0]()

    def _register_new(self) -> None:
        number = next(self._numbers)
        self._register(f"new-{self._name}-{number}", f"c_{self._name}_{number}")

    def _register_next(self) -> None:
        self._register(self._hot(), f"c_{self._name}_{next(self._numbers)}")

    def _register_same(self) -> None:
        slot = self._board.slot(SAME_FOR_S)
        self._register(self._chance.choice((f"same-{slot}", f"same-{slot}-{self._home}")), f"same_{slot}")

    def _register_breaking(self) -> None:
        subject = self._hot()
        if subject in self._board.subjects:
            self._register(subject, f"b_{self._name}_{next(self._numbers)}", breaks=True)

    def _hot(self) -> str:
        return f"hot-{self._board.slot(HOT_FOR_S)}-{self._chance.randrange(HOT)}"

    def _register(self, subject: str, content: str, *, breaks: bool = False) -> None:
        api = self._chance.choice(("native", "confluent"))
        path = f"/v1/events/{subject}/versions" if api == "native" else f"/subjects/{subject}/versions"
        key = f"{self._name}-{next(self._numbers)}" if api == "native" or self._chance.random() < 0.5 else ""
        about = {"subject": subject, "content": content, "key": key, "api": api}
        self._write(Ask(Kind.REGISTER, "POST", path, about, {"schema": schema(content, breaks=breaks)}, _keyed(key)))

    def _set_state(self) -> None:
        subject = f"state-{self._board.slot(HOT_FOR_S)}-{self._chance.randrange(STATES)}"
        if subject not in self._board.subjects:
            self._register(subject, f"state_{subject.replace('-', '_')}")
            return
        found, headers = self._ask(_state_read(subject, 0), self._node())
        if found.outcome is not Outcome.DONE:
            return
        value = f"https://docs.example/{self._name}-{next(self._numbers)}"
        is_decided = self._chance.random() < 0.7
        key = f"{self._name}-{value}"
        about = {"subject": subject, "content": value, "key": key, "expected": found.content if is_decided else ""}
        sent = {**_keyed(key), **({"If-Match": headers["etag"]} if is_decided else {})}
        body = {"state": "deprecated", "sunset": SUNSET, "page": value}
        self._write(Ask(Kind.SET_STATE, "PUT", f"/v1/events/{subject}/majors/1", about, body, sent))

    def _write(self, ask: Ask) -> None:
        """Send a write until its outcome is known, as clients do, at this node or another."""
        for _ in range(ATTEMPTS):
            found, _ = self._ask(ask, self._node())
            if found.outcome is Outcome.DONE:
                self._position = max(self._position, found.position)
                self._board.note(found)
                if self._chance.random() < READ_AFTER:
                    self._ask(next(reads_of(found, 0)), found.node)
            if found.outcome in (Outcome.DONE, Outcome.REFUSED, Outcome.MISSING, Outcome.FAILED):
                return
            if self._chance.random() < 0.3 or self._ended.wait(self._chance.uniform(0.02, 0.4)):
                return

    def _read(self) -> None:
        if not self._board.written:
            return
        write = self._chance.choice(self._board.written)
        own = self._position if self._chance.random() < 0.5 else 0
        minimum = max(write.position, own) if self._chance.random() < 0.6 else 0
        self._ask(self._chance.choice(list(reads_of(write, minimum))), self._node())

    def _node(self) -> str:
        return self._home if self._chance.random() < AT_HOME else self._chance.choice(self._nodes)

    def _ask(self, ask: Ask, node: str) -> tuple[Operation, Mapping[str, str]]:
        is_impatient = ask.method != "GET" and self._chance.random() < IMPATIENT
        timeout_s = self._chance.uniform(0.005, 0.1) if is_impatient else self._timeout_s
        found, headers = send(ask, self._name, node, timeout_s)
        self._recorder.note(found)
        if found.outcome is Outcome.UNSENT:
            self._ended.wait(0.1)
        return found, headers


def schema(content: str, *, breaks: bool = False) -> str:
    """An Avro record that is marked by its last field; with *breaks*, it cannot read records without that field."""
    mark: dict[str, Any] = {"name": content, "type": "int"}
    if not breaks:
        mark["default"] = 0
    return json.dumps({"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, mark]})


def reads_of(write: Operation, minimum: int) -> Iterator[Ask]:
    """The reads that ask for what was written, through both APIs."""
    if write.kind is Kind.SET_STATE:
        yield _state_read(write.subject, minimum)
        return
    about, headers = {"subject": write.subject, "minimum": minimum}, _at_least(minimum)
    for api, start in (("native", "/v1/events"), ("confluent", "/subjects")):
        path = f"{start}/{quote(write.subject)}/versions"
        yield Ask(Kind.READ_LATEST, "GET", f"{path}/latest", {**about, "api": api}, None, headers)
        version = {**about, "api": api, "version": write.version}
        yield Ask(Kind.READ_VERSION, "GET", f"{path}/{write.version}", version, None, headers)
        ids = "/v1/schemas/ids" if api == "native" else "/schemas/ids"
        by_id = {"minimum": minimum, "api": api, "id": write.id}
        yield Ask(Kind.READ_ID, "GET", f"{ids}/{write.id}", by_id, None, headers)


def _state_read(subject: str, minimum: int) -> Ask:
    about = {"subject": subject, "minimum": minimum}
    return Ask(Kind.READ_STATE, "GET", f"/v1/events/{subject}", about, None, _at_least(minimum))


def _at_least(position: int) -> dict[str, str]:
    return {"Moorings-Position": str(position)} if position else {}


def _keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key} if key else {}
