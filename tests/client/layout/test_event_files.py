"""Event files and files of majors: what they hold, and what lint says about each fault, with its line."""

import json
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

import pytest

from moorings.layout import ContractFile, Parsed, Weight, lint, read_folder
from moorings_compat import Schema
from moorings_compat.event_names import EventKind
from tests.client.layout.test_lint import ADDRESS, CLEAN, PLACED, write

EVENT = """kind = "fact"  # the default
description = "A customer placed an order."
classification = "confidential"
topics = ["orders"]

[replay]
source = "kafka:orders"
retention_days = 30
ordering_key = "/m/a"

[idempotency]
key = ["/m/a"]

[expectations]
peak_per_second = 100
largest_bytes = 10000
delivery_p99_ms = 500
"""
MAJOR = """[lifecycle]
state = "deprecated"
sunset = 2030-01-31
replacement = "shop.orders.OrderPlaced@2"
page = "https://wiki.example/orders"

[metadata]
sensitive = ["iban"]
tags."shop.orders.OrderPlaced.m" = ["PII"]

[metadata.properties]
team = "orders"

[[rules]]
name = "total"
kind = "CONDITION"
mode = "WRITE"
type = "CEL"
expr = \"\"\"
message.m.a >= 0
\"\"\"

[[rules]]
name = "late"
mode = "WRITEREAD"
type = "CEL"
onFailure = "ERROR,NONE"
params = { reason = "x" }
disabled = true
"""
EVENT_FILE, MAJOR_FILE = "shop.orders/OrderPlaced.toml", "shop.orders/OrderPlaced.v1.toml"


def test_an_event_file_and_a_file_of_a_major_are_read_whole(tmp_path: Path) -> None:
    folder, issues = lint(write(tmp_path, {**CLEAN, EVENT_FILE: EVENT, MAJOR_FILE: MAJOR}))
    assert issues == []
    event, major = folder.event("shop.orders.OrderPlaced"), folder.major("shop.orders.OrderPlaced", 1)
    assert event is not None
    assert major is not None
    assert event.settings() == {
        "kind": "fact",
        "description": "A customer placed an order.",
        "classification": "confidential",
        "topics": ["orders"],
        "handler": "",
        "name_reviewed": "",
        "replay": {"source": "kafka:orders", "retention_days": 30, "ordering_key": "/m/a"}
        | {"replayable": True, "reason": ""},
        "idempotency": {"key": ["/m/a"]},
        "expectations": {"peak_per_second": 100.0, "largest_bytes": 10000, "delivery_p99_ms": 500.0},
    }
    assert major.lifecycle == {
        "state": "deprecated",
        "sunset": "2030-01-31",
        "replacement": "shop.orders.OrderPlaced@2",
        "page": "https://wiki.example/orders",
    }
    assert major.metadata == {
        "tags": {"shop.orders.OrderPlaced.m": ["PII"]},
        "properties": {"team": "orders"},
        "sensitive": ["iban"],
    }
    assert major.rule_set is not None
    first, second = major.rule_set["domainRules"]
    assert first["expr"] == "message.m.a >= 0\n"
    assert second["disabled"] is True


def test_what_a_file_does_not_say_is_not_said(tmp_path: Path) -> None:
    folder = read_folder(write(tmp_path, {**CLEAN, MAJOR_FILE: "# nothing yet\n"}))
    (major,) = folder.majors
    assert (major.lifecycle, major.metadata, major.rule_set, major.migration) == (None, None, None, None)
    folder = read_folder(write(tmp_path, {MAJOR_FILE: "rules = []\n[metadata]\n"}))
    (major,) = folder.majors
    assert (major.metadata, major.rule_set) == ({}, {})


@dataclass(frozen=True)
class Case:
    shows: str
    files: dict[str, str]
    code: str
    says: str
    line: int = 0
    place: str = ""
    weight: Weight = Weight.ERROR


def event(text: str) -> dict[str, str]:
    return {EVENT_FILE: text}


def major(text: str) -> dict[str, str]:
    return {MAJOR_FILE: text}


def command(name: str, text: str) -> dict[str, str]:
    return {
        "shop.orders/domain.toml": 'owner = "x"\n[policy]\nkinds = ["fact", "command"]\n',
        f"shop.orders/{name}.toml": text,
        f"shop.orders/{name}.v1.schema.json": ADDRESS,
    }


