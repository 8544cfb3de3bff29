"""Writing the registry's contracts into a folder, the lock file that pins them, and what a service starts with."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from moorings.api.api import Api
from moorings.api.responses import Domain, Version
from moorings.layout import FILE_NAME, Parsed, file_name, read_folder, split_file_name
from moorings.layout.domain_file import is_domain_name
from moorings.layout.lock_file import Lock, Pinned
from moorings.layout.references import Use, uses_of
from moorings.layout.toml_text import domain_toml
from moorings.sync.matching import Matching
from moorings.sync.pinning import pin
from moorings_compat import Format


@dataclass(frozen=True, slots=True)
class Written:
    """What happened to one file: ``written``, ``changed``, ``unchanged``, or ``kept`` (it has changes of its own)."""

    path: Path
    action: str
    detail: str = ""


def pull(api: Api, root: Path, domains: tuple[str, ...] = (), *, force: bool = False) -> Iterator[Written]:
    """Write the latest revision of every major, of all domains or of *domains*.

    A file that holds what the registry never had is kept, unless *force*. The folder is made if it is not there.
    """
    root.mkdir(parents=True, exist_ok=True)
    matching = Matching(api, Parsed(read_folder(root)))
    lock = Lock.read(root)
    chosen = [domain for domain in api.domains() if not domains or domain.domain in domains]
    for domain in chosen:
        pulled = list(_latest(api, root, domain))
        pinned = []
        for version in pulled:
            written = _contract(matching, root, version, force=force)
            if written.action != "kept":
                pinned.append(_pinned(version))
            yield written
        yield _domain(api, root, domain, pulled)
        lock = lock.with_domain(domain.domain, pinned)
    yield Written(lock.write(root), "written", f"{len(lock.pinned)} contracts pinned")


def _latest(api: Api, root: Path, domain: Domain) -> Iterator[Version]:
    """Yield the latest revision of each major of a domain's own events, and pin all of their revisions."""
    for event in api.events(domain.domain):
        if event.domain == domain.domain:
            pin(api, root, event)
            for major in event.majors:
                if major.latest is not None:
                    yield api.version(event.subject, major.latest.version)


def _contract(matching: Matching, root: Path, version: Version, *, force: bool) -> Written:
    path = path_of(root, version)
    if path is None:
        return Written(root / version.subject, "kept", "its name cannot be that of a file in this layout")
    known = matching.parsed.folder.contract(version.subject, version.major)
    if known is not None and known.path == path:
        held = matching.version(known)
        if held is not None and held.version == version.version:
            return Written(path, "unchanged", version.label)
        if held is None and not force:
            return Written(path, "kept", "it has changes that are not registered; --force overwrites them")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(pretty(version.schema, version.format), "utf-8")
    return Written(path, "written" if known is None else "changed", version.label)


def _domain(api: Api, root: Path, domain: Domain, pulled: list[Version]) -> Written:
    """Write `domain.toml`, with a line for every reference that the texts do not explain by themselves."""
    path = root / domain.domain / FILE_NAME
    text = domain_toml(domain, _unexplained(api, root, pulled))
    before = path.read_text("utf-8") if path.is_file() else None
    if before is not None:
        known = next((one for one in read_folder(root).domains if one.domain == domain.domain), None)
        settings = (domain.owner, domain.contacts, domain.description, dict(domain.policy))
        if known is not None and (known.owner, known.contacts, known.description, dict(known.policy)) == settings:
            return Written(path, "unchanged")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return Written(path, "written" if before is None else "changed")


def _unexplained(api: Api, root: Path, pulled: list[Version]) -> dict[str, dict[str, tuple[str, int]]]:
    folder = read_folder(root)
    tables: dict[str, dict[str, tuple[str, int]]] = {}
    for version in pulled:
        contract = folder.contract(version.subject, version.major)
        if contract is None:
            continue
        uses = {use.name: use for use in uses_of(contract, folder)}
        for reference in version.references:
            use = uses.get(reference.name, Use(reference.name))
            if use.subject != reference.subject:
                target = api.version(reference.subject, reference.version)
                tables.setdefault(contract.path.name, {})[reference.name] = (target.subject, target.major)
    return tables


def _pinned(version: Version) -> Pinned:
    return Pinned(version.subject, version.major, version.version, version.label, version.id, str(version.guid))


def path_of(root: Path, version: Version) -> Path | None:
    """Say where a version's file belongs; None for a subject that no file can be named after."""
    domain, _, event = version.subject.rpartition(".")
    name = file_name(event, version.major, version.format)
    return root / domain / name if is_domain_name(domain) and split_file_name(name) is not None else None


def pretty(text: str, format: Format) -> str:
    """Lay a schema out for people; a `.proto` is as its author wrote it."""
    if format is Format.PROTOBUF:
        return text if text.endswith("\n") else text + "\n"
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"
