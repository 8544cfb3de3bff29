"""Registering: into which major, under which numbers, and what is refused."""

import json
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import pytest

from moorings_compat import Format, Reference
from moorings_registry.commands import (
    NEXT,
    DeleteSubject,
    DeleteVersion,
    Draft,
    PutDomain,
    RegisterSchema,
    SetConfig,
    SetMajorLifecycle,
    SetMode,
)
from moorings_registry.errors import (
    MajorRetired,
    MajorUnknown,
    MetadataInvalid,
    NameRefused,
    OperationNotPermitted,
    ReferenceNotFound,
    Refusal,
    RuleSetInvalid,
    SchemaIncompatible,
    SchemaInvalid,
    SchemaLimitExceeded,
)
from moorings_registry.names import REGISTRY_SCOPE, Scope, Subject
from moorings_registry.state import MajorState
from tests.registry.asking import PLACED, Asked, avro, labelled, record, using

A, A_B, A_B_DEFAULT, OTHER = record("a"), record("a", "b"), record("a", b=0), record("a", name="Other")


@dataclass(frozen=True)
class Place:
    """A history of (draft, major asked for), and the label that the last of them gets."""

    shows: str
    history: list[tuple[Any, int | str | None]]
    label: str
    number: int
    level: str = "FULL_TRANSITIVE"
    settings: dict[str, Any] = field(default_factory=dict)


PLACES = [
    Place("the first is 1.0", [(A, None)], "1.0", 1),
    Place("a compatible one is the next revision", [(A, None), (A_B_DEFAULT, None)], "1.1", 2),
    Place("a break opens the next major when asked to", [(A, None), (A_B, NEXT)], "2.0", 2),
    Place("or when its number is named", [(A, None), (A_B, 2)], "2.0", 2),
    Place("the same again is what it was", [(A, None), (A_B_DEFAULT, None), (A, None)], "1.0", 1),
    Place("the same again in the next major is not asked for twice", [(A, NEXT), (A, NEXT)], "1.0", 1),
    Place("the same in another major is another version", [(A, None), (A_B, NEXT), (A, NEXT)], "3.0", 3),
    Place("an older major goes on", [(A, None), (A_B, NEXT), (A_B_DEFAULT, 1)], "1.1", 3),
    Place(
        "and does not become the current one",
        [(A, None), (A_B, NEXT), (A_B_DEFAULT, 1), (record("a", "b", c=0), None)],
        "2.1",
        4,
    ),
    Place("nothing is promised at NONE", [(A, None), (OTHER, None)], "1.1", 2, "NONE"),
    Place("metadata names the major", [(labelled(A, "1"), None), (labelled(A_B, "2"), None)], "2.0", 2),
    Place("and goes on in it", [(labelled(A, "1"), None), (labelled(A_B, "5"), None)], "5.0", 2),
    Place("in a first version too", [(labelled(A, "7"), None)], "7.0", 1),
    Place("a number asked for counts more", [(labelled(A, "7"), 1)], "1.0", 1),
    Place(
        "a label that is not a number opens the next",
        [(labelled(A, "blue"), None), (labelled(A_B, "green"), None)],
        "2.0",
        2,
    ),
    Place(
        "and is found again", [(labelled(A, "x"), None), (labelled(A_B, "y"), None), (labelled(A, "x"), None)], "1.0", 1
    ),
    Place(
        "under another property where one is set",
        [(avro(A, metadata={"properties": {"line": "3"}}), None)],
        "3.0",
        1,
        settings={"compatibilityGroup": "line"},
    ),
]


@pytest.mark.parametrize("case", PLACES, ids=attrgetter("shows"))
def test_a_version_gets_its_number_major_and_revision(case: Place, asked: Asked) -> None:
    asked.do(SetConfig(REGISTRY_SCOPE, {"compatibility": case.level, **case.settings}))
    versions = [asked.register(draft, major=major) for draft, major in case.history]
    assert (versions[-1].label, versions[-1].number) == (case.label, case.number)


def test_one_definition_has_one_id_and_one_guid_in_whatever_subject(asked: Asked) -> None:
    first, second = asked.register(A, "a"), asked.register(A_B, "a-other")
    again = asked.register(A, "b.SomethingDone")
    assert (again.id, again.guid) == (first.id, first.guid)
    assert (second.id, second.guid) != (first.id, first.guid)
    assert asked.registry.state.places_of(first.guid) == ((first.subject, 1), (again.subject, 1))


