"""What a caller learns from a registry is what one would say that holds nothing but what the caller may read.

Two registries are filled from one random script: the one with all of it, the other with what the caller may read. Both
know the same grants, and both are asked everything, by every route that reads; status, body and headers have to be the
same but for numbers that count what happened (ids, positions) and for times.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from moorings_registry.access import Node, Verb
from moorings_registry.http.verbs import verbs_of
from moorings_registry.names import Subject
from tests.laws.fuzzing import wide
from tests.registry.asking import record
from tests.registry.calling import Reply
from tests.registry.granting import ANN, OPERATOR, Guarded, in_days

DOMAINS = ("shop", "shop.orders", "crm", "crm.people")
SUBJECTS = (
    "shop.ThingAdded", "shop.orders.OrderPlaced", "shop.orders.OrderPaid-value", "crm.PersonAdded",
    "crm.people.NameChanged", "orders-value", ":.eu:orders-value", ":.eu:shop.orders.OrderPlaced",
)  # fmt: skip
NODES = ("shop", "shop.orders", "crm.people.NameChanged", "crm*", "orders", ".eu/*", ".eu/orders")
MISSING = ("shop.orders.NothingHappened", "crm.NothingHappened", "nothing-value", ":.eu:nothing-value")
TEXTS = [record("a"), record("a", b=1), record("a", b=1, c=2), record("z", name="Other")]


@dataclass(frozen=True, slots=True)
class Registering:
    """A version of a subject; *refers* names a subject of which the first version is referred to."""

    subject: str
    text: int
    refers: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """What fills a registry, in order."""

    domains: tuple[str, ...]
    registrations: tuple[Registering, ...]
    deleted: tuple[str, ...]
    levels: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...]
    associated: tuple[str, ...]
    waived: tuple[str, ...]
    refused: tuple[str, ...]
    keyed: tuple[str, ...]
    """Subjects with encryption keys."""


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    of = st.sampled_from(SUBJECTS)
    registrations = draw(
        st.lists(st.builds(Registering, of, st.integers(0, 2), st.one_of(st.just(""), of)), min_size=3, max_size=12)
    )
    some = st.lists(of, max_size=3, unique=True).map(tuple)
    aliases = st.lists(st.tuples(st.sampled_from(("alias-one", "alias-two", *SUBJECTS[:2])), of), max_size=2)
    return Script(
        domains=tuple(draw(st.lists(st.sampled_from(DOMAINS), unique=True))),
        registrations=tuple(registrations),
        deleted=draw(some),
        levels=draw(some),
        aliases=tuple(draw(aliases)),
        associated=draw(some),
        waived=tuple(draw(st.lists(st.sampled_from(DOMAINS), max_size=2, unique=True))),
        refused=draw(some),
        keyed=draw(some),
    )


class Filled:
    """A registry that ran a script, or the part of one that a caller may read."""

    def __init__(
        self, script: Script, nodes: tuple[str, ...], reads: "Reads | None" = None, like: "Filled | None" = None
    ):
        """Run all of it; or what *reads* lets through, of which what is deleted is as it was in *like*."""
        self.guarded = Guarded()
        self.numbers: list[int] = []
        """The version that each registration became; 0: it was refused."""
        self.deleted: set[str] = set()
        self._reads = reads
        self._like = like
        for node in nodes:
            self.guarded.grant(ANN, node, "read")
        self._run(script)

    def ask(self, method: str, path: str, body: Any = None) -> Reply:
        return self.guarded.call(ANN, method, path, body, X_Correlation_ID="c-1")

    def _operate(self, method: str, path: str, body: Any = None) -> Reply:
        return self.guarded.call(OPERATOR, method, path, body)

    def _run(self, script: Script) -> None:
        self._operate("PUT", "/config", {"normalize": True})
        for domain in filter(self._keeps_domain, script.domains):
            self._operate(
                "PUT",
                f"/v1/domains/{domain}",
                {"owner": f"team-{domain}", "policy": {"names": "any", "type_names": "any"}},
            )
        for at, one in enumerate(script.registrations):
            if self._like is None or self._keeps_registration(script, at):
                reply = self._operate("POST", registering(one.subject), body_of(one))
                self.numbers.append(reply.json.get("version", 0))
        self._set(script)
        for subject in script.deleted:
            if self._like is not None and subject not in self._like.deleted:
                continue
            if self._operate("DELETE", f"/subjects/{quoted(subject)}").status == 200:
                self.deleted.add(subject)

    def _set(self, script: Script) -> None:
        for subject in filter(self._keeps, script.refused):
            self._operate("POST", registering(subject), {"schema": TEXTS[3]})
        for subject in filter(self._keeps, script.levels):
            self._operate("PUT", f"/config/{quoted(subject)}", {"compatibility": "FULL_TRANSITIVE"})
        for alias, target in script.aliases:
            if self._keeps(alias):
                self._operate("PUT", f"/config/{quoted(alias)}", {"alias": target})
        for subject in filter(self._keeps, script.associated):
            self._operate("POST", "/associations", association(subject))
        keyed = list(filter(self._keeps, script.keyed))
        if keyed or self._keeps("pii"):
            self._operate("POST", "/dek-registry/v1/keks", {"name": "pii", "kmsType": "local-kms", "kmsKeyId": "m"})
        for subject in keyed:
            self._operate("POST", f"/dek-registry/v1/keks/pii/deks/{quoted(subject)}", {"encryptedKeyMaterial": "AAAA"})
        for domain in filter(self._keeps_domain, script.waived):
            waiver = {"kind": "purge", "domain": domain, "reason": "none is left", "until": in_days(30)}
            self._operate("POST", "/v1/waivers", waiver)

    def _keeps(self, subject: str) -> bool:
        return self._reads is None or self._reads.subject(subject)

    def _keeps_domain(self, name: str) -> bool:
        return self._reads is None or self._reads.domain(name)

    def _keeps_registration(self, script: Script, at: int) -> bool:
        """A readable subject's; or the first version of a subject that something readable refers to."""
        assert self._like is not None
        one = script.registrations[at]
        if self._keeps(one.subject):
            return True
        return self._like.numbers[at] == 1 and any(
            self._like.numbers[n] and _leads_to(other) == one.subject and self._keeps_registration(script, n)
            for n, other in enumerate(script.registrations)
            if n > at
        )


