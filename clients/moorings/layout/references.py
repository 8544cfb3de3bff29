"""Finds the contracts of a folder that a contract's text refers to, without compiling it.

- **Avro**: a full name that the text does not define is the contract with this subject, else the one that defines it.
- **JSON Schema**: ``"$ref": "moorings:shop.types.Address"``, or ``...Address.v2``, is that contract. Any other is
  resolved against the `$id` around it, and is the contract with this `$id`, for itself or for a part of it; else,
  where it is relative, the file at that path from the file's own folder.
- **Protobuf**: ``import "shop.types/Money.v1.proto"`` is the file at that path: from the folder of contracts, from the
  file's own folder, or from a root that `moorings.toml` names.

A table in `domain.toml`, ``[references."OrderPlaced.v1.avsc"]``, goes first; it names what the folder does not have.
Nothing is fetched, and no path leads out of the folder.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath

from moorings.layout.contract_file import ContractFile, file_name, split_file_name
from moorings.layout.domain_file import ExternalReference
from moorings.layout.folder import Folder
from moorings.layout.paths_within import is_within, path_within
from moorings.layout.toml_reader import did_you_mean
from moorings.layout.used_names import Names, UsedName, names_in
from moorings_compat import Format
from moorings_compat.avro.names import PRIMITIVES

_SUBJECT_URI = re.compile(r"moorings:(?P<subject>[A-Za-z0-9_.-]+?)(?:\.v(?P<major>[1-9][0-9]{0,5}))?")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_DECLARE = "add it, or name it in domain.toml under [references]"


@dataclass(frozen=True, slots=True)
class ContractUse:
    """One name in a text, and the contract that it means; `problem` says why it means none."""

    name: str
    subject: str = ""
    major: int = 0
    external: bool = False
    """The folder does not have the contract; the registry may."""
    problem: str = ""
    written: str = ""
    """As the text has it: a `$ref` with its fragment."""
    place: str = ""
    """A JSON Pointer, or ``line 3, column 8``; empty where it is not known."""


class References:
    """Finds what the contracts of one folder use; an index of what they are called is made when it is first needed."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def uses(self, contract: ContractFile) -> tuple[ContractUse, ...]:
        """Find what *contract* uses, each name once, in the order of the text; nothing for one that cannot be read."""
        domain = self._folder.domain(contract.domain)
        declared = dict(domain.references.get(contract.path.name, {})) if domain else {}
        return tuple(self._use(one, contract, declared) for one in self._names(contract).used)

    def _use(self, used: UsedName, contract: ContractFile, declared: Mapping[str, ExternalReference]) -> ContractUse:
        for name in (used.name, used.written, used.written.partition("#")[0]):
            if name in declared:
                target = declared[name]
                known = self._folder.contract(target.subject, target.major)
                called = replace(used, name=name)  # as the registry may have it
                return _use_of(called, target.subject, target.major, external=known is None)
        found = {Format.AVRO: self._type, Format.JSON: self._document, Format.PROTOBUF: self._import}[contract.format]
        return found(used, contract)

    def _type(self, used: UsedName, contract: ContractFile) -> ContractUse:
        majors = self._majors(used.name, None)
        if majors:
            return self._one_of(used, majors)
        if used.name in self._defining:
            return self._one_of(used, self._defining[used.name])
        # A name without a dot is in the namespace around it by now, and was perhaps to be a type of Avro.
        hint = did_you_mean(used.name.rpartition(".")[2], PRIMITIVES) or did_you_mean(
            used.name, [*self._defining, *(one.subject for one in self._folder.contracts)]
        )
        if "." not in used.name:
            problem = f"not a type of Avro, and neither the text nor a file of the folder defines it{hint}"
            return _use_of(used, problem=problem)
        problem = f"no contract of the folder has this subject or defines this type{hint}"
        return _use_of(used, problem=f"{problem}; {_DECLARE}")

    def _document(self, used: UsedName, contract: ContractFile) -> ContractUse:
        match = _SUBJECT_URI.fullmatch(used.name)
        if match:
            majors = self._majors(match["subject"], int(match["major"]) if match["major"] else None)
            return self._one_of(used, majors) if majors else self._unknown_subject(used, match["subject"])
        if used.uri in self._identified:
            return self._one_of(used, self._identified[used.uri])
        if _URI.match(used.written):
            return self._unknown_address(used)
        return self._by_path(used, contract, [(PurePosixPath(contract.domain), "the file's folder")], is_uri=True)

    def _import(self, used: UsedName, contract: ContractFile) -> ContractUse:
        starts = [(PurePosixPath(), "the folder of contracts"), (PurePosixPath(contract.domain), "the file's folder")]
        return self._by_path(used, contract, starts, is_uri=False)

    def _by_path(
        self, used: UsedName, contract: ContractFile, starts: list[tuple[PurePosixPath, str]], *, is_uri: bool
    ) -> ContractUse:
        written = used.written.partition("#")[0] if is_uri else used.written
        paths = [path_within(start, written, is_uri=is_uri) for start, _ in starts]
        if contract.format is Format.PROTOBUF:
            own_name = self._folder.root.absolute().name
            roots = self._folder.repository.import_roots
            paths.extend(_below_root(used.name, PurePosixPath(root), own_name) for root in roots)
        inside = list(dict.fromkeys(path for path in paths if path is not None))
        for path in inside:
            target = self._at(path)
            if target is contract:
                own = f"write '#{used.written.partition('#')[2]}'" if is_uri else "remove the import"
                return _use_of(used, problem=f"this is the file itself: {own}")
            if target is not None:
                return _use_of(used, target.subject, target.major)
        return _use_of(used, problem=self._not_found(used, inside, contract.format))

    def _not_found(self, used: UsedName, inside: list[PurePosixPath], format: Format) -> str:
        if not inside:
            return "the path leads out of the folder of contracts, and nothing outside of it is read"
        for path in inside:
            file = self._folder.root / path
            if is_within(file, self._folder.root) and file.is_file():
                named = file_name("Name", 1, format)
                return f"{path} is in the folder, and its name is not that of a contract: name it DOMAIN/{named}"
        hint = did_you_mean(str(inside[-1]), self._paths)
        looked = " and ".join(map(str, inside))
        also = f", and no $id is {used.uri!r}" if used.uri else ""
        return f"file not found in the folder (looked for {looked}{also}){hint}"

    def _unknown_subject(self, used: UsedName, subject: str) -> ContractUse:
        hint = did_you_mean(subject, {one.subject for one in self._folder.contracts})
        return _use_of(used, problem=f"no such contract in the folder{hint}; {_DECLARE}")

    def _unknown_address(self, used: UsedName) -> ContractUse:
        hint = did_you_mean(used.uri, self._identified)
        problem = f"no contract of the folder has the $id {used.uri!r}{hint}; nothing is fetched"
        return _use_of(
            used, problem=f"{problem}: add the file that has it, or name it in domain.toml under [references]"
        )

    def _majors(self, subject: str, major: int | None) -> list[ContractFile]:
        return [one for one in self._folder.contracts if one.subject == subject and major in (None, one.major)]

    def _one_of(self, used: UsedName, found: list[ContractFile]) -> ContractUse:
        if len(found) == 1:
            return _use_of(used, found[0].subject, found[0].major)
        if len({one.subject for one in found}) == 1:
            known = ", ".join(str(one.major) for one in found)
            problem = f"ambiguous, the folder has majors {known}: name one in domain.toml under [references]"
            return _use_of(used, problem=problem)
        known = ", ".join(one.label for one in found)
        return _use_of(used, problem=f"ambiguous, it is in {known}: name one in domain.toml under [references]")

    def _at(self, path: PurePosixPath) -> ContractFile | None:
        named = split_file_name(path.name) if len(path.parts) == 2 else None
        return self._folder.contract(f"{path.parts[0]}.{named[0]}", named[1]) if named is not None else None

    def _names(self, contract: ContractFile) -> Names:
        return names_in(contract.text, contract.format, self._folder.json_dialect(contract.domain))

    @cached_property
    def _paths(self) -> list[str]:
        return [f"{one.domain}/{one.path.name}" for one in self._folder.contracts]

    @cached_property
    def _identified(self) -> dict[str, list[ContractFile]]:
        return self._called(
            one
            for one in self._folder.contracts
            if one.format is Format.JSON and ('"$id"' in one.text or '"id"' in one.text)
        )

    @cached_property
    def _defining(self) -> dict[str, list[ContractFile]]:
        return self._called(one for one in self._folder.contracts if one.format is Format.AVRO)

    def _called(self, contracts: Iterable[ContractFile]) -> dict[str, list[ContractFile]]:
        called: dict[str, list[ContractFile]] = {}
        for contract in contracts:
            for name in self._names(contract).own:
                called.setdefault(name, []).append(contract)
        return called


def _use_of(
    used: UsedName, subject: str = "", major: int = 0, *, external: bool = False, problem: str = ""
) -> ContractUse:
    return ContractUse(used.name, subject, major, external, problem, used.written, used.place)


def _below_root(written: str, root: PurePosixPath, own_name: str) -> PurePosixPath | None:
    """Return a path in the folder of contracts, called *own_name*, from one that begins at *root* of the repository."""
    whole = path_within(root, written)
    if whole is None or whole.parts[:1] != (own_name,):
        return None
    return PurePosixPath(*whole.parts[1:])
