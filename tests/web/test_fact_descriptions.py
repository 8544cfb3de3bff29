"""Facts as sentences, times as people read them, and addresses of pages."""

from datetime import UTC, datetime

import pytest

from moorings_registry import facts
from moorings_registry.web import labels, links, time_formatting
from moorings_registry.web.fact_descriptions import sentence

SUBJECT = "shop.orders.OrderPlaced"
SAID = [
    (facts.DomainRegistered("shop", "team", [], "", {}), "Domain shop was registered with owner team."),
    (
        facts.DomainOwnerChanged("shop", "other", [], ""),
        "Domain shop is owned by other; owner, contacts or description changed.",
    ),
    (facts.DomainPolicyChanged("shop", {"level": "FULL"}), "The policy of shop is now: level FULL."),
    (facts.DomainPolicyChanged("shop", {}), "The policy of shop is now: nothing of its own."),
    (
        facts.DomainPolicyChanged("shop", {"kinds": ["fact", "type"], "complete": True}),
        "The policy of shop is now: complete yes, kinds fact and type.",
    ),
    (
        facts.EventDeclared(SUBJECT, "fact", "", "", ["orders"], "", "", None, None, None),
        f"{SUBJECT} was declared: a fact on 1 topic: orders.",
    ),
    (
        facts.EventDeclared("shop.PlaceOrder", "command", "", "", [], "checkout", "", None, None, None),
        "shop.PlaceOrder was declared: a command, handled by checkout.",
    ),
    (
        facts.SchemaDefined("g-1", "AVRO", '"int"', [], None, None),
        "5 characters of Avro were recorded for the first time, guid g-1.",
    ),
    (
        facts.SchemaAliased("g-1", "g-2"),
        "Schema g-1 also has the guid g-2 of another registry.",
    ),
    (
        facts.SchemaRegistered(SUBJECT, 3, 7, "g-1", 2, 0, "", "FULL", [], {}),
        f"{SUBJECT} registered as revision 2.0 (version 3, id 7), checked: first revision of its major.",
    ),
    (
        facts.SchemaRegistered(SUBJECT, 3, 7, "g-1", 1, 2, "", "FULL_TRANSITIVE", [2, 1], {}),
        f"{SUBJECT} registered as revision 1.2 (version 3, id 7), checked at FULL_TRANSITIVE against 2 versions.",
    ),
    (
        facts.SchemaRefused(SUBJECT, "g-1", 1, "FULL", "breaking", ["A", "B", "C", "D"], [1], {}),
        f"A change to major 1 of {SUBJECT} was refused: breaking, by A, B and 2 more.",
    ),
    (facts.VersionsSoftDeleted(SUBJECT, [1]), f"Version 1 of {SUBJECT} was soft-deleted."),
    (facts.VersionsPermanentlyDeleted(SUBJECT, [1, 2]), f"Versions 1 and 2 of {SUBJECT} were permanently deleted."),
    (facts.VersionsRestored(SUBJECT, [2]), f"Version 2 of {SUBJECT} was restored."),
    (
        facts.RevisionsPurged(SUBJECT, [1], "It held a name", 0),
        f"Version 1 of {SUBJECT} deleted permanently (later revisions are still checked against them): It held a name.",
    ),
    (
        facts.WaiverGranted("level", "shop", "", 0, "", "A migration", "ann", "bob", "2027-01-31T00:00:00.000000Z"),
        "Waiver 9 of kind level was granted for shop until 2027-01-31, requested by ann, approved by bob: A migration",
    ),
    (facts.WaiverUsed(3, "shop", SUBJECT, 0, "", []), f"Waiver 3 was used for {SUBJECT}."),
    (facts.WaiverWithdrawn(3), "Waiver 3 was withdrawn."),
    (
        facts.ConsumerDeclared("billing", "payments", "", "", "", [{}]),
        "Application billing of team payments declares to read 1 event.",
    ),
    (facts.ConsumerWithdrawn("billing"), "Application billing declares to read nothing any more."),
    (facts.ApplicationDeployed("billing", "production", "1.4"), "Application billing 1.4 runs in production."),
    (
        facts.SunsetReminded(SUBJECT, 1, "2027-01-31", 30, ["billing"], 0),
        f"billing still reads major 1 of {SUBJECT}, the sunset of which is 2027-01-31.",
    ),
    (
        facts.SunsetReminded(SUBJECT, 1, "2027-01-31", 0, ["billing", "crm"], 2),
        f"billing, crm and 2 more readers still read major 1 of {SUBJECT}, the sunset of which was on 2027-01-31.",
    ),
    (
        facts.SunsetReminded(SUBJECT, 1, "2027-01-31", 7, ["a", "b", "c", "d"], 1),
        f"a, b and c and 2 more still read major 1 of {SUBJECT}, the sunset of which is 2027-01-31.",
    ),
    (facts.ApplicationHeld("billing", ["ci:repo/7"], []), "Application billing may be changed by ci:repo/7 alone."),
    (
        facts.ApplicationHeld("billing", ["ci:repo/7", "ci:repo/8"], ["payments"]),
        "Application billing may be changed by ci:repo/7 and ci:repo/8, or whoever governs payments, alone.",
    ),
    (
        facts.CheckReviewed("report:7", SUBJECT, "We keep it", "ann", True, "people:bob"),
        f"A change to {SUBJECT} (report 7) was marked as handled, was assigned to ann and was commented on: We keep it",
    ),
    (
        facts.ChangeHeldBack(SUBJECT, "g", [{"application": "billing"}, {"application": ""}]),
        f"A change to {SUBJECT} was held back for billing and further applications.",
    ),
    (
        facts.MajorsHeld("domain:shop", {"level": "FULL"}),
        "The open majors of shop stay held to level FULL.",
    ),
    (
        facts.ConfigChanged("", {"compatibility": "FULL"}),
        "The settings of the whole registry are now: compatibility FULL.",
    ),
    (facts.ConfigChanged(":.tenant:", {"a": 1}), "The settings of context .tenant are now: a 1."),
    (facts.ConfigChanged(SUBJECT, {}), f"{SUBJECT} no longer has settings of its own."),
    (facts.ModeChanged("", "READONLY"), "Mode: the whole registry is now READONLY."),
    (facts.ModeChanged(SUBJECT, ""), f"Mode: {SUBJECT} no longer has a mode of its own."),
    (
        facts.FirstMajorLifecycleChanged(SUBJECT, 1, "retired", ""),
        f"Major 1 of {SUBJECT} is retired.",
    ),
    (
        facts.MajorMigrationChanged(SUBJECT, 2, [{"drop": "/a"}], ""),
        f"The mapping of {SUBJECT} from major 1 to 2 has 1 step.",
    ),
    (
        facts.MajorLifecycleChanged(SUBJECT, 2, "draft"),
        f"Major 2 of {SUBJECT} is a draft.",
    ),
    (
        facts.MajorLifecycleChanged(SUBJECT, 1, "deprecated", "2027-06-30"),
        f"Major 1 of {SUBJECT} is deprecated, with sunset on 2027-06-30.",
    ),
    (
        facts.ResourceAssociated(SUBJECT, "g", "orders", "-", "r-1", "topic", "value", "STRONG", frozen=True),
        f"{SUBJECT} describes the values of topic orders (strong, frozen).",
    ),
    (
        facts.ResourceDissociated("orders", "r-1", "topic", "value"),
        "The values of topic orders are no longer described.",
    ),
    (
        facts.ExporterCreated("eu", "CUSTOM", ".eu", ["shop.*"], "${subject}", {"schema.registry.url": "http://eu"}),
        "Exporter eu keeps http://eu in step with shop.*.",
    ),
    (
        facts.ExporterChanged("eu", "NONE", "", ["a", "b"], "${subject}", {"schema.registry.url": "http://eu"}),
        "Exporter eu was changed: it keeps http://eu in step with a and b.",
    ),
    (facts.ExporterPaused("eu"), "Exporter eu was paused."),
    (facts.ExporterResumed("eu"), "Exporter eu was resumed."),
    (facts.ExporterReset("eu"), "Exporter eu was restarted."),
    (facts.ExporterAdvanced("eu", 1_000), "Exporter eu has brought its target up to entry 1,000."),
    (
        facts.KekRegistered("pii", ".", "aws-kms", "arn:1", {}, ""),
        "KEK pii was made known: aws-kms key arn:1.",
    ),
    (facts.KekChanged("pii", ".eu", {}, ""), "KEK pii of context .eu has other properties or documentation."),
    (facts.KekSoftDeleted("pii", "."), "KEK pii was soft-deleted."),
    (facts.KekRestored("pii", "."), "KEK pii was restored."),
    (facts.KekPermanentlyDeleted("pii", "."), "KEK pii was permanently deleted."),
    (
        facts.DekRegistered("pii", ".", SUBJECT, 2, "AES256_GCM", "aGVsbG8="),
        f"Version 2 of the AES256_GCM key of {SUBJECT} was stored, wrapped by KEK pii.",
    ),
    (
        facts.DekVersionsSoftDeleted("pii", ".", SUBJECT, "AES256_GCM", [1, 2]),
        f"Versions 1 and 2 of the AES256_GCM key of {SUBJECT} under KEK pii were soft-deleted.",
    ),
    (
        facts.DekVersionsRestored("pii", ".", SUBJECT, "AES256_GCM", [1]),
        f"Version 1 of the AES256_GCM key of {SUBJECT} under KEK pii was restored.",
    ),
    (
        facts.DekVersionsPermanentlyDeleted("pii", ".", SUBJECT, "AES256_GCM", [1]),
        f"Version 1 of the AES256_GCM key of {SUBJECT} under KEK pii was permanently deleted.",
    ),
    (facts.ExporterDeleted("eu"), "Exporter eu was deleted; its exports remain."),
    (
        facts.WaiverRequested("level", "shop", "", 0, "", "A bridge", "people:ann", "2027-01-01T00:00:00.000000Z"),
        "Waiver 9 of kind level was requested for shop by people:ann: A bridge",
    ),
    (facts.WaiverApproved(7, "people:bob"), "Waiver 7 was approved by people:bob."),
    (
        facts.OwnerTransferOffered("shop", "fulfilment", "", "people:ann"),
        "Domain shop was offered to fulfilment by people:ann.",
    ),
    (
        facts.OwnerTransferAccepted("shop", "fulfilment", "people:bob"),
        "Domain shop is owned by fulfilment: people:bob accepted it.",
    ),
    (facts.OwnerTransferWithdrawn("shop", "people:ann"), "Domain shop keeps its owner: people:ann ended the offer."),
    (
        facts.AccessGranted("ci", "", {"repository_id": "7"}, "", ["register"], "shop", "", "Its CI", "people:ann"),
        "Grant 9: repository_id 7 may register shop: Its CI",
    ),
    (facts.AccessRevoked(7, "It moved"), "Grant 7 was revoked: It moved"),
    (
        facts.AccessDenied("ci:repo/7", "govern", "shop", "2026-11-29T22", "2026-11-29T22:04:05.000000Z"),
        "ci:repo/7 was denied govern on shop.",
    ),
    (
        facts.AccessSealed("2026-11-29T22", "n1", 17, "0" * 64),
        "17 rows of reads in the hour 2026-11-29T22 were sealed by n1.",
    ),
    (
        facts.IssuersConfigured("0" * 64, [{"alias": "ci", "kind": "github", "issuer": "https://ci.example"}]),
        "Sign-in accepts tokens of ci.",
    ),
    (facts.IssuersConfigured("", []), "Sign-in was turned off: no issuers are configured."),
    (
        facts.InvalidSchemaKept("g-1", "not JSON at line 1"),
        "Schema g-1 was kept although it is not valid here: not JSON at line 1",
    ),
    (
        facts.DialectChosen("g-1", "draft-04"),
        "Schema g-1 names a dialect of another party, and is read as draft-04.",
    ),
    (
        facts.WebhookCreated("https://hooks.example/m", "shop", ["SchemaRefused"], "binary", 7, [], "people:ann"),
        "Webhook 9 was created: SchemaRefused of shop are sent to hooks.example.",
    ),
    (facts.WebhookReplayed(7, 1_200), "Webhook 7 gets again what followed entry 1,200."),
    (facts.DeadLettersReplayed(7), "Webhook 7 gets its dead letters again."),
    (facts.WebhookAdvanced(7, 1_000), "Webhook 7 has everything up to entry 1,000."),
    (facts.WebhookRemoved(7, "shop", "It moved"), "Webhook 7 was removed: It moved."),
]


