"""Reading another registry over its Confluent API: every version of every subject and context, settings and modes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from moorings_registry.migration.imported import (
    ImportedRegistry,
    ImportedVersion,
    Json,
    SourceUnreadable,
    read_mode,
    read_own_settings,
    read_version,
)
from moorings_registry.migration.key_source import read_keys
from moorings_registry.migration.peer import Peer, segment
from moorings_registry.names import DEFAULT_CONTEXT, LAST_SCOPE, REGISTRY_SCOPE, Scope, split_qualified


def read_registry(peer: Peer) -> ImportedRegistry:
    """Read all that *peer* holds, soft-deleted versions too.

    Raises:
        SourceAway, SourceUnreadable
    """
    subjects = listed_subjects(peer)
    untold: list[str] = []
    versions = tuple(one for subject in subjects for one in _versions(peer, subject, untold))
    keys = read_keys(peer, listed_contexts(peer, subjects))
    found = [(scope, scope_settings(peer, scope), scope_mode(peer, scope)) for scope in listed_scopes(peer, subjects)]
    return ImportedRegistry(
        versions,
        {scope: own for scope, own, _ in found if own is not None},
        {scope: mode for scope, _, mode in found if mode is not None},
        (*untold, *keys.untold),
        tuple(keys.keks),
        tuple(keys.deks),
    )


def listed_subjects(peer: Peer) -> list[str]:
    """Ask which subjects there are; those with an active version first.

    Raises:
        SourceAway, SourceUnreadable
    """
    active = _names(peer.pages("/subjects"), "/subjects")
    every = _names(peer.pages("/subjects?deleted=true"), "/subjects")
    if not every and peer.find("/subjects") is None:
        raise SourceUnreadable(f"{peer.name}/subjects was not found: is this a registry?")
    return list(dict.fromkeys((*active, *every)))


def _versions(peer: Peer, subject: str, untold: list[str]) -> Iterator[ImportedVersion]:
    """Yield the versions of *subject*; what the registry lists and does not show goes to *untold*."""
    listed = listed_versions(peer, subject)
    for number in listed.every:
        version = shown_version(peer, subject, number, is_active=number in listed.active)
        if version is None:
            untold.append(not_shown(subject, number))
        else:
            yield version


@dataclass(frozen=True, slots=True)
class ListedVersions:
    """The numbers of a subject's versions."""

    active: frozenset[int]
    every: tuple[int, ...]
    """Those that are soft-deleted too, ascending."""


def listed_versions(peer: Peer, subject: str) -> ListedVersions:
    """Ask which versions *subject* has.

    Raises:
        SourceAway, SourceUnreadable
    """
    path = f"/subjects/{segment(subject)}/versions"
    active = _numbers(peer.pages(path), path)
    return ListedVersions(frozenset(active), tuple(sorted(active | _numbers(peer.pages(f"{path}?deleted=true"), path))))


def shown_version(peer: Peer, subject: str, number: int, *, is_active: bool) -> ImportedVersion | None:
    """Ask for one version; None for a soft-deleted one that is not shown.

    Raises:
        SourceAway, SourceUnreadable
    """
    where = f"/subjects/{segment(subject)}/versions/{number}"
    content = peer.find(f"{where}?deleted=true")
    if content is None and is_active:
        raise SourceUnreadable(f"{peer.name}{where} was deleted while it was read: import again")
    if content is None:
        return None
    version = read_version(content, f"{peer.name}{where}", deleted=not is_active)
    if version.number != number or split_qualified(version.subject)[1] != split_qualified(subject)[1]:
        raise SourceUnreadable(f"{peer.name}{where} answers for {version.label}")
    return version


def not_shown(subject: str, number: int) -> str:
    """Say that a version is listed and not shown."""
    return f"{subject} version {number}: soft-deleted, and not shown by the other registry"


def listed_scopes(peer: Peer, subjects: Iterable[str]) -> list[str]:
    """Where settings may have been made: the registry, its contexts, its subjects, and the aliases of those.

    Raises:
        SourceAway, SourceUnreadable
    """
    known = list(subjects)
    contexts = listed_contexts(peer, known)
    scopes = [LAST_SCOPE.key, *(Scope(one).key for one in contexts if one != DEFAULT_CONTEXT)]
    return list(dict.fromkeys((REGISTRY_SCOPE.key, *scopes, *known, *_aliases(peer))))


def listed_contexts(peer: Peer, subjects: Iterable[str]) -> list[str]:
    """Ask which contexts there are, sorted; older registries know none but those that *subjects* name.

    Raises:
        SourceAway, SourceUnreadable
    """
    return sorted(
        {split_qualified(subject)[0] for subject in subjects} | set(_names(peer.pages("/contexts"), "/contexts"))
    )


def _aliases(peer: Peer) -> Iterator[str]:
    """Names that stand for a subject, and hold nothing themselves; older registries know none."""
    path = "/schemas?aliases=true&latestOnly=true"
    for shown in peer.pages(path):
        if isinstance(shown, dict):
            yield from _names(shown.get("aliases") or (), path)


def scope_settings(peer: Peer, scope: str) -> Json | None:
    """Ask for the settings of a scope alone; None where it has none of its own.

    Raises:
        SourceAway, SourceUnreadable
    """
    path = f"/config/{segment(scope)}" if scope else "/config"
    content = peer.find(path) if scope else peer.get(path)
    return None if content is None else read_own_settings(content, f"{peer.name}{path}")


def scope_mode(peer: Peer, scope: str) -> str | None:
    """Ask for the mode of a scope alone; None where it has none of its own.

    Raises:
        SourceAway, SourceUnreadable
    """
    path = f"/mode/{segment(scope)}" if scope else "/mode"
    content = peer.find(path)
    return None if content is None else read_mode(content, f"{peer.name}{path}")


def _numbers(listed: Iterable[object], where: str) -> set[int]:
    numbers = list(listed)
    if not all(type(one) is int for one in numbers):
        raise SourceUnreadable(f"{where}: not a list of version numbers")
    return {one for one in numbers if isinstance(one, int)}


def _names(listed: Iterable[object], where: str) -> list[str]:
    names = list(listed)
    if not all(isinstance(one, str) for one in names):
        raise SourceUnreadable(f"{where}: not a list of names")
    return [str(one) for one in names]