def test_white_space_makes_no_new_version_and_metadata_does(asked: Asked) -> None:
    first = asked.register(A)
    assert asked.register(A.replace(",", " ,\n ")) == first
    tagged = asked.register(avro(A, metadata={"properties": {"k": "v"}}))
    assert (tagged.number, tagged.id) == (2, 2)
    assert asked.register(A) == tagged  # a client that knows no metadata finds the newest
    assert asked.register(avro(A, rule_set={"enableAt": "CLIENT"})).number == 3


def test_each_context_counts_ids_for_itself(asked: Asked) -> None:
    asked.register(A_B, "a")
    here, there = asked.register(A, "b"), asked.register(A, ":.tenant:b")
    assert (here.id, there.id) == (2, 1)
    assert here.guid == there.guid


def test_a_reference_is_settled_to_a_number(asked: Asked) -> None:
    asked.register(record("amount", name="Money"), "shop.Money")
    draft = avro(using("Money"), Reference("Money", "shop.Money", -1))
    version = asked.register(draft, "shop.Priced")
    definition = asked.registry.state.definitions[version.guid]
    assert definition.references == (Reference("Money", "shop.Money", 1),)
    assert asked.register(draft, "shop.Priced") == version
    assert asked.registry.state.referrers[Subject.parse("shop.Money"), 1] == ((version.subject, 1),)


def test_a_reference_leads_into_the_context_of_its_schema(asked: Asked) -> None:
    asked.register(record("amount", name="Money"), "Money")
    asked.register(record("cents", name="Money"), ":.t:Money")
    draft = avro(using("Money"), Reference("Money", "Money", 1))
    here, there = asked.register(draft, "a"), asked.register(draft, ":.t:a")
    schema_cache, state = asked.registry.dependencies.schema_cache, asked.registry.state
    texts = {
        schema_cache.schema(state, state.definitions[one.guid], one.subject.context).references[0].schema.text
        for one in (here, there)
    }
    assert len(texts) == 2


def test_a_soft_deleted_version_gives_way_when_it_comes_back(asked: Asked) -> None:
    first = asked.register(A)
    asked.do(DeleteSubject(PLACED))
    again = asked.register(A)
    assert (again.number, again.label, again.id) == (2, "1.1", first.id)
    assert [one.number for one in asked.registry.state.subjects[PLACED].versions] == [2]


def test_a_soft_deleted_version_that_is_referred_to_stays_when_it_is_registered_again(asked: Asked) -> None:
    money = asked.register(record("amount", name="Money"), "Money")
    asked.register(avro(using("Money"), Reference("Money", "Money", 1)), "a")
    asked.do(DeleteSubject(Subject.parse("a")))
    asked.do(DeleteVersion(money.subject, 1))
    asked.register(record("amount", name="Money"), "Money")
    assert [one.number for one in asked.registry.state.subjects[money.subject].versions] == [1, 2]


def test_labels_and_majors_are_never_given_twice(asked: Asked) -> None:
    asked.register(A)
    asked.register(A_B_DEFAULT)
    asked.register(A_B, major=NEXT)
    asked.do(SetMajorLifecycle(PLACED, 2, MajorState.RETIRED))
    for number in (2, 3):
        asked.do(DeleteVersion(PLACED, number))
        asked.do(DeleteVersion(PLACED, number, permanent=True))
    assert asked.register(record("a", c=0)).label == "1.2"
    assert asked.register(OTHER, major=NEXT).label == "3.0"
    assert asked.register(A_B, major=2).label == "2.1"  # the lifecycle of its first life is gone with it


REFUSED = [  # what it shows, what was done before, the command, the refusal
    ("no schema", [], RegisterSchema(PLACED, avro('{"type": "recor"}')), SchemaInvalid),
    ("not even JSON", [], RegisterSchema(PLACED, avro("{")), SchemaInvalid),
    ("no schema of that format", [], RegisterSchema(PLACED, Draft(Format.PROTOBUF, A)), SchemaInvalid),
    ("nested too deep", [], RegisterSchema(PLACED, avro('{"a":' * 300 + "1" + "}" * 300)), SchemaLimitExceeded),
    (
        "too many references",
        [],
        RegisterSchema(PLACED, avro(A, *(Reference(f"n{number}", "a", 1) for number in range(201)))),
        SchemaLimitExceeded,
    ),
    ("a reference to nothing", [], RegisterSchema(PLACED, avro(A, Reference("x", "x", 1))), ReferenceNotFound),
    ("to no such version", [(A, "x")], RegisterSchema(PLACED, avro(A, Reference("x", "x", 2))), ReferenceNotFound),
    ("a first major that is not 1", [], RegisterSchema(PLACED, avro(A), 2), MajorUnknown),
    ("a major beyond the next", [(A, PLACED)], RegisterSchema(PLACED, avro(A_B), 3), MajorUnknown),
    (
        "a retired major",
        [(A, PLACED), SetMajorLifecycle(PLACED, 1, MajorState.RETIRED)],
        RegisterSchema(PLACED, avro(A_B_DEFAULT)),
        MajorRetired,
    ),
    (
        "a command in a domain of facts",
        [PutDomain("shop", "team")],
        RegisterSchema(Subject.parse("shop.PlaceOrder"), avro(A)),
        NameRefused,
    ),
    (
        "a read-only registry",
        [SetMode(REGISTRY_SCOPE, "READONLY")],
        RegisterSchema(PLACED, avro(A)),
        OperationNotPermitted,
    ),
    ("a break", [(A, PLACED)], RegisterSchema(PLACED, avro(A_B)), SchemaIncompatible),
]


