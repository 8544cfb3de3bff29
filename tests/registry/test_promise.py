"""A registered domain keeps its promise: whatever is deleted, set, imported or waived, a major does not break."""

from datetime import UTC, datetime, timedelta

import pytest

from moorings_compat import Format, Level, Reference
from moorings_registry.commands import (
    Command,
    DeleteSubject,
    DeleteVersion,
    Draft,
    GrantWaiver,
    ImportVersion,
    PutDomain,
    RegisterSchema,
    RestoreSubject,
    RestoreVersion,
    SetConfig,
    SetMajorLifecycle,
    SetMode,
    WithdrawWaiver,
    unmet_revisions,
)
from moorings_registry.errors import (
    DomainNotFound,
    MajorRetired,
    MajorUnknown,
    OperationNotPermitted,
    PolicyBelowFloor,
    ReasonNeeded,
    ReferenceExists,
    Refusal,
    SchemaIncompatible,
    WaiverInvalid,
    WaiverNeeded,
    WaiverNotFound,
)
from moorings_registry.names import REGISTRY_SCOPE, Scope, Subject
from moorings_registry.policy import level_of_major
from moorings_registry.settings import Settings
from moorings_registry.state import MajorState, WaiverKind
from tests.registry.asking import PLACED, Asked, avro, labelled, record, using

SHOP = PutDomain("shop", "team")
WHY = "it held a customer's name"
BREAK = record("a", "b")
"""Breaks `record("a")`: a reader of this needs what was not written."""
SOON = datetime(2026, 12, 1, tzinfo=UTC)


def waiver(kind: WaiverKind, **more: object) -> GrantWaiver:
    asked = {"domain": "shop", "reason": "a migration", "requested_by": "ann", "approved_by": "bob", "until": SOON}
    return GrantWaiver(kind, **{**asked, **more})  # type: ignore[arg-type]


@pytest.fixture
def owned(asked: Asked) -> Asked:
    """A registry with a registered domain and one event in it."""
    asked.do(SHOP)
    asked.register(record("a"))
    return asked


RETIRES = waiver(WaiverKind.RETIRE)
"""Lets versions of a major in use be deleted."""
DELETED = [RETIRES, DeleteVersion(PLACED, 1)]
PURGED = [*DELETED, DeleteVersion(PLACED, 1, permanent=True, reason=WHY)]


@pytest.mark.parametrize(
    "before",
    [
        DELETED,
        [RETIRES, DeleteSubject(PLACED)],
        PURGED,
        [RETIRES, DeleteSubject(PLACED), DeleteSubject(PLACED, permanent=True, reason=WHY)],
    ],
    ids=["version soft-deleted", "subject soft-deleted", "version purged", "subject purged"],
)
def test_a_deleted_revision_still_counts(owned: Asked, before: list[Command]) -> None:
    for command in before:
        owned.do(command)
    with pytest.raises(SchemaIncompatible):
        owned.register(BREAK)
    again = owned.register(record("a", c=1))
    assert (again.label, again.number) == ("1.1", 2)


def test_outside_the_domains_only_active_versions_count(asked: Asked) -> None:
    asked.register(record("a"), "plain")
    asked.do(DeleteVersion(Subject.parse("plain"), 1))
    assert asked.register(BREAK, "plain").number == 2


def test_a_version_is_checked_when_it_comes_back(asked: Asked) -> None:
    asked.register(record("a"))
    asked.do(DeleteVersion(PLACED, 1))
    asked.register(BREAK)
    asked.do(SHOP)
    for command in (RestoreVersion(PLACED, 1), RestoreSubject(PLACED)):
        with pytest.raises(SchemaIncompatible):
            asked.do(command)
    assert asked.facts[-1] == "SchemaRefused"


def test_a_version_that_fits_comes_back(owned: Asked) -> None:
    owned.register(record("a", c=1))
    owned.do(RETIRES)
    owned.do(DeleteVersion(PLACED, 1))
    assert owned.do(RestoreVersion(PLACED, 1)).versions == (1,)


def test_a_permanent_delete_in_a_domain_needs_a_reason(owned: Asked) -> None:
    owned.do(RETIRES)
    owned.do(DeleteVersion(PLACED, 1))
    with pytest.raises(ReasonNeeded):
        owned.do(DeleteVersion(PLACED, 1, permanent=True, reason="  "))
    assert owned.facts[-1] == "VersionsSoftDeleted"


