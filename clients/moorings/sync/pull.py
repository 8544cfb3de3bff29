"""Writes the registry's contracts into a folder, with the lock file that pins them and the cache for starting."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from moorings.api.api import Api
from moorings.api.domain_contracts import DomainContracts, EventContracts, MajorContract
from moorings.api.responses import Version
from moorings.layout import FILE_NAME, Folder, Parsed, file_name, read_folder, split_file_name
from moorings.layout.contract_toml import event_toml, major_toml
from moorings.layout.domain_file import is_domain_name
from moorings.layout.event_file import event_file_name, split_event_file_name
from moorings.layout.json_update import updated_json
from moorings.layout.lock_file import LOCK_NAME, Lock, Pinned
from moorings.layout.major_file import major_file_name
from moorings.layout.references import ContractUse, References
from moorings.layout.toml_reader import did_you_mean
from moorings.layout.toml_text import domain_toml, lock_toml
from moorings.layout.toml_update import TomlInvalid
from moorings.sync.matching import Matching
from moorings.sync.pinning import pin
from moorings.sync.setting_changes import (
    content_changes,
    domain_changes,
    event_changes,
    lifecycle_changes,
    migration_changes,
)
from moorings.sync.synced import SyncedState
from moorings.whole_files import write_whole
from moorings_compat import Format


@dataclass(frozen=True, slots=True)
class PulledFile:
    """The outcome for one file: ``written``, ``changed``, ``unchanged``, or ``kept`` (it has local changes)."""

    path: Path
    action: str
    detail: str = ""


def pull(
    api: Api,
    root: Path,
    domains: Sequence[str] | None = None,
    *,
    force: bool = False,
    synced: SyncedState | None = None,
) -> Iterator[PulledFile]:
    """Write all that the registry has of *domains*, by default of every domain; only what differs is changed.

    A schema with unregistered changes is kept, unless *force*, and so is a file that was edited here where the registry
    is as it was when *synced* was noted. The folder is created if it does not exist.
    """
    root.mkdir(parents=True, exist_ok=True)
    lock = Lock.read(root)
    own = _own_domains(root, lock)
    names = [one.domain for one in api.domains()] if domains is None else list(domains)
    for name in names:
        known = api.contracts(name)
        if known is None:
            yield _unregistered(api, root, name)
            continue
        unchanged = synced.unchanged(known) if synced is not None and not force else frozenset()
        pulling = _Pulling(api, root, known, unchanged, force=force)
        yield from pulling.files()
        lock = lock.with_domain(name, pulling.pinned, consumed=name not in own)
        if synced is not None:
            synced.note(known)
    yield PulledFile(_write_lock(root, lock), "written", _pin_count(len(lock.pinned)))


def _own_domains(root: Path, lock: Lock) -> frozenset[str]:
    """Return the repository's own domains: what `moorings.toml` owns; without it, what began in this folder."""
    folder = read_folder(root)
    if folder.repository.found:
        return frozenset(folder.repository.owns)
    return frozenset(one.domain for one in folder.domains if one.path.is_file()) - frozenset(lock.consumed)


def _unregistered(api: Api, root: Path, name: str) -> PulledFile:
    """Say that the registry does not have a domain; one that the folder has is not pushed yet."""
    if (root / name / FILE_NAME).is_file():
        return PulledFile(root / name, "unchanged", "not registered yet")
    hint = did_you_mean(name, (one.domain for one in api.domains()))
    return PulledFile(root / name, "kept", f"the registry does not have the domain {name}{hint}")


def _pin_count(count: int) -> str:
    return "1 contract pinned" if count == 1 else f"{count} contracts pinned"


