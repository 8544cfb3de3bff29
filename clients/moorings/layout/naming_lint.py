"""Names: of events by their kind, and of the types inside their schemas."""

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from moorings.layout.contract_file import ContractFile
from moorings.layout.event_file import event_file_name
from moorings.layout.folder import Folder
from moorings.layout.issues import Issue, Weight
from moorings.layout.parsed import Parsed
from moorings_compat import Format, SchemaError
from moorings_compat.avro.unresolved import read_unresolved
from moorings_compat.event_names import EventKind, kind_name_problem


def naming_issues(folder: Folder, parsed: Parsed) -> Iterator[Issue]:
    """Yield what is wrong with the names of events, and of the types in their schemas."""
    for contract in folder.contracts:
        if folder.event(contract.subject) is None:
            yield from _name_issues(folder, contract.domain, contract.event, contract)
        yield from _type_name_issues(contract, folder, parsed)
    for event in folder.events:
        yield from _name_issues(folder, event.domain, event.event, None)


def _name_issues(folder: Folder, domain: str, name: str, contract: ContractFile | None) -> Iterator[Issue]:
    """Judge a name once: at the event's own file, or at its contracts where it has none."""
    event = folder.event(f"{domain}.{name}")
    kind = folder.kind(f"{domain}.{name}")
    if folder.names_policy(domain) != "past_tense":
        return
    path = event.path if event is not None else contract.path if contract is not None else folder.root
    problem = kind_name_problem(name, kind, reviewed=True)
    if problem:
        yield Issue(path, "NAME_REFUSED", problem, _advice(kind, name))
        return
    reviewed = event is not None and bool(event.name_reviewed.strip())
    problem = kind_name_problem(name, kind, reviewed=reviewed)
    if problem:
        advice = f'If the name is right, say why in {event_file_name(name)}: name_reviewed = "...".'
        weight = Weight.WARNING if event is None else Weight.ERROR  # what is declared has to be answered
        yield Issue(path, "NAME_ASKED", problem, advice, weight)


def _advice(kind: EventKind, name: str) -> str:
    if kind is EventKind.COMMAND:
        return "Rename it, or give it another kind."
    file = event_file_name(name)
    any_name = 'names = "any" in the [policy] of a domain of shared types'
    return f'Rename the file, or set kind = "type" in {file}, or {any_name}.'


def _type_name_issues(contract: ContractFile, folder: Folder, parsed: Parsed) -> Iterator[Issue]:
    """Compare the name of the type in a schema with the event's; where the policy asks for it, it is an error."""
    names = _TYPE_NAMES[contract.format](contract, parsed)
    if not names or any(_agree(contract, name) for name in names):
        return
    message = f"the type is named {names[0]}, but the contract {contract.subject}"
    own = any(name.rpartition(".")[2] == contract.event for name in names)
    asked = folder.policy_value(contract.domain, "type_names", "") == "event"
    weight = Weight.ERROR if asked and not own else Weight.WARNING
    yield Issue(contract.path, "NAME_DIFFERS", message, _TYPE_ADVICE[contract.format], weight)


def _agree(contract: ContractFile, name: str) -> bool:
    """Whether a type's name is the event's; a JSON Schema's title is written for people, so its letters count.

    Others refer to an Avro type by its full name, and to a Protobuf file by its path.
    """
    if contract.format is Format.JSON:
        return _letters(name) == _letters(contract.event)
    return name == (contract.subject if contract.format is Format.AVRO else contract.event)


def _letters(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum())


def _avro_names(contract: ContractFile, _parsed: Parsed) -> tuple[str, ...]:
    try:
        name = read_unresolved(contract.text).name
    except SchemaError:
        return ()
    return (name,) if name else ()


def _json_names(contract: ContractFile, _parsed: Parsed) -> tuple[str, ...]:
    try:
        schema = json.loads(contract.text)
    except (ValueError, RecursionError):
        return ()
    title = schema.get("title") if isinstance(schema, dict) else None
    return (title,) if isinstance(title, str) and title.strip() else ()


def _protobuf_names(contract: ContractFile, parsed: Parsed) -> tuple[str, ...]:
    """Return the names of the messages at the top of a file; clients take the one with the event's name."""
    schema = parsed.schema(contract)
    if schema is None:
        return ()
    compiled: Any = import_module("moorings_compat.protobuf.compiled")  # the extra is there: the schema is parsed
    return tuple(str(message.name) for message in compiled.file_descriptor(schema).message_type)


_TYPE_NAMES = {Format.AVRO: _avro_names, Format.JSON: _json_names, Format.PROTOBUF: _protobuf_names}
_TYPE_ADVICE = {
    Format.AVRO: "Give the type the domain as its namespace and the event as its name, so that others can refer to it.",
    Format.JSON: "Give the schema the event's name as its title.",
    Format.PROTOBUF: "Give a message of the file the event's name.",
}
