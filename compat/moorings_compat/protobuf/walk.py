"""The walk over two schemas: from the messages that can be a payload down through fields that meet.

Each pair of messages is visited once, so messages that contain themselves end it. That is sound because Protobuf has no
alternatives: a payload is misread exactly if some pair of messages that its fields lead to misreads it, whichever way
leads there first. A message without a finite value cannot be written, so it is not compared.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from moorings_compat.limits import Budget
from moorings_compat.protobuf.differences import FieldPair, MessagePair, can_be_written

PairUp = Callable[[MessagePair], Iterable[FieldPair]]

DEEPEST = 99
"""Fields that lead to a pair of messages, at most: parsers refuse a nesting of more than a hundred."""

_STEPS_OF_A_PAIR = 7


def visit(
    roots: Iterable[MessagePair], pair_up: PairUp, leads_on: Callable[[FieldPair], bool], budget: Budget
) -> Iterator[tuple[MessagePair, list[FieldPair]]]:
    """Yield each pair of messages once, shortest way first, with the pairs of fields that need a look.

    *pair_up* says which fields meet; *leads_on* says whether two fields of message type are parsed
    one as the other.

    Raises:
        BudgetSpent: a step is one equal field, or a part of the work on one that differs.
    """
    seen: set[tuple[str, str]] = set()
    waiting: deque[MessagePair] = deque()
    for root in roots:
        if root.sides.writer.inhabited(root.writer.full_name):
            seen.add((root.reader.full_name, root.writer.full_name))
            waiting.append(root)
    while waiting:
        message_pair = waiting.popleft()
        budget.spend(1 + len(message_pair.writer.fields) // 8)
        pairs = [pair for pair in pair_up(message_pair) if can_be_written(message_pair, pair.writer)]
        budget.spend(_STEPS_OF_A_PAIR * len(pairs))
        yield message_pair, pairs
        for pair in pairs:
            key = (pair.reader.type_name, pair.writer.type_name)
            if pair.composite and key not in seen and message_pair.depth < DEEPEST and leads_on(pair):
                seen.add(key)
                waiting.append(_inside(pair))


def _inside(pair: FieldPair) -> MessagePair:
    message_pair = pair.message_pair
    reader, writer = message_pair.sides.reader.message(pair.reader), message_pair.sides.writer.message(pair.writer)
    return MessagePair(message_pair.sides, reader, writer, message_pair.root, pair, message_pair.depth + 1)
