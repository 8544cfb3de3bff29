"""All differences of two schemas as ProtoJSON, and the payloads that show them."""

from collections.abc import Iterator

from google.protobuf import json_format

from moorings_compat.findings import Witness
from moorings_compat.limits import Budget
from moorings_compat.protobuf.compiled import Compiled
from moorings_compat.protobuf.differences import Difference, FieldPair, MessagePair
from moorings_compat.protobuf.proto_json.forms import FORMS_OF_THEIR_OWN, is_object, shape
from moorings_compat.protobuf.proto_json.rules import FIELD_CHECKS, MESSAGE_CHECKS, json_names
from moorings_compat.protobuf.proto_json.values import first_misread
from moorings_compat.protobuf.walk import visit
from moorings_compat.protobuf.wire import roots
from moorings_compat.protobuf.wire.roots import Files
from moorings_compat.protobuf.witness import ENGINE, as_json, build
from moorings_compat.rules import Rule

RULES: tuple[Rule, ...] = tuple(check.rule for checks in (MESSAGE_CHECKS, FIELD_CHECKS) for check in checks)


def json_gaps(files: Files, budget: Budget) -> Iterator[tuple[Rule, Difference]]:
    """Yield every difference that some ProtoJSON text shows, with its rule; a difference at a symbol only once.

    Raises:
        BudgetSpent: a step is about one field.
    """
    seen: set[tuple[str, str, str, str]] = set()
    starts = (one for one in roots.payloads(files) if one.writer.full_name not in FORMS_OF_THEIR_OWN)
    for message_pair, pairs in visit(starts, _pairs_by_name, _objects, budget):
        for message_check in () if message_pair.reader.alike(message_pair.writer) else MESSAGE_CHECKS:
            yield from ((message_check.rule, found) for found in message_check.find(message_pair))
        for pair in pairs:
            for check in FIELD_CHECKS:
                for found in check.find(pair):
                    at = (check.rule.code, found.reader_path, found.writer_path, found.message)
                    if at not in seen:
                        seen.add(at)
                        yield check.rule, found


def json_witness(difference: Difference, reader: Compiled, writer: Compiled, budget: Budget) -> Witness | None:
    """Return the first text that the reader refuses or misreads; None if no probe shows a difference.

    Raises:
        BudgetSpent: required fields took more steps than are left.
    """
    if difference.message_pair is None:
        return None
    for probe in difference.probes:
        written = build(writer, difference.message_pair, probe, budget)
        text = as_json(written)
        read_as, written_as = difference.message_pair.root
        read = reader.message_class(read_as)()
        try:
            json_format.Parse(text, read)
        except json_format.ParseError as error:
            return Witness(text, ENGINE, f"{written_as}: refused: {str(error).splitlines()[0]}")
        misread = first_misread(read, written)
        if misread is not None:
            return Witness(text, ENGINE, f"{written_as}: {misread}")
    return None


def _pairs_by_name(message_pair: MessagePair) -> Iterator[FieldPair]:
    """Pair fields by the printed name; equal scalars cannot differ, so they are left out."""
    if message_pair.reader.alike(message_pair.writer):
        yield from (FieldPair(message_pair, field, field) for field in message_pair.writer.typed)
        return
    names = json_names(message_pair.reader)
    for written in message_pair.writer.fields:
        read = names.get(written.json_name)
        if read is not None and (written.type_name or (read is not written and read != written)):
            yield FieldPair(message_pair, read, written)


def _objects(pair: FieldPair) -> bool:
    return shape(pair.reader) is shape(pair.writer) and is_object(pair.reader) and is_object(pair.writer)
