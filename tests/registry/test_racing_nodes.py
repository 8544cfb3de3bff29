"""Two nodes and many callers write to one ledger: each entry is what its command comes to on the state before it.

Registrations go through both nodes while grants, policies, settings, aliases, modes and references change. A decision
that was kept although something that it went by had changed would be another one than deciding again comes to.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from moorings_compat import Reference
from moorings_registry import facts
from moorings_registry.authorization import GrantedAuthorization
from moorings_registry.callers import Caller
from moorings_registry.callers_commands import CallersCommands
from moorings_registry.commands import (
    Command,
    ConfigureIssuers,
    DeleteVersion,
    GrantAccess,
    PutDomain,
    RegisterSchema,
    RevokeAccess,
    SetConfig,
    SetMode,
)
from moorings_registry.engines import open_ledger
from moorings_registry.errors import Refusal
from moorings_registry.names import Scope, Subject
from moorings_registry.principals import Principal
from moorings_registry.service import Registry
from moorings_registry.state import State, apply
from tests.registry.asking import avro, record, using
from tests.registry.granting import ANN, BOB, KINDS, OPERATOR, issuers_of

EVENTS = [Subject.parse(one) for one in ("shop.OrderPlaced", "crm.Called", "Free", "Old", ":.ctx:shop.OrderPlaced")]
MOVED = [Subject.parse(one) for one in ("moved.A", "moved.B")]
"""They take imports, mostly."""
MONEY = Subject.parse("Money")
ENDS = datetime(2027, 3, 1, tzinfo=UTC)
POLICIES = [{"names": "any", "type_names": "any"}, {"names": "any", "type_names": "any", "level": "FULL"}]
CALLERS, EACH = 8, 40


def a_registration(chance: random.Random) -> RegisterSchema:
    kind = chance.random()
    if kind < 0.25:
        schema = avro(record("a", f"f{chance.randrange(12)}"))
        return RegisterSchema(chance.choice(MOVED), schema, id=chance.choice((None, chance.randrange(500, 900))))
    if kind < 0.35:
        return RegisterSchema(MONEY, avro(record("a", name="Money", **{f"m{chance.randrange(9)}": 0})))
    if kind < 0.5:
        reference = Reference("Money", "Money", chance.choice((1, 2, -1)))
        return RegisterSchema(chance.choice(EVENTS), avro(using("Money"), reference))
    text = record(*chance.sample("abd", chance.randrange(1, 3)), **{f"n{chance.randrange(6)}": 0})
    return RegisterSchema(chance.choice(EVENTS), avro(text), chance.choice((None, None, "next", 1)))


def a_change(chance: random.Random) -> Command:
    level = {"compatibility": chance.choice(("BACKWARD", "FULL", "NONE", None))}
    return chance.choice((
        SetConfig(Scope.of(chance.choice(EVENTS)), level),
        SetConfig(Scope.of(Subject.parse("Old")), {"alias": chance.choice(("Free", "crm.Called", None))}),
        SetMode(Scope.of(chance.choice(MOVED)), chance.choice(("IMPORT", "IMPORT", "READONLY")), force=True),
        DeleteVersion(chance.choice(EVENTS), "latest", permanent=False, reason="a race"),
        PutDomain(chance.choice(("shop", "crm")), owner="team", policy=chance.choice(POLICIES)),
        GrantAccess(ANN.issuer, ("register",), chance.choice(("crm", "Free")), "a race", ANN.name, expires=ENDS),
        RevokeAccess(chance.randrange(3, 60), "a race"),
    ))  # fmt: skip


class Races:
    """Two nodes on one file, and what was asked of them, by correlation id."""

    def __init__(self, folder: Path) -> None:
        self.nodes = [Registry(open_ledger(f"sqlite:///{folder}/ledger.db")) for _ in range(2)]
        self.asked: dict[str, tuple[RegisterSchema, Principal]] = {}
        first: list[Command] = [
            ConfigureIssuers(issuers_of(KINDS)),
            GrantAccess(ANN.issuer, ("read", "register"), "shop", "a race", ANN.name, expires=ENDS),
            GrantAccess(BOB.issuer, ("read", "register"), "*", "a race", BOB.name, expires=ENDS),
            RegisterSchema(MONEY, avro(record("a", name="Money"))),
            *(SetMode(Scope.of(one), "IMPORT") for one in MOVED),
        ]
        for command in first:
            self.nodes[0].execute(command, Caller())

    def run(self, number: int) -> None:
        """What one caller asks."""
        chance = random.Random(number)
        for at in range(EACH):
            caller, correlation_id = OPERATOR, f"{number}-{at}"
            command = a_registration(chance) if chance.random() < 0.8 else a_change(chance)
            if isinstance(command, RegisterSchema):
                caller = chance.choice((OPERATOR, ANN, BOB))
                self.asked[correlation_id] = command, caller
            try:
                self.nodes[number % 2].execute(command, Caller(principal=caller, correlation_id=correlation_id))
            except Refusal:
                continue


def test_each_entry_is_what_its_command_comes_to_on_the_state_before_it(tmp_path: Path) -> None:
    races = Races(tmp_path)
    with ThreadPoolExecutor(CALLERS) as callers:
        list(callers.map(races.run, range(CALLERS)))
    node, state, registrations = races.nodes[0], State(), 0
    commands = CallersCommands(
        GrantedAuthorization(lambda: state, node.dependencies.now), node.access_counts, node.dependencies
    )
    for entry in node.ledger.read(0):
        if entry.correlation_id in races.asked:
            command, caller = races.asked[entry.correlation_id]
            again = commands.decide(state, commands.meant(state, command, caller), caller)
            assert [facts.to_json(one) for one in again.facts] == list(entry.facts), entry.position
            registrations += 1
        state = apply(state, (entry,))
    assert registrations > 50
