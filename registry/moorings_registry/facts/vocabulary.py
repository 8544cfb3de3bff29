"""All facts, and how one is written into the ledger and read from it."""

from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs
import orjson

from moorings_registry.errors import Refusal
from moorings_registry.errors.refusal import printable
from moorings_registry.facts.access import AccessFact
from moorings_registry.facts.associations import AssociationFact
from moorings_registry.facts.checks import CheckFact
from moorings_registry.facts.consumers import ConsumerFact
from moorings_registry.facts.domains import DomainFact
from moorings_registry.facts.encryption_keys import EncryptionKeyFact
from moorings_registry.facts.exporters import ExporterFact
from moorings_registry.facts.lifecycle import LifecycleFact
from moorings_registry.facts.schemas import SchemaFact
from moorings_registry.facts.settings import SettingFact
from moorings_registry.facts.waivers import WaiverFact
from moorings_registry.facts.webhooks import WebhookFact


class FactUnknown(Refusal):
    code = "FACT_UNKNOWN"
    title = "The ledger holds a fact that this release does not know"
    audience = "operator"
    fix = "Run the release that wrote the ledger, or a newer one."


Fact = (
    AccessFact
    | AssociationFact
    | CheckFact
    | ConsumerFact
    | DomainFact
    | EncryptionKeyFact
    | ExporterFact
    | LifecycleFact
    | SchemaFact
    | SettingFact
    | WaiverFact
    | WebhookFact
)

_NAMES: dict[type[Fact], str] = {kind: getattr(kind, "stored_as", kind.__name__) for kind in Fact.__args__}
FACTS: dict[tuple[str, int], type[Fact]] = {(_NAMES[kind], kind.v): kind for kind in Fact.__args__}
_FIELDS = {kind: tuple(one.name for one in fields(kind)) for kind in Fact.__args__}


def to_json(fact: Fact) -> dict[str, Any]:
    """Write *fact* as the JSON object that the ledger keeps."""
    kind = type(fact)
    return {"fact": _NAMES[kind], "v": kind.v, **{name: getattr(fact, name) for name in _FIELDS[kind]}}


def from_json(stored: Mapping[str, Any]) -> Fact:
    """Read a stored fact.

    Raises:
        FactUnknown: a newer release wrote it: its kind, its version or its form is not one of those here.
    """
    name, v = stored.get("fact"), stored.get("v")
    kind = FACTS.get((name, v)) if isinstance(name, str) and type(v) is int else None
    if kind is None:
        raise FactUnknown(f"Fact {printable(str(name))} v{printable(str(v))} is not known to this release")
    form = _form(f"{name}.v{v}")
    if not form.is_valid(stored):
        where = "/".join(str(part) for part in next(form.iter_errors(stored)).instance_path)
        at = f", at /{printable(where)}" if where else ""
        raise FactUnknown(f"Fact {name} v{v} has another form than this release knows{at}")
    return kind(**{name: stored[name] for name in _FIELDS[kind]})


@cache
def _form(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_forms()[name])


@cache
def _forms() -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads(files("moorings_registry").joinpath("fact_forms.json").read_bytes())
    return read
