"""What tests ask of a registry: short schemas, short commands, and facts that keep their own contracts."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from moorings_compat import Format, Reference
from moorings_registry import facts
from moorings_registry.callers import Caller
from moorings_registry.commands import Command, Draft, Outcome, RegisterSchema
from moorings_registry.engines import open_ledger
from moorings_registry.ledger import Ledger
from moorings_registry.names import Subject
from moorings_registry.service import Registry
from moorings_registry.settings import Settings
from moorings_registry.state import Version

CONTRACTS = Path(__file__).resolve().parents[2] / "schemas" / "moorings.registry"
PLACED = Subject.parse("shop.orders.OrderPlaced")


def record(*names: str, name: str = "OrderPlaced", **defaults: Any) -> str:
    """An Avro record of ints; the fields named by keyword have that default."""
    fields: list[dict[str, Any]] = [{"name": one, "type": "int"} for one in names]
    fields += [{"name": one, "type": "int", "default": value} for one, value in defaults.items()]
    return json.dumps({"type": "record", "name": name, "fields": fields})


def using(full_name: str, *, name: str = "OrderPlaced") -> str:
    """An Avro record with one field, of the type *full_name* that a reference brings."""
    return json.dumps({"type": "record", "name": name, "fields": [{"name": "a", "type": full_name}]})


def avro(text: str, *references: Reference, **more: Any) -> Draft:
    return Draft(Format.AVRO, text, references, **more)


def labelled(text: str, major: str) -> Draft:
    """A draft whose metadata names its major, the way the Confluent API has it."""
    return avro(text, metadata={"properties": {"major": major}})


class Clock:
    """Time that goes on by a second whenever it is asked."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 22, 10, tzinfo=UTC)

    def __call__(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


class Asked:
    """A registry, and the shortest way to ask it."""

    def __init__(self, ledger: Ledger | None = None, settings: Settings | None = None, **more: Any) -> None:
        self.ledger = ledger or open_ledger("memory:")
        self.registry = Registry(self.ledger, settings, clock=Clock(), **more)
        self.registry.catch_up()

    def do(self, command: Command, caller: Caller | None = None) -> Outcome:
        return self.registry.execute(command, caller or Caller())[0]

    def register(
        self, text: str | Draft, subject: Subject | str = PLACED, major: int | str | None = None, **caller: Any
    ) -> Version:
        """Register a schema and return the version that it is."""
        draft = text if isinstance(text, Draft) else avro(text)
        named = Subject.parse(subject) if isinstance(subject, str) else subject
        return self.registry.execute(RegisterSchema(named, draft, major), Caller(**caller))[0].existing_version

    @property
    def facts(self) -> list[str]:
        """The names of all facts in the ledger, oldest first."""
        return [str(fact["fact"]) for entry in self.ledger.read(0) for fact in entry.facts]


def require_facts_as_described(ledger: Ledger) -> None:
    """Check each fact of *ledger* against its contract."""
    for entry in ledger.read(0):
        for fact in entry.facts:
            contract(fact["fact"], fact["v"]).validate(fact)
            assert facts.to_json(facts.from_json(fact)) == fact


def contract(fact: str, v: int) -> Draft202012Validator:
    """The validator of one form of a fact."""
    key = f"{fact}.v{v}"
    if key not in _contracts:
        _contracts[key] = Draft202012Validator(json.loads((CONTRACTS / f"{key}.schema.json").read_text()))
    return _contracts[key]


_contracts: dict[str, Draft202012Validator] = {}
