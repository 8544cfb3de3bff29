"""Where a level comes from: shown by the same order that decides it."""

import pytest

from moorings_compat import Format
from moorings_registry.commands import Command, Draft, PutDomain, RegisterSchema, SetConfig
from moorings_registry.names import REGISTRY_SCOPE, Scope, Subject
from moorings_registry.policy import effective_level, level_source
from tests.web.seed import run
from tests.web.site import Site

EVENT = "shop.orders.OrderPlaced"
OWNED = PutDomain("shop.orders", "team")
CASES = [
    ("nobody said anything", "plain", (), ("BACKWARD", "default", "")),
    ("the registry did", "plain", (SetConfig(REGISTRY_SCOPE, {"compatibility": "FULL"}),), ("FULL", "registry", "")),
    (
        "the context did",
        ":.tenant:plain",
        (
            SetConfig(REGISTRY_SCOPE, {"compatibility": "FULL"}),
            SetConfig(Scope.parse(":.tenant:"), {"compatibility": "NONE"}),
        ),
        ("NONE", "context", ".tenant"),
    ),
    ("an owned domain has its default", EVENT, (OWNED,), ("FULL_TRANSITIVE", "default", "")),
    (
        "its policy did",
        EVENT,
        (PutDomain("shop.orders", "team", policy={"level": "FORWARD"}),),
        ("FORWARD", "domain", "shop.orders"),
    ),
    (
        "the policy above it did",
        EVENT,
        (PutDomain("shop", "platform", policy={"level": "FULL"}), OWNED),
        ("FULL", "domain", "shop"),
    ),
    (
        "the event itself did",
        EVENT,
        (
            PutDomain("shop.orders", "team", policy={"level": "BACKWARD"}),
            SetConfig(Scope.parse(EVENT), {"compatibility": "FULL"}),
        ),
        ("FULL", "event", ""),
    ),
]


@pytest.mark.parametrize(
    ("subject", "commands", "origin"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_level_is_shown_with_who_set_it(
    site: Site, subject: str, commands: tuple[Command, ...], origin: tuple[str, str, str]
) -> None:
    for command in commands:
        run(site.registry, command)
    parsed = Subject.parse(subject)
    run(site.registry, RegisterSchema(parsed, Draft(Format.JSON, "{}")))
    state, settings = site.registry.state, site.registry.settings
    found = level_source(state, parsed, settings)
    assert (found.value, found.by, found.name) == origin
    assert found.value == effective_level(state, parsed, settings)