def test_what_a_purged_revision_refers_to_stays(asked: Asked) -> None:
    asked.do(SHOP)
    asked.do(PutDomain("shop.types", "team", policy={"names": "any"}))
    asked.register(record("x", name="Part"), "shop.types.Part")

    asked.register(avro(using("Part"), Reference("Part", "shop.types.Part", 1)))
    for command in PURGED:
        asked.do(command)
    part = Subject.parse("shop.types.Part")
    asked.do(DeleteVersion(part, 1))
    with pytest.raises(ReferenceExists):
        asked.do(DeleteVersion(part, 1, permanent=True, reason=WHY))
    with pytest.raises(SchemaIncompatible):
        asked.register(record("q"))


def test_a_retired_major_is_not_revived_by_a_purge(owned: Asked) -> None:
    owned.do(RETIRES)
    owned.do(SetMajorLifecycle(PLACED, 1, MajorState.RETIRED))
    owned.do(DeleteSubject(PLACED))
    owned.do(DeleteSubject(PLACED, permanent=True, reason=WHY))
    with pytest.raises(MajorRetired):
        owned.register(record("a", c=1), major=1)


@pytest.mark.parametrize(
    "command",
    [
        SetConfig(Scope.of(PLACED), {"compatibility": "NONE"}),
        SetConfig(Scope.of(PLACED), {"compatibility": "BACKWARD"}),
        SetConfig(Scope.of(PLACED), {"compatibilityPolicy": "LENIENT"}),
        PutDomain("shop.orders", "team", policy={"level": "BACKWARD"}),
        PutDomain("shop", "team", policy={"level": "NONE"}),
    ],
    ids=lambda command: f"{type(command).__name__} {getattr(command, 'changes', None) or command.policy}",
)
def test_nothing_asks_for_less_than_what_it_is_under(owned: Asked, command: Command) -> None:
    with pytest.raises(PolicyBelowFloor):
        owned.do(command)


def test_a_surface_of_protobuf_is_a_floor_too(owned: Asked) -> None:
    owned.do(PutDomain("shop", "team", policy={"protobuf_level": "source"}))
    with pytest.raises(PolicyBelowFloor, match=r"protobuf_level wire of domain 'shop\.orders' is below source"):
        owned.do(PutDomain("shop.orders", "team", policy={"protobuf_level": "wire"}))


def test_a_lenient_registry_does_not_loosen_a_domain(owned: Asked) -> None:
    owned.do(SetConfig(REGISTRY_SCOPE, {"compatibility": "NONE", "compatibilityPolicy": "LENIENT"}))
    with pytest.raises(SchemaIncompatible):
        owned.register(BREAK)


def test_an_open_major_stays_held_when_its_policy_is_lowered(owned: Asked) -> None:
    owned.do(PutDomain("shop", "team", policy={"level": "BACKWARD"}))
    new_reader_only = record("a", "z")
    with pytest.raises(SchemaIncompatible):
        owned.register(record())  # BACKWARD: fine; FORWARD: today's readers need a
    assert owned.register(new_reader_only, major=2).label == "2.0"
    assert owned.register(record(), major=2).label == "2.1"
    state, settings = owned.registry.state, owned.registry.settings
    levels = [str(level_of_major(state, PLACED, major, settings)) for major in (1, 2)]
    assert levels == ["FULL_TRANSITIVE", "BACKWARD"]


def test_a_level_of_its_own_is_held_too(asked: Asked) -> None:
    asked.do(PutDomain("shop", "team", policy={"level": "BACKWARD"}))
    asked.register(record("a"))
    asked.do(SetConfig(Scope.of(PLACED), {"compatibility": "FULL_TRANSITIVE"}))
    asked.do(SetConfig(Scope.of(PLACED), {"compatibility": None}))
    with pytest.raises(SchemaIncompatible):
        asked.register(record())


@pytest.mark.parametrize("before", [{"alias": "legacy"}, {"compatibility": "NONE"}, {"compatibilityPolicy": "LENIENT"}])
def test_a_setting_that_is_older_than_the_domain_stops_no_other(asked: Asked, before: dict[str, str]) -> None:
    asked.do(SetConfig(Scope.of(PLACED), before))
    asked.do(SHOP)
    asked.do(SetConfig(Scope.of(PLACED), {"normalize": True}))
    with pytest.raises(PolicyBelowFloor):
        asked.do(SetConfig(Scope.of(Subject.parse("shop.orders.OrderShipped")), before))
    asked.register(record("a"))
    with pytest.raises(SchemaIncompatible):
        asked.register(BREAK)


