"""Finds the differences between a folder and a registry."""

import contextlib
import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from moorings.api.domain_contracts import DomainContracts, EventContracts, MajorContract
from moorings.layout.contract_file import ContractFile, split_file_name
from moorings.layout.domain_file import DomainFile
from moorings.sync.matching import Matching
from moorings.sync.setting_changes import (
    SettingChange,
    content_changes,
    domain_changes,
    event_changes,
    lifecycle_changes,
    migration_changes,
    shown,
)
from moorings_compat import Format


@dataclass(frozen=True, slots=True)
class FolderDifference:
    """What differs: `kind` is ``only here``, ``only there``, ``changed``, ``behind`` or ``missing``.

    ``behind``: the registry has a newer revision. ``missing``: a domain that is owned, and neither side has.
    """

    name: str
    kind: str
    detail: str = ""
    lines: tuple[str, ...] = ()
    """A unified diff, from the registry to the folder."""


def folder_differences(matching: Matching, domains: Sequence[str] | None = None) -> Iterator[FolderDifference]:
    """Compare *domains*, by default all of the folder: each with its events, their majors and their texts."""
    folder = matching.parsed.folder
    for domain in folder.domains:
        if domains is None or domain.domain in domains:
            yield from _domain_differences(matching, domain)
    for name in folder.repository.owns:
        if folder.domain(name) is None:
            there = matching.registered(name) is not None
            detail = "moorings.toml owns it" + ("" if there else ", and the registry does not have it either")
            yield FolderDifference(name, "only there" if there else "missing", detail)


def readable(text: str, format: Format) -> list[str]:
    """Split a schema into lines for a readable diff."""
    if format is not Format.PROTOBUF:
        with contextlib.suppress(ValueError, RecursionError):  # a text that is not JSON is compared as it is
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return text.splitlines()


def _domain_differences(matching: Matching, domain: DomainFile) -> Iterator[FolderDifference]:
    known = matching.registered(domain.domain)
    if known is None:
        yield FolderDifference(domain.domain, "only here")
    else:
        yield from _settings(domain.domain, domain_changes(domain, known.domain))
    folder = matching.parsed.folder
    for event in folder.events:
        if event.domain == domain.domain:
            registered = known.event(event.subject) if known is not None else None
            if registered is None or registered.declaration is None:
                yield FolderDifference(event.subject, "only here", f"a {event.kind}")
            else:
                yield from _settings(event.subject, event_changes(event, registered))
    for contract in folder.contracts:
        if contract.domain == domain.domain:
            yield from _contract_differences(matching, contract, known)
    for registered in known.events if known is not None else ():
        yield from _only_there(matching, registered)


def _only_there(matching: Matching, registered: EventContracts) -> Iterator[FolderDifference]:
    """Yield what the registry has of an event and files do not say, where a file could."""
    folder = matching.parsed.folder
    if registered.declaration is not None and folder.event(registered.subject) is None:
        yield FolderDifference(registered.subject, "only there", f"a {registered.declaration.get('kind')}")
    event = registered.subject.rpartition(".")[2]
    for major in registered.majors:
        label = f"{registered.subject} v{major.major}"
        can_be_file = split_file_name(f"{event}.v{major.major}.avsc") is not None
        if can_be_file and folder.contract(registered.subject, major.major) is None:
            yield FolderDifference(label, "only there", major.version.label)


def _contract_differences(
    matching: Matching, contract: ContractFile, known: DomainContracts | None
) -> Iterator[FolderDifference]:
    event = known.event(contract.subject) if known is not None else None
    major = event.major(contract.major) if event is not None else None
    if major is None:
        yield FolderDifference(contract.label, "only here")
        return
    yield from _text_differences(matching, contract, major)
    file = matching.parsed.folder.major(contract.subject, contract.major)
    for changes in (
        lifecycle_changes(file, major),
        content_changes(file, major),
        migration_changes(file, major),
    ):
        unsaid = [one for one in changes if one.file is None]
        said = [one for one in changes if one.file is not None]
        yield from _settings(contract.label, said)
        if unsaid:
            lines = tuple(f"- {one.key} = {shown(one.registry)}" for one in unsaid)
            yield FolderDifference(contract.label, "only there", ", ".join(one.key for one in unsaid), lines)


def _settings(name: str, changes: Sequence[SettingChange]) -> Iterator[FolderDifference]:
    if changes:
        lines = []
        for one in changes:
            lines += [f"- {one.key} = {shown(one.registry)}", f"+ {one.key} = {shown(one.file)}"]
        yield FolderDifference(name, "changed", ", ".join(one.key for one in changes), tuple(lines))


def _text_differences(matching: Matching, contract: ContractFile, major: MajorContract) -> Iterator[FolderDifference]:
    latest, version = major.version, matching.version(contract)
    if version is not None and version.version == latest.version:
        return
    lines = difflib.unified_diff(
        readable(latest.schema, latest.format),
        readable(contract.text, contract.format),
        f"registry {latest.label}",
        str(contract.path),
        lineterm="",
    )
    kind = "behind" if version is not None else "changed"
    detail = (
        f"registered as {version.label}, the latest is {latest.label}" if version else f"compared with {latest.label}"
    )
    yield FolderDifference(contract.label, kind, detail, tuple(lines))
