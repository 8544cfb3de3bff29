"""Governance: who owns a subject, how it must be named, what it is held to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import pytest
from immutables import Map

from moorings_compat import Level, Policy, ProtobufLevel
from moorings_registry.errors import NameRefused, OperationNotPermitted
from moorings_registry.event_rules import require_name
from moorings_registry.modes import require_settable, require_writable
from moorings_registry.names import LAST_SCOPE, Scope, Subject
from moorings_registry.policy import (
    comparison_policy,
    domain_names,
    effective_level,
    group_of,
    owning_domains,
    policy_record,
    policy_recorded,
)
from moorings_registry.settings import Settings
from moorings_registry.state import Domain, State

SETTINGS = Settings()


def world(
    domains: Mapping[str, Mapping[str, Any]] | None = None,
    configs: Mapping[str, Any] | None = None,
    modes: Mapping[str, str] | None = None,
) -> State:
    """A state with these domains (by name, with their policies), settings and modes."""
    known = {name: Domain(name, f"team-{name}", (), "", policy, "", "") for name, policy in (domains or {}).items()}
    return State(domains=Map(known), configs=Map(configs or {}), modes=Map(modes or {}))


@dataclass(frozen=True)
class Levels:
    shows: str
    subject: str
    level: Level
    domains: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    configs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


SHOP: dict[str, dict[str, Any]] = {"shop": {"level": "FORWARD"}}
LEVELS = [
    Levels("outside any domain, the default", "orders-value", Level.BACKWARD),
    Levels("in an owned domain, both promises over the major", "shop.OrderPlaced", Level.FULL_TRANSITIVE, {"shop": {}}),
    Levels("unless its policy says otherwise", "shop.OrderPlaced", Level.FORWARD, SHOP),
    Levels("a domain below holds to what stands above", "shop.eu.OrderPlaced", Level.FORWARD, SHOP),
    Levels("also when it is registered itself", "shop.eu.OrderPlaced", Level.FORWARD, {**SHOP, "shop.eu": {}}),
    Levels("its own policy may ask for more", "shop.eu.A", Level.FULL, {**SHOP, "shop.eu": {"level": "FULL"}}),
    Levels("and never for less", "shop.eu.A", Level.FULL, {**SHOP, "shop.eu": {"level": "BACKWARD"}}),
    Levels("no domain falls below the registry's floor", "shop.A", Level.BACKWARD, {"shop": {"level": "NONE"}}),
    Levels("a name that only begins alike is another", "shopping.Done", Level.BACKWARD, SHOP),
    Levels("the subject's own setting is nearest", "shop.A", Level.FULL, SHOP, {"shop.A": {"compatibility": "FULL"}}),
    Levels("the registry's holds outside domains", "a", Level.NONE, {}, {"": {"compatibility": "NONE"}}),
    Levels("and not inside them", "shop.A", Level.FORWARD, SHOP, {"": {"compatibility": "NONE"}}),
    Levels("a context has its own", ":.t:a", Level.FULL, {}, {":.t:": {"compatibility": "FULL"}}),
    Levels("and not the default one's", ":.t:a", Level.BACKWARD, {}, {"": {"compatibility": "FULL"}}),
    Levels("and the last of all", ":.t:a", Level.FULL, {}, {LAST_SCOPE.key: {"compatibility": "FULL"}}),
]


@pytest.mark.parametrize("case", LEVELS, ids=attrgetter("shows"))
def test_the_nearest_setting_decides_the_level(case: Levels) -> None:
    assert effective_level(world(case.domains, case.configs), Subject.parse(case.subject), SETTINGS) is case.level


NAMES = [  # what it shows, subject, policies of domains, require_domain, accepted
    ("a fact in the past tense", "shop.OrderPlaced", {"shop": {}}, False, True),
    ("a command is not a fact", "shop.PlaceOrder", {"shop": {}}, False, False),
    ("outside owned domains names are free", "shop.PlaceOrder", {}, False, True),
    ("the policy may let any name in", "shop.Money", {"shop": {"names": "any"}}, False, True),
    ("for the domains below it too", "shop.types.Money", {"shop": {"names": "any"}}, False, True),
    (
        "which may ask again",
        "shop.a.Money",
        {"shop": {"names": "any"}, "shop.a": {"names": "past_tense"}},
        False,
        False,
    ),
    ("the key of a record is not an event", "shop.orders-key", {"shop": {}}, False, True),
    ("its value is", "shop.orders-value", {"shop": {}}, False, False),
    ("a domain where one is demanded", "shop.OrderPlaced", {"shop": {}}, True, True),
    ("no domain where one is demanded", "store.OrderPlaced", {"shop": {}}, True, False),
    ("no dot where a domain is demanded", "OrderPlaced", {"shop": {}}, True, False),
]


@pytest.mark.parametrize(("shows", "subject", "domains", "demanded", "accepted"), NAMES, ids=[row[0] for row in NAMES])
def test_an_event_name_is_held_to_the_policy_of_its_domain(
    shows: str, subject: str, domains: Any, demanded: bool, accepted: bool
) -> None:
    state, settings = world(domains), Settings(require_domain=demanded)
    if accepted:
        require_name(state, Subject.parse(subject), settings)
        assert domain_names(state, "shop") in ("past_tense", "any")
    else:
        with pytest.raises(NameRefused):
            require_name(state, Subject.parse(subject), settings)


def test_owners_come_nearest_first() -> None:
    state = world({"shop": {}, "shop.orders": {}, "shop.orders.eu": {}, "sho": {}})
    owners = owning_domains(state, Subject.parse("shop.orders.OrderPlaced"))
    assert [one.name for one in owners] == ["shop.orders", "shop"]


MODES = [  # subject, modes, writable
    ("a", {}, True),
    ("a", {"a": "READONLY"}, False),
    ("a", {"": "READONLY"}, False),
    ("a", {"": "READONLY", "a": "READWRITE"}, True),
    ("a", {"": "READONLY_OVERRIDE", "a": "READWRITE"}, False),
    (":.t:a", {":.t:": "READONLY"}, False),
    (":.t:a", {":.t:": "READONLY", ":.t:a": "IMPORT"}, True),
    (":.t:a", {LAST_SCOPE.key: "READONLY", ":.t:a": "READWRITE"}, True),
    (":.t:a", {LAST_SCOPE.key: "READONLY"}, False),
    (":.t:a", {LAST_SCOPE.key: "READONLY_OVERRIDE", ":.t:a": "READWRITE"}, False),
    ("a", {":.t:": "READONLY"}, True),
]


@pytest.mark.parametrize(("subject", "modes", "writable"), MODES)
def test_the_nearest_mode_decides_whether_a_subject_is_writable(
    subject: str, modes: dict[str, str], writable: bool
) -> None:
    state = world(modes=modes)
    if writable:
        require_writable(state, Subject.parse(subject))
        require_settable(state, Scope.parse(subject))
        return
    with pytest.raises(OperationNotPermitted):
        require_writable(state, Subject.parse(subject))
    with pytest.raises(OperationNotPermitted):
        require_settable(state, Scope.parse(subject))


@pytest.mark.parametrize(
    ("configs", "metadata", "group"),
    [
        ({}, None, ""),
        ({}, {"properties": {"major": "2"}}, "2"),
        ({}, {"properties": {"other": "2"}}, ""),
        ({"": {"compatibilityGroup": "other"}}, {"properties": {"other": "2", "major": "3"}}, "2"),
    ],
)
def test_a_metadata_property_names_the_major(configs: Any, metadata: Any, group: str) -> None:
    assert group_of(world(configs=configs), Subject.parse("a"), metadata) == group


POLICIES = [
    Policy(),
    Policy(lenient=True),
    Policy(formats_asserted=False),
    Policy(lenient=True, protobuf_level=ProtobufLevel.SOURCE),
]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_is_recorded_by_where_it_departs(policy: Policy) -> None:
    assert policy_recorded(policy_record(policy)) == policy
    assert policy_record(Policy()) == {}


@pytest.mark.parametrize(
    ("domains", "policy"),
    [
        ({}, Policy()),
        ({"shop": {"protobuf_level": "source"}}, Policy(protobuf_level=ProtobufLevel.SOURCE)),
        ({"shop": {"formats": "annotations"}}, Policy(formats_asserted=False)),
        (
            {"shop": {"protobuf_level": "json", "formats": "annotations"}, "shop.eu": {"formats": "asserted"}},
            Policy(protobuf_level=ProtobufLevel.JSON),
        ),
    ],
)
def test_a_domain_chooses_what_gates_a_change(domains: Any, policy: Policy) -> None:
    assert comparison_policy(world(domains=domains), Subject.parse("shop.eu.OrderPlaced")) == policy
    assert comparison_policy(world(domains=domains), Subject.parse("other.OrderPlaced")) == Policy()


def test_a_setting_makes_comparisons_lenient() -> None:
    state = world(configs={"": {"compatibilityPolicy": "LENIENT"}})
    assert comparison_policy(state, Subject.parse("a")) == Policy(lenient=True)
