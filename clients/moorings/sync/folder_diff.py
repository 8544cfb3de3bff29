"""Finds the differences between a folder and a registry."""

import contextlib
import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from moorings.layout.contract_file import ContractFile
from moorings.sync.matching import Matching, domain_differs
from moorings_compat import Format


@dataclass(frozen=True, slots=True)
class FolderDifference:
    """`kind` is ``only here``, ``only there``, ``changed`` or ``behind`` (the registry has a newer revision)."""

    name: str
    kind: str
    detail: str = ""
    lines: tuple[str, ...] = ()
    """A unified diff, from the registry to the folder."""


def folder_differences(matching: Matching) -> Iterator[FolderDifference]:
    """Compare domains, then contracts; in the registry, only events of the folder's own domains count."""
    folder = matching.parsed.folder
    known = {domain.domain: domain for domain in matching.api.domains()}
    for domain in folder.domains:
        changed = domain_differs(domain.settings(), known.get(domain.domain))
        if domain.domain not in known:
            yield FolderDifference(domain.domain, "only here")
        elif changed:
            yield FolderDifference(domain.domain, "changed", ", ".join(changed))
    for contract in folder.contracts:
        yield from _contract_differences(matching, contract)
    here = {(one.subject, one.major) for one in folder.contracts}
    for domain in folder.domains:
        for event in matching.api.events(domain.domain):
            for major in event.majors:
                if event.domain == domain.domain and (event.subject, major.major) not in here and major.latest:
                    yield FolderDifference(f"{event.subject} v{major.major}", "only there", major.latest.label)


def readable(text: str, format: Format) -> list[str]:
    """Split a schema into lines for a readable diff."""
    if format is not Format.PROTOBUF:
        with contextlib.suppress(ValueError, RecursionError):  # a text that is not JSON is compared as it is
            text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return text.splitlines()


def _contract_differences(matching: Matching, contract: ContractFile) -> Iterator[FolderDifference]:
    event = matching.event(contract.subject)
    major = event.major(contract.major) if event is not None else None
    newest = major.latest if major is not None else None
    if newest is None:
        yield FolderDifference(contract.label, "only here")
        return
    version = matching.version(contract)
    if version is not None and version.version == newest.version:
        return
    latest = matching.api.version(contract.subject, newest.version)
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
