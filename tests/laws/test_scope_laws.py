"""Laws of scopes: a token allows what is both granted and in its scope, and nothing else."""

import random

from moorings_registry.access import (
    Node,
    Permission,
    Verb,
    access_of,
    included,
    read_scope,
    scope_text,
    without_included,
)
from moorings_registry.principals import Principal
from moorings_registry.state import Grant

NOW = "2027-01-01T00:00:00Z"
NAMES = ("shop", "shop.orders", "shop.orders.Placed", "shop.ordersx", "billing", "a b%", 'q"uote')
NODES = (*NAMES, "*", "shop*", "shop.o*", ".eu/shop", ".eu/*")
TARGETS = (*NAMES, "shop-value", ":.eu:shop.orders", "shop.other", "zoo")
VERBS = (Verb.READ, Verb.REGISTER, Verb.GOVERN)


def grants_of(chance: random.Random) -> dict[int, Grant]:
    return {
        number: Grant(
            id=number, issuer="people", principal="people:ann", claims={}, group="", node=chance.choice(NODES),
            verbs=(chance.choice(VERBS),), expires="", because="law", granted_by="local", granted_at=NOW,
        )
        for number in range(chance.randrange(4))
    }  # fmt: skip


def scope_of(chance: random.Random) -> tuple[Permission, ...]:
    pairs = chance.randrange(1, 4)
    return tuple(Permission(chance.choice(VERBS), Node.parse(chance.choice(NODES))) for _ in range(pairs))


def test_a_token_allows_no_more_than_its_scope_and_the_grants_do() -> None:
    allowed = 0
    for seed in range(400):
        chance = random.Random(seed)
        grants, scope = grants_of(chance), scope_of(chance)
        whole = access_of(grants, Principal("people:ann", "people"), NOW)
        scoped = Principal("people:ann", "people", scope=tuple(map(str, scope)))
        narrow = access_of(grants, scoped, NOW)
        for target in TARGETS:
            for verb in VERBS:
                granted = whole.reason(verb, target) is not None
                asked = any(verb in included((one.verb,)) and _covers(one.node, target) for one in scope)
                given = narrow.reason(verb, target) is not None
                assert given <= (granted and asked), (seed, verb, target)
                allowed += given
    assert allowed > 300


def test_a_scope_is_read_as_it_was_written() -> None:
    for seed in range(400):
        scope = scope_of(random.Random(seed))
        text = scope_text(scope)
        assert read_scope(text) == scope
        assert all("!" <= one <= "~" and one not in '"\\' for one in text.replace(" ", ""))
        less = without_included(scope)
        assert all(any(kept == one or kept.includes(one) for kept in less) for one in scope)


def _covers(node: Node, target: str) -> bool:
    context, name = (".eu", target.removeprefix(":.eu:")) if target.startswith(":.eu:") else (".", target)
    return node.covers(name, context)
