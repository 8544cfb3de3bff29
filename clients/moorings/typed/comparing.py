"""A class against a contract, in a unit test, with one call."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from moorings.cli.sources import read_schema
from moorings.contracts.contract import EventContract
from moorings.event_model.reading import shapes_of
from moorings.layout import split_file_name
from moorings.typed.containing import Containing
from moorings.typed.contract_value import Contract
from moorings.typed.differences import Difference, Role
from moorings.typed.from_class import read
from moorings_compat import Schema

Against = EventContract | Contract | Schema | Path | str
"""A handle, the contract of a generated class, a parsed schema, or a file."""


def compare(kind: Any, against: Against, role: str = "both") -> tuple[Difference, ...]:
    """Return everything that stands between a class and a contract; nothing where they fit.

    *kind* is a dataclass, a `TypedDict` or a pydantic model. To ``produce``, whatever the class can hold has to be
    valid; to ``consume``, the class has to hold whatever the contract allows. Types are compared, not what narrows
    them: bounds, patterns, lengths. `Any` in a class says that its author looks after the field.

    Raises:
        ClassInvalid: it is no such class.
        SourceInvalid, SchemaError: the file cannot be read, or is no schema.
    """
    roles = tuple(Role) if role == "both" else (Role(role),)
    schema, subject = _schema_of(against)
    contract = shapes_of(schema, subject)
    found: list[Difference] = []
    for one in roles:
        writing = one is Role.PRODUCE
        mine = read(kind, writing=writing, json=schema.format.value == "JSON")
        source, target = (mine, contract) if writing else (contract, mine)
        found += Containing(source, target, one, schema.format.value).differences()
    return tuple(dict.fromkeys(found))


def assert_fits(kind: Any, against: Against, role: str = "both") -> None:
    """Fail with every difference when a class does not fit a contract; see `compare`.

    Raises:
        AssertionError: one line for each difference.
    """
    found = compare(kind, against, role)
    if found:
        raise AssertionError(f"{kind.__qualname__} does not fit the contract:\n{_listed(found)}")


def _listed(found: Iterable[Difference]) -> str:
    return "\n".join(f"  {one}" for one in found)


def _schema_of(against: Against) -> tuple[Schema, str]:
    if isinstance(against, EventContract):
        return against.schema, against.subject
    if isinstance(against, Contract):
        return against.parsed(), against.subject
    if isinstance(against, Schema):
        return against, "event"
    path = Path(against)
    named = split_file_name(path.name)
    return read_schema(path), f"{path.resolve().parent.name}.{named[0]}" if named else path.stem
