"""Witnesses: for each fault a payload that shows it, run through fastavro before anybody hears of it.

The whole event is encoded with the writer's schema and decoded with the reader's, and it has to fail, or to come out as
a value that the reader's schema does not allow: what is quoted is fastavro's answer to both schemas and these bytes,
and nothing else. Where fastavro reads what the specification refuses, the reference reader (`reference`) has to refuse
it, or to read something else, and the witness names it as its engine. What an event means to a reader that trusts its
own logical types and widths is shown value by value (`semantic_shifts`), since fastavro goes by the writer's; such a
witness has an engine of its own name.

Payloads are values by the thousand when a record has thousands of fields. So findings that the smallest event shows
share that one, the work for all others is bounded (`STEPS`, about a microsecond each), and so is what a report has to
carry (`CHARACTERS`). What is beyond goes without a witness of its own; the first break has one always.
"""

from collections.abc import Callable, Iterator
from typing import Any

from moorings_compat.avro.codec import ENGINE, Decoded, decode, encode, is_value_of
from moorings_compat.avro.faults import SMALLEST, Fault, Trail
from moorings_compat.avro.model import AvroModel, Node, Record, TypeName
from moorings_compat.avro.payload import LARGEST, Payloads, PayloadTooLarge, json_text
from moorings_compat.avro.reference import ReferenceReader, ValueRefused
from moorings_compat.avro.resolved import SchemaPart, fastavro_form
from moorings_compat.avro.semantic_shifts import declared_shift, logical_at, meaning_shift, sample
from moorings_compat.avro.smallest_values import smallest_values_of
from moorings_compat.findings import Severity, Witness

STEPS = 10_000
"""Pieces of payload and of schema that one comparison handles for its witnesses, the first one not counted."""
CHARACTERS = 100_000
"""Characters of payload, as text and in hex, that one comparison hands out, the first one not counted."""
HEAVIEST = 200_000
"""Types, fields and branches of the largest schemas that are handed to fastavro for a witness."""

REFERENCE_ENGINE = "Moorings' reference reader, Avro 1.12 schema resolution"
MEANING_ENGINE = "Moorings' reference reader, the reader's own logical types and widths"
_MOST_SHOWN = 100
_FIELDS_MIXED_UP = "AVRO_FIELD_ALIAS_COLLISION"