def registering(subject: str) -> str:
    """Where to register: normalised, since of two texts of one schema the first is kept, whoever sent it."""
    return f"/subjects/{quoted(subject)}/versions?normalize=true"


def body_of(one: Registering) -> dict[str, Any]:
    if not one.refers:
        return {"schema": TEXTS[one.text]}
    fields = [
        {"name": "of", "type": "OrderPlaced"},
        *({"name": f"f{n}", "type": "int", "default": n} for n in range(one.text)),
    ]
    text = json.dumps({"type": "record", "name": "Using", "fields": fields})
    return {"schema": text, "references": [{"name": "OrderPlaced", "subject": one.refers, "version": 1}]}


def association(subject: str) -> dict[str, Any]:
    named = {"resourceName": "orders", "resourceNamespace": "lkc-1", "resourceId": f"id-{subject}"}
    wish = {"subject": subject, "associationType": "value", "lifecycle": "WEAK"}
    return {**named, "associations": [wish]}


class Reads:
    """What may be read by nodes, written apart from the rules of the registry."""

    def __init__(self, nodes: tuple[str, ...]) -> None:
        self._nodes = [Node.parse(one) for one in nodes]

    def domain(self, name: str) -> bool:
        return any(
            name == one.name
            or name.startswith(one.name + ".")
            or one.name.startswith(name + ".")
            or (one.is_prefix and name.startswith(one.name))
            for one in self._nodes
        )

    def subject(self, name: str) -> bool:
        return any(_covers(one, Subject.parse(name)) for one in self._nodes)


def _leads_to(one: Registering) -> str:
    """The subject that a reference leads to: a plain name lies in the context of who refers to it."""
    return str(Subject.parse(one.refers, context=Subject.parse(one.subject).context)) if one.refers else ""


def _covers(node: Node, subject: Subject) -> bool:
    if node.context != subject.context:
        return False
    if node.is_prefix:
        return subject.name.startswith(node.name)
    bare = re.sub(r"-(key|value)\Z", "", subject.name)
    return node.name in (subject.name, bare) or subject.name.startswith(node.name + ".")


def quoted(name: str) -> str:
    return quote(name, safe="")


# What is asked.

