"""Writing TOML: a domain's own file, whose comments and order are kept, and the lock file. Needs the extra `cli`."""

from collections.abc import Mapping, MutableMapping
from dataclasses import asdict
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from moorings.api.responses import Domain
from moorings.layout.lock_file import FORMAT_VERSION, Lock
from moorings.layout.toml_update import TomlInvalid

_LOCK_COMMENTS = (
    "Written by `moorings pull`: the version of each contract in this folder. Do not edit.",
    "A guid is a digest of the contract's content, the same in every registry.",
)

ReferenceTable = Mapping[str, Mapping[str, tuple[str, int]]]
"""By file and by name, the subject and major that a name means."""


def domain_toml(domain: Domain, references: ReferenceTable, before: str = "") -> str:
    """Write a `domain.toml`, or bring the text *before* up to *domain*: only what differs is changed.

    Comments, order and references that *before* has are kept; references are added.

    Raises:
        TomlInvalid: *before* is not TOML.
    """
    try:
        document = tomlkit.parse(before)
        _put(document, "owner", domain.owner)
        _put(document, "contacts", list(domain.contacts))
        _put(document, "description", domain.description)
        if domain.policy or "policy" in document:
            _put_policy(_table(document, "policy"), domain.policy)
        for file, names in sorted(references.items()):
            known = _table(_table(document, "references", is_super_table=True), file)
            for name, (subject, major) in sorted(names.items()):
                _put(known, name, {"subject": subject, "major": major})
    except TOMLKitError as error:
        raise TomlInvalid(str(error)) from None
    return tomlkit.dumps(document)


def lock_toml(lock: Lock) -> str:
    """Write the lock file."""
    document = tomlkit.document()
    for line in _LOCK_COMMENTS:
        document.add(tomlkit.comment(line))
    document["version"] = FORMAT_VERSION
    if lock.consumed:
        document["consumed"] = list(lock.consumed)
    tables = tomlkit.aot()
    for one in lock.pinned:
        table = tomlkit.table()
        table.update({name: value for name, value in asdict(one).items() if value != ""})
        tables.append(table)
    if tables:
        document["contract"] = tables
    return tomlkit.dumps(document)


def _put_policy(table: MutableMapping[str, Any], policy: Mapping[str, Any]) -> None:
    for key in [key for key in table if key not in policy]:
        del table[key]
    for key, value in sorted(policy.items()):
        _put(table, key, value)


def _put(table: MutableMapping[str, Any], key: str, value: Any) -> None:
    """Set *key* where it differs; an empty list or text that nobody wrote stays unwritten."""
    if key in table and table[key] == value:
        return
    if key not in table and value in ("", []):
        return
    if isinstance(value, dict):
        inline = tomlkit.inline_table()
        inline.update(value)
        value = inline
    table[key] = value


def _table(parent: MutableMapping[str, Any], key: str, *, is_super_table: bool = False) -> MutableMapping[str, Any]:
    """Return the table at *key*; a new one in place of anything else."""
    if not isinstance(parent.get(key), MutableMapping):
        parent[key] = tomlkit.table(is_super_table=is_super_table)
    found: MutableMapping[str, Any] = parent[key]
    return found
