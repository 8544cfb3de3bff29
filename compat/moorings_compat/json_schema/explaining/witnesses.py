"""Payloads that show a finding: run through the real validators of both sides, and made as small as possible."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from importlib.metadata import version
from itertools import islice, takewhile
from typing import Any, Protocol

import jsonschema_rs

from moorings_compat.errors import BudgetSpent
from moorings_compat.findings import Witness
from moorings_compat.json_schema.documents.pointers import pointer_text
from moorings_compat.json_schema.nodes.evaluating import holds
from moorings_compat.json_schema.nodes.nodes import Node
from moorings_compat.json_schema.patterns.engine_patterns import as_people_write
from moorings_compat.json_schema.payloads import read_payload, write_payload
from moorings_compat.limits import Budget

ENGINE = f"jsonschema-rs {version('jsonschema-rs')}"
_MOST_SHRINKING = 150
_LONGEST_SHRUNK = 1_000
"""Longer payloads are not made smaller: they are long because much is required, or too long to be read anyway."""
_LONGEST_TEXT = 3_000_000
_MOST_ERRORS = 100


class Writer(Protocol):
    """Says which payloads can be written."""

    def is_valid(self, payload: Any) -> bool: ...


class Reader(Protocol):
    """Says what is wrong with a payload, which it may change."""

    def iter_errors(self, payload: Any) -> Iterable[jsonschema_rs.ValidationError]: ...


class Confirmer:
    """Runs payloads through the writer's and the reader's validators, which are compiled when first needed."""

    def __init__(
        self,
        reader: Callable[[], Reader],
        writer: Callable[[], Writer],
        budget: Budget,
        remainder: tuple[Node, Callable[[Any], Any]],
        variants: Callable[[Any], Iterator[Any]] | None = None,
    ) -> None:
        """*remainder* is the node that values are made for, and what completes them before a validator sees them.

        *variants* makes others of a value that is not refused.
        """
        self._variants = variants
        self._budget = budget
        self._written, self._completed = remainder
        self._reader = reader
        self._writer = writer
        self._witnesses: dict[str, Witness | None] = {}
        """By the payload before it is completed."""
        self._errors: dict[str, list[tuple[str, str]]] = {}
        """By the payload, what the reader reports: the pointer of the keyword, and a sentence."""

    def witness(self, value: Any, focus: Node) -> Witness | None:
        """Confirm that the writer allows *value* and the reader refuses it, and shrink it; None if it is not so.

        Every smaller value violates *focus* too.

        Raises:
            BudgetSpent: the budget ended first.
        """
        size = len(write_payload(value))
        self._budget.spend(300 + size // 2)
        if size <= _LONGEST_SHRUNK and self._witness_of(value) is not None:
            value = self._shrunk(value, focus)
        return self._witness_of(value)

    def confirmed(self, value: Any) -> Witness | None:
        """Confirm *value* as it is; None also if the budget does not suffice."""
        try:
            return self._witness_of(value)
        except BudgetSpent:
            return None

    def varied(self, value: Any) -> Witness | None:
        """Confirm a variant of *value*; None where none is refused, or the budget does not suffice."""
        try:
            found = (self._witness_of(one) for one in (self._variants(value) if self._variants else ()))
            return next((one for one in found if one is not None), None)
        except BudgetSpent:
            return None

    def _witness_of(self, value: Any) -> Witness | None:
        known = write_payload(value)
        if known not in self._witnesses:
            text = write_payload(self._completed(value))
            refusal = self._refusal(text) if len(text) <= _LONGEST_TEXT else None
            witness = None if refusal is None else Witness(payload=text, engine=ENGINE, error=refusal)
            self._witnesses[known] = witness
        return self._witnesses[known]

    def _refusal(self, text: str) -> str | None:
        """Return the reader's error for a payload that the writer allows; None if there is none."""
        self._budget.spend(100 + len(text) // 12)
        payload = read_payload(text)
        if not self._writer().is_valid(payload):
            return None
        errors = list(self._reader().iter_errors(payload))
        if not errors or any(map(_gave_up, errors)):
            return None
        self._errors[text] = [
            (pointer_text(tuple(error.schema_path)), sentence(error)) for error in errors[:_MOST_ERRORS]
        ]
        return self._errors[text][0][1]

    def about(self, witness: Witness, pointer: str) -> Witness:
        """Quote the reader's error for *witness* at the keyword that *pointer* leads to, or the nearest one."""
        errors = self._errors.get(witness.payload)
        if not errors:
            return witness
        return replace(witness, error=max(errors, key=lambda one: _common_steps(one[0], pointer))[1])

    def _shrunk(self, value: Any, focus: Node) -> Any:
        """Remove one part at a time until nothing more can be removed."""
        left = _MOST_SHRINKING
        again = True
        while again:
            again = False
            for smaller in _smaller(value):
                left -= 1
                self._budget.spend(40)
                if left < 0:
                    return value
                if self._still_fails(smaller, focus) and self._witness_of(smaller) is not None:
                    value = smaller
                    again = True
                    break
        return value

    def _still_fails(self, value: Any, focus: Node) -> bool:
        return holds(self._written, value, self._budget) and not holds(focus, value, self._budget)


def sentence(error: jsonschema_rs.ValidationError) -> str:
    """Write the validator's error as witnesses quote it: with its place, and patterns as people write them."""
    where = pointer_text(tuple(error.instance_path))
    message = as_people_write(error.message) if error.kind.name == "pattern" else error.message
    return f"at {where}: {message}" if where else message


def _common_steps(one: str, other: str) -> int:
    """Count the steps that two pointers have in common."""
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _gave_up(error: jsonschema_rs.ValidationError) -> bool:
    """Say whether a pattern ran into its limit, which refuses nothing."""
    return isinstance(
        error.kind,
        jsonschema_rs.ValidationErrorKind.BacktrackLimitExceeded | jsonschema_rs.ValidationErrorKind.RegexEngineFailure,
    )


def _smaller(value: Any) -> Iterator[Any]:
    """Yield values with one part less, or with a simpler one in its place; the largest steps first.

    A part may replace the whole: so a payload of a recursive schema loses its levels.
    """
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    yield from (one for one in islice(parts, 50) if isinstance(one, dict | list) and one)
    if isinstance(value, dict):
        for name in value:
            yield {other: one for other, one in value.items() if other != name}
        for name, one in value.items():
            for simpler in _simpler(one):
                yield {**value, name: simpler}
    elif isinstance(value, list):
        if len(value) > 8:
            yield value[: len(value) // 2]
        for index in range(min(len(value), 50)):
            yield value[:index] + value[index + 1 :]
        for index, one in enumerate(value[:50]):
            for simpler in _simpler(one):
                yield [*value[:index], simpler, *value[index + 1 :]]


def _simpler(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list) and value:
        yield from (None, type(value)())
        yield from _smaller(value)