def test_a_level_waiver_releases_the_open_majors(owned: Asked) -> None:
    owned.do(waiver(WaiverKind.LEVEL))
    owned.do(PutDomain("shop", "team", policy={"level": "BACKWARD"}))
    assert owned.register(record()).label == "1.1"
    assert owned.facts[-5:-2] == ["DomainPolicyChanged", "WaiverUsed", "MajorsHeld"]


def test_revisions_that_a_tightened_policy_does_not_meet_are_found(asked: Asked) -> None:
    asked.do(PutDomain("shop", "team", policy={"level": "BACKWARD"}))
    asked.register(record("a"))
    asked.register(record(b=1))
    asked.register(record(b=1, c=1))
    state, needs = asked.registry.state, asked.registry.dependencies
    held = state.subject(PLACED)
    assert held is not None
    assert unmet_revisions(state, held, needs) == ()
    asked.do(PutDomain("shop", "team", policy={"level": "FULL_TRANSITIVE"}))
    unmet = unmet_revisions(asked.registry.state, held, needs)
    assert [(one.version.label, str(one.report.verdict)) for one in unmet] == [("1.1", "breaking"), ("1.2", "breaking")]


def test_majors_follow_one_another_on_both_apis(owned: Asked) -> None:
    with pytest.raises(MajorUnknown):
        owned.register(labelled(BREAK, "7"))
    with pytest.raises(MajorUnknown):
        owned.register(labelled(BREAK, "2"), "shop.orders.OrderShipped")
    assert owned.register(labelled(BREAK, "2")).label == "2.0"


@pytest.mark.parametrize("mode", ["IMPORT", "FORWARD"])
def test_nothing_is_imported_without_a_waiver(owned: Asked, mode: str) -> None:
    owned.do(SetMode(REGISTRY_SCOPE, mode, force=True))
    with pytest.raises(WaiverNeeded):
        owned.do(RegisterSchema(PLACED, avro(BREAK), id=100, version=2))
    with pytest.raises(WaiverNeeded):
        owned.do(ImportVersion(PLACED, avro(BREAK), 100, 2))
    with pytest.raises(WaiverNeeded):
        owned.do(SetMode(Scope.of(PLACED), "IMPORT", force=True))


def test_what_is_imported_under_a_waiver_is_unchecked(owned: Asked) -> None:
    owned.do(waiver(WaiverKind.IMPORT))
    owned.do(SetMode(Scope.of(PLACED), "IMPORT", force=True))
    owned.do(RegisterSchema(PLACED, avro(BREAK), id=100, version=2))
    assert owned.registry.state.checks[-1].verdict == "unchecked"
    assert [len(one.uses) for one in owned.registry.state.waivers.values()] == [2]


def test_a_purge_waiver_lets_a_revision_be_forgotten(owned: Asked) -> None:
    owned.do(waiver(WaiverKind.PURGE, subject=str(PLACED)))
    for command in PURGED:
        owned.do(command)
    assert owned.register(BREAK).number == 1


def test_a_break_that_two_people_waive_is_accepted_and_begins_the_history_again(owned: Asked) -> None:
    with pytest.raises(SchemaIncompatible):
        owned.register(BREAK)
    refused = owned.registry.state.checks[-1]
    owned.do(waiver(WaiverKind.FINDING, subject=str(PLACED), major=1, guid=refused.guid, until=None))
    accepted = owned.register(BREAK)
    record_of = owned.registry.state.checks[-1]
    assert (accepted.label, record_of.verdict, record_of.accepted) == ("1.1", "breaking", True)
    assert record_of.waiver == accepted.waiver != 0
    assert owned.register(record("a", "b", c=1)).label == "1.2"
    with pytest.raises(SchemaIncompatible):
        owned.register(record("a", "b", "d"))


def test_a_waiver_for_one_change_is_used_once_and_for_nothing_else(owned: Asked) -> None:
    for text in (BREAK, record("q")):
        with pytest.raises(SchemaIncompatible):
            owned.register(text)
    guid = owned.registry.state.checks[-2].guid
    owned.do(waiver(WaiverKind.FINDING, subject=str(PLACED), major=1, guid=guid, until=None))
    with pytest.raises(SchemaIncompatible):
        owned.register(record("q"))
    owned.register(BREAK)
    assert not next(iter(owned.registry.state.waivers.values())).is_open("2026-11-30T00:00:00.000000Z")