BY_SUBJECT = (
    "/subjects/{s}/versions", "/subjects/{s}/versions?deleted=true", "/subjects/{s}/versions/latest",
    "/subjects/{s}/versions/1", "/subjects/{s}/versions/2", "/subjects/{s}/versions/1/schema",
    "/subjects/{s}/versions/1/referencedby", "/subjects/{s}/metadata?key=a&value=b",
    "/config/{s}", "/config/{s}?defaultToGlobal=true", "/mode/{s}", "/mode/{s}?defaultToGlobal=true",
    "/associations/subjects/{s}", "/associations/resources/id-{s}", "/v1/events/{s}", "/v1/events/{s}/level",
    "/v1/events/{s}/versions", "/v1/events/{s}/versions/1", "/v1/events/{s}/versions/latest", "/v1/events/{s}/drift",
    "/v1/events/{s}/compare?reader=1&writer=1", "/admin/events/{s}", "/admin/events/{s}/compare?reader=1&writer=1",
    "/admin/event?subject={s}", "/admin/event/compare?subject={s}&reader=1&writer=1",
    "/v1/events/{s}/majors/1/retirement", "/v1/events/{s}/majors/1/migration", "/contexts/.eu/subjects/{s}/versions",
    "/v1/events/{s}/usage", "/v1/questions/who-reads?event={s}", "/v1/questions/unused-fields?event={s}",
    "/v1/questions/can-retire?event={s}&major=1", "/admin/questions?ask=who-reads&event={s}",
    "/v1/questions/as-expected?event={s}",
    "/admin/questions?ask=can-retire&event={s}&major=1", "/v1/reports?subject={s}", "/schemas?subjectPrefix={s}",
    "/subjects?subjectPrefix={s}",
    "/dek-registry/v1/keks/pii/deks/{s}", "/dek-registry/v1/keks/pii/deks/{s}/versions",
    "/dek-registry/v1/keks/pii/deks/{s}/versions/1", "/dek-registry/v1/keks?subjectPrefix={s}",
)  # fmt: skip
BY_DOMAIN = (
    "/v1/domains/{d}", "/v1/domains/{d}/owners", "/admin/domains/{d}", "/admin/domains/{d}/access",
    "/admin/domains/{d}/consumers", "/v1/events?domain={d}",
    "/v1/domains/{d}/contracts", "/v1/waivers?domain={d}", "/v1/reports?domain={d}", "/admin/waivers?domain={d}",
    "/v1/feed.atom?domain={d}",
)  # fmt: skip
LISTS = (
    "/", "/subjects", "/subjects?deleted=true", "/subjects?subjectPrefix=:*:", "/schemas", "/schemas?deleted=true",
    "/schemas?aliases=true", "/schemas?resourceType=topic", "/contexts", "/config", "/mode", "/v1/domains",
    "/v1/events", "/v1/level", "/v1/waivers", "/v1/reports", "/v1/rules", "/v1/grants", "/admin/", "/admin/domains",
    "/admin/events", "/admin/reports", "/admin/rules", "/admin/waivers", "/associations/resources/-/orders",
    "/v1/metadata/id", "/v1/metadata/version", "/v1/metadata/deployment", "/openapi.json", "/openapi/confluent.json",
    "/v1/consumers", "/v1/consumers/{a}", "/v1/deployments", "/v1/access?verb=read&node=crm",
    "/v1/inbox", "/v1/kept-checks", "/admin/checks", "/admin/try", "/admin/new-domain", "/admin/inbox", "/admin/drift",
    "/admin/policies",
    "/v1/search?q=order", "/v1/search?q=thingaded", "/admin/search?q=added", "/v1/search?q=team",
    "/admin/access", "/admin/access?verb=read&node=crm", "/admin/access?verb=govern&node=shop.orders",
    "/v1/calendar", "/v1/calendar.ics", "/admin/calendar", "/admin/consumers", "/admin/questions",
    "/v1/feed.atom", "/v1/feed.atom?limit=200", "/v1/webhooks", "/admin/webhooks",
    "/v1/questions/can-deploy?application=billing&version=1&environment=production", "/contexts/.eu/subjects",
    "/dek-registry/v1/keks", "/dek-registry/v1/keks/pii", "/dek-registry/v1/keks/pii/deks",
)  # fmt: skip
BY_ID = (
    "/v1/search?q={i}",
    "/schemas/ids/{i}", "/schemas/ids/{i}?fetchMaxId=true", "/schemas/ids/{i}/schema", "/schemas/ids/{i}/subjects",
    "/schemas/ids/{i}/versions", "/v1/schemas/ids/{i}", "/contexts/.eu/schemas/ids/{i}",
)  # fmt: skip
BY_GUID = ("/schemas/guids/{g}", "/schemas/guids/{g}/ids", "/v1/schemas/{g}", "/admin/schemas/{g}")
BY_POSITION = (
    "/v1/kept-checks/{n}", "/admin/checks/{n}", "/admin/checks/{n}/schema",
    "/v1/reports/{n}", "/v1/reports/{n}/reviews", "/v1/kept-checks/{n}/reviews",
    "/admin/checks/{n}/again", "/admin/reports/{n}/again", "/v1/waivers/{n}", "/admin/reports/{n}", "/v1/grants/{n}",
    "/v1/webhooks/{n}",
)  # fmt: skip
READ_BY_POST = (
    ("/", "POST /"),
    ("/subjects/{s}", "POST /subjects/<subject>"),
    ("/compatibility/subjects/{s}/versions?verbose=true", "POST /compatibility/subjects/<subject>/versions"),
    ("/compatibility/subjects/{s}/versions/1", "POST /compatibility/subjects/<subject>/versions/<version>"),
    ("/v1/events/{s}/lookup", "POST /v1/events/<path:subject>/lookup"),
)


