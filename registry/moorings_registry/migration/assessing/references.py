"""References among the versions that were read: those that lead nowhere, circles, and what nobody refers to."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from moorings_registry.errors import Refusal
from moorings_registry.migration.imported import ImportedRegistry, ImportedVersion, Place
from moorings_registry.names import Subject
from moorings_registry.state import State

TOPIC_SUFFIXES = ("-key", "-value")


def unresolved_references(versions: Iterable[ImportedVersion]) -> dict[Place, str]:
    """Return a sentence for each version that refers to what is not there."""
    known = list(versions)
    places = {one.place for one in known}
    found = {}
    for version in known:
        missing = [
            f"{subject} version {number}" for subject, number in _targets(version) if (subject, number) not in places
        ]
        if missing:
            found[version.place] = f"{version.label} refers to {', '.join(missing)}, which is not there"
    return found


def without_circles(imported: ImportedRegistry) -> tuple[ImportedRegistry, tuple[str, ...]]:
    """Return *imported* without versions that refer to one another in a circle, and a sentence for each circle."""
    left = {one.place: one for one in imported.versions}
    circles: list[str] = []
    while True:
        targets = {place: {one for one in _targets(version) if one in left} for place, version in left.items()}
        try:
            TopologicalSorter(targets).prepare()
        except CycleError as error:
            circle = list(dict.fromkeys(error.args[1]))
            named = " and ".join(f"{subject} version {number}" for subject, number in sorted(circle))
            circles.append(f"{named} refer to one another in a circle")
            for place in circle:
                left.pop(place, None)
        else:
            return replace(imported, versions=tuple(left.values())), tuple(circles)


def unreferenced(state: State) -> tuple[str, ...]:
    """Return the subjects that no schema refers to and that have neither a topic's suffix, sorted."""
    referred = {subject for subject, _ in state.referrers}
    return tuple(
        sorted(
            str(held.subject)
            for held in state.active_subjects()
            if held.subject not in referred and not held.subject.name.endswith(TOPIC_SUFFIXES)
        )
    )


def duplicates(digests: Mapping[Subject, str]) -> tuple[tuple[str, ...], ...]:
    """Return groups of subjects with the same schema, the largest first; *digests* has one of each schema."""
    grouped: dict[str, list[str]] = {}
    for subject, digest in digests.items():
        grouped.setdefault(digest, []).append(str(subject))
    groups = [tuple(sorted(one)) for one in grouped.values() if len(one) > 1]
    return tuple(sorted(groups, key=lambda one: (-len(one), one)))


def _targets(version: ImportedVersion) -> list[Place]:
    try:
        context = Subject.parse(version.subject).context
        return [(str(Subject.parse(one.subject, context=context)), one.version) for one in version.references]
    except Refusal:
        return []  # a name that this registry does not take; said when the version is planned
