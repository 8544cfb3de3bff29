"""A registry with a domain that a caller may not see, and requests that look for it by every route.

Names of the hidden domain hold the word `HIDDEN`; what is written in it, and nobody may learn, holds the word `SECRET`,
which no request does. `MISSING` is in names of nothing at all.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any
from urllib.parse import quote

from moorings_registry.engines import open_ledger
from moorings_registry.entries import START
from moorings_registry.expiring_records import MemoryRecords
from moorings_registry.ledger import Ledger
from moorings_registry.own_keys import OwnKeys
from tests.registry.asking import record
from tests.registry.granting import ANN, BOB, EVE, Guarded, grant_body, in_days

HIDDEN, SECRET, MISSING = "zebra", "quagga", "okapi"
ORDER = "shop.orders.OrderPlaced"
SEEN, BORN, KEPT = "zebra.herds.ZebraSeen", "zebra.herds.ZebraBorn", "zebra.herds.QuaggaKept"
PLAIN = "zebra-value"


class Zoo(Guarded):
    """A registry with a shop and a hidden domain that has something of each kind; `ANN` is the caller."""

    def __init__(self, *verbs: str, like: "Zoo | None" = None) -> None:
        """Fill it by requests; or begin with the entries that *like* was filled with, which is faster."""
        keys = OwnKeys("http://registry.example", MemoryRecords())
        keys.maintain()
        super().__init__(like.filled_ledger() if like else None, own_keys=keys)
        if like is None:
            self._shop()
            self._herds()
            self._about_herds()
            self._shared()
            self.grant(ANN, "shop", *verbs)
        self._reported()
        self.position = self.registry.state.position

    def filled_ledger(self) -> Ledger:
        """Another ledger with the entries that this one was filled with, without those written later."""
        ledger = open_ledger("memory:")
        ledger.append(*islice(self.registry.ledger.read(0), self.position), after=START)
        return ledger

    def _shop(self) -> None:
        self.domain("shop", "team-shop")
        self.domain("shop.orders", "team-orders")
        self.register(ORDER, record("a"))
        self.register(ORDER, record("a", b=1))
        self.register("shop.orders.OrderPaid", record("a"))
        self.do("PUT", f"/v1/events/{ORDER}", {"kind": "fact", "topics": ["shop-orders"]})

    def _herds(self) -> None:
        self.domain("zebra.herds", "team-quagga")
        self.register(SEEN, record("quagga"))
        self.register(SEEN, record("quagga", quaggas=1))
        next_major = {"schema": record("quaggas"), "major": "next"}
        self.do("POST", f"/v1/events/{SEEN}/versions", next_major)
        self.register(BORN, record("quagga", name="QuaggaBorn"))
        self.register(KEPT, record("quagga", name="QuaggaKept"))
        self.register(PLAIN, record("quagga", name="QuaggaPlain"))
        self.register(":.zebra:quagga-value", record("quagga", name="QuaggaElsewhere"))
        declared = {"kind": "fact", "description": "quagga", "topics": ["parcels"]}
        for event in (BORN, KEPT):
            self.do("PUT", f"/v1/events/{event}", declared)
        self.do("PUT", f"/v1/events/{SEEN}", {**declared, "topics": ["orders"]})
        sunset = {"state": "deprecated", "sunset": in_days(400)[:10], "page": "https://quagga.example/"}
        self.do("PUT", f"/v1/events/{SEEN}/majors/1", sunset)
        self.do("PUT", f"/v1/events/{SEEN}/majors/2/migration", {"reason": "quagga"})
        self.call(BOB, "POST", f"/subjects/{SEEN}/versions", {"schema": record("other", name="QuaggaRefused")})
        refused = self.do("POST", "/v1/grants", grant_body(EVE, "zebra", "govern"))
        assert refused
        self.call(EVE, "POST", f"/subjects/{SEEN}/versions", {"schema": record("other", name="QuaggaRefused")})

    def _about_herds(self) -> None:
        waiver = {"kind": "purge", "domain": "zebra.herds", "reason": "quagga", "until": in_days(30)}
        self.do("PUT", "/config/zebra-alias", {"alias": "quagga-value"})
        self.do("PUT", f"/config/{PLAIN}", {"compatibility": "FULL", "defaultMetadata": {"properties": {"q": SECRET}}})
        self.do("PUT", "/mode/zebra-value", {"mode": "READWRITE"})
        asked = self.call(EVE, "POST", "/v1/waivers", waiver)
        assert asked.status == 201
        self.do("POST", f"/v1/waivers/{asked.json['id']}/approval")
        offer = {"owner": "team-quaggas", "receiver": "people:bob"}
        assert self.call(EVE, "PUT", "/v1/domains/zebra.herds", offer).status == 200
        tags = {"tagsToAdd": [{"schemaEntity": {"entityPath": "OrderPlaced.quagga", "entityType": "sr_field"},
                               "tags": [SECRET]}]}  # fmt: skip
        self.call(EVE, "POST", f"/subjects/{SEEN}/versions/latest/tags", tags)
        self.do("POST", "/exporters", {"name": "zebra", "config": {"schema.registry.url": "http://127.0.0.1:9/quagga"}})
        for kek, subject in (("zebra", PLAIN), ("zebra.herds.pii", SEEN)):
            wrapping = {"name": kek, "kmsType": "local-kms", "kmsKeyId": SECRET, "doc": SECRET}
            self.do("POST", "/dek-registry/v1/keks", wrapping)
            for algorithm in ("AES256_GCM", "AES256_SIV"):
                wrapped = {"subject": subject, "algorithm": algorithm, "encryptedKeyMaterial": "cXVhZ2dh"}
                self.do("POST", f"/dek-registry/v1/keks/{kek}/deks", wrapped)
        for name, id, subject in (("zebra", "id-zebra", PLAIN), ("orders", "id-orders", KEPT)):
            wish = {"subject": subject, "associationType": "value", "lifecycle": "WEAK"}
            named = {"resourceName": name, "resourceNamespace": "kafka", "resourceId": id}
            self.do("POST", "/associations", {**named, "associations": [wish]})
        hook = {"url": "https://quagga.example/", "node": "zebra", "kinds": ["SchemaRefused"]}
        assert self.call(EVE, "POST", "/v1/webhooks", hook).status == 201
        self.do("POST", "/v1/webhooks", {**hook, "node": "*"})

    def _reported(self) -> None:
        """What clients report, which is kept beside the ledger."""
        observed = {"subject": SEEN, "direction": "produce", "path": "/quagga", "rule": "X", "count": 7}
        self.do("POST", "/v1/drift", {"reporter": {"client": "c", "service": "s-quagga"}, "observations": [observed]})
        used = {"subject": SEEN, "direction": "consume", "major": 1, "count": 3}
        self.do("POST", "/v1/usage", {"application": "quagga-app", "used": [used]})

    def _shared(self) -> None:
        """What readable and hidden things have to do with one another."""
        for application, events in (("zebra-app", [SEEN]), ("billing", [ORDER, SEEN])):
            reads = [{"event": one, "major": 1, "fields": []} for one in events]
            team = "team-quagga" if application == "zebra-app" else "payments"
            self.do("PUT", f"/v1/consumers/{application}", {"team": team, "contact": "", "reads": reads})
            self.do("PUT", f"/v1/deployments/production/{application}", {"version": "1"})
        self.do("PUT", "/v1/deployments/zebra/quagga-other", {"version": "1"})
        using = json.dumps({"type": "record", "name": "UsesOrder", "fields": [{"name": "o", "type": "OrderPlaced"}]})
        reference = {"name": "OrderPlaced", "subject": ORDER, "version": 2}
        self.call(
            EVE, "POST", "/subjects/zebra.herds.QuaggaSold/versions", {"schema": using, "references": [reference]}
        )
        self.register("quagga-value", using, references=[{**reference}])
        self.register("zebra.herds.QuaggaSold", using, references=[reference])

    @property
    def is_touched(self) -> bool:
        return self.registry.state.position != self.position


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that names the hidden domain, or nothing of it."""

    method: str
    path: str
    body: Any = None

    def about(self, word: str) -> "Asked":
        """The same request, about something else."""
        body = None if self.body is None else json.loads(_renamed(json.dumps(self.body), word))
        return Asked(self.method, _renamed(self.path, word), body)

    def __str__(self) -> str:
        return f"{self.method} {self.path}" + ("" if self.body is None else f" {json.dumps(self.body)[:300]}")