class _Pulling:
    """Writes the files of one domain."""

    def __init__(self, api: Api, root: Path, known: DomainContracts, unchanged: frozenset[str], *, force: bool) -> None:
        """*unchanged* names the parts that the registry has as they were last pulled or pushed here."""
        self._api = api
        self._root = root
        self._known = known
        self._unchanged = unchanged
        self._force = force
        self._folder = read_folder(root)
        self._matching = Matching(api, Parsed(self._folder))
        self.pinned: list[Pinned] = []

    def files(self) -> Iterator[PulledFile]:
        """Write each schema, then what is said of majors, events and the domain."""
        for event in self._known.events:
            pin(self._api, self._root, event.subject)
            for major in event.majors:
                written = self._schema(major.version)
                if written.action != "kept":
                    self.pinned.append(_pinned(major.version))
                yield written
                yield from self._major(event, major)
            yield from self._event(event)
        yield self._domain()

    def _schema(self, version: Version) -> PulledFile:
        path = path_of(self._root, version)
        if path is None:
            return PulledFile(self._root / version.subject, "kept", "its subject cannot be a file name")
        known = self._folder.contract(version.subject, version.major)
        before = ""
        if known is not None and known.path == path:
            held = self._matching.version(known)
            if held is not None and held.version == version.version:
                return PulledFile(path, "unchanged", version.label)
            if held is None and not self._force:
                return PulledFile(path, "kept", "local changes are not registered; --force overwrites them")
            before = known.text
        _write(path, pretty(version.schema, version.format, before))
        return PulledFile(path, "written" if known is None else "changed", version.label)

    def _major(self, event: EventContracts, major: MajorContract) -> Iterator[PulledFile]:
        """Write the file of a major, where there is something to say or there is one."""
        if path_of(self._root, major.version) is None:
            return
        domain, _, name = event.subject.rpartition(".")
        path = self._root / domain / major_file_name(name, major.major)
        file = self._folder.major(event.subject, major.major)
        changes = {
            "lifecycle": lifecycle_changes(file, major),
            "rules": content_changes(file, major),
            "migration": migration_changes(file, major),
        }
        if not any(one.key != "migration" or one.registry is not None for found in changes.values() for one in found):
            if path.is_file():
                yield PulledFile(path, "unchanged")
            return
        lifecycle = dict(major.lifecycle)
        if file is not None and file.lifecycle is not None and "from" not in file.lifecycle:
            lifecycle.pop("from", None)  # the registry fills it in; whoever left it out does not care
        content = (lifecycle, major.version.metadata, major.version.rule_set, major.migration)
        part = f"{event.subject} v{major.major}"
        differs = [f"{part} {name}" for name, found in changes.items() if found]
        edited = file is not None and path.is_file() and not self._unchanged.isdisjoint(differs)
        yield self._update(path, lambda before: major_toml(*content, before), edited=edited)

    def _event(self, event: EventContracts) -> Iterator[PulledFile]:
        domain, _, name = event.subject.rpartition(".")
        declaration = event.declaration
        if declaration is None or split_event_file_name(event_file_name(name)) is None:
            return
        path = self._root / domain / event_file_name(name)
        file = self._folder.event(event.subject)
        if file is not None and not event_changes(file, event):
            yield PulledFile(path, "unchanged")
        else:
            edited = file is not None and event.subject in self._unchanged
            yield self._update(path, lambda before: event_toml(declaration, before), edited=edited)

    def _domain(self) -> PulledFile:
        """Bring `domain.toml` up to the registry, with a line for every reference that the texts do not explain."""
        domain = self._known.domain
        path = self._root / domain.domain / FILE_NAME
        references = _unexplained(self._api, self._root, self._known)
        file = self._folder.domain(domain.domain)
        there = file is not None and file.path.is_file()
        differs = bool(domain_changes(file, domain)) if file is not None and there else False
        if there and not references and not differs:
            return PulledFile(path, "unchanged")
        edited = differs and domain.domain in self._unchanged
        return self._update(path, lambda before: domain_toml(domain, references, before), edited=edited)

    def _update(self, path: Path, text_of: Callable[[str], str], *, edited: bool) -> PulledFile:
        """Bring a TOML file up to the registry; one that was edited here, or is not TOML, is kept, unless forced."""
        before = path.read_text("utf-8", "replace") if path.is_file() else ""
        try:
            text = text_of(before)
        except TomlInvalid as error:
            if not self._force:
                return PulledFile(path, "kept", f"not valid TOML: {error}; --force overwrites it")
            text = text_of("")
        if edited:
            return PulledFile(path, "kept", "local changes are not pushed; --force overwrites them")
        if text == before:
            return PulledFile(path, "unchanged")
        _write(path, text)
        return PulledFile(path, "changed" if before else "written")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _write_lock(root: Path, lock: Lock) -> Path:
    """Write the lock file as a whole, or not at all; return its path."""
    path = root / LOCK_NAME
    write_whole(path, lock_toml(lock))
    return path


def _unexplained(api: Api, root: Path, known: DomainContracts) -> dict[str, dict[str, tuple[str, int]]]:
    folder: Folder = read_folder(root)
    references = References(folder)
    tables: dict[str, dict[str, tuple[str, int]]] = {}
    for version in (major.version for event in known.events for major in event.majors):
        contract = folder.contract(version.subject, version.major)
        if contract is None:
            continue
        uses = {use.name: use for use in references.uses(contract)}
        for reference in version.references:
            use = uses.get(reference.name, ContractUse(reference.name))
            if use.subject != reference.subject:
                target = api.version(reference.subject, reference.version)
                tables.setdefault(contract.path.name, {})[reference.name] = (target.subject, target.major)
    return tables


def _pinned(version: Version) -> Pinned:
    return Pinned(
        version.subject,
        version.major,
        version.version,
        version.label,
        version.id,
        str(version.guid),
        version.json_fields if version.format is Format.JSON else "",
    )


def path_of(root: Path, version: Version) -> Path | None:
    """Return the path of a version's file; None for a subject that cannot be a file name."""
    domain, _, event = version.subject.rpartition(".")
    name = file_name(event, version.major, version.format)
    return root / domain / name if is_domain_name(domain) and split_file_name(name) is not None else None


def pretty(text: str, format: Format, before: str = "") -> str:
    """Format a schema for reading, as its file *before* was formatted; a `.proto` stays as its author wrote it."""
    if format is Format.PROTOBUF:
        return text if text.endswith("\n") else text + "\n"
    return updated_json(before, json.loads(text))
