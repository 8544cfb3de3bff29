"""Law of decisions that are reused: where it says that one still holds, deciding again comes to the same.

A registration is decided before others are written, and the decision is kept where what it went by is as it was. Here
others are written in between, by chance: registrations of the same and of other subjects, references, settings,
domains, deletions, modes; imports under ids that they name; for the operator and for callers who see a part.
"""

import random
from collections import Counter

from moorings_compat import Reference
from moorings_registry.callers import Caller
from moorings_registry.commands import (
    Command,
    DeleteVersion,
    PutDomain,
    RegisterSchema,
    SetConfig,
    SetMode,
    decided_on,
)
from moorings_registry.errors import Refusal
from moorings_registry.names import Scope, Subject
from moorings_registry.principals import Principal
from moorings_registry.state import watched
from tests.registry.asking import avro, record, using
from tests.registry.granting import ANN, BOB, OPERATOR, Guarded

SUBJECTS = [Subject.parse(one) for one in ("shop.orders.Placed", "shop.orders.Paid", "crm.Called", "crm.Left", "Free")]
TEXTS = [record("a"), record("a", b=0), record("a", b=0, c=0), record("a", "d"), record("x"), record("x", a=1)]
REFERRED = "Money"
MOVED = [Subject.parse(one) for one in ("moved.A", "moved.B")]
"""They take imports, mostly."""
CALLERS: tuple[Principal, ...] = (OPERATOR, ANN, BOB)
ROUNDS = 400


def a_registration(chance: random.Random, at: int) -> RegisterSchema:
    subject = chance.choice(SUBJECTS)
    if chance.random() < 0.1:
        named = chance.choice((1_000_000 - at, 5, None))
        return RegisterSchema(chance.choice(MOVED), avro(record("a", f"moved{at}")), id=named)
    if chance.random() < 0.3:
        number = chance.choice((1, 1, 2, -1))
        return RegisterSchema(subject, avro(using("Money"), Reference(REFERRED, REFERRED, number)))
    text = chance.choice((*TEXTS, *(record("a", **{f"new{at}": 0}) for _ in TEXTS)))
    return RegisterSchema(subject, avro(text), chance.choice((None, None, None, "next")))


def a_command(chance: random.Random, at: int) -> Command:
    """What is written in between: mostly registrations, as it is in life."""
    if chance.random() < 0.75:
        return RegisterSchema(Subject.parse(f"side.Other{at}"), avro(record("a", f"n{at}")))
    subject = chance.choice(SUBJECTS)
    return chance.choice((
        a_registration(chance, at),
        RegisterSchema(Subject.parse(REFERRED), avro(record("a", name="Money", **{f"m{at}": 0}))),
        DeleteVersion(subject, "latest", permanent=chance.random() < 0.3, reason="the law"),
        SetMode(Scope.of(chance.choice(MOVED)), chance.choice(("IMPORT", "IMPORT", "READWRITE")), force=True),
        SetConfig(Scope.of(subject), {"compatibility": chance.choice(("BACKWARD", "FULL", None))}),
        PutDomain("crm", owner=f"team-{at}", policy={"names": "any", "type_names": "any"}),
    ))  # fmt: skip


def test_a_decision_that_holds_is_the_one_that_deciding_again_comes_to() -> None:
    chance, seen = random.Random(47), Counter[str]()
    guarded = Guarded()
    guarded.grant(ANN, "shop", "read", "register")
    guarded.grant(BOB, "*", "read", "register")
    registry = guarded.registry
    commands = registry._commands
    for one in MOVED:
        registry.execute(SetMode(Scope.of(one), "IMPORT"), Caller())
    registry.execute(RegisterSchema(Subject.parse(REFERRED), avro(record("a", name="Money"))), Caller())
    for at in range(ROUNDS):
        command, principal = a_registration(chance, at), chance.choice(CALLERS)
        state, reads = watched(registry.state)
        try:
            before = commands.decide(state, command, principal)
        except Refusal:
            seen["refused"] += 1
            continue
        for _ in range(chance.randrange(1, 4)):
            try:
                registry.execute(a_command(chance, at), Caller())
            except Refusal:
                seen["nothing in between"] += 1
        kept = decided_on(registry.state, command, before, reads)
        if kept is None:
            seen["decided again"] += 1
            continue
        again = commands.decide(registry.state, command, principal)
        assert (kept.facts, kept.outcome) == (again.facts, again.outcome)
        assert (kept.refusal is None) is (again.refusal is None)
        seen["kept, with another id" if kept.facts != before.facts else "kept"] += 1
        seen["kept refusals"] += kept.refusal is not None
        seen["kept imports"] += command.id is not None
    assert min(seen[one] for one in ("decided again", "kept", "kept, with another id", "kept refusals")) > 10, seen
    assert seen["kept imports"] > 5, seen
