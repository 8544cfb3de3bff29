"""All differences of two schemas on the wire."""

from collections.abc import Iterator

from moorings_compat.limits import Budget
from moorings_compat.protobuf.differences import Check, Difference, FieldPair, MessagePair
from moorings_compat.protobuf.walk import visit
from moorings_compat.protobuf.wire import enums, fields, messages, numbers, presence, roots
from moorings_compat.protobuf.wire.roots import Files
from moorings_compat.rules import Rule

FIELD_CHECKS: tuple[Check[FieldPair], ...] = (*fields.CHECKS, *numbers.CHECKS, *presence.FIELD_CHECKS)
MESSAGE_CHECKS: tuple[Check[MessagePair], ...] = (*presence.MESSAGE_CHECKS, *messages.CHECKS)
RULES: tuple[Rule, ...] = tuple(
    check.rule for checks in (roots.CHECKS, FIELD_CHECKS, enums.CHECKS, MESSAGE_CHECKS) for check in checks
)


def wire_gaps(files: Files, budget: Budget) -> Iterator[tuple[Rule, Difference]]:
    """Yield every difference that some payload on the wire shows, with its rule.

    Raises:
        BudgetSpent: a step is about one field.
    """
    for file_check in roots.CHECKS:
        yield from ((file_check.rule, found) for found in file_check.find(files))
    symbols_seen: set[tuple[str, ...]] = set()
    for message_pair, pairs in visit(roots.payloads(files), _pairs_by_number, _parsed_alike, budget):
        for message_check in () if message_pair.reader.alike(message_pair.writer) else MESSAGE_CHECKS:
            yield from ((message_check.rule, found) for found in message_check.find(message_pair))
        for pair in pairs:
            if not pair.travels_alike:
                budget.spend(len(FIELD_CHECKS))
                for check in FIELD_CHECKS:
                    yield from ((check.rule, found) for found in check.find(pair))
            yield from _in_symbols(pair, symbols_seen, budget)


def _in_symbols(pair: FieldPair, seen: set[tuple[str, ...]], budget: Budget) -> Iterator[tuple[Rule, Difference]]:
    """Apply the rules about enums; a symbol is reported once, at its declaration, not at every field of its type."""
    if pair.enums is not None:
        reader, writer = pair.enums
        if reader.symbols == writer.symbols and reader.closed == writer.closed:
            return
        how = (pair.writer.presence.name, str(pair.reader.repeated), str(pair.message_pair.writer.map_entry))
        key = (reader.full_name, writer.full_name, *how)
        if key in seen:
            return
        seen.add(key)
        budget.spend(len(reader.symbols) + len(writer.symbols))
    for check in enums.CHECKS:
        for found in check.find(pair):
            at = (check.rule.code, found.reader_path, found.writer_path, found.message)
            if at not in seen:
                seen.add(at)
                yield check.rule, found


def _pairs_by_number(message_pair: MessagePair) -> Iterator[FieldPair]:
    """Pair fields of one number; equal scalars cannot differ, so they are left out."""
    if message_pair.reader.alike(message_pair.writer):
        yield from (FieldPair(message_pair, field, field) for field in message_pair.writer.typed)
        return
    by_number = message_pair.reader.by_number
    for written in message_pair.writer.fields:
        read = by_number.get(written.number)
        if read is not None and (written.type_name or read.travel != written.travel):
            yield FieldPair(message_pair, read, written)


def _parsed_alike(pair: FieldPair) -> bool:
    return pair.reader.delimited == pair.writer.delimited
