"""Facts: their stored form, and the JSON Schemas that describe it."""

import json
import tomllib
from dataclasses import fields
from typing import Any

import pytest

from moorings_compat import Format, parse
from moorings_compat.event_names import past_tense_problem
from moorings_registry import facts
from tests.registry.asking import CONTRACTS, contract
from tests.registry.fact_examples import EXAMPLES

KINDS = sorted(facts.FACTS)


@pytest.mark.parametrize("fact", EXAMPLES, ids=lambda fact: type(fact).__name__)
def test_a_fact_is_read_as_it_was_written(fact: facts.Fact) -> None:
    stored = facts.to_json(fact)
    contract(stored["fact"], stored["v"]).validate(stored)
    assert facts.from_json(json.loads(json.dumps(stored))) == fact


def test_every_fact_has_its_example() -> None:
    assert {type(fact) for fact in EXAMPLES} == set(facts.FACTS.values())


@pytest.mark.parametrize(("fact", "v"), KINDS)
def test_contract_and_class_have_the_same_members(fact: str, v: int) -> None:
    kind, schema = facts.FACTS[fact, v], _schema(fact, v)
    assert list(schema["properties"]) == ["fact", "v", *(one.name for one in fields(kind))]
    assert schema["required"] == list(schema["properties"])
    assert schema["additionalProperties"] is False
    assert (schema["properties"]["fact"], schema["properties"]["v"]) == ({"const": fact}, {"const": v})
    assert schema["title"] == fact


@pytest.mark.parametrize(("fact", "v"), KINDS)
def test_contracts_are_schemas_that_this_registry_takes(fact: str, v: int) -> None:
    parse((CONTRACTS / f"{fact}.v{v}.schema.json").read_text(), Format.JSON)
    assert past_tense_problem(fact) is None


def test_there_is_no_contract_without_a_fact() -> None:
    files = {path.name.removesuffix(".schema.json") for path in CONTRACTS.glob("*.schema.json")}
    assert files == {f"{fact}.v{v}" for fact, v in KINDS}


def test_the_domain_of_the_facts_has_an_owner() -> None:
    domain = tomllib.loads((CONTRACTS / "domain.toml").read_text())
    assert domain["owner"] == "moorings"
    assert domain["policy"] == {"names": "past_tense"}


@pytest.mark.parametrize("stored", [{"fact": "ShipSailed", "v": 1}, {"fact": "ConfigChanged", "v": 2}])
def test_a_fact_of_a_newer_release_is_named(stored: dict[str, Any]) -> None:
    with pytest.raises(facts.FactUnknown, match=str(stored["fact"])):
        facts.from_json(stored)


def _schema(fact: str, v: int) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((CONTRACTS / f"{fact}.v{v}.schema.json").read_text())
    return read
