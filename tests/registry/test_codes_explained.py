"""Every code that the registry sends has a text in `moorings explain`."""

import ast
from collections.abc import Iterator
from pathlib import Path

import moorings_registry
from moorings.cli.catalogue import known_rules
from moorings.cli.explained import meanings_of
from moorings_compat.impact import ImpactStatus
from moorings_registry.errors import Refusal
from moorings_registry.http.statuses import STATUSES

REASONS = frozenset(("Reason", "Blocker", "Departure"))
"""What answers are made of; each begins with its code."""


def codes_of_reasons() -> Iterator[str]:
    for path in Path(moorings_registry.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REASONS and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield str(first.value)


def test_every_code_that_the_registry_sends_is_explained() -> None:
    rules, _ = known_rules()
    reasons = {*codes_of_reasons(), *(str(one).upper() for one in ImpactStatus)}
    errors = {one.code for one in STATUSES}
    assert len(reasons) > 25
    assert len(errors) > 60
    assert sorted(code for code in reasons | errors if not meanings_of(code, rules)) == []


def test_every_refusal_has_a_status() -> None:
    def refusals(kind: type[Refusal]) -> Iterator[type[Refusal]]:
        for one in kind.__subclasses__():
            yield one
            yield from refusals(one)

    assert {one for one in refusals(Refusal) if "code" in vars(one)} <= set(STATUSES)