def _renamed(text: str, word: str) -> str:
    return text.replace(HIDDEN, word).replace(HIDDEN.capitalize(), word.capitalize())


SUBJECTS = (
    SEEN, BORN, PLAIN, ":.zebra:other-value", "zebra-alias", f":.:{SEEN}", ORDER,
    "orders-value", "orders-key", "parcels-value", "parcels-key", "shop-orders-value", f"orders-{SEEN}",
    "shop.orders.New", f"parcels-{BORN}", "zebra.herds.ZebraSeen-key", "new-value",
)  # fmt: skip
USING = {
    "schema": json.dumps({"type": "record", "name": "U", "fields": [{"name": "o", "type": "OrderPlaced"}]}),
}


def references() -> Iterator[dict[str, Any]]:
    for subject in (SEEN, PLAIN, "orders-value", "parcels-value", ":.zebra:other-value", "zebra-alias"):
        for version in (1, -1):
            yield {**USING, "references": [{"name": "OrderPlaced", "subject": subject, "version": version}]}


def drafts() -> list[dict[str, Any]]:
    return [{"schema": record("a")}, {"schema": record("a", c=1)}, {"schema": "{"}, *references()]


def association(subject: str | None, name: str, id: str, **more: Any) -> dict[str, Any]:
    wish: dict[str, Any] = {"associationType": "value", "lifecycle": "WEAK", **more}
    if subject is not None:
        wish["subject"] = subject
    return {"resourceName": name, "resourceNamespace": "kafka", "resourceId": id, "associations": [wish]}


