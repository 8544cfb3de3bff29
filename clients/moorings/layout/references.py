"""Finds the references in a contract's text without compiling it.

| format | what the text says | what it means |
|---|---|---|
| Avro | a type's full name that the text does not define | the contract whose subject is that name |
| JSON Schema | ``"$ref": "moorings:shop.types.Address"`` or ``...Address.v2``, or a relative path | that contract |
| Protobuf | ``import "shop.types/Money.v1.proto"`` | the file at that path, from the folder of contracts |

A table in `domain.toml`, ``[references."OrderPlaced.v1.avsc"]``, goes first; it names what the folder does not have.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from moorings.layout.contract_file import ContractFile, split_file_name
from moorings.layout.domain_file import ExternalReference
from moorings.layout.folder import Folder
from moorings_compat import Format, SchemaError
from moorings_compat.avro.unresolved import read_unresolved

_SUBJECT_URI = re.compile(r"moorings:(?P<subject>[A-Za-z0-9_.-]+?)(?:\.v(?P<major>[1-9][0-9]{0,5}))?")
_IMPORT = re.compile(r"""\bimport\s+(?:public\s+|weak\s+|option\s+)?(?P<quote>["'])(?P<path>[^"'\n]+)(?P=quote)\s*;""")
_COMMENT = re.compile(r"""//[^\n]*|/\*.*?\*/|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""", re.DOTALL)
_BUILT_IN_IMPORTS = ("google/protobuf/", "google/type/", "confluent/")


@dataclass(frozen=True, slots=True)
class ContractUse:
    """One name in a text, and the contract that it means; `problem` says why it means none."""

    name: str
    subject: str = ""
    major: int = 0
    external: bool = False
    """The folder does not have the contract; the registry may."""
    problem: str = ""


def uses_of(contract: ContractFile, folder: Folder) -> tuple[ContractUse, ...]:
    """Find what *contract* uses, each name once, in the order of the text; nothing for a text that cannot be read."""
    domain = folder.domain(contract.domain)
    declared = dict(domain.references.get(contract.path.name, {})) if domain else {}
    names = dict.fromkeys(_used_names(contract))
    return tuple(_contract_use(name, contract, folder, declared) for name in names)


def _used_names(contract: ContractFile) -> Iterator[str]:
    if contract.format is Format.PROTOBUF:
        text = _COMMENT.sub(lambda match: match[1] or " ", contract.text)
        paths = (match["path"] for match in _IMPORT.finditer(text))
        yield from (path for path in paths if not path.startswith(_BUILT_IN_IMPORTS))
        return
    if contract.format is Format.AVRO:
        try:
            yield from read_unresolved(contract.text).undefined
        except SchemaError:
            return
    else:
        try:
            schema = json.loads(contract.text)
        except (ValueError, RecursionError):
            return
        yield from _json_names(schema)


def _json_names(schema: Any) -> Iterator[str]:
    """Yield what `$ref`s name outside the document, without their fragments."""
    own: set[str] = set()
    found: list[str] = []
    waiting = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, Mapping):
            own.update(value for key in ("$id", "id") if isinstance(value := one.get(key), str))
            reference = one.get("$ref")
            if isinstance(reference, str):
                found.append(reference.partition("#")[0])
            waiting.extend(reversed([value for key, value in one.items() if key not in ("enum", "const", "examples")]))
    for base in found:
        if base and base not in own and "json-schema.org/" not in base:
            yield base


def _contract_use(
    name: str, contract: ContractFile, folder: Folder, declared: Mapping[str, ExternalReference]
) -> ContractUse:
    if name in declared:
        target = declared[name]
        known = folder.contract(target.subject, target.major)
        return ContractUse(name, target.subject, target.major, external=known is None)
    if contract.format is Format.AVRO and "." not in name:
        return ContractUse(name, problem="not a type of Avro, and nothing in the text defines it")
    if contract.format is Format.AVRO:
        return _by_subject(name, name, None, folder)
    if contract.format is Format.PROTOBUF:
        return _by_path(name, PurePosixPath(name), folder)
    match = _SUBJECT_URI.fullmatch(name)
    if match:
        return _by_subject(name, match["subject"], int(match["major"]) if match["major"] else None, folder)
    if ":" in name:
        return ContractUse(
            name, problem="URLs are never fetched: write moorings:SUBJECT, or a path to a file of this folder"
        )
    return _by_path(name, PurePosixPath(contract.domain) / name, folder)


def _by_subject(name: str, subject: str, major: int | None, folder: Folder) -> ContractUse:
    majors = [one.major for one in folder.contracts if one.subject == subject and major in (None, one.major)]
    if len(majors) == 1:
        return ContractUse(name, subject, majors[0])
    if majors:
        known = ", ".join(map(str, majors))
        problem = f"ambiguous, the folder has majors {known}: name one in domain.toml under [references]"
        return ContractUse(name, problem=problem)
    return ContractUse(name, problem="not in the folder: add it, or name it in domain.toml under [references]")


def _by_path(name: str, path: PurePosixPath, folder: Folder) -> ContractUse:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts:
            parts.pop()
        elif part != ".":
            parts.append(part)
    named = split_file_name(parts[-1]) if len(parts) == 2 else None
    if named is not None:
        subject = f"{parts[0]}.{named[0]}"
        if folder.contract(subject, named[1]) is not None:
            return ContractUse(name, subject, named[1])
    return ContractUse(name, problem="file not found in the folder")
