"""Which messages are parts of others, in a graph that can have cycles."""

from collections.abc import Iterable, Mapping


def parts_of(holders: Mapping[str, Iterable[str]]) -> set[str]:
    """Return the names that are held by something that they do not hold in turn, at any distance.

    *holders* maps every name to the names that hold it. A name that only holds itself is not a part; of two names that
    only hold each other, neither is a part. Linear: the strongly connected components (Kosaraju's
    algorithm), then the components that are entered from another one.
    """
    component = _components(holders)
    entered = {component[name] for name, above in holders.items() for one in above if component[one] != component[name]}
    return {name for name in holders if component[name] in entered}


def _components(holders: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Name each component after one of its members."""
    held: dict[str, list[str]] = {name: [] for name in holders}
    for name, above in holders.items():
        for one in above:
            held[one].append(name)
    component: dict[str, str] = {}
    for root in reversed(_finished(holders)):
        waiting = [root]
        while waiting:
            name = waiting.pop()
            if name not in component:
                component[name] = root
                waiting.extend(held[name])
    return component


def _finished(holders: Mapping[str, Iterable[str]]) -> list[str]:
    """Order the names by when a depth-first walk along *holders* leaves them."""
    left: list[str] = []
    entered: set[str] = set()
    waiting = [(name, False) for name in holders]
    while waiting:
        name, done = waiting.pop()
        if done:
            left.append(name)
        elif name not in entered:
            entered.add(name)
            waiting.append((name, True))
            waiting.extend((one, False) for one in holders[name] if one not in entered)
    return left