def associations() -> Iterator[dict[str, Any]]:
    for subject in (None, PLAIN, SEEN, ORDER, "orders-value", "parcels-value", "shop.orders.New"):
        for name, id in (
            ("zebra", "id-zebra"),
            ("orders", "id-orders"),
            ("parcels", "id-parcels"),
            ("free", "id-free"),
        ):
            yield association(subject, name, id)


def arguments() -> Mapping[str, tuple[str, ...]]:
    """What stands for each argument of a route."""
    return {
        "subject": SUBJECTS, "domain": ("zebra", "zebra.herds", "shop", "shop.orders"), "version": ("1", "latest", "9"),
        "application": ("zebra-app", "billing", "new-app", "zebra-other"), "environment": ("zebra", "production"),
        "major": ("1", "2"), "context": (".zebra", "."), "name": ("zebra", "orders"),
        "resource": ("id-zebra", "id-orders"), "namespace": ("kafka",),
        "guid": ("00000000-0000-0000-0000-000000000000",), "alias": ("zebra",), "within": (".zebra",),
        "id": tuple(str(one) for one in range(1, 40)), "kek": ("zebra", "zebra.herds.pii"), "_elsewhere": ("zebra",),
    }  # fmt: skip


QUERIES = {
    "/subjects": ("deleted=true", "subjectPrefix=zebra", "subjectPrefix=:*:"),
    "/schemas": ("deleted=true", "subjectPrefix=zebra", "subjectPrefix=:*:", "latestOnly=true", "aliases=true"),
    "/v1/events": ("domain=zebra", "q=zebra", "topic=orders", "deleted=true"),
    "/v1/inbox": ("domain=zebra", "domain=shop"),
    "/v1/kept-checks": (f"subject={SEEN}", "domain=zebra"),
    "/v1/search": ("q=zebra", "q=order", "q=zebar", "q=herds", "q=team-zebra"),
    "/admin/search": ("q=zebra", "q=order", "q=herdz"),
    "/admin/checks": ("domain=zebra", f"subject={SEEN}"),
    "/v1/reports": (f"subject={SEEN}", "domain=zebra", "limit=500"),
    "/v1/waivers": ("domain=zebra.herds",),
    "/v1/consumers": (f"event={SEEN}", f"event={ORDER}", "team=team-zebra"),
    "/v1/deployments": ("application=zebra-app", "environment=zebra"),
    "/v1/feed.atom": ("domain=zebra", "domain=zebra.herds", "kind=SchemaRefused&limit=200", "kind=WebhookCreated"),
    "/v1/grants": ("node=zebra", "node=shop"),
    "/v1/access": ("verb=register&node=zebra", "verb=read&node=shop&as=people:zebra"),
    "/v1/questions/who-reads": (f"event={SEEN}", f"event={ORDER}", "event=orders-value"),
    "/v1/questions/unused-fields": (f"event={SEEN}", f"event={ORDER}", "event=parcels-value"),
    "/v1/questions/as-expected": (f"event={SEEN}", f"event={ORDER}"),
    "/v1/questions/can-retire": (f"event={SEEN}&major=1", f"event={ORDER}&major=1"),
    "/v1/questions/can-deploy": tuple(
        f"application={one}&version=1&environment=production" for one in ("zebra-app", "billing")
    ),
    "/v1/calendar": ("domain=zebra", "domain=shop"),
    "/v1/calendar.ics": ("domain=zebra",),
    "/admin/events": ("q=zebra", "domain=zebra"),
    "/admin/event": (f"subject={SEEN}", "subject=orders-value", "subject=parcels-value"),
    "/admin/reports": (f"subject={SEEN}",),
    "/admin/access": ("verb=register&node=zebra", "verb=read&node=zebra.herds"),
    "/admin/waivers": ("domain=zebra.herds",),
    "/admin/consumers": (f"event={SEEN}",),
    "/admin/calendar": ("domain=zebra",),
    "/admin/questions": (
        "domain=zebra", f"ask=who-reads&event={SEEN}", f"ask=unused-fields&event={ORDER}",
        f"ask=can-retire&event={SEEN}&major=1", "ask=can-break&event=parcels-value&drop=/a",
        "ask=can-deploy&application=zebra-app&version=1&environment=production",
    ),
    "/v1/events/<path:subject>/compare": ("reader=1&writer=1", "reader=1.0&writer=latest"),
    "/admin/events/<subject>/compare": ("reader=1&writer=1",),
    "/schemas/ids/<int:id>": ("subject=zebra-value", f"subject={SEEN}", "subject=:.zebra:", "fetchMaxId=true"),
    "/config/<subject>": ("defaultToGlobal=true",),
    "/mode/<subject>": ("defaultToGlobal=true",),
    "/dek-registry/v1/keks": ("deleted=true", "subjectPrefix=zebra", "context=.zebra"),
    "/dek-registry/v1/keks/<kek>": ("deleted=true", "context=.zebra"),
    "/dek-registry/v1/keks/<kek>/deks/<subject>": ("deleted=true", "algorithm=AES256_SIV"),
}  # fmt: skip


