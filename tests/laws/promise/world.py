"""A registry with one worker or more on one ledger, asked over HTTP, and the record of what it acknowledged."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from moorings_compat import Format
from moorings_registry.ledger import Ledger
from tests.laws.promise.calls import NATIVE, Call, Kind
from tests.laws.promise.families import FAMILIES, GENTLEST, Source, breaks
from tests.laws.promise.model import Breach, Door, Key, Record, Revision, Seen, Waiver
from tests.registry.calling import Http, Reply

ANSWERS = frozenset((200, 201, 204, 207, 400, 403, 404, 405, 409, 412, 413, 422, 428))
"""What a call may answer: an error of the catalogue, or what was asked for."""
ORDERS = "shop.orders.OrderPlaced"
SUBJECTS = (ORDERS, f"{ORDERS}-value", f"{ORDERS}-key", "shop.OrderShipped", f":.eu:{ORDERS}", "legacy-value")
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


def reason_for(api: str) -> str:
    """The reason that a permanent delete gives, where the API takes one."""
    return "nobody reads it" if api != NATIVE or offered().reasons else ""


def in_a_month() -> str:
    """A time until which a waiver may hold."""
    return (datetime.now(UTC) + timedelta(days=30)).isoformat(timespec="seconds")


Sent = tuple[Call, int]
"""A call, and the worker that was asked."""


class World:
    """What is asked, and what came of it."""

    def __init__(self, ledgers: Sequence[Ledger], leave_out: Iterable[str] = ()) -> None:
        """Put workers on *ledgers*, handles on one; breaches by way of the doors *leave_out* are not told."""
        self._ledgers = ledgers
        self._workers: dict[int, Http] = {}
        self.record = Record()
        self.sent: list[Sent] = []
        self.kept: list[Call] = []
        """Those with a key that brought a revision in."""
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
        reply = asked.call(call.method, call.path, call.body, **self._headers(call, asked))
        assert reply.status in ANSWERS, f"the last call was answered {reply.status}: {reply.body!r}"
        self._position = reply.headers.get("moorings-position", self._position)
        before = len(self.record.revisions)
        if reply.status < 300 and call.kind in (Kind.REGISTER, Kind.IMPORT):
            self._subjects[reply.json["subject"]] = None  # where an alias leads
        if reply.status < 300:  # what a refusal changed all the same is seen by the next look
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

    def look(self, call: Call, worker: int = 0) -> None:
        """Read what every subject holds after *call*, soft-deleted versions included, and hold it against the law."""
        asked = self._worker(worker)
        seen: list[Seen] = []
        new: dict[Key, Revision] = {}
        for subject in self._subjects:
            reply = asked.get(f"/v1/events/{subject}/versions?deleted=true", Moorings_Position=self._position)
            for told in reply.json["versions"] if reply.status == 200 else ():
                key = (subject, told["version"], told["position"])
                seen.append(Seen(key, told["major"], told["deleted"]))
                if key not in self.record.revisions:
                    new[key] = self._read(key, asked)
        self.record.look(seen, new, call)

    def _read(self, key: Key, asked: Http) -> Revision:
        """Read a version whole."""
        subject, number, _ = key
        reply = asked.get(f"/v1/events/{subject}/versions/{number}?deleted=true", Moorings_Position=self._position)
        told = reply.json
        properties = (told["metadata"] or {}).get("properties", {})
        return Revision(key, told["major"], properties.get("major", ""), self._source(subject, told), told["rule_set"])

    def _source(self, subject: str, told: dict[str, Any]) -> Source:
        """What a version says, with what its references lead to today."""
        return Source(Format(told["format"]), told["schema"], self._references(subject, told["references"]))

    def _references(self, subject: str, told: Iterable[dict[str, Any]]) -> tuple[tuple[str, Source], ...]:
        context = subject[: subject.rfind(":") + 1]
        found = []
        for one in told:
            name = one["subject"] if one["subject"].startswith(":") else f"{context}{one['subject']}"
            target = self.record.at(name, one["version"])
            assert target is not None, f"{subject} refers to {name} {one['version']}, which nobody acknowledged"
            found.append((one["name"], target.source))
        return tuple(found)

    def _require_acknowledged(self, call: Call, reply: Reply) -> None:
        """Fail where an answer names a version that is not there, and note where it names another schema."""
        told = reply.json
        revision = self.record.at(told["subject"], told["version"])
        assert revision is not None, f"{call} was answered with a version that is not listed: {told}"
        assert not revision.deleted or call in self.kept or call.kind is Kind.IMPORT, f"{call} was answered with {told}"
        if "schema" not in (call.body or {}):
            return
        references = self._references(revision.subject, call.body.get("references", ()))
        sent = Source(revision.source.format, call.body["schema"], references)
        if any(breaks(*pair, GENTLEST) for pair in ((sent, revision.source), (revision.source, sent))):
            said = f"the answer to a registration named version {told['version']}, which is another schema"
            self.record.breaches.append(Breach(Door.ANSWER, revision.subject, revision.major, said))


def shortened(sent: Sequence[Sent], new_world: Callable[[], World]) -> tuple[list[Sent], list[Breach]]:
    """Leave out of a sequence that breaks the law what it does not take, and say what is broken still."""
    left, breaches = list(sent), _breaches(sent, new_world)
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