def test_every_route_that_reads_is_asked() -> None:
    """A new route that reads has to be asked here, too."""
    framework: Any = Guarded().application.middleware.framework
    reading = {
        rule for (method, rule), verb in verbs_of(framework.url_map).items() if verb is Verb.READ and method == "GET"
    }
    asked = {_pattern(one) for one in (*BY_SUBJECT, *BY_DOMAIN, *LISTS, *BY_ID, *BY_GUID, *BY_POSITION)}
    missing = {rule for rule in reading if "<within>" not in rule and _shape(rule) not in asked}
    assert missing == set()


def _shape(rule: str) -> str:
    return re.sub(r"<[^>]+>", "*", rule).rstrip("/")


def _pattern(path: str) -> str:
    bare = path.partition("?")[0]
    for name in ("{s}", "id-*", "{d}", "{i}", "{g}", "{n}", "{a}", "pii"):
        bare = bare.replace(name, "*")
    return re.sub(r"/(latest|1|2)(?=/|$)", "/*", bare).replace("/-/orders", "/*/*").rstrip("/")


# How answers are compared.

_COUNTED = re.compile(
    r"(?P<kept>(?:entry|entries|position|Report|report|Waiver|waiver|id|ids|Grant)[^0-9<>]{0,12}|#waiver-|#entry-|before="
    r"|/admin/reports/|/admin/reports/\?\">|/schemas/ids/|As of position <[^>]*>|data-label=\"Id\">"
    r"|<a href=\"/admin/ledger\"><strong>)\d[\d,]*(?:</strong> entr(?:y|ies))?"
)
_TIMES = re.compile(
    r"\d{4}-\d\d-\d\d[T ][\d:.]+Z?|\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d UTC|\d+ seconds? ago|just now"
)
_HEX = re.compile(r"\b[0-9a-f]{12}\b|\b[0-9a-f]{64}\b")
_NUMBERS = frozenset(
    ("id", "ids", "maxId", "position", "report", "registered_at", "changed_at", "at", "granted_at", "until", "expires",
     "correlation_id", "createTs", "updateTs", "createTimestamp", "ts", "detail_id", "deployment", "total_entries")
)  # fmt: skip
_HEADERS = frozenset(
    ("content-length", "x-correlation-id", "x-request-id", "etag", "moorings-position", "last-modified", "date")
)


def told(reply: Reply, *sent: str) -> Any:
    """What an answer tells, without numbers that count what happened, and without what was *sent*."""
    headers = {name: value for name, value in reply.headers.items() if name not in _HEADERS}
    names = sorted(name for name in reply.headers if name in ("etag", "moorings-position"))
    return reply.status, headers, names, _content(reply, sent)


def _content(reply: Reply, sent: tuple[str, ...]) -> Any:
    text = reply.body.decode()
    if "json" in reply.headers.get("content-type", ""):
        return _masked(json.loads(text), sent)
    text = re.sub(r"/admin/reports/\d+", "/admin/reports/?", text)
    text = re.sub(r'(name="request_key" value=")[^"]*', r"\1?", text)
    text = re.sub(r"/events/\d+\.\d+</id>", "/events/?</id>", text)
    return _HEX.sub("?", _TIMES.sub("?", _COUNTED.sub(lambda found: found["kept"] + "?", text)))