@cache
def bodies(method: str, route: str) -> list[Any]:
    """Bodies for a route, none with the secret word; made once, since a route has many paths."""
    if method in ("GET", "DELETE"):
        return [None]
    for found in (_of_schemas(), _of_contracts(), _of_readers(), _of_governance(), _of_keys(), _of_associations()):
        for end, those in found.items():
            if route.endswith(end):
                return those
    return [{}]


def _of_schemas() -> dict[str, list[Any]]:
    """Bodies by the end of a route; no end is that of another one's route."""
    return {
        "/tags": [{"tagsToAdd": []}],
        "/versions": drafts(),
        "/versions/<version>": drafts(),
        "/lookup": [{**one, "format": "AVRO"} for one in drafts()],
        "/subjects/<subject>": drafts(),
        "/v1/checks": [
            {**one, "format": "AVRO", "subject": subject, **job}
            for one in drafts() for subject in SUBJECTS for job in ({}, {"job": {"branch": "b"}})
        ],
        "/level": [{"level": "BACKWARD"}],
        "/config": [{"compatibility": "FULL"}],
        "/config/<subject>": [
            {"compatibility": "FULL"}, *({"alias": one} for one in (PLAIN, "orders-value", "parcels-value")),
        ],
        "/mode": [{"mode": "IMPORT"}],
        "/mode/<subject>": [{"mode": "IMPORT"}],
        "/exporters": [{"name": "zebra", "config": {"schema.registry.url": "http://127.0.0.1:9"}}],
    }  # fmt: skip


def _of_contracts() -> dict[str, list[Any]]:
    """The same for what is decided about events."""
    declared = [{"kind": "fact", "topics": [topic]} for topic in ("orders", "parcels", "zebra", "free", "shop-orders")]
    sets = [
        {"events": [{"subject": one, "event": two, "majors": [{"major": 1, "version": draft}]}]}
        for one in ("shop.orders.New", "zebra.herds.New", ORDER)
        for two in (None, declared[0], declared[1])
        for draft in ({"schema": record("a")}, *list(references())[:6])
    ]
    return {
        "/contracts": [*sets, *({**one, "dry_run": True} for one in sets)],
        "/v1/events/<name:subject>": declared,
        "/reviews": [{"comment": "c"}, {"handled": True, "assignee": "ann"}],
        "/migration": [{"reason": "r"}],
        "/majors/<int:major>": [
            {"state": "retired"}, {"state": "deprecated", "sunset": in_days(400)[:10], "replacement": f"{SEEN}@2"},
        ],
    }  # fmt: skip


