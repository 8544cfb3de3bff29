"""Facts: their stored form, and the JSON Schemas that describe it."""

import json
import tomllib
from dataclasses import fields
from typing import Any

import pytest

from moorings_compat import Format, parse
from moorings_compat.event_names import past_tense_problem
from moorings_registry import facts
from tests.registry.asking import CONTRACTS, contract

SUBJECT = "shop.orders.OrderPlaced"
GUID = "fcc84fe2-3ea7-849b-afe8-4597a4b63ffc"
EXAMPLES: list[facts.Fact] = [
    facts.DomainRegistered("shop", "team", ["#team"], "Orders.", {"level": "FULL", "names": "any"}),
    facts.DomainOwnerChanged("shop", "team", [], ""),
    facts.DomainPolicyChanged("shop", {}),
    facts.EventDeclared(
        SUBJECT,
        "fact",
        "A customer placed an order.",
        "internal",
        ["orders"],
        "",
        "",
        {"source": "s3://a", "retention_days": 30, "ordering_key": "/id", "replayable": True, "reason": ""},
        {"key": ["/id"]},
        {"peak_per_second": "12.5", "largest_bytes": 1_000, "delivery_p99_ms": None},
    ),
    facts.SchemaDefined(GUID, "AVRO", '"int"', [{"name": "n", "subject": "s", "version": 1}], None, {"a": []}),
    facts.InvalidSchemaKept(GUID, "/fields/0/default: a string does not fit int"),
    facts.DialectChosen(GUID, "draft-04"),
    facts.SchemaAliased(GUID, "00000000-0000-0000-0000-000000000001"),
    facts.SchemaRegistered(SUBJECT, 5, 17, GUID, 2, 1, "2", "FULL", [4, 3], {"lenient": True}),
    facts.SchemaRefused(SUBJECT, GUID, 2, "FULL", "breaking", ["AVRO_TYPE_CHANGED"], [4], {}),
    facts.VersionsSoftDeleted(SUBJECT, [1, 2]),
    facts.VersionsPermanentlyDeleted(SUBJECT, [1]),
    facts.VersionsRestored(SUBJECT, [1]),
    facts.RevisionsPurged(SUBJECT, [1], "It held a customer's name", 0),
    facts.WaiverGranted("finding", "shop", SUBJECT, 1, GUID, "No event was written", "ann", "bob", ""),
    facts.WaiverUsed(7, "shop.orders", SUBJECT, 5, "breaking", ["AVRO_TYPE_CHANGED"]),
    facts.WaiverWithdrawn(7),
    facts.MajorsHeld("domain:shop", {"level": "FULL_TRANSITIVE"}),
    facts.ConfigChanged("", {"compatibility": "NONE"}),
    facts.ModeChanged(SUBJECT, "READONLY"),
    facts.FirstMajorLifecycleChanged(SUBJECT, 1, "deprecated", "2027-01-31"),
    facts.MajorLifecycleChanged(SUBJECT, 1, "deprecated", "2027-01-31", "2026-12-01", "shop.orders.OrderPlaced@2"),
    facts.MajorMigrationChanged(SUBJECT, 2, [{"rename": "/customer", "to": "customer_id"}], ""),
    facts.ResourceAssociated(SUBJECT, GUID, "orders", "lkc-1", "t-1", "topic", "value", "STRONG", True),
    facts.ResourceDissociated("orders", "t-1", "topic", "value"),
    facts.ExporterCreated("eu", "CUSTOM", ".eu", ["shop.*"], "${subject}", {"schema.registry.url": "http://eu:8081"}),
    facts.ExporterChanged("eu", "NONE", "", ["*"], "eu-${subject}", {"schema.registry.url": "http://eu:8081"}),
    facts.ExporterPaused("eu"),
    facts.ExporterResumed("eu"),
    facts.ExporterReset("eu"),
    facts.ExporterAdvanced("eu", 1_000),
    facts.ExporterDeleted("eu"),
    facts.WebhookCreated("https://hooks.example/m", "shop", ["SchemaRefused"], "binary", 7, [3], "people:ann"),
    facts.WebhookReplayed(8, 0),
    facts.DeadLettersReplayed(8),
    facts.WebhookAdvanced(8, 1_000),
    facts.WebhookRemoved(8, "shop", "the receiver answered 410"),
    facts.WaiverRequested("level", "shop", "", 0, "", "A bridge", "people:ann", "2027-01-01T00:00:00.000000Z"),
    facts.WaiverApproved(7, "people:bob"),
    facts.OwnerTransferOffered("shop.orders", "fulfilment", "people:bob", "people:ann"),
    facts.OwnerTransferAccepted("shop.orders", "fulfilment", "people:bob"),
    facts.OwnerTransferWithdrawn("shop.orders", "people:ann"),
    facts.AccessGranted("ci", "", {"repository_id": "7"}, "", ["register"], "shop.orders", "", "Its CI", "people:ann"),
    facts.AccessRevoked(7, "The repository moved"),
    facts.AccessDenied("ci:repo/7", "govern", "shop.orders", "2026-11-29T22", "2026-11-29T22:04:05.000000Z"),
    facts.AccessSealed("2026-11-29T22", "n1", 17, "0" * 64),
    facts.ConsumerDeclared(
        "billing",
        "payments",
        "#payments",
        "production",
        "1.4",
        [
            {
                "event": SUBJECT,
                "major": 1,
                "fields": [{"path": "/items/*/sku", "use": "required"}],
                "tests": [{"name": "paid", "event": '{"total": 5}', "assertion": "message.total > 0"}],
            }
        ],
    ),
    facts.ConsumerWithdrawn("billing"),
    facts.ApplicationDeployed("billing", "production", "1.4"),
    facts.CheckReviewed("report:7", SUBJECT, "We rename it back", "ann", None, "people:bob"),
    facts.CheckReviewed("check:" + "0f" * 16, SUBJECT, "", None, True, "people:bob"),
    facts.ApplicationHeld("billing", ["ci:repo/7"], ["payments"]),
    facts.SunsetReminded(SUBJECT, 1, "2027-01-31", 30, ["billing"], 2),
    facts.ChangeHeldBack(
        SUBJECT,
        GUID,
        [
            {
                "application": "billing",
                "team": "payments",
                "source": "declared",
                "rule": "CONSUMER_READS_FIELD",
                "path": "/total",
                "message": "billing reads /total, which is removed",
                "payload": "",
            }
        ],
    ),
    facts.KekRegistered("pii", ".", "aws-kms", "arn:aws:kms:eu:1:key/2", {"KeyUsage": "ENCRYPT_DECRYPT"}, "Names"),
    facts.KekChanged("pii", ".eu", {}, ""),
    facts.KekSoftDeleted("pii", "."),
    facts.KekRestored("pii", "."),
    facts.KekPermanentlyDeleted("pii", "."),
    facts.DekRegistered("pii", ".", SUBJECT, 1, "AES256_GCM", "aGVsbG8="),
    facts.DekVersionsSoftDeleted("pii", ".", SUBJECT, "AES256_GCM", [1, 2]),
    facts.DekVersionsRestored("pii", ".", SUBJECT, "AES256_GCM", [1]),
    facts.DekVersionsPermanentlyDeleted("pii", ".", SUBJECT, "AES256_SIV", [1]),
    facts.IssuersConfigured("0" * 64, [{"alias": "ci", "kind": "github", "issuer": "https://ci.example"}]),
]
KINDS = sorted(facts.FACTS)


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: type(fact).__name__)
def test_a_fact_is_read_as_it_was_written(fact: facts.Fact) -> None:
    stored = facts.to_json(fact)
    contract(stored["fact"], stored["v"]).validate(stored)
    assert facts.from_json(json.loads(json.dumps(stored))) == fact


