"""Documentation of events and fields, asked for where it is added or changed and nowhere else."""

from collections.abc import Callable, Iterator

from moorings.event_model.event_formats import event_model_of
from moorings.event_model.model import EventField, EventModel, RecordType, TypeReference
from moorings.layout.contract_file import ContractFile
from moorings.layout.event_file import event_file_name
from moorings.layout.folder import Folder
from moorings.layout.issues import Issue, Weight
from moorings.layout.major_lint import field_line
from moorings.layout.parsed import Parsed
from moorings_compat import Format, Schema
from moorings_compat.event_names import EventKind

Earlier = Callable[[ContractFile], Schema | None]
"""Returns the schema that a contract had before; None for one that is new."""

_WORDS = {Format.AVRO: "doc", Format.JSON: "description", Format.PROTOBUF: "comment"}


def documentation_issues(folder: Folder, parsed: Parsed, earlier: Earlier) -> Iterator[Issue]:
    """Yield each event and field that was added or changed since *earlier* and is not documented."""
    for contract in folder.contracts:
        schema = parsed.schema(contract)
        if schema is None:
            continue
        before = earlier(contract)
        if before is not None and before.text == schema.text:
            continue
        model = event_model_of(schema, contract.event, docs=True)
        known = _fields(event_model_of(before, contract.event)) if before is not None else {}
        if before is None:
            yield from _event_issues(contract, folder, model)
            yield from _undeclared(contract, folder)
        yield from _field_issues(contract, model, known)


def _event_issues(contract: ContractFile, folder: Folder, model: EventModel) -> Iterator[Issue]:
    event = folder.event(contract.subject)
    root = model.named.get(model.root.name) if isinstance(model.root, TypeReference) else None
    if (event is not None and event.description.strip()) or (root is not None and root.doc.strip()):
        return
    advice = f'Write description = "..." in {event_file_name(contract.event)}, or a {_WORDS[contract.format]}.'
    yield Issue(contract.path, "DOC_MISSING", f"{contract.event} is new, and not described", advice, Weight.WARNING)


def _undeclared(contract: ContractFile, folder: Folder) -> Iterator[Issue]:
    """Ask for the event file of a new fact, where the policy does not do without."""
    is_first = all(one.major >= contract.major for one in folder.contracts if one.subject == contract.subject)
    if is_first and folder.event(contract.subject) is None and folder.is_complete(contract.domain):
        if folder.kind(contract.subject) is not EventKind.FACT:
            return
        message = f"{contract.event} is new, and has no {event_file_name(contract.event)}"
        advice = "Say in it how the event is replayed and identified, and what is expected; or set complete = false."
        yield Issue(contract.path, "EVENT_INCOMPLETE", message, advice, Weight.WARNING)


def _field_issues(
    contract: ContractFile, model: EventModel, known: dict[tuple[str, str], EventField]
) -> Iterator[Issue]:
    word = _WORDS[contract.format]
    for (record, name), field in _fields(model).items():
        before = known.get((record, name))
        line = field_line(contract, name)
        if before == field or field.doc.strip() or not line:  # no line: it belongs to a contract that this one uses
            continue
        done = "is new" if before is None else "was changed"
        message = f"the field {name!r} {done}, and has no {word}"
        yield Issue(
            contract.path, "DOC_MISSING", message, f"Say what it means in its {word}.", Weight.WARNING, line=line
        )


def _fields(model: EventModel) -> dict[tuple[str, str], EventField]:
    """Return the fields of the contract's own records; those of other contracts are documented there."""
    records = [one for one in model.reached().values() if isinstance(one, RecordType)]
    return {(record.name, field.name): field for record in records for field in record.fields}