def _of_readers() -> dict[str, list[Any]]:
    """The same for who reads events, and what they report."""
    events = (SEEN, ORDER, "orders-value", "parcels-value", KEPT[:5])
    reads = [[{"event": one, "major": 1, "fields": []}] for one in events]
    rows = [{"subject": one, "direction": "produce", "path": "/a", "rule": "X", "count": 1} for one in SUBJECTS]
    used = [{"subject": one, "direction": "consume", "major": 1} for one in SUBJECTS]
    return {
        "/v1/consumers/<application>": [
            {"team": team, "contact": "", "reads": one} for one in reads for team in ("payments", "other")
        ],
        "/v1/consumers/<application>/holders": [{"principals": ["people:ann"]}],
        "/v1/deployments/<environment>/<application>": [{"version": "2"}],
        "/v1/drift": [{"reporter": {"client": "c", "service": "s"}, "observations": [one]} for one in rows],
        "/v1/usage": [{"application": "new-app", "used": [one]} for one in used],
        "/can-break": [
            *({"event": one, "drop": ["/a"]} for one in SUBJECTS),
            *({"event": ORDER, "change": {**one, "format": "AVRO"}} for one in drafts()),
        ],
    }


def _of_governance() -> dict[str, list[Any]]:
    """The same for domains, what they waive and allow, and who hears of it."""
    return {
        "/v1/domains/<domain>": [{"owner": "team-new"}, {"owner": "team-orders"}],
        "/v1/waivers": [
            {"kind": "purge", "domain": domain, "reason": "r", "until": in_days(30), "subject": subject}
            for domain in ("shop", "zebra.herds")
            for subject in ("", SEEN, ORDER)
        ],
        "/grants": [grant_body(BOB, node, "read") for node in ("zebra", "shop", "shop.orders", "zebra.herds", "*")],
        "/v1/webhooks": [
            {"url": "https://hooks.example/", "node": one} for one in ("zebra", "zebra.herds", SEEN, "shop", "*")
        ],
        "/replay": [{"after": 0}, {"dead_letters": True}],
    }


def _of_keys() -> dict[str, list[Any]]:
    """The same for encryption keys."""
    return {
        "/keks": [{"name": one, "kmsType": "local-kms", "kmsKeyId": "m"} for one in ("zebra", "zebra.herds.pii")],
        "/keks/<kek>": [{"doc": "other"}],
        "/keks/<kek>/deks": [{"subject": one, "encryptedKeyMaterial": "AAAA"} for one in SUBJECTS],
        "/keks/<kek>/deks/<subject>": [{"encryptedKeyMaterial": "AAAA"}],
    }


def _of_associations() -> dict[str, list[Any]]:
    """The same for what belongs to resources of a cluster."""
    single = list(associations())
    batches = [{"requests": [one, single[-1]]} for one in single]
    return {
        "/associations": single,
        "/associations/resources/<resource>": [{"associations": one["associations"]} for one in single],
        "/associations:batch": batches,
        "/associations:batchMutate": batches,
        "/associations:batchGet": [{"requests": [{"resourceId": one}]} for one in ("id-zebra", "id-orders")],
    }


def requests(rules: list[tuple[str, str]]) -> Iterator[Asked]:
    """Requests for routes, each a method and a rule: with every argument, every query and every body."""
    for method, rule in rules:
        for path in _paths(rule):
            for body in bodies(method, rule):
                yield Asked(method, path, body)
            for query in QUERIES.get(rule.removeprefix("/contexts/<within>"), ()):
                yield Asked(method, f"{path}?{query}", None if method in ("GET", "DELETE") else bodies(method, rule)[0])


def _paths(rule: str) -> Iterator[str]:
    before, opened, rest = rule.partition("<")
    if not opened:
        yield rule
        return
    named, _, after = rest.partition(">")
    for value in arguments()[named.rpartition(":")[2]]:
        for end in _paths(after):
            yield before + quote(value, safe="") + end
