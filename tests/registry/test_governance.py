"""Domains, levels and the lives of majors: what is decided, and what the same request again comes to."""

from dataclasses import dataclass, field
from operator import attrgetter

import pytest

from moorings_registry.commands import (
    ClearConfig,
    Command,
    DeleteVersion,
    PutDomain,
    SetConfig,
    SetMajorLifecycle,
    SetMode,
)
from moorings_registry.errors import MajorUnknown, OperationNotPermitted, Refusal, SubjectNotFound
from moorings_registry.names import REGISTRY_SCOPE, Scope, Subject
from moorings_registry.state import MajorState
from tests.registry.asking import PLACED, Asked, record

TEAM = PutDomain("shop", "team", ("#team",), "Orders.", {"level": "FULL"})
NONE = SetConfig(REGISTRY_SCOPE, {"compatibility": "NONE"})
DEPRECATED = SetMajorLifecycle(PLACED, 1, MajorState.DEPRECATED, "2027-01-31")


@dataclass(frozen=True)
class Case:
    shows: str
    command: Command
    facts: list[str]
    before: list[Command] = field(default_factory=list)


CASES = [
    Case("a domain gets its owner", TEAM, ["DomainRegistered"]),
    Case("the same again is nothing new", TEAM, [], [TEAM]),
    Case("another owner", PutDomain("shop", "b", ("#team",), "Orders."), ["DomainOwnerChanged"], [TEAM]),
    Case("other contacts", PutDomain("shop", "team", ("#b",), "Orders."), ["DomainOwnerChanged"], [TEAM]),
    Case("another text", PutDomain("shop", "team", ("#team",), "All."), ["DomainOwnerChanged"], [TEAM]),
    Case("no policy leaves it", PutDomain("shop", "team", ("#team",), "Orders."), [], [TEAM]),
    Case(
        "an empty one clears it", PutDomain("shop", "team", ("#team",), "Orders.", {}), ["DomainPolicyChanged"], [TEAM]
    ),
    Case(
        "both in one request", PutDomain("shop", "b", (), "", {}), ["DomainOwnerChanged", "DomainPolicyChanged"], [TEAM]
    ),
    Case("a setting", NONE, ["ConfigChanged"]),
    Case("the same again", NONE, [], [NONE]),
    Case("another beside it", SetConfig(REGISTRY_SCOPE, {"normalize": True}), ["ConfigChanged"], [NONE]),
    Case("one is cleared by None", SetConfig(REGISTRY_SCOPE, {"compatibility": None}), ["ConfigChanged"], [NONE]),
    Case("clearing what is not there", SetConfig(REGISTRY_SCOPE, {"compatibility": None}), []),
    Case("all are dropped", ClearConfig(REGISTRY_SCOPE), ["ConfigChanged"], [NONE]),
    Case("there being none", ClearConfig(REGISTRY_SCOPE), []),
    Case(
        "a setting of a subject that is not there yet",
        SetConfig(Scope.parse("a"), {"normalize": True}),
        ["ConfigChanged"],
    ),
    Case("a major is deprecated", DEPRECATED, ["MajorLifecycleChanged"]),
    Case("the same again", DEPRECATED, [], [DEPRECATED]),
    Case("another day", SetMajorLifecycle(PLACED, 1, MajorState.DEPRECATED), ["MajorLifecycleChanged"], [DEPRECATED]),
    Case(
        "it is active again", SetMajorLifecycle(PLACED, 1, MajorState.ACTIVE), ["MajorLifecycleChanged"], [DEPRECATED]
    ),
    Case("it was active all along", SetMajorLifecycle(PLACED, 1, MajorState.ACTIVE), []),
]


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_a_governing_command_records_its_facts(case: Case, asked: Asked) -> None:
    asked.register(record("a"))
    for command in case.before:
        asked.do(command)
    before = len(asked.facts)
    asked.do(case.command)
    assert asked.facts[before:] == case.facts


REFUSED = [  # what it shows, what was done before, the command, the refusal
    (
        "a major of an unknown subject",
        [],
        SetMajorLifecycle(Subject.parse("b"), 1, MajorState.RETIRED),
        SubjectNotFound,
    ),
    ("an unknown major", [], SetMajorLifecycle(PLACED, 2, MajorState.RETIRED), MajorUnknown),
    ("settings of a read-only registry", [SetMode(REGISTRY_SCOPE, "READONLY")], NONE, OperationNotPermitted),
    ("dropping them", [NONE, SetMode(REGISTRY_SCOPE, "READONLY")], ClearConfig(REGISTRY_SCOPE), OperationNotPermitted),
    (
        "of a read-only subject",
        [SetMode(Scope.parse("a"), "READONLY")],
        SetConfig(Scope.parse("a"), {"normalize": True}),
        OperationNotPermitted,
    ),
]


@pytest.mark.parametrize(("shows", "before", "command", "refusal"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_setting_that_is_not_valid_is_refused(
    shows: str, before: list[Command], command: Command, refusal: type[Refusal], asked: Asked
) -> None:
    asked.register(record("a"))
    for one in before:
        asked.do(one)
    with pytest.raises(refusal):
        asked.do(command)


def test_a_domain_is_as_its_last_facts_say(asked: Asked) -> None:
    asked.do(TEAM)
    registered = asked.registry.state.domains["shop"]
    asked.do(PutDomain("shop", "b", ("#b",), "All.", {"names": "any"}))
    changed = asked.registry.state.domains["shop"]
    assert (changed.owner, changed.contacts, changed.description) == ("b", ("#b",), "All.")
    assert dict(changed.policy) == {"json_fields": "declared", "type_names": "event", "names": "any"}
    assert changed.registered_at == registered.registered_at < changed.changed_at


def test_the_life_of_a_major_is_kept_with_its_subject(asked: Asked) -> None:
    asked.register(record("a"))
    asked.register(record("z"), major=2)
    asked.do(DEPRECATED)
    held = asked.registry.state.subjects[PLACED]
    assert (held.life(1).state, held.life(1).sunset) == (MajorState.DEPRECATED, "2027-01-31")
    assert held.life(2).state is MajorState.ACTIVE
    asked.do(DeleteVersion(PLACED, 1))
    assert asked.registry.state.subjects[PLACED].life(1).state is MajorState.DEPRECATED