def _masked(value: Any, sent: tuple[str, ...]) -> Any:
    if isinstance(value, Mapping):
        return {key: "?" if key in _NUMBERS and inner else _masked(inner, sent) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked(one, sent) for one in value]
    if isinstance(value, str):
        for one in sent:
            value = value.replace(f"Schema {one} not found", "Schema ? not found")
        return _TIMES.sub("?", value)
    return value


def require_same(whole: Filled, part: Filled, method: str, path: str, body: Any = None) -> None:
    assert told(whole.ask(method, path, body)) == told(part.ask(method, path, body)), f"{method} {path}"


@settings(max_examples=wide(3, 5), deadline=None, derandomize=True, phases=(Phase.generate,))
@given(scripts(), st.lists(st.sampled_from(NODES), max_size=3, unique=True).map(tuple))
def test_a_caller_learns_what_a_registry_would_say_that_holds_what_it_may_read(
    script: Script, nodes: tuple[str, ...]
) -> None:
    whole = Filled(script, nodes)
    part = Filled(script, nodes, Reads(nodes), whole)
    for path in LISTS:
        require_same(whole, part, "GET", path)
    for name in (*SUBJECTS, *MISSING, "alias-one", "alias-two"):
        for path in (*BY_SUBJECT, *BY_SUBJECT[:6]):  # what is asked again may be answered from the cache
            require_same(whole, part, "GET", path.format(s=quoted(name)))
    for name in (*DOMAINS, "nowhere"):
        for path in BY_DOMAIN:
            require_same(whole, part, "GET", path.format(d=name))
    require_same_by_post(whole, part)
    require_same_by_id(whole, part)


def require_same_by_post(whole: Filled, part: Filled) -> None:
    using = body_of(Registering("", 0, SUBJECTS[3]))
    for name in (*SUBJECTS, *MISSING, "alias-one"):
        for body in ({"schema": TEXTS[0]}, {"schema": TEXTS[3]}, using):
            for path, _ in READ_BY_POST[1:4]:
                require_same(whole, part, "POST", path.format(s=quoted(name)), body)
            native = {**body, "format": "AVRO"}
            require_same(whole, part, "POST", f"/v1/events/{quoted(name)}/lookup", native)
            require_same(whole, part, "POST", "/v1/checks", {**native, "subject": name})
            for denied in ("POST", "DELETE"):
                suffix = "/versions" if denied == "POST" else ""
                require_same(whole, part, denied, f"/subjects/{quoted(name)}{suffix}", body if suffix else None)
        row = {
            "subject": name,
            "direction": "produced",
            "revision": "1.0",
            "writer": "",
            "path": "/a",
            "rule": "X",
            "count": 1,
        }
        require_same(
            whole, part, "POST", "/v1/drift", {"reporter": {"client": "c", "service": "s"}, "observations": [row]}
        )
        asked = {"requests": [{"resourceId": f"id-{name}"}, {"resourceName": "orders", "resourceNamespace": "-"}]}
        require_same(whole, part, "POST", "/associations:batchGet", asked)


def require_same_by_id(whole: Filled, part: Filled) -> None:
    """Each definition has an id of its own in each registry, and what happened a position."""
    ids, others = whole.guarded.registry.state, part.guarded.registry.state
    for (context, guid), id in ids.id_of.items():
        other = others.id_of.get((context, guid), 9_999)
        if any((one, id) in ids.ids for one in (".", ".eu") if one != context):
            continue  # where one context hides it, it is looked for in the other
        for path in BY_ID:
            left, right = whole.ask("GET", path.format(i=id)), part.ask("GET", path.format(i=other))
            if path.startswith("/contexts/.eu") == (context == ".eu") or context != ".eu":
                assert told(left, str(id)) == told(right, str(other)), path
        for path in BY_GUID:
            require_same(whole, part, "GET", path.format(g=guid))
    shown = {one["id"] for one in whole.ask("GET", "/v1/reports?limit=500").json["reports"]}
    for check in ids.checks:
        for path in (BY_POSITION[0], BY_POSITION[2]):
            is_found = whole.ask("GET", path.format(n=check.id)).status == 200
            assert is_found <= (check.id in shown)
