"""Where a reader leaves something out of what a writer's writer can write.

A location of the reader matters only if it can meet a location of the writer that declares more. All others leave every
value as it is, so that the reader's schema keeps its meaning there.
"""

from moorings_compat.json_schema.declared_fields import Location, locations

_MOST_PAIRS = 5_000


def dropping_locations(reader: Location | None, writer: Location | None) -> frozenset[Location]:
    """Return the closed locations of *reader* that may meet a field of *writer* which they do not declare."""
    if reader is None:
        return frozenset()
    dropping: set[Location] = set()
    seen: set[tuple[Location, Location | None]] = set()
    waiting: list[tuple[Location, Location | None]] = [(reader, writer)]
    while waiting:
        pair = waiting.pop()
        if pair in seen:
            continue
        if len(seen) >= _MOST_PAIRS:
            return frozenset(one for one in locations(reader) if one.closed)
        seen.add(pair)
        ours, theirs = pair
        if ours.closed and not _is_within(theirs, ours):
            dropping.add(ours)
        waiting.extend(_pairs_below(ours, theirs))
    return frozenset(dropping)


def _is_within(writer: Location | None, reader: Location) -> bool:
    """Say whether the closed *reader* declares every field that *writer* declares."""
    if writer is None or not writer.closed:
        return False
    return set(writer.patterns) <= set(reader.patterns) and all(map(reader.declares, writer.names))


def _pairs_below(reader: Location, writer: Location | None) -> list[tuple[Location, Location | None]]:
    if writer is None:
        return [(one, None) for one in reader.inner]
    found: list[tuple[Location | None, Location | None]] = [(reader.items, writer.items)]
    found += [(one, writer.below(name)) for name, one in reader.names.items() if writer.declares(name)]
    found += [
        (reader.below(name), one)
        for name, one in writer.names.items()
        if name not in reader.names and reader.declares(name)
    ]
    for ours in (reader.of_patterns, reader.further):
        if ours is not None and writer.patterns:
            found.append((ours, writer.of_patterns))
        if ours is not None and not writer.closed:
            found.append((ours, writer.further))
    return [(ours, theirs) for ours, theirs in found if ours is not None]
