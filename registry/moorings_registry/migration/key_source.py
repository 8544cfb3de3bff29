"""Encryption keys of another registry: wrapped ones, and what wraps them. A plain key is never read.

The registry of a shared key hands its plain form out as ``keyMaterial``; that member is not looked at.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from moorings_registry.migration.imported import ImportedDek, ImportedKek, SourceDenied, SourceUnreadable
from moorings_registry.migration.peer import Peer, segment
from moorings_registry.names import DEFAULT_CONTEXT
from moorings_registry.state import DekAlgorithm


@dataclass(slots=True)
class ImportedKeys:
    """Keys in the order in which they are registered, and sentences about those that could not be read."""

    keks: list[ImportedKek] = field(default_factory=list)
    deks: list[ImportedDek] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)


def read_keys(peer: Peer, contexts: Iterable[str]) -> ImportedKeys:
    """Read the keys of *contexts*, soft-deleted ones too; a registry without keys has none.

    A key that cannot be read, or that the caller may not see, is said.

    Raises:
        SourceAway: the registry stopped answering.
    """
    found = ImportedKeys()
    for context in dict.fromkeys((DEFAULT_CONTEXT, *contexts)):
        within = "" if context == DEFAULT_CONTEXT else f"/contexts/{segment(context)}"
        _read_context(peer, context, f"{within}/dek-registry/v1/keks", found)
    return found


def _read_context(peer: Peer, context: str, path: str, found: ImportedKeys) -> None:
    for name in _listed(peer, f"{path}?deleted=true", "the encryption keys", found.untold):
        where = f"{path}/{segment(name)}"
        content = _shown(peer, f"{where}?deleted=true", f"KEK {name}", found.untold)
        if content is None:
            continue
        try:
            kek = _kek(context, name, content)
        except SourceUnreadable as error:
            found.untold.append(f"{error}: it cannot be read, and neither can the keys that it wraps")
            continue
        found.keks.append(kek)
        if content.get("shared"):
            found.untold.append(
                f"{kek.label} is shared there and is not shared here: clients need access to the key management service"
            )
        for subject in _listed(peer, f"{where}/deks?deleted=true", f"the keys of {kek.label}", found.untold):
            for algorithm in DekAlgorithm:
                _read_versions(peer, kek, f"{where}/deks/{segment(subject)}/versions", subject, algorithm, found)


def _read_versions(
    peer: Peer, kek: ImportedKek, path: str, subject: str, algorithm: DekAlgorithm, found: ImportedKeys
) -> None:
    query = urlencode({"algorithm": str(algorithm), "deleted": "true"})
    label = f"the keys ({algorithm}) of {subject} under {kek.label}"
    for number in _numbers(peer, f"{path}?{query}", label, found.untold):
        label = f"DEK version {number} ({algorithm}) of {subject} under {kek.label}"
        content = _shown(peer, f"{path}/{number}?{query}", label, found.untold)
        if content is None or content.get("algorithm") not in (None, str(algorithm)):
            continue
        material = content.get("encryptedKeyMaterial")
        if not isinstance(material, str) or not material:
            found.untold.append(f"{label}: it has no wrapped key that could be taken over")
            continue
        deleted = bool(content.get("deleted"))
        found.deks.append(ImportedDek(kek.place, subject, number, str(algorithm), material, deleted))


def _kek(context: str, name: str, content: Mapping[str, Any]) -> ImportedKek:
    def text(member: str) -> str:
        value = content.get(member)
        if not isinstance(value, str):
            raise SourceUnreadable(f"KEK {name}: {member} is not a string")
        return value

    props, doc = content.get("kmsProps") or {}, content.get("doc") or ""
    if not isinstance(props, Mapping) or not isinstance(doc, str):
        raise SourceUnreadable(f"KEK {name}: kmsProps is not an object, or doc is not a string")
    return ImportedKek(
        context, name, text("kmsType"), text("kmsKeyId"), dict(props), doc, deleted=bool(content.get("deleted"))
    )


def _shown(peer: Peer, path: str, label: str, untold: list[str]) -> Mapping[str, Any] | None:
    try:
        content = peer.find(path)
    except SourceDenied as error:
        untold.append(f"{label}: {error}")
        return None
    if not isinstance(content, Mapping):
        untold.append(f"{label}: listed, and not shown by the other registry")
        return None
    return content


def _listed(peer: Peer, path: str, label: str, untold: list[str]) -> Iterator[str]:
    for one in _pages(peer, path, label, untold):
        if isinstance(one, str):
            yield one
        else:
            untold.append(f"{label}: not a list of names")


def _numbers(peer: Peer, path: str, label: str, untold: list[str]) -> Iterator[int]:
    for one in _pages(peer, path, label, untold):
        if type(one) is int:
            yield one
        else:
            untold.append(f"{label}: not a list of version numbers")


def _pages(peer: Peer, path: str, label: str, untold: list[str]) -> list[Any]:
    try:
        return list(peer.pages(path))
    except SourceDenied as error:
        untold.append(f"{label}: {error}")
        return []
