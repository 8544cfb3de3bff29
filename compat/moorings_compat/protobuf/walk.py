"""The walk over two schemas: from the messages that can be a payload down through fields that meet.

Each pair of messages is visited once, so messages that contain themselves end it. That is sound because Protobuf has no
alternatives: a payload is misread exactly if some pair of messages that its fields lead to misreads it, whichever way
leads there first. A message that has no finite value cannot be written, so nothing is asked of it.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from moorings_compat.limits import Budget
from moorings_compat.protobuf.differences import FieldPair, Place, can_be_written

PairUp = Callable[[Place], Iterable[FieldPair]]

DEEPEST = 99
"""Fields that lead to a place, at most: parsers refuse what is nested more than a hundred deep."""

_STEPS_OF_A_PAIR = 7


def visit(
    roots: Iterable[Place], pair_up: PairUp, leads_on: Callable[[FieldPair], bool], budget: Budget
) -> Iterator[tuple[Place, list[FieldPair]]]:
    """Yield each place once, shortest way first, with the pairs of fields that need a look.

    *pair_up* says which fields meet; *leads_on* says whether two fields of message type are parsed
    the one as the other.

    Raises:
        BudgetSpent: a step is one field that is the same, or a part of the work on one that is not.
    """
    seen: set[tuple[str, str]] = set()
    waiting: deque[Place] = deque()
    for root in roots:
        if root.sides.writer.inhabited(root.writer.full_name):
            seen.add((root.reader.full_name, root.writer.full_name))
            waiting.append(root)
    while waiting:
        place = waiting.popleft()
        budget.spend(1 + len(place.writer.fields) // 8)
        pairs = [pair for pair in pair_up(place) if can_be_written(place, pair.writer)]
        budget.spend(_STEPS_OF_A_PAIR * len(pairs))
        yield place, pairs
        for pair in pairs:
            key = (pair.reader.type_name, pair.writer.type_name)
            if pair.composite and key not in seen and place.depth < DEEPEST and leads_on(pair):
                seen.add(key)
                waiting.append(_inside(pair))


def _inside(pair: FieldPair) -> Place:
    place = pair.place
    reader, writer = place.sides.reader.message(pair.reader), place.sides.writer.message(pair.writer)
    return Place(place.sides, reader, writer, place.root, pair, place.depth + 1)