class Witnesses:
    """Finds the witnesses of one reader and one writer."""

    def __init__(self, reader: AvroModel, writer: AvroModel) -> None:
        self._reader = reader
        self._writer = writer
        self._payloads = Payloads(writer)
        self._smallest_values = smallest_values_of(writer)
        self._left = STEPS
        self._characters_left = CHARACTERS
        self._first = True
        self._carried = False
        self._smallest: _EncodedEvent | None = None
        self._mixed = reader.mixes_namespaces or writer.mixes_namespaces
        self._weight = reader.weight + writer.weight

    def of(self, fault: Fault) -> Witness | None:
        """Return the witness of *fault*; None where none is affordable or needed."""
        try:
            breaks = fault.rule.severity is Severity.BREAK
            witness = self._of_break(fault) if breaks else self._of_change(fault)
        except PayloadTooLarge:
            return None
        return witness if witness is not None and self._is_carried(witness, first=breaks) else None

    def _is_carried(self, witness: Witness, *, first: bool) -> bool:
        """Tell whether a report may carry *witness* as well; of breaks the first is always carried."""
        if first and not self._carried:
            self._carried = True
            return True
        self._characters_left -= len(witness.payload) + len(witness.encoded)
        return self._characters_left >= 0

    def _of_break(self, fault: Fault) -> Witness | None:
        event = self._event(fault.nodes.trail, fault.nodes.writer, fault.value)
        shown = self._shown(fault, event)
        if shown is None and fault.rule.code == _FIELDS_MIXED_UP:
            return next(filter(None, (self._shown(fault, one) for one in self._told_apart(fault))), None)
        return shown

    def _told_apart(self, fault: Fault) -> Iterator["_EncodedEvent | None"]:
        """Yield events in which one field of a record differs from those that it may be taken for."""
        node = fault.nodes.writer
        record = self._writer.types[node.full] if isinstance(node, TypeName) else None
        if not isinstance(record, Record):
            return
        for field in record.fields:
            value = sample(field.type, field.type)
            if value is not SMALLEST:
                whole = {**self._payloads.smallest(node), field.name: value}
                yield self._event(fault.nodes.trail, node, whole)

    def _shown(self, fault: Fault, event: "_EncodedEvent | None") -> Witness | None:
        if event is None:
            return None
        if event.outcome.error:
            return Witness(event.text, ENGINE, event.outcome.error, event.encoded)
        if not is_value_of(self._reader_form(), event.outcome.value):
            return Witness(event.text, ENGINE, misreading(event.outcome.value), event.encoded)
        return self._by_meaning(fault, event) or self._by_reference(event)

    def _by_reference(self, event: "_EncodedEvent") -> Witness | None:
        shown = reference_answer(self._reader, self._writer, event.value, event.outcome.value)
        return Witness(event.text, REFERENCE_ENGINE, shown, event.encoded) if shown else None

    def _by_meaning(self, fault: Fault, event: "_EncodedEvent") -> Witness | None:
        """Show what the value means to either side, where their logical types differ."""
        nodes = fault.nodes
        logical = [
            logical_at(model, node) for model, node in ((self._writer, nodes.writer), (self._reader, nodes.reader))
        ]
        are_decimals = all(one is not None and one.name == "decimal" for one in logical)
        if fault.value is SMALLEST or logical[0] == logical[1] or are_decimals:  # which the specification compares
            return None
        written, read = SchemaPart(self._writer, nodes.writer), SchemaPart(self._reader, nodes.reader)
        can_be_asked = not self._mixed and self._affordable(written.weight + read.weight)
        shift = meaning_shift(read, written, fault.value) if can_be_asked else ""
        return Witness(event.text, MEANING_ENGINE, shift or declared_shift(fault.value, *logical), event.encoded)

    def _of_change(self, fault: Fault) -> Witness | None:
        nodes = fault.nodes
        value = sample(nodes.reader, nodes.writer) if fault.value is SMALLEST else fault.value
        if value is SMALLEST or self._mixed:
            return None
        written, read = SchemaPart(self._writer, nodes.writer), SchemaPart(self._reader, nodes.reader)
        if not self._affordable(written.weight + read.weight):
            return None
        shift = meaning_shift(read, written, value)
        event = self._event(nodes.trail, nodes.writer, value) if shift else None
        if event is None:
            return None
        if event.outcome.error:
            return Witness(event.text, ENGINE, event.outcome.error, event.encoded)
        return Witness(event.text, MEANING_ENGINE, shift, event.encoded)

    def _event(self, trail: Trail | None, node: Node, value: Any) -> "_EncodedEvent | None":
        """Build the event that has *value* at *node*; None where the budget does not allow it."""
        if value is SMALLEST and self._payloads.is_smallest(trail):
            if self._smallest is None and self._has_room(self._smallest_values.size(self._writer.root)):
                self._smallest = self._made(self._payloads.smallest(self._writer.root))
            return self._smallest
        if not self._has_room(self._payloads.pieces(trail, node)):
            return None
        placed = value
        if value is SMALLEST:
            placed = None if trail is not None and trail.empty else self._payloads.smallest(node)
        return self._made(self._payloads.along(trail, placed))

    def _made(self, value: Any) -> "_EncodedEvent":
        return _EncodedEvent(value, fastavro_form(self._writer, logical_types=False), self._reader_form)

    def _reader_form(self) -> Any:
        return reader_form(self._reader, self._writer)

    def _has_room(self, pieces: int) -> bool:
        """Tell whether an event of so many pieces may be built: the first up to a limit, the others by steps."""
        if pieces > LARGEST or self._weight > HEAVIEST:
            return False
        first, self._first = self._first, False
        return first or self._affordable(pieces + self._weight // 4)

    def _affordable(self, steps: int) -> bool:
        if steps > self._left:
            return False
        self._left -= steps
        return True


def reader_form(reader: AvroModel, writer: AvroModel) -> Any:
    """Return the reader for fastavro, different from the writer in any case: equal schemas it does not resolve."""
    form = fastavro_form(reader, logical_types=False)
    return _documented(form) if form == fastavro_form(writer, logical_types=False) else form


def _documented(form: Any) -> Any:
    if isinstance(form, list):
        return [_documented(branch) if isinstance(branch, dict) else branch for branch in form]
    return {**(form if isinstance(form, dict) else {"type": form}), "doc": "as the reader has it"}


def misreading(value: Any) -> str:
    """Say that fastavro read *value*, which is none of the reader's type."""
    return f"reads {str(value)[:_MOST_SHOWN]}, which the reader's schema does not allow"


def reference_answer(reader: AvroModel, writer: AvroModel, value: Any, read: Any) -> str:
    """Return why the reference reader refuses *value*, or that it reads something else than fastavro's *read*."""
    try:
        found = ReferenceReader(reader, writer).read(value)
    except ValueRefused as refused:
        return str(refused)
    if found == read:
        return ""
    return f"reads {str(found)[:_MOST_SHOWN]}; fastavro reads {str(read)[:_MOST_SHOWN]} from the same bytes"


class _EncodedEvent:
    """One payload of the writer, encoded, and what the reader reads."""

    def __init__(self, value: Any, writer: Any, reader: Callable[[], Any]) -> None:
        data = encode(writer, value)
        self.value = value
        self.text = json_text(value)
        self.encoded = data.hex()
        self._data = data
        self._writer = writer
        self._reader = reader
        self._outcome: Decoded | None = None

    @property
    def outcome(self) -> Decoded:
        if self._outcome is None:
            self._outcome = decode(self._data, self._writer, self._reader())
        return self._outcome