@pytest.mark.parametrize(
    ("brought", "refusal"),
    [
        pytest.param({"metadata": {"properties": {"x": 1.5}}}, MetadataInvalid, id="metadata with a fraction"),
        pytest.param({"rule_set": {"domainRules": [1]}}, RuleSetInvalid, id="a rule that is a number"),
    ],
)
def test_a_draft_refuses_metadata_and_rules_that_do_not_have_their_form(
    brought: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        avro(A, **brought)


@pytest.mark.parametrize(("shows", "before", "command", "refusal"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_registration_that_is_not_possible_is_refused(
    shows: str, before: list[Any], command: RegisterSchema, refusal: type[Refusal], asked: Asked
) -> None:
    for one in before:
        if isinstance(one, tuple):
            asked.register(*one)
        else:
            asked.do(one)
    known = set(asked.registry.state.definitions)
    with pytest.raises(refusal) as refused:
        asked.do(command)
    assert str(refused.value)
    recorded = asked.facts.count("SchemaRefused")
    assert recorded == (refusal is SchemaIncompatible)
    assert bool(set(asked.registry.state.definitions) - known) == (refusal is SchemaIncompatible)


def test_what_is_there_already_is_handed_back_whatever_has_changed(asked: Asked) -> None:
    version = asked.register(A, "shop.PlaceOrder")
    asked.do(PutDomain("shop", "team"))
    asked.do(SetMode(REGISTRY_SCOPE, "READONLY"))
    assert asked.register(A, "shop.PlaceOrder") == version


def test_a_refusal_is_recorded_once_for_the_same_candidate_against_the_same_history(asked: Asked) -> None:
    asked.register(A)

    def refused() -> int | None:
        with pytest.raises(SchemaIncompatible) as error:
            asked.register(A_B)
        return error.value.report_id

    first = refused()
    assert refused() == first
    assert asked.facts.count("SchemaRefused") == 1
    asked.register(record("a", z=0))
    assert refused() != first
    asked.do(SetConfig(Scope.of(PLACED), {"compatibilityPolicy": "LENIENT"}))
    refused()
    assert asked.facts.count("SchemaRefused") == 3
    assert asked.facts.count("SchemaDefined") == 3


def test_every_older_version_of_the_major_is_compared_and_no_other(asked: Asked) -> None:
    asked.do(SetConfig(REGISTRY_SCOPE, {"compatibility": "FULL_TRANSITIVE"}))
    for text, major in ((OTHER, None), (A, NEXT), (record("a", b=0), None), (record("a", c=0), None)):
        asked.register(text, major=major)
    with pytest.raises(SchemaIncompatible) as error:
        asked.register(record("a", "d"))
    assert [one.version for one in error.value.report.failing] == [4, 3, 2]
    record_ = asked.registry.state.check_at(error.value.report_id or 0)
    assert record_ is not None
    assert record_.compared == (4, 3, 2)
    assert "2.2" in str(error.value)


@pytest.mark.parametrize(("format", "length"), [(Format.AVRO, 60), (Format.JSON, 90)])
def test_a_chain_of_references_is_read_from_a_cold_start(format: Format, length: int) -> None:
    def link(number: int) -> Draft:
        before = f"T{number - 1}"
        references = (Reference(before, before, 1),) if number else ()
        if format is Format.AVRO:
            text = using(before, name=f"T{number}") if number else record("a", name="T0")
        else:
            text = json.dumps({"$ref": before} if number else {"type": "string"})
        return Draft(format, text, references)

    asked = Asked()
    for number in range(length):
        asked.register(link(number), f"T{number}")
    cold = Asked(asked.ledger)
    assert cold.register(link(length), f"T{length}").number == 1
