"""A class against a contract, in a unit test, with one call."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from moorings.contracts.contract import EventContract
from moorings.event_model.event_formats import EVENT_FORMATS, event_model_of
from moorings.layout import split_file_name
from moorings.layout.schema_files import read_schema
from moorings.typed.assignability import Assignability
from moorings.typed.contract_value import Contract
from moorings.typed.differences import Difference, Role
from moorings.typed.from_class import model_of_class
from moorings_compat import Schema

Against = EventContract | Contract | Schema | Path | str
"""A handle, the contract of a generated class, a parsed schema, or a file."""


def compare(kind: Any, against: Against, role: str = "both") -> tuple[Difference, ...]:
    """Return every difference between a class and a contract; nothing where they fit.

    *kind* is a dataclass, a `TypedDict` or a pydantic model. To ``produce``, whatever the class can hold has to be
    valid; to ``consume``, the class has to hold whatever the contract allows. Types are compared, not what narrows
    them: bounds, patterns, lengths. `Any` in a class says that its author looks after the field.

    Raises:
        ClassInvalid: it is not such a class.
        SourceInvalid, SchemaError: the file cannot be read, or is not a schema.
    """
    roles = tuple(Role) if role == "both" else (Role(role),)
    schema, subject = _contract_schema(against)
    contract, row = event_model_of(schema, subject), EVENT_FORMATS[schema.format]
    found: list[Difference] = []
    for one in roles:
        writing = one is Role.PRODUCE
        mine = model_of_class(kind, writing=writing, json=row.is_json)
        source, target = (mine, contract) if writing else (contract, mine)
        found += Assignability(source, target, one, row).differences()
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


def _contract_schema(against: Against) -> tuple[Schema, str]:
    if isinstance(against, EventContract):
        return against.schema, against.subject
    if isinstance(against, Contract):
        return against.parsed(), against.subject
    if isinstance(against, Schema):
        return against, "event"
    path = Path(against)
    named = split_file_name(path.name)
    return read_schema(path), f"{path.resolve().parent.name}.{named[0]}" if named else path.stem
