"""Which writers and readers a comparison speaks of: the nodes that describe them, and the real ones that confirm.

In the open world a writer writes anything that validates, and a reader validates it as it is. In the declared world a
writer refuses undeclared fields, and a reader leaves them out before it validates (`declared_fields`). A strict reader
gets what such a writer writes, and validates it as it is.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from moorings_compat.errors import BudgetSpent
from moorings_compat.json_schema.documents.documents import Document
from moorings_compat.json_schema.explaining.witnesses import Reader, Writer
from moorings_compat.json_schema.model import Model
from moorings_compat.json_schema.nodes.nodes import Node
from moorings_compat.json_schema.projection import Projection, projection_of, shape_validator
from moorings_compat.json_schema.reader_drops import dropping_locations
from moorings_compat.json_schema.reader_projecting import ReaderProjecting
from moorings_compat.json_schema.repeated_items import Variants, repeating
from moorings_compat.json_schema.validator_cache import ValidatorCache
from moorings_compat.json_schema.writer_closing import WriterClosing
from moorings_compat.limits import Budget
from moorings_compat.policies import Policy


@dataclass(frozen=True, slots=True)
class Pair:
    """A reader and a writer to compare."""

    reader: Node
    """What the reader accepts, of all that the writer can write."""
    writer: Node
    """What the writer can write."""
    documents: tuple[Document, Document]
    """The reader's and the writer's."""
    reads: Callable[[], Reader]
    writes: Callable[[], Writer]
    leaves_out: bool = False
    """The reader leaves out some field that the writer can write."""
    variants: Variants | None = None
    """Payloads that the real reader may refuse where its node cannot say so."""
    inexact: bool = False
    """`reader` lacks an assertion: that it accepts all of `writer` proves nothing."""


def open_pair(reader: Model, writer: Model, policy: Policy, budget: Budget) -> Pair:
    """Compare the schemas as they are."""
    ours, theirs = _roots(reader, writer, policy)
    reads, writes = _validators(reader, writer, policy, budget)
    return Pair(ours, theirs, (reader.document, writer.document), reads, writes)


def declared_pair(reader: Model, writer: Model, policy: Policy, budget: Budget) -> Pair:
    """Compare a reader that leaves undeclared fields out with a writer that refuses them."""
    ours, theirs = _roots(reader, writer, policy)
    dropping = dropping_locations(reader.declared.root, writer.declared.root)
    projecting = ReaderProjecting(dropping, budget)
    try:
        ours = projecting.whole(ours, reader.declared.root)
        theirs = WriterClosing(budget).whole(theirs, writer.declared.root)
    except BudgetSpent:
        projecting.inexact = True
    documents = (reader.document, writer.document)
    reads, writes = declared_validators(reader, writer, policy, budget)
    variants = repeating(reader.declared.root, writer.declared.root) if dropping else None
    return Pair(ours, theirs, documents, reads, writes, bool(dropping), variants, projecting.inexact)


def declared_validators(
    reader: Model, writer: Model, policy: Policy, budget: Budget
) -> tuple[Callable[[], Reader], Callable[[], Writer]]:
    """A reader that leaves undeclared fields out, and a writer that refuses them: the real ones."""
    reads, writes = _validators(reader, writer, policy, budget)
    return (
        lambda: _ProjectingReader(reads(), _projection(reader)),
        lambda: _ClosedWriter(writes(), _shape(writer)),
    )


def strict_pair(reader: Model, writer: Model, policy: Policy, budget: Budget) -> Pair:
    """Compare a reader that validates events as they are with a writer that refuses undeclared fields.

    Raises:
        BudgetSpent: the budget ended first.
    """
    ours, theirs = _roots(reader, writer, policy)
    closed = WriterClosing(budget).whole(theirs, writer.declared.root)
    reads, writes = _validators(reader, writer, policy, budget)
    documents = (reader.document, writer.document)
    return Pair(ours, closed, documents, reads, lambda: _ClosedWriter(writes(), _shape(writer)))


@dataclass(frozen=True, slots=True)
class _ClosedWriter:
    validator: Writer
    shape: Writer | None

    def is_valid(self, payload: Any) -> bool:
        return self.validator.is_valid(payload) and (self.shape is None or self.shape.is_valid(payload))


@dataclass(frozen=True, slots=True)
class _ProjectingReader:
    validator: Reader
    leave_out: Projection | None

    def iter_errors(self, payload: Any) -> Iterable[jsonschema_rs.ValidationError]:
        if self.leave_out is not None:
            self.leave_out(payload)
        return self.validator.iter_errors(payload)


def _roots(reader: Model, writer: Model, policy: Policy) -> tuple[Node, Node]:
    return reader.root(formats=policy.formats_asserted), writer.root(formats=policy.formats_asserted)


def _validators(
    reader: Model, writer: Model, policy: Policy, budget: Budget
) -> tuple[Callable[[], Reader], Callable[[], Writer]]:
    validators, formats = budget.shared(ValidatorCache), policy.formats_asserted
    return (
        lambda: validators.of(reader, formats=formats),
        lambda: validators.of(writer, formats=formats, proving=True),
    )


def _projection(model: Model) -> Projection | None:
    return None if model.declared.root is None else projection_of(model.declared.root)


def _shape(model: Model) -> jsonschema_rs.Validator | None:
    shape = model.declared.shape(strict=True)
    return None if shape is None else shape_validator(shape)
