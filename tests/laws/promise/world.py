"""A registry with one worker or more on one ledger, asked over HTTP, and the record of what it acknowledged."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from moorings_compat import Format
from moorings_registry.ledger import Ledger
from tests.laws.promise.calls import Call, Kind
from tests.laws.promise.families import FAMILIES, GENTLEST, Source, breaks
from tests.laws.promise.model import Breach, Door, Key, Record, Revision, Seen, Waiver
from tests.registry.calling import Http, Reply

ANSWERS = frozenset((200, 201, 204, 207, 400, 403, 404, 405, 409, 412, 413, 422, 428))
"""What a call may answer: an error of the catalogue, or what was asked for."""
BREAKING = 409
ORDERS = "shop.orders.OrderPlaced"
BY_TOPIC = "orders-value"
"""The name that clients have for an event that is bound to the topic ``orders``, and for nobody's otherwise."""
SUBJECTS = (ORDERS, f"{ORDERS}-value", f"{ORDERS}-key", "shop.OrderShipped", f":.eu:{ORDERS}", "legacy-value", BY_TOPIC)
PRICES = ("price", ":.eu:price")
"""Subjects outside the domains that others refer to."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What this release of the registry offers beyond the first one."""

    waivers: bool
    reasons: bool
    """Whether a permanent delete of the native API takes a reason."""


@cache
def offered() -> Offer:
    """Look into the description that the registry gives of its native API."""
    paths = Http().get("/openapi.json").json["paths"]
    deletes = paths["/v1/events/{subject}"]["delete"].get("parameters", ())
    reasons = any(one.get("name") == "reason" for one in deletes)
    return Offer(waivers="/v1/waivers" in paths, reasons=reasons)


def in_a_month() -> str:
    """A time until which a waiver may hold."""
    return (datetime.now(UTC) + timedelta(days=30)).isoformat(timespec="seconds")


Sent = tuple[Call, int]
"""A call, and the worker that was asked."""


