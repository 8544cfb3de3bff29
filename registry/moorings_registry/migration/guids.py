"""Guids of registries that compute them in their own way: messages carry them, so they have to lead somewhere here."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from moorings_registry.migration.imported import ImportedRegistry
from moorings_registry.migration.peer import Peer, segment


def with_aliases(imported: ImportedRegistry, peer: Peer) -> ImportedRegistry:
    """*imported* with the guids that its schemas had before they came to *peer*, where that is a Moorings registry.

    Raises:
        SourceAway, SourceUnreadable
    """
    if not peer.is_ours():
        return imported
    known = {guid: _before(peer, guid) for guid in {one.guid for one in imported.versions if one.guid}}
    versions = tuple(replace(one, aliases=known.get(one.guid, ())) for one in imported.versions)
    return replace(imported, versions=versions)


def _before(peer: Peer, guid: str) -> tuple[str, ...]:
    told = peer.find(f"/v1/schemas/{segment(guid)}")
    aliases = told.get("aliases") if isinstance(told, Mapping) else None
    return tuple(one for one in aliases if isinstance(one, str)) if isinstance(aliases, list) else ()


def without_guids(imported: ImportedRegistry) -> ImportedRegistry:
    """*imported* as a registry tells it that has no guids."""
    return replace(imported, versions=tuple(replace(one, guid="") for one in imported.versions))


def other_guids(expected: ImportedRegistry, found: ImportedRegistry) -> dict[str, str]:
    """The guids that schemas have or had elsewhere and not here, each with what the same schema is called here."""
    here = {one.place: one.guid for one in found.versions if one.guid}
    return {
        guid: here[there.place]
        for there in expected.versions
        for guid in there.guids
        if there.place in here and here[there.place] != guid
    }


def lost_guids(others: Mapping[str, str], here: Peer) -> Iterator[str]:
    """Yield in a sentence each of *others* that does not lead to its schema here.

    Raises:
        SourceAway, SourceUnreadable
    """
    for guid, own in others.items():
        answered = here.find(f"/schemas/guids/{segment(guid)}")
        if not isinstance(answered, Mapping) or answered.get("guid") != own:
            yield f"the guid {guid} does not lead to its schema here"