ASKED = {"shop.orders/OrderCost.v1.schema.json": ADDRESS}
RULE = '[[rules]]\nname = "a"\ntype = "CEL"\nmode = "WRITE"\n'
_INTERNAL = json.dumps({"type": "object", "properties": {"_shard": {"type": "integer"}}}, indent=1)
_BAD = "EVENT_FILE_INVALID"
CASES = [
    Case("an unknown key", event('\ndescrption = "x"\n'), _BAD, "did you mean 'description'?", 2, "descrption"),
    Case("an unknown kind", event('kind = "facts"'), _BAD, "did you mean 'fact'?", 1, "kind"),
    Case("a key of a table", event("[replay]\nretention = 3"), _BAD, "'replay.retention'", 2, "replay.retention"),
    Case("not replayable", event("[replay]\nreplayable = false"), _BAD, "no reason is given", 2, "replay.replayable"),
    Case("no key", event("[idempotency]\n"), _BAD, "idempotency has no key", 1, "idempotency"),
    Case("not a pointer", event('[idempotency]\nkey = ["id"]'), _BAD, "not a JSON Pointer", 2, "idempotency.key"),
    Case("days below 1", event("[replay]\nretention_days = 0"), _BAD, "of 1 or more", 2, "replay.retention_days"),
    Case("a topic twice in a file", event('topics = ["a", "a"]'), _BAD, "names 'a' twice", 1, "topics"),
    Case("a topic that Kafka refuses", event('topics = ["a b"]'), _BAD, "not the name of a Kafka topic", 1, "topics"),
    Case("a reason of two lines", event('name_reviewed = "a\\nb"'), _BAD, "not one line", 1, "name_reviewed"),
    Case("two handlers", event('handler = ["a", "b"]'), _BAD, "exactly one handler", 1, "handler"),
    Case("not TOML", event("kind = \n"), _BAD, "not valid TOML: Invalid value", 1),
    Case("a kind that the domain lacks", event('kind = "command"\nhandler = "b"'), "KIND_REFUSED", "fact and type", 1),
    Case("a fact with a handler", event('handler = "b"'), "HANDLER_REFUSED", "a fact has a handler", 1, "handler"),
    Case("a type with topics", event('kind = "type"\ntopics = ["a"]'), "TYPE_PRODUCED", "never produced", 2, "topics"),
    Case("a command without a handler", command("PlaceOrder", 'kind = "command"'), "HANDLER_MISSING", "exactly one", 1),
    Case(
        "a command in the past tense",
        command("OrderLost", 'kind = "command"\nhandler = "b"'),
        "NAME_REFUSED",
        "it says what happened",
    ),
    Case(
        "a pointer to no field",
        event('[idempotency]\nkey = ["/n"]'),
        "POINTER_UNKNOWN",
        "the schema has no field /n",
        2,
        "idempotency.key",
    ),
    Case(
        "an incomplete fact",
        event("description = \"x\"\n[replay]\nsource = 'x'"),
        "EVENT_INCOMPLETE",
        "the fact has no [idempotency] and no [expectations]",
        weight=Weight.WARNING,
    ),
    Case(
        "a topic of two events",
        {EVENT_FILE: EVENT, "shop.orders/OrderPaid.toml": EVENT.replace("/m/a", "/card/brand")},
        "TOPIC_SHARED",
        "carries shop.orders.OrderPaid, too",
        4,
        "topics",
        Weight.WARNING,
    ),
    Case(
        "a topic of two domains",
        {
            EVENT_FILE: EVENT,
            "shop.desk/DeskOpened.toml": 'topics = ["orders"]\n',
            "shop.desk/domain.toml": "owner = 'x'",
        },
        "TOPIC_TAKEN",
        "carries shop.desk.DeskOpened, which is of another domain",
        4,
        "topics",
    ),
    Case("a name that the lint asks about", ASKED, "NAME_ASKED", "may or may not be", weight=Weight.WARNING),
    Case(
        "a declared name without an answer",
        {**ASKED, "shop.orders/OrderCost.toml": ""},
        "NAME_ASKED",
        "may or may not be",
    ),
    Case(
        "a file of a major without a schema",
        {"shop.orders/OrderPlaced.v2.toml": ""},
        "MAJOR_WITHOUT_SCHEMA",
        "shop.orders.OrderPlaced v2",
    ),
    Case(
        "an unknown state", major('[lifecycle]\nstate = "retird"'), "MAJOR_FILE_INVALID", "did you mean 'retired'?", 2
    ),
    Case(
        "a sunset of an active major",
        major("[lifecycle]\nsunset = 2030-01-01"),
        "MAJOR_FILE_INVALID",
        "the major is active",
        2,
        "lifecycle.sunset",
    ),
    Case(
        "a page that is not an address",
        major('[lifecycle]\nstate = "deprecated"\npage = "the wiki"'),
        "MAJOR_FILE_INVALID",
        "not an http or https address",
        3,
    ),
    Case(
        "a replacement that is not a major",
        major('[lifecycle]\nstate = "deprecated"\nreplacement = "the next @ 2"'),
        "MAJOR_FILE_INVALID",
        "not a major",
        3,
    ),
    Case("not a day", major('[lifecycle]\nstate = "deprecated"\nsunset = "soon"'), "MAJOR_FILE_INVALID", "a day", 3),
    Case(
        "a rule without a mode",
        major('[[rules]]\nname = "a"\ntype = "CEL"'),
        "MAJOR_FILE_INVALID",
        "the rule has no mode",
        1,
    ),
    Case(
        "a key of a rule",
        major(RULE + '\n[[rules]]\nname = "b"\nexp = "true"\ntype = "CEL"\nmode = "READ"'),
        "MAJOR_FILE_INVALID",
        "'rules.1.exp'; did you mean 'expr'?",
        8,
        "rules.1.exp",
    ),
    Case(
        "two rules of one name",
        major(
            '[[rules]]\nname = "a"\ntype = "CEL"\nmode = "WRITE"\n[[rules]]\nname = "a"\ntype = "CEL"\nmode = "READ"'
        ),
        "MAJOR_FILE_INVALID",
        "'a' names two rules",
        6,
    ),
    Case(
        "tags for no field",
        major('[metadata.tags]\n"shop.orders.OrderPlaced.n" = ["PII"]'),
        "TAG_PATH_UNKNOWN",
        "did you mean 'shop.orders.OrderPlaced.m'?",
        2,
    ),
    Case(
        "a field that looks internal",
        {"shop.orders/OrderShipped.v1.schema.json": _INTERNAL},
        "FIELD_INTERNAL_UNTAGGED",
        "the field '_shard' looks internal",
        4,
        weight=Weight.WARNING,
    ),
    Case(
        "a title of another name",
        {"shop.orders/OrderShipped.v1.schema.json": '{"title": "Parcel", "type": "object"}'},
        "NAME_DIFFERS",
        "the type is named Parcel",
        weight=Weight.WARNING,
    ),
    Case(
        "a message of another name",
        {"shop.orders/OrderPaid.v1.proto": 'syntax = "proto3"; message Paid { string a = 1; }'},
        "NAME_DIFFERS",
        "the type is named Paid",
        weight=Weight.WARNING,
    ),
    Case("a key of moorings.toml", {"../moorings.toml": 'own = ["a"]'}, "REPOSITORY_FILE_INVALID", "'owns'?", 1, "own"),
    Case(
        "a domain owned and consumed",
        {"../moorings.toml": 'owns = ["shop.types"]\nconsumes = ["shop.types"]'},
        "REPOSITORY_FILE_INVALID",
        "shop.types is both owned and consumed",
        2,
    ),
    Case(
        "an owned domain that the folder does not have",
        {"../moorings.toml": 'owns = ["shop.type"]'},
        "REPOSITORY_FILE_INVALID",
        "shop.type is missing; did you mean 'shop.types'?",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_lint_says_what_is_wrong_and_where(tmp_path: Path, case: Case) -> None:
    _, issues = lint(write(tmp_path / "schemas", {**CLEAN, **case.files}))
    found = [one for one in issues if one.code == case.code]
    assert len(found) == 1, issues
    (issue,) = found
    assert case.says in issue.message
    assert issue.advice
    assert issue.weight is case.weight
    assert case.line in (0, issue.line)
    assert case.place in ("", issue.place)


FIELDS = [
    ("Avro", "shop.orders/OrderPlaced", "/m/a", "/m/b"),
    ("JSON Schema", "shop.orders/OrderShipped", "/to/city", "/to/town"),
    ("Protobuf", "shop.orders/OrderPaid", "/card/brand", "/card/brnd"),
]


@pytest.mark.parametrize(("name", "known", "unknown"), [one[1:] for one in FIELDS], ids=[one[0] for one in FIELDS])
def test_pointers_are_looked_for_in_every_format(tmp_path: Path, name: str, known: str, unknown: str) -> None:
    files = {
        f"{name}.toml": f'[replay]\nordering_key = "{known}"\n[idempotency]\nkey = ["{unknown}"]\n[expectations]\n'
    }
    _, issues = lint(write(tmp_path, {**CLEAN, **files}))
    assert [(one.code, one.line) for one in issues] == [("POINTER_UNKNOWN", 4)]


TAGS = [
    ("Avro", "shop.orders/OrderPlaced", "shop.types.Money.a"),
    ("JSON Schema", "shop.orders/OrderShipped", "$.to.city"),
    ("Protobuf", "shop.orders/OrderPaid", "shop.types.Card.*"),
]


@pytest.mark.parametrize(("name", "path"), [one[1:] for one in TAGS], ids=[one[0] for one in TAGS])
def test_tags_are_looked_for_in_every_format(tmp_path: Path, name: str, path: str) -> None:
    right, wrong = f'[metadata.tags]\n"{path}" = ["PII"]\n', '[metadata.tags]\n"nowhere.*" = ["PII"]\n'
    assert lint(write(tmp_path, {**CLEAN, f"{name}.v1.toml": right}))[1] == []
    assert [one.code for one in lint(write(tmp_path, {f"{name}.v1.toml": wrong}))[1]] == ["TAG_PATH_UNKNOWN"]


ANSWERS = [
    ("a reviewed name", {**ASKED, "shop.orders/OrderCost.toml": 'name_reviewed = "The costs were settled."\n'}),
    ("a type needs no tense", {
        "shop.orders/Basket.toml": 'kind = "type"', "shop.orders/Basket.v1.schema.json": ADDRESS
    }),
    ("a command", command("PlaceOrder", 'kind = "command"\nhandler = "billing"')),
    ("an internal field with its tag", {
        "shop.orders/OrderShipped.v1.schema.json": _INTERNAL,
        "shop.orders/OrderShipped.v1.toml": '[metadata.tags]\n"$._shard" = ["internal"]\n',
    }),
    ("a domain that does without", {
        "shop.orders/domain.toml": 'owner = "x"\n[policy]\ncomplete = false\n', EVENT_FILE: ""
    }),
]  # fmt: skip


@pytest.mark.parametrize("files", [one[1] for one in ANSWERS], ids=[one[0] for one in ANSWERS])
def test_an_answer_in_the_files_satisfies_the_lint(tmp_path: Path, files: dict[str, str]) -> None:
    _, issues = lint(write(tmp_path, {**CLEAN, **files}))
    assert [one for one in issues if one.code != "EVENT_INCOMPLETE"] == []


def test_a_name_that_is_wrong_for_certain_stays_wrong_when_reviewed(tmp_path: Path) -> None:
    files = {"shop.orders/PlaceOrder.toml": 'name_reviewed = "We like it."\n'}
    _, issues = lint(write(tmp_path, {**CLEAN, **files}))
    assert [one.code for one in issues if one.weight is Weight.ERROR] == ["NAME_REFUSED"]


def test_kinds_are_inherited_by_subdomains(tmp_path: Path) -> None:
    files = {
        "shop/domain.toml": 'owner = "x"\n[policy]\nkinds = ["command"]\n',
        "shop.desk/domain.toml": 'owner = "x"\n',
    }
    folder = read_folder(write(tmp_path, files))
    assert folder.kinds("shop.desk") == (EventKind.COMMAND,)
    assert folder.kinds("store") == (EventKind.FACT, EventKind.TYPE)
    write(tmp_path, {"shop.desk/domain.toml": 'owner = "x"\n[policy]\nkinds = ["fact", "command"]\n'})
    assert read_folder(tmp_path).kinds("shop.desk") == (EventKind.COMMAND,)


def test_what_nobody_declared_in_a_domain_of_types_is_a_type(tmp_path: Path) -> None:
    files = {"shop.types/domain.toml": 'owner = "x"\n[policy]\nkinds = ["type"]\n'}
    folder, issues = lint(write(tmp_path, {**CLEAN, **files}))
    assert issues == []
    assert (folder.kind("shop.types.Money"), folder.kind("shop.orders.OrderPlaced")) == ("type", "fact")


DOCUMENTED = PLACED.replace('"name": "m"', '"doc": "The total.", "name": "m"').replace(
    '"namespace"', '"doc": "An order was placed.", "namespace"'
)


def with_note(documentation: str) -> str:
    return PLACED.replace('"fields": [', f'"fields": [{{"name": "note", "type": "string"{documentation}}},')


CHANGES = [
    ("nothing changed", PLACED, PLACED, []),
    ("a new event without doc", None, PLACED, ["OrderPlaced is new", "the field 'm' is new"]),
    ("a new event with docs", None, DOCUMENTED, []),
    ("a field was added", PLACED, with_note(""), ["'note' is new"]),
    ("a documented field was added", PLACED, with_note(', "doc": "x"'), []),
    ("a type was changed", PLACED, PLACED.replace('"shop.types.Money"', '"string"'), ["'m' was changed"]),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), [one[1:] for one in CHANGES], ids=[one[0] for one in CHANGES])
def test_documentation_is_asked_for_what_was_added_or_changed(
    tmp_path: Path, before: str | None, after: str, expected: list[str]
) -> None:
    name = "shop.orders/OrderPlaced.v1.avsc"
    older = read_folder(write(tmp_path / "older", {**CLEAN, name: before or "{}"}))
    earlier = Parsed(older)

    def find(contract: ContractFile) -> Schema | None:
        known = older.contract(contract.subject, contract.major)
        return earlier.schema(known) if known is not None else None

    _, issues = lint(write(tmp_path / "newer", {**CLEAN, name: after}), find)
    found = [one for one in issues if one.code == "DOC_MISSING"]
    assert len(found) == len(expected), found
    assert all(says in issue.message for says, issue in zip(expected, found, strict=True))
    assert all(one.weight is Weight.WARNING for one in found)