class World:
    """What is asked, and what came of it."""

    def __init__(self, ledgers: Sequence[Ledger], leave_out: Iterable[str] = ()) -> None:
        """Put workers on *ledgers*, handles on one; breaches by the doors *leave_out* are not reported."""
        self._ledgers = ledgers
        self._workers: dict[int, Http] = {}
        self.record = Record()
        self.sent: list[Sent] = []
        self.kept: list[Call] = []
        """Those with a key that brought a revision in."""
        self.refused = 0
        """Registrations that were refused because they break something."""
        self._leave_out = frozenset(leave_out)
        self._subjects = dict.fromkeys((*SUBJECTS, *PRICES))
        """Where revisions are looked for."""
        self._position = "0"

    @property
    def breaches(self) -> list[Breach]:
        """Where the law does not hold."""
        return [one for one in self.record.breaches if one.door not in self._leave_out]

    def send(self, call: Call, worker: int = 0) -> Reply:
        """Ask one worker, and note what changed.

        Raises:
            AssertionError: a fault inside the registry, an answer that names what is not there, or something that was
                done a second time for one idempotency key.
        """
        asked = self._worker(worker)
        self.sent.append((call, worker))
        reply = asked.call(call.method, _path(call), call.body, **self._headers(call, asked))
        assert reply.status in ANSWERS, f"the last call was answered {reply.status}: {reply.body!r}"
        self._position = reply.headers.get("moorings-position", self._position)
        self.refused += call.kind is Kind.REGISTER and reply.status == BREAKING
        before = len(self.record.revisions)
        self.record.closed = frozenset(self.record.retired)
        if reply.status < 300 and call.kind in (Kind.REGISTER, Kind.IMPORT):
            self._subjects[reply.json["subject"]] = None  # where an alias leads
        if reply.status < 300:  # what a refusal changed nevertheless is seen by the next look
            self._note(call, reply)
            self.look(call, worker)
        if call.key and len(self.record.revisions) > before:
            assert call not in self.kept, f"{call} was carried out twice"
            self.kept.append(call)
        if reply.status < 300 and call.kind in (Kind.REGISTER, Kind.IMPORT):
            self._require_acknowledged(call, reply)
        return reply

    def _worker(self, number: int) -> Http:
        if number not in self._workers:
            self._workers[number] = Http(self._ledgers[number])
        return self._workers[number]

    def _headers(self, call: Call, asked: Http) -> dict[str, str]:
        headers = {"Moorings_Position": self._position}
        if call.key:
            headers["Idempotency_Key"] = call.key
        if call.kind is Kind.DOMAIN:
            etag = asked.get(call.path, Moorings_Position=self._position).headers.get("etag")
            headers |= {"If_Match": etag} if etag else {}
        return headers

    def _note(self, call: Call, reply: Reply) -> None:
        """Note what was accepted besides revisions."""
        record, body = self.record, call.body or {}
        if call.kind is Kind.DOMAIN:
            record.write_domain(call.subject, body.get("policy"))
        elif call.kind is Kind.EVENT:
            record.topics[call.subject] = body["topics"]
        elif call.kind is Kind.CONTRACTS:
            self._note_contracts(call)
        elif call.kind is Kind.LIFECYCLE:
            record.live(reply.json["subject"], {int(call.path.rpartition("/")[2]): body})
        elif call.kind is Kind.CONFIG and call.method == "DELETE":
            record.levels.pop(call.subject, None)
        elif call.kind is Kind.CONFIG:
            level = body.get("compatibility", body.get("level"))
            record.levels |= {call.subject: level} if level else {}
            record.grouped = record.grouped or bool(body.get("compatibilityGroup"))
        elif call.kind is Kind.WAIVER:
            granted = Waiver(
                str(reply.json["id"]), body["kind"], body["domain"], body.get("subject", ""), body.get("major", 0)
            )
            record.waivers.append(granted)
        elif call.kind is Kind.WITHDRAWAL:
            record.waivers = [one for one in record.waivers if one.id != call.subject]

    def _note_contracts(self, call: Call) -> None:
        record, body = self.record, call.body
        if body["domain"] is not None:
            record.write_domain(call.subject, body["domain"].get("policy"))
        for one in body["events"]:
            if one["event"] is not None:
                record.topics[one["subject"]] = one["event"]["topics"]
            record.live(one["subject"], {each["major"]: each["lifecycle"] for each in one["majors"]})

    def look(self, call: Call, worker: int = 0) -> None:
        """Read what every subject holds after *call*, soft-deleted versions included, and hold it against the law."""
        asked = self._worker(worker)
        seen: list[Seen] = []
        new: dict[Key, Revision] = {}
        for subject in self._subjects:
            reply = asked.get(f"/v1/events/{subject}/versions?deleted=true", Moorings_Position=self._position)
            for version in reply.json["versions"] if reply.status == 200 else ():
                key = (subject, version["version"], version["position"])
                seen.append(Seen(key, version["major"], version["deleted"]))
                if key not in self.record.revisions:
                    new[key] = self._read(key, asked)
        self.record.look(seen, new, call)

    def _read(self, key: Key, asked: Http) -> Revision:
        """Read a version whole, with what its references lead to now."""
        subject, number, _ = key
        reply = asked.get(f"/v1/events/{subject}/versions/{number}?deleted=true", Moorings_Position=self._position)
        version = reply.json
        label = (version["metadata"] or {}).get("properties", {}).get("major", "")
        references = self._targets(subject, version["references"])
        source = Source(Format(version["format"]), version["schema"], references)
        return Revision(key, version["major"], label, source, version["rule_set"])

    def _targets(self, subject: str, references: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, Source], ...]:
        """What each of *references* is called, and the schema that it leads to from the context of *subject*."""
        context = subject[: subject.rfind(":") + 1]
        found = []
        for one in references:
            name = one["subject"] if one["subject"].startswith(":") else f"{context}{one['subject']}"
            target = self.record.at(name, one["version"])
            assert target is not None, f"{subject} refers to {name} {one['version']}, which was never acknowledged"
            found.append((one["name"], target.source))
        return tuple(found)

    def _require_acknowledged(self, call: Call, reply: Reply) -> None:
        """Fail if an answer names a version that does not exist, and note a breach if it names another schema."""
        answer = reply.json
        revision = self.record.at(answer["subject"], answer["version"])
        assert revision is not None, f"{call} was answered with a version that is not listed: {answer}"
        may_be_deleted = call in self.kept or call.kind is Kind.IMPORT
        assert may_be_deleted or not revision.deleted, f"{call} was answered with a deleted version: {answer}"
        if "schema" not in (call.body or {}):
            return
        references = self._targets(revision.subject, call.body.get("references", ()))
        sent = Source(revision.source.format, call.body["schema"], references)
        if any(breaks(*pair, GENTLEST) for pair in ((sent, revision.source), (revision.source, sent))):
            said = f"the answer to a registration names version {answer['version']}, which is another schema"
            self.record.breaches.append(Breach(Door.ANSWER, revision.subject, revision.major, said))


def _path(call: Call) -> str:
    """The path, with a reason if the call is a permanent delete on an API that takes one; the Confluent API does."""
    takes_reason = not call.path.startswith("/v1/") or offered().reasons
    return f"{call.path}&reason=nobody+reads+it" if call.kind is Kind.PURGE and takes_reason else call.path


def shortened(sent: Sequence[Sent], new_world: Callable[[], World]) -> tuple[list[Sent], list[Breach]]:
    """Leave calls out of a sequence as long as it breaks the law by the same door; the calls left, and what they break.

    *sent* has to break it in a new world, too.
    """
    left, breaches, before = list(sent), _breaches(sent, new_world), 0
    while before != len(left):
        before = len(left)
        for index in reversed(range(len(left))):
            fewer = [*left[:index], *left[index + 1 :]]
            found = _breaches(fewer, new_world)
            if found and found[0].door == breaches[0].door:
                left, breaches = fewer, found
    return left, breaches


def shown(sent: Iterable[Sent]) -> str:
    """The calls of a sequence, one a line; schemas by the names that `families` has for them."""
    texts = {json.dumps(text): f"<{one.format} {name}>" for one in FAMILIES.values() for name, text in one.all.items()}
    lines = []
    for call, worker in sent:
        body = json.dumps(call.body) if call.body is not None else ""
        for text, name in texts.items():
            body = body.replace(text, name)
        lines.append(f"  {call.method} {call.path} {body}" + (f"  (worker {worker})" if worker else ""))
    return "\n".join(lines)


def _breaches(sent: Sequence[Sent], new_world: Callable[[], World]) -> list[Breach]:
    world = new_world()
    for call, worker in sent:
        world.send(call, worker)
        if world.breaches:
            break
    return world.breaches
