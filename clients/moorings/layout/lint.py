"""Checks a folder of contracts without a registry."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from moorings.layout.contract_file import ContractFile
from moorings.layout.folder import Folder, read_folder
from moorings.layout.issues import Issue, Weight
from moorings.layout.mappings import mapping_issues
from moorings.layout.parsed import Parsed
from moorings_compat import Format, SchemaError
from moorings_compat.avro.unresolved import read_unresolved
from moorings_compat.event_names import past_tense_problem


def lint(root: Path) -> tuple[Folder, list[Issue]]:
    """Check layout, domain files, names, texts, references and ids; return issues sorted by file and line.

    Raises:
        FileNotFoundError: the folder does not exist.
    """
    folder = read_folder(root)
    parsed = Parsed(folder)
    issues = [*folder.issues]
    for contract in folder.contracts:
        parsed.schema(contract)
        issues.extend(_name_issues(contract, folder))
    issues.extend(mapping_issues(folder, parsed))
    issues.extend(parsed.issues)
    issues.extend(_duplicate_issues(folder))
    issues.extend(_shared_id_issues(folder))
    return folder, sorted(issues, key=lambda one: (str(one.file), one.line, one.column, one.code))


def _name_issues(contract: ContractFile, folder: Folder) -> Iterator[Issue]:
    if folder.names_policy(contract.domain) == "past_tense":
        problem = past_tense_problem(contract.event)
        if problem:
            advice = 'Rename the file, or set names = "any" in the [policy] of a domain of shared types.'
            yield Issue(contract.path, "NAME_REFUSED", problem, advice)
    if contract.format is Format.AVRO:
        name = _avro_name(contract.text)
        if name and name != contract.subject:
            message = f"the type is named {name}, but the contract {contract.subject}"
            advice = (
                "Give the type the domain as its namespace and the event as its name, so that others can refer to it."
            )
            yield Issue(contract.path, "NAME_DIFFERS", message, advice, Weight.WARNING)


def _avro_name(text: str) -> str:
    try:
        return read_unresolved(text).name
    except SchemaError:
        return ""


def _duplicate_issues(folder: Folder) -> Iterator[Issue]:
    count = Counter((one.subject, one.major) for one in folder.contracts)
    for contract in folder.contracts:
        if count[contract.subject, contract.major] > 1:
            message = f"another file is {contract.label}, too"
            yield Issue(contract.path, "CONTRACT_TWICE", message, "Keep one format for each major.")


def _shared_id_issues(folder: Folder) -> Iterator[Issue]:
    """Report a `$id` that two contracts have: a reference to it would be ambiguous."""
    claimed: dict[str, ContractFile] = {}
    for contract in folder.contracts:
        own = _json_id(contract)
        if own is None:
            continue
        first = claimed.setdefault(own, contract)
        if first is not contract:
            message = f"the $id {own!r} is also that of {first.path.name} in {first.domain}"
            yield Issue(contract.path, "ID_TWICE", message, "Give every contract an $id of its own, or none.")


def _json_id(contract: ContractFile) -> str | None:
    if contract.format is not Format.JSON:
        return None
    try:
        schema = json.loads(contract.text)
    except (ValueError, RecursionError):
        return None
    own = schema.get("$id", schema.get("id")) if isinstance(schema, dict) else None
    return own if isinstance(own, str) else None
