"""Settings of whole contexts follow, where in the target they hold for what is exported alone."""

from typing import Any

import pytest

from moorings_registry.export_statuses import RUNNING
from tests.confluent.api import record
from tests.exporters.pairs import Pair, held_by

FULL, NONE = {"compatibility": "FULL"}, {"compatibility": "NONE"}
CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [  # what the case shows, the exporter, settings there
    ("in a context of its own, those of the registry", {"contextType": "CUSTOM", "context": "eu"}, {":.eu:": FULL}),
    (
        "and of all its contexts",
        {"contextType": "CUSTOM", "context": "eu", "subjects": [":*:"]},
        {":.eu:": FULL, ":.eu.t:": NONE},
    ),
    ("even for some subjects", {"contextType": "CUSTOM", "context": "eu", "subjects": ["s*"]}, {":.eu:": FULL}),
    ("under the same name, those of whole contexts", {"subjects": [":.t:*"]}, {":.t:": NONE}),
    ("not those of contexts in parts", {"subjects": [":.t:u*"]}, {}),
    ("nor those of the registry", {"subjects": ["*"]}, {}),
    ("nothing where contexts become one", {"contextType": "DEFAULT", "subjects": [":*:"]}, {}),
]


@pytest.fixture
def pair() -> Pair:
    pair = Pair()
    pair.source.put("/config", FULL)
    pair.source.put("/config/:.t:", NONE)
    pair.source.register("s", record("id"))
    pair.source.register(":.t:u", record("id"))
    return pair


def contexts_of(pair: Pair) -> dict[str, Any]:
    return {scope: own for scope, own in held_by(pair.target).configs.items() if scope.endswith(":") and own}


@pytest.mark.parametrize(("more", "there"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_settings_of_contexts(pair: Pair, more: dict[str, Any], there: dict[str, Any]) -> None:
    own = held_by(pair.target).configs.get("", {})
    pair.create(**more)
    pair.turn()
    assert pair.status() == pair.status() | {"state": RUNNING}
    assert contexts_of(pair) == there
    assert held_by(pair.target).configs.get("", {}) == own, "those of the target as a whole are its own"


def test_they_follow_changes(pair: Pair) -> None:
    pair.create(contextType="CUSTOM", context="eu", subjects=[":*:"])
    pair.turn()
    pair.source.put("/config", {"normalize": True})
    pair.source.delete("/config/:.t:")
    pair.turn()
    assert contexts_of(pair) == {":.eu:": {**FULL, "normalize": True}}
    assert pair.status()["state"] == RUNNING