@pytest.mark.parametrize(("fact", "said"), SAID, ids=[type(fact).__name__ for fact, _ in SAID])
def test_a_fact_is_described_in_a_sentence(fact: facts.Fact, said: str) -> None:
    assert str(sentence(fact, 9)) == said


def test_every_fact_has_a_description() -> None:
    assert {type(fact) for fact, _ in SAID} == set(facts.FACTS.values())


NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("2026-11-22T11:59:30.000000Z", "just now"),
        ("2026-11-22T11:58:59.000000Z", "1 minute ago"),
        ("2026-11-22T09:00:00.000000Z", "3 hours ago"),
        ("2026-11-20T11:00:00.000000Z", "2 days ago"),
        ("2026-10-01T09:05:00.000000Z", "1 Oct 2026, 09:05 UTC"),
        ("2026-11-22T12:00:01.000000Z", "22 Nov 2026, 12:00 UTC"),
    ],
)
def test_times_are_shown_relative_to_now(at: str, shown: str) -> None:
    assert time_formatting.ago(at, NOW).striptags() == shown
    assert at in time_formatting.ago(at, NOW)


@pytest.mark.parametrize(
    ("subject", "href"),
    [
        ("shop.orders.OrderPlaced", "/admin/events/shop.orders.OrderPlaced?version=2"),
        (":.tenant:orders-value", "/admin/events/:.tenant:orders-value?version=2"),
        ("..", "/admin/event?subject=..&version=2"),
        ("a/b", "/admin/event?subject=a%2Fb&version=2"),
        ("ü?&#", "/admin/event?subject=%C3%BC%3F%26%23&version=2"),
    ],
)
def test_an_event_with_any_name_has_an_address(subject: str, href: str) -> None:
    assert links.event_href(subject, 2) == href


@pytest.mark.parametrize(
    ("text", "shown"),
    [("reader's field is gone", "Reader's field is gone"), ("oneOf grew", "oneOf grew"), ("$ref", "$ref"), ("", "")],
)
def test_a_title_begins_with_a_capital_unless_it_begins_with_a_name(text: str, shown: str) -> None:
    assert labels.titled(text) == shown


def test_a_list_is_written_as_in_a_sentence() -> None:
    assert labels.listed(["a"]) == "a"
    assert labels.listed(["a", "b", "c"]) == "a, b and c"
    assert labels.listed(list("abcdefgh"), 3) == "a, b and 6 more"
    assert labels.counted(1, "entry", "entries") == "1 entry"
    assert labels.counted(1_204, "event") == "1,204 events"
