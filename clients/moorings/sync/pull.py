"""Writes the registry's contracts into a folder, with the lock file that pins them and the cache for starting."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from moorings.api.api import Api
from moorings.api.responses import Domain, Version
from moorings.layout import FILE_NAME, Parsed, file_name, read_folder, split_file_name
from moorings.layout.domain_file import is_domain_name
from moorings.layout.lock_file import LOCK_NAME, Lock, Pinned
from moorings.layout.references import ContractUse, uses_of
from moorings.layout.toml_text import TomlInvalid, domain_toml, lock_toml
from moorings.sync.matching import Matching
from moorings.sync.pinning import pin
from moorings_compat import Format


@dataclass(frozen=True, slots=True)
class PulledFile:
    """The outcome for one file: ``written``, ``changed``, ``unchanged``, or ``kept`` (it has local changes)."""

    path: Path
    action: str
    detail: str = ""


def pull(api: Api, root: Path, domains: tuple[str, ...] = (), *, force: bool = False) -> Iterator[PulledFile]:
    """Write the latest revision of every major, of all domains or of *domains*.

    A file with unregistered changes is kept, unless *force*. The folder is created if it does not exist.
    """
    root.mkdir(parents=True, exist_ok=True)
    matching = Matching(api, Parsed(read_folder(root)))
    lock = Lock.read(root)
    chosen = [domain for domain in api.domains() if not domains or domain.domain in domains]
    for domain in chosen:
        pulled = list(_latest(api, root, domain))
        pinned = []
        for version in pulled:
            written = _pull_contract(matching, root, version, force=force)
            if written.action != "kept":
                pinned.append(_pinned(version))
            yield written
        yield _pull_domain(api, root, domain, pulled, force=force)
        lock = lock.with_domain(domain.domain, pinned)
    yield PulledFile(_write_lock(root, lock), "written", f"{len(lock.pinned)} contracts pinned")


def _latest(api: Api, root: Path, domain: Domain) -> Iterator[Version]:
    """Yield the latest revision of each major of a domain's own events, and pin all of their revisions."""
    for event in api.events(domain.domain):
        if event.domain == domain.domain:
            pin(api, root, event)
            for major in event.majors:
                if major.latest is not None:
                    yield api.version(event.subject, major.latest.version)


def _pull_contract(matching: Matching, root: Path, version: Version, *, force: bool) -> PulledFile:
    path = path_of(root, version)
    if path is None:
        return PulledFile(root / version.subject, "kept", "its subject cannot be a file name")
    known = matching.parsed.folder.contract(version.subject, version.major)
    if known is not None and known.path == path:
        held = matching.version(known)
        if held is not None and held.version == version.version:
            return PulledFile(path, "unchanged", version.label)
        if held is None and not force:
            return PulledFile(path, "kept", "local changes are not registered; --force overwrites them")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(pretty(version.schema, version.format), "utf-8")
    return PulledFile(path, "written" if known is None else "changed", version.label)


def _pull_domain(api: Api, root: Path, domain: Domain, pulled: list[Version], *, force: bool) -> PulledFile:
    """Bring `domain.toml` up to the registry, with a line for every reference that the texts do not explain."""
    path = root / domain.domain / FILE_NAME
    references = _unexplained(api, root, pulled)
    before = path.read_text("utf-8", "replace") if path.is_file() else ""
    try:
        text = domain_toml(domain, references, before)
    except TomlInvalid as error:
        if not force:
            return PulledFile(path, "kept", f"not valid TOML: {error}; --force overwrites it")
        text = domain_toml(domain, references)
    if text == before:
        return PulledFile(path, "unchanged")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return PulledFile(path, "changed" if before else "written")


def _write_lock(root: Path, lock: Lock) -> Path:
    """Write the lock file as a whole, or not at all; return its path."""
    path = root / LOCK_NAME
    draft = root / f".{LOCK_NAME}.{os.getpid()}"
    draft.write_text(lock_toml(lock.pinned), "utf-8")
    draft.replace(path)
    return path


def _unexplained(api: Api, root: Path, pulled: list[Version]) -> dict[str, dict[str, tuple[str, int]]]:
    folder = read_folder(root)
    tables: dict[str, dict[str, tuple[str, int]]] = {}
    for version in pulled:
        contract = folder.contract(version.subject, version.major)
        if contract is None:
            continue
        uses = {use.name: use for use in uses_of(contract, folder)}
        for reference in version.references:
            use = uses.get(reference.name, ContractUse(reference.name))
            if use.subject != reference.subject:
                target = api.version(reference.subject, reference.version)
                tables.setdefault(contract.path.name, {})[reference.name] = (target.subject, target.major)
    return tables


def _pinned(version: Version) -> Pinned:
    return Pinned(version.subject, version.major, version.version, version.label, version.id, str(version.guid))


def path_of(root: Path, version: Version) -> Path | None:
    """Return the path of a version's file; None for a subject that cannot be a file name."""
    domain, _, event = version.subject.rpartition(".")
    name = file_name(event, version.major, version.format)
    return root / domain / name if is_domain_name(domain) and split_file_name(name) is not None else None


def pretty(text: str, format: Format) -> str:
    """Format a schema for reading; a `.proto` stays as its author wrote it."""
    if format is Format.PROTOBUF:
        return text if text.endswith("\n") else text + "\n"
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