def test_a_waiver_ends_by_itself_and_can_be_withdrawn(owned: Asked) -> None:
    owned.do(waiver(WaiverKind.LEVEL, until=datetime(2026, 11, 22, 10, 0, 20, tzinfo=UTC)))
    lower = PutDomain("shop.orders", "team", policy={"level": "BACKWARD"})
    for _ in range(20):
        owned.registry.now()
    with pytest.raises(PolicyBelowFloor):
        owned.do(lower)
    owned.do(waiver(WaiverKind.LEVEL))
    newest = max(owned.registry.state.waivers)
    owned.do(WithdrawWaiver(newest))
    assert owned.do(WithdrawWaiver(newest)).versions == ()
    with pytest.raises(PolicyBelowFloor):
        owned.do(lower)
    with pytest.raises(WaiverNotFound):
        owned.do(WithdrawWaiver(999))


GUID = "fcc84fe2-3ea7-849b-afe8-4597a4b63ffc"


@pytest.mark.parametrize(
    ("more", "places"),
    [
        ({"reason": " "}, ["/reason"]),
        ({"requested_by": ""}, ["/requested_by"]),
        ({"approved_by": " Ann "}, ["/approved_by"]),
        ({"until": None}, ["/until"]),
        ({"until": SOON + timedelta(days=91)}, ["/until"]),
        ({"until": datetime(2026, 11, 1, tzinfo=UTC)}, ["/until"]),
        ({"guid": GUID}, ["/guid"]),
        ({"major": 1}, ["/major"]),
        ({"subject": "billing.InvoicePaid"}, ["/subject"]),
        ({"subject": ""}, []),
        ({"kind": WaiverKind.FINDING}, ["/until", "/subject", "/major", "/guid"]),
        ({"kind": WaiverKind.FINDING, "until": None, "subject": str(PLACED), "major": 1, "guid": GUID}, ["/guid"]),
    ],
)
def test_a_waiver_that_lacks_something_says_where(owned: Asked, more: dict[str, object], places: list[str]) -> None:
    command = waiver(more.pop("kind", WaiverKind.LEVEL), **more)  # type: ignore[arg-type]
    if not places:
        assert owned.do(command).created
        return
    with pytest.raises(WaiverInvalid) as caught:
        owned.do(command)
    assert [one.where for one in caught.value.problems] == places


def test_a_waiver_is_for_a_registered_domain(asked: Asked) -> None:
    with pytest.raises(DomainNotFound):
        asked.do(waiver(WaiverKind.LEVEL))


@pytest.mark.parametrize(
    "command",
    [
        PutDomain("shop", "other"),
        PutDomain("billing", "team"),
        SetMajorLifecycle(PLACED, 1, MajorState.DEPRECATED),
        waiver(WaiverKind.LEVEL),
    ],
    ids=["owner", "new domain", "lifecycle", "waiver"],
)
def test_a_read_only_registry_takes_no_governance(owned: Asked, command: Command) -> None:
    owned.do(SetMode(REGISTRY_SCOPE, "READONLY"))
    with pytest.raises(OperationNotPermitted):
        owned.do(command)


def test_the_registry_has_a_floor_of_its_own() -> None:

    asked = Asked(settings=Settings(floor=Level.FULL))
    for level in ("BACKWARD", "FORWARD", "NONE"):
        with pytest.raises(PolicyBelowFloor, match="the floor of this registry"):
            asked.do(PutDomain("shop", "team", policy={"level": level}))
    asked.do(PutDomain("shop", "team", policy={"level": "FULL"}))


def test_forward_is_as_strong_as_backward(asked: Asked) -> None:
    asked.do(PutDomain("shop", "team", policy={"level": "FORWARD"}))
    with pytest.raises(PolicyBelowFloor):
        asked.do(PutDomain("shop.orders", "team", policy={"level": "BACKWARD"}))


def test_a_json_schema_is_refused_for_the_same_reasons(asked: Asked) -> None:
    asked.do(SHOP)
    draft = Draft(Format.JSON, '{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}')
    asked.register(draft)
    for command in PURGED:
        asked.do(command)
    refused: type[Refusal] = SchemaIncompatible
    with pytest.raises(refused):
        asked.register(Draft(Format.JSON, '{"type": "object", "required": ["b"]}'))
