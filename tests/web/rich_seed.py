"""A large company with long names, built through the service and the API: pages with much on them."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from werkzeug.test import Client

from moorings_compat import Format
from moorings_registry.callers import Caller
from moorings_registry.commands import (
    NEXT,
    DeclareEvent,
    Draft,
    GrantAccess,
    GrantWaiver,
    PutConsumer,
    PutDomain,
    RecordDeployment,
    RegisterSchema,
    SetMajorLifecycle,
    WithdrawWaiver,
)
from moorings_registry.errors import SchemaIncompatible
from moorings_registry.names import Subject
from moorings_registry.principals import Principal
from moorings_registry.service import Registry, utc_now
from moorings_registry.state import Declaration, Expectations, Idempotency, MajorState, Replay, WaiverKind
from tests.web.seed import avro, json_schema, run, seed_shop

AREAS = ("billing", "catalog", "delivery", "fraud", "identity", "loyalty", "search", "support")
WORDS = ("Opened", "Changed", "Checked", "Approved", "Rejected", "Archived", "Restored", "Closed")
LONG = (
    "CustomerAccountVerificationDocumentReplacementRequest"
    "AcknowledgementLetterReturnedByThePostalServiceWithoutAnyForwarding"
)
"""A name of 120 characters without a break."""
LONG_EVENT = f"shop.identity.{LONG}"
WIDE = "shop.billing.StatementIssued"
"""An event of 300 fields, with a refused change of 57 of them."""
CONTRACT = "shop.billing.InvoiceSent"
"""An event with rules, tags and properties, which applications read."""
CALLERS = (Caller(Principal("ci-platform"), "build-1"), Caller(Principal("a" * 120), "build-2"))
ROBOT = {"Host": "localhost:8081"}

METADATA = {
    "tags": {f"shop.billing.InvoiceSent.{name}": ["PII", "finance"] for name in ("customer", "email")},
    "properties": {"owner": "team-billing", "runbook": "https://runbooks.example/" + "x" * 120, "tier": "1"},
    "sensitive": ["vault_path"],
}
RULE_SET = {
    "domainRules": [
        {
            "name": "amountIsPositive",
            "doc": "An invoice of nothing is not sent.",
            "kind": "CONDITION",
            "mode": "WRITE",
            "type": "CEL",
            "expr": "message.amount > 0 && message.email.contains('@') && message.customer != ''",
            "onFailure": "ERROR",
        }
    ],
    "migrationRules": [
        {"name": "renameTotal", "kind": "TRANSFORM", "mode": "UPGRADE", "type": "JSONATA", "expr": "$merge([$, {}])"}
    ],
    "enableAt": "CLIENT",
}


def seed_company(registry: Registry, client: Client) -> None:
    """Fill *registry*: 13 domains, over 70 events, over 200 versions, over 40 refused changes and more."""
    seed_shop(registry)
    _domains(registry)
    _events(registry)
    _long_names(registry)
    _wide_event(registry)
    _contract(registry)
    _declared(registry)
    _lives(registry)
    _consumers(registry)
    _grants_and_waivers(registry)
    _observations(client)
    _checks_of_jobs(client)


def _refused(registry: Registry, subject: str, text: str, caller: Caller = CALLERS[0]) -> None:
    try:
        run(registry, RegisterSchema(Subject(subject), Draft(Format.AVRO, text)), caller)
    except SchemaIncompatible:
        return
    raise AssertionError(subject)


def _record(subject: str, fields: list[Mapping[str, Any]]) -> str:
    namespace, _, name = subject.rpartition(".")
    return json.dumps({"type": "record", "name": name, "namespace": namespace, "fields": fields})


def _field(name: str, type: Any = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, **more}


def _domains(registry: Registry) -> None:
    for area in AREAS:
        run(
            registry,
            PutDomain(
                f"shop.{area}",
                f"team-{area}" if area != "support" else "team-" + "w" * 115,
                (f"{area}@shop.example", f"#team-{area}"),
                f"Everything about {area}, from the first contact to the last letter.",
                {"names": "any"} if area == "search" else {},
            ),
        )


def _events(registry: Registry) -> None:
    """64 events in three formats; 40 refused changes of the Avro ones."""
    for at, area in enumerate(AREAS):
        for word in WORDS:
            subject = f"shop.{area}.{area.title()}Request{word}"
            if word in ("Archived", "Restored"):
                _json_event(registry, subject)
            elif word == "Closed":
                _protobuf_event(registry, subject)
            else:
                _avro_event(registry, subject, revisions=3 + at % 3)


def _avro_event(registry: Registry, subject: str, revisions: int) -> None:
    fields: list[Mapping[str, Any]] = [_field("id", doc="Given once."), _field("amount", "long")]
    avro(registry, subject, *fields)
    for number in range(1, revisions):
        fields.append(_field(f"detail_{number}", ["null", "string"], default=None))
        avro(registry, subject, *fields)
    _refused(registry, subject, _record(subject, [_field("id"), _field("amount_minor", "long"), *fields[2:]]))


def _json_event(registry: Registry, subject: str) -> None:
    properties = {"id": {"type": "string"}, "reason": {"enum": ["age", "wish", "law"]}, "at": {"type": "string"}}
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": properties}
    json_schema(registry, subject, {**schema, "required": ["id"], "additionalProperties": False})
    json_schema(
        registry, subject, {**schema, "required": ["id"], "additionalProperties": False, "description": "Rare."}
    )


def _protobuf_event(registry: Registry, subject: str) -> None:
    package, _, name = subject.rpartition(".")
    text = f'syntax = "proto3";\npackage {package};\nmessage {name} {{\n  string id = 1;\n'
    run(registry, RegisterSchema(Subject(subject), Draft(Format.PROTOBUF, text + "}\n")))
    run(registry, RegisterSchema(Subject(subject), Draft(Format.PROTOBUF, text + "  string note = 2;\n}\n")))


def _long_names(registry: Registry) -> None:
    lower = LONG.lower()
    fields = [_field(lower, doc="w" * 200), _field("choice", ["null", "string"], default=None)]
    avro(registry, LONG_EVENT, *fields)
    avro(registry, LONG_EVENT, *fields, _field(f"{lower}_2", "long", default=0))
    text = _record(LONG_EVENT, [_field(f"{lower}_new"), *fields[1:]])
    _refused(registry, LONG_EVENT, text, CALLERS[1])
    avro(registry, LONG_EVENT, _field(f"{lower}_new"), major=NEXT)
    avro(registry, f"{LONG}-value", _field("a"), name="Click")
    domain = f"shop.identity.{lower}"
    run(registry, PutDomain(domain, "t" * 120, ("c" * 120,), "d" * 120, {}), CALLERS[1])


def _wide_event(registry: Registry) -> None:
    fields = [_field(f"line_{at:03}", "long" if at % 3 else "string", doc=f"Line {at} of it.") for at in range(300)]
    avro(registry, WIDE, *fields)
    changed = [
        {**one, "name": f"row_{at:03}", "type": "double"} if at % 5 == 0 and at < 285 else one
        for at, one in enumerate(fields)
    ]
    _refused(registry, WIDE, _record(WIDE, changed))


def _contract(registry: Registry) -> None:
    fields: list[Mapping[str, Any]] = [
        _field("amount", "long", doc="In cents."),
        _field("customer", **{"confluent:tags": ["PII"]}),
        _field("email"),
    ]
    for extra in ([], [_field("note", ["null", "string"], default=None, doc="What the clerk wrote.")]):
        draft = Draft(Format.AVRO, _record(CONTRACT, fields + extra), metadata=METADATA, rule_set=RULE_SET)
        run(registry, RegisterSchema(Subject(CONTRACT), draft))


def _declared(registry: Registry) -> None:
    declaration = Declaration(
        description="An invoice left the house.",
        topics=("invoices", "invoices-" + "eu" * 55),
        replay=Replay("s3://archive/" + "a" * 110, 400, "/email"),
        idempotency=Idempotency(("/email",)),
        expectations=Expectations(largest_bytes=20_000),
    )
    run(registry, DeclareEvent(Subject(CONTRACT), declaration))
    run(registry, DeclareEvent(Subject("shop.billing.InvoiceDisputed"), Declaration(description="Not yet written.")))


def _lives(registry: Registry) -> None:
    for area, state, sunset in (
        ("billing", MajorState.DEPRECATED, "2099-01-31"),
        ("catalog", MajorState.DEPRECATED, "2099-02-28"),
        ("fraud", MajorState.RETIRED, ""),
    ):
        subject = f"shop.{area}.{area.title()}RequestOpened"
        avro(registry, subject, _field("id"), _field("amount_minor", "long"), major=NEXT)
        run(registry, SetMajorLifecycle(Subject(subject), 1, MajorState.DEPRECATED, sunset or "2099-01-31"))
        if state is MajorState.RETIRED:
            people = {"requested_by": "ann", "approved_by": "bob"}
            run(
                registry,
                GrantWaiver(
                    WaiverKind.RETIRE,
                    "shop.fraud",
                    "Nobody used it",
                    until=utc_now() + timedelta(days=1),
                    subject=subject,
                    major=1,
                    **people,
                ),
            )
            run(registry, SetMajorLifecycle(Subject(subject), 1, state))
    run(registry, SetMajorLifecycle(Subject(LONG_EVENT), 1, MajorState.DEPRECATED, "2099-03-31"))


def _consumers(registry: Registry) -> None:
    fields = ({"path": "/amount", "use": "required"}, {"path": "/customer", "use": "optional"})
    for number in range(30):
        read = {"event": CONTRACT, "major": 1, "fields": list(fields) if number % 4 else [], "tests": []}
        reads: list[Mapping[str, Any]] = [read]
        if number % 3 == 0:
            long = [{"path": f"/{LONG.lower()}", "use": "required"}]
            reads.append({"event": LONG_EVENT, "major": 1, "fields": long, "tests": []})
        name = f"reader-{number}" if number else "n" * 120
        run(registry, PutConsumer(name, f"team-{number % 5}", "#" + "c" * 60, "production", "1.0", tuple(reads)))
        run(registry, RecordDeployment(name, "production", "1.0"))
    changed = [_field("amount", "long"), _field("email"), _field("client")]
    _refused(registry, CONTRACT, _record(CONTRACT, changed))


def _grants_and_waivers(registry: Registry) -> None:
    expires = utc_now() + timedelta(days=29)
    for number in range(4):
        run(
            registry,
            GrantAccess(
                "builds",
                ("read", "register"),
                "shop.billing.Invoice*" if number % 2 else "shop.billing",
                "The build of the team registers its events.",
                principal="builds:" + "p" * 100 + str(number),
                expires=expires,
                knows_issuers=False,
            ),
        )
    people = {"requested_by": "ann", "approved_by": "b" * 100}
    run(registry, GrantWaiver(WaiverKind.LEVEL, "shop.billing", "A migration. " + "x" * 120, until=expires, **people))
    run(registry, GrantWaiver(WaiverKind.LEVEL, "shop.fraud", "No longer needed", until=expires, **people))
    run(registry, WithdrawWaiver(max(registry.state.waivers)))
    record = next(one for one in registry.state.checks if str(one.subject) == LONG_EVENT and not one.accepted)
    run(
        registry,
        GrantWaiver(
            WaiverKind.FINDING, "shop.identity", "No event", subject=LONG_EVENT, major=1, guid=record.guid, **people
        ),
    )


def _observations(client: Client) -> None:
    """What clients report: broken contracts, and applications that read."""
    rows = [
        {
            "subject": subject,
            "direction": direction,
            "revision": "1.1",
            "path": f"/{path}",
            "rule": "TYPE_WRONG",
            "count": 17 * at + 1,
        }
        for at, (subject, path) in enumerate(((CONTRACT, "amount"), (CONTRACT, "email"), (LONG_EVENT, LONG.lower())))
        for direction in ("produce", "consume")
    ]
    reporter = {"client": "moorings-python/1", "service": "checkout"}
    reply = client.post("/v1/drift", json={"reporter": reporter, "observations": rows}, headers=ROBOT)
    assert reply.status_code == 200, reply.text
    used = [
        {
            "subject": CONTRACT,
            "direction": direction,
            "major": 1,
            "revision": "1.0",
            "seconds": [[700, 3]],
            "sizes": [[30_000, 2]],
        }
        for direction in ("consume", "produce")
    ]
    for application in ("insight", "o" * 100):
        reply = client.post("/v1/usage", json={"application": application, "used": used}, headers=ROBOT)
        assert reply.status_code == 200, reply.text


def _checks_of_jobs(client: Client) -> None:
    """Kept checks with long names of branches, and reviews of refusals."""
    for number, subject in enumerate((CONTRACT, WIDE, LONG_EVENT)):
        job = {
            "repository": "acme/" + "monorepo-" * 12,
            "branch": f"feature/{'rename-the-customer-' * 6}{number}",
            "commit": f"{number}" * 40,
            "pull_request": str(4_000 + number),
            "pull_request_url": f"https://forge.example/acme/pull/{4_000 + number}",
            "system": "GitHub Actions",
            "author": "a-rather-long-name-of-somebody-who-changes-schemas",
        }
        schema = _record(subject, [_field("entirely_new")])
        reply = client.post("/v1/checks", json={"subject": subject, "schema": schema, "job": job}, headers=ROBOT)
        assert reply.status_code == 200, reply.text
        kept = reply.get_json()["kept"]
        review = {"comment": "We talk to billing first. " * 8, "assignee": "team-" + "x" * 100}
        reply = client.post(f"/v1/kept-checks/{kept['id']}/reviews", json=review, headers=ROBOT)
        assert reply.status_code == 200, reply.text
