"""Reading another registry over its Confluent API: every version of every subject and context, settings and modes."""

from collections.abc import Iterable, Iterator

from moorings_registry.migration.imported import (
    ImportedRegistry,
    ImportedVersion,
    Json,
    SourceUnreadable,
    read_mode,
    read_own_settings,
    read_version,
)
from moorings_registry.migration.peer import Peer, segment
from moorings_registry.names import DEFAULT_CONTEXT, LAST_SCOPE, REGISTRY_SCOPE, Scope, split_qualified


def read_registry(peer: Peer) -> ImportedRegistry:
    """Read all that *peer* holds, soft-deleted versions too.

    Raises:
        SourceAway, SourceUnreadable
    """
    active = _names(peer.pages("/subjects"), "/subjects")
    every = _names(peer.pages("/subjects?deleted=true"), "/subjects")
    if not every and peer.find("/subjects") is None:
        raise SourceUnreadable(f"{peer.name}/subjects was not found: is this a registry?")
    subjects = list(dict.fromkeys((*active, *every)))
    untold: list[str] = []
    versions = tuple(one for subject in subjects for one in _versions(peer, subject, untold))
    scopes = _scopes(peer, subjects)
    return ImportedRegistry(versions, _configs(peer, scopes), _modes(peer, scopes), tuple(untold))


def _versions(peer: Peer, subject: str, untold: list[str]) -> Iterator[ImportedVersion]:
    """Yield the versions of *subject*; what the registry lists and does not show goes to *untold*."""
    path = f"/subjects/{segment(subject)}/versions"
    active = _numbers(peer.pages(path), path)
    for number in sorted(active | _numbers(peer.pages(f"{path}?deleted=true"), path)):
        where = f"{path}/{number}"
        content = peer.find(f"{where}?deleted=true")
        if content is None and number in active:
            raise SourceUnreadable(f"{peer.name}{where} was deleted while it was read: import again")
        if content is None:
            untold.append(f"{subject} version {number}: soft-deleted, and not shown by the other registry")
            continue
        version = read_version(content, f"{peer.name}{where}", deleted=number not in active)
        if version.number != number or split_qualified(version.subject)[1] != split_qualified(subject)[1]:
            raise SourceUnreadable(f"{peer.name}{where} answers for {version.label}")
        yield version


def _scopes(peer: Peer, subjects: Iterable[str]) -> list[str]:
    """Where settings may have been made: the registry, its contexts, its subjects, and the aliases of those."""
    contexts = {split_qualified(subject)[0] for subject in subjects} | set(_names(peer.pages("/contexts"), "/contexts"))
    scopes = [LAST_SCOPE.key, *(Scope(one).key for one in sorted(contexts) if one != DEFAULT_CONTEXT)]
    return list(dict.fromkeys((*scopes, *subjects, *_aliases(peer))))


def _aliases(peer: Peer) -> Iterator[str]:
    """Names that stand for a subject, and hold nothing themselves; older registries know none."""
    path = "/schemas?aliases=true&latestOnly=true"
    for shown in peer.pages(path):
        if isinstance(shown, dict):
            yield from _names(shown.get("aliases") or (), path)


def _configs(peer: Peer, scopes: Iterable[str]) -> dict[str, Json]:
    found = {REGISTRY_SCOPE.key: read_own_settings(peer.get("/config"), f"{peer.name}/config")}
    for scope in scopes:
        path = f"/config/{segment(scope)}"
        content = peer.find(path)
        if content is not None:
            found[scope] = read_own_settings(content, f"{peer.name}{path}")
    return found


def _modes(peer: Peer, scopes: Iterable[str]) -> dict[str, str]:
    found = {}
    for scope in (REGISTRY_SCOPE.key, *scopes):
        path = f"/mode/{segment(scope)}" if scope else "/mode"
        content = peer.find(path)
        if content is not None:
            found[scope] = read_mode(content, f"{peer.name}{path}")
    return found


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
