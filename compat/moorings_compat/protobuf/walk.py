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


def visit(
    roots: Iterable[Place], pair_up: PairUp, leads_on: Callable[[FieldPair], bool], budget: Budget
) -> Iterator[tuple[Place, list[FieldPair]]]:
    """Yield each place once, shortest way first, with the pairs of fields that need a look.

    *pair_up* says which fields meet; *leads_on* says whether two fields of message type are parsed
    the one as the other.

    Raises:
        BudgetSpent: a step is one field.
    """
    waiting: deque[Place] = deque()
    seen: set[tuple[str, str]] = set()

    def enter(place: Place) -> None:
        key = (place.reader.full_name, place.writer.full_name)
        if key not in seen and place.sides.writer.inhabited(place.writer.full_name):
            seen.add(key)
            waiting.append(place)

    for root in roots:
        enter(root)
    while waiting:
        place = waiting.popleft()
        budget.spend(1 + len(place.writer.fields) + len(place.reader.fields))
        pairs = [pair for pair in pair_up(place) if can_be_written(place, pair.writer)]
        yield place, pairs
        for pair in pairs:
            if pair.composite and leads_on(pair):
                enter(_inside(pair))


def _inside(pair: FieldPair) -> Place:
    place = pair.place
    return Place(
        place.sides,
        place.sides.reader.message(pair.reader),
        place.sides.writer.message(pair.writer),
        pair.reader_path,
        pair.writer_path,
        place.root,
        pair,
    )