def test_every_fact_has_its_example() -> None:
    assert {type(fact) for fact in EXAMPLES} == set(facts.FACTS.values())


@pytest.mark.parametrize(("fact", "v"), KINDS)
def test_contract_and_class_have_the_same_members(fact: str, v: int) -> None:
    kind, schema = facts.FACTS[fact, v], _schema(fact, v)
    assert list(schema["properties"]) == ["fact", "v", *(one.name for one in fields(kind))]
    assert schema["required"] == list(schema["properties"])
    assert schema["additionalProperties"] is False
    assert (schema["properties"]["fact"], schema["properties"]["v"]) == ({"const": fact}, {"const": v})
    assert schema["title"] == fact


@pytest.mark.parametrize(("fact", "v"), KINDS)
def test_contracts_are_schemas_that_this_registry_takes(fact: str, v: int) -> None:
    parse((CONTRACTS / f"{fact}.v{v}.schema.json").read_text(), Format.JSON)
    assert past_tense_problem(fact) is None


def test_there_is_no_contract_without_a_fact() -> None:
    files = {path.name.removesuffix(".schema.json") for path in CONTRACTS.glob("*.schema.json")}
    assert files == {f"{fact}.v{v}" for fact, v in KINDS}


def test_the_domain_of_the_facts_has_an_owner() -> None:
    domain = tomllib.loads((CONTRACTS / "domain.toml").read_text())
    assert domain["owner"] == "moorings"
    assert domain["policy"] == {"names": "past_tense"}


@pytest.mark.parametrize("stored", [{"fact": "ShipSailed", "v": 1}, {"fact": "ConfigChanged", "v": 2}])
def test_a_fact_of_a_newer_release_is_named(stored: dict[str, Any]) -> None:
    with pytest.raises(facts.FactUnknown, match=str(stored["fact"])):
        facts.from_json(stored)


def _schema(fact: str, v: int) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((CONTRACTS / f"{fact}.v{v}.schema.json").read_text())
    return read
