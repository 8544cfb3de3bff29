"""Checks a folder of contracts without a registry."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from moorings.layout.contract_file import ContractFile
from moorings.layout.documentation_lint import Earlier, documentation_issues
from moorings.layout.event_lint import event_issues
from moorings.layout.folder import Folder, read_folder
from moorings.layout.issues import Issue, Weight
from moorings.layout.major_lint import major_issues
from moorings.layout.mappings import mapping_issues
from moorings.layout.naming_lint import naming_issues
from moorings.layout.parsed import Parsed
from moorings.layout.toml_reader import did_you_mean
from moorings_compat import DEFAULT_LIMITS, LARGEST_LIMITS, Format


def lint(root: Path, earlier: Earlier | None = None) -> tuple[Folder, list[Issue]]:
    """Check layout, every file, names, texts, references and ids; return issues sorted by file and line.

    With *earlier*, documentation is asked for where something was added or changed since.

    Raises:
        FileNotFoundError: the folder does not exist.
    """
    folder = read_folder(root)
    parsed = Parsed(folder)
    issues = [*folder.issues]
    for contract in folder.contracts:
        parsed.schema(contract)
    for check in (naming_issues, event_issues, major_issues, mapping_issues):
        issues.extend(check(folder, parsed))
    if earlier is not None:
        issues.extend(documentation_issues(folder, parsed, earlier))
    issues.extend(parsed.issues)
    issues.extend(_absent_issues(folder))
    issues.extend(_duplicate_issues(folder))
    issues.extend(_shared_id_issues(folder))
    issues.extend(_large_issues(folder))
    return folder, sorted(issues, key=lambda one: (str(one.file), one.line, one.column, one.code))


def _absent_issues(folder: Folder) -> Iterator[Issue]:
    """Report an owned domain that has no folder: a check would pass, since it has nothing to look at."""
    known = [one.domain for one in folder.domains]
    for name in folder.repository.owns:
        if name not in known:
            hint = did_you_mean(name, known)
            message = f"owns {name}, and {folder.root / name} is missing{hint}"
            advice = "Write the folder's name in owns, add the folder, or write it again: moorings pull."
            yield Issue(folder.repository.path, "REPOSITORY_FILE_INVALID", message, advice, place="owns")


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


def _large_issues(folder: Folder) -> Iterator[Issue]:
    """Name the contracts that a registry may refuse for their size; it alone knows how much it takes."""
    usual = DEFAULT_LIMITS.size_bytes
    for contract in folder.contracts:
        size = len(contract.text.encode())
        if usual < size <= LARGEST_LIMITS.size_bytes:
            message = f"{size:,} bytes; a registry takes {usual:,} unless its operator allows more (--schema-bytes)"
            advice = "Move parts of it into contracts of their own, or ask the operator of the registry."
            yield Issue(contract.path, "SCHEMA_LARGE", message, advice, Weight.WARNING)


def _json_id(contract: ContractFile) -> str | None:
    if contract.format is not Format.JSON:
        return None
    try:
        schema = json.loads(contract.text)
    except (ValueError, RecursionError):
        return None
    own = schema.get("$id", schema.get("id")) if isinstance(schema, dict) else None
    return own if isinstance(own, str) else None
