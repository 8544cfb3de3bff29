"""Edits on trial: what is advised where fields are left out has to give a schema that no longer has the finding.

Where only declared fields count, an assertion may stem from several keywords, or from a keyword of another kind, so an
edit that is right for the keyword alone may not be right for the text. It is made, and the two schemas are compared
again, within few steps; where those do not suffice, the payload is run through the real reader and writer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from moorings_compat.errors import BudgetSpent, SchemaError
from moorings_compat.findings import Finding, Suggestion, Witness
from moorings_compat.json_schema.documents.pointers import pointer_steps, value_at
from moorings_compat.json_schema.explaining.witnesses import Reader, Writer
from moorings_compat.json_schema.model import Model, model_of
from moorings_compat.json_schema.parse import parse
from moorings_compat.json_schema.payloads import read_payload, write_payload
from moorings_compat.json_text import read_json
from moorings_compat.limits import DEFAULT_LIMITS, Budget
from moorings_compat.policies import DEFAULT_DIALECT, Dialect
from moorings_compat.schema import Schema

LONGEST = 50_000
"""Characters of a text that is edited on trial; edits of longer ones are not offered."""
_CHARACTERS_A_STEP = 8

STEPS = 30_000
"""Of the comparison after an edit."""

Recheck = Callable[[Schema, Schema, Budget], Iterable[Finding]]
"""Compares a reader and a writer."""
Validators = Callable[[Model, Model], tuple[Callable[[], Reader], Callable[[], Writer]]]
"""The real reader and writer of two models."""


@dataclass(frozen=True, slots=True)
class EditTrial:
    """What edits of a candidate are tried with."""

    reader: Schema
    writer: Schema
    candidate_reads: bool
    validators: Validators
    recheck: Recheck
    budget: Budget

    def of(self, finding: Finding) -> Finding:
        """Return *finding*, without its suggestion unless that settles it."""
        if finding.suggestion is None or self._settles(finding, finding.suggestion):
            return finding
        return replace(finding, suggestion=None)

    def _settles(self, finding: Finding, suggestion: Suggestion) -> bool:
        candidate = self.reader if self.candidate_reads else self.writer
        if finding.witness is None or len(candidate.text) > LONGEST:
            return False
        try:
            self.budget.spend(100 + len(candidate.text) // _CHARACTERS_A_STEP)
            edited = parse(
                _edited(candidate.text, suggestion),
                candidate.references,
                dialect=Dialect(candidate.dialect or DEFAULT_DIALECT),
            )
            pair = (edited, self.writer) if self.candidate_reads else (self.reader, edited)
            left = self._left(*pair)
            if left is None:  # too much to compare again: then the payload alone says
                return self._is_harmless(finding.witness, *pair)
            return _mark(finding) not in left
        except (SchemaError, LookupError, BudgetSpent):
            return False  # not an edit of this text, not a schema any more, or nobody can tell

    def _is_harmless(self, witness: Witness, reader: Schema, writer: Schema) -> bool:
        reads, writes = self.validators(model_of(reader), model_of(writer))
        payload = read_payload(witness.payload)
        if self.candidate_reads:
            return not any(True for _ in reads().iter_errors(payload))
        return not writes().is_valid(payload)

    def _left(self, reader: Schema, writer: Schema) -> set[tuple[str, str, str]] | None:
        """Compare again: the marks of what is found then; None where the steps do not suffice."""
        small = Budget(min(STEPS, self.budget.left))
        left = {_mark(one) for one in self.recheck(reader, writer, small)}
        self.budget.spend(small.granted - max(0, small.left))
        return left if small.left >= 0 else None


def _mark(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.reader_path, finding.about


def _edited(text: str, suggestion: Suggestion) -> str:
    """Apply an edit of RFC 6902 to *text*.

    Raises:
        LookupError: it does not lead anywhere.
    """
    holder = {"": read_json(text, DEFAULT_LIMITS.brackets, exact=True)}
    above, _, last = f"{suggestion.path}".rpartition("/")
    steps = pointer_steps(above, holder[""])
    if steps is None:
        raise LookupError(above)
    owner: Any = value_at(holder[""], steps) if suggestion.path else holder
    name = last.replace("~1", "/").replace("~0", "~")
    if suggestion.action == "remove":
        del owner[_step(owner, name)]
    elif name == "-":
        owner.append(read_json(suggestion.value, DEFAULT_LIMITS.brackets, exact=True))
    elif isinstance(owner, dict) and (name in owner) is not (suggestion.action == "replace"):
        raise LookupError(suggestion.path)
    else:
        owner[_step(owner, name)] = read_json(suggestion.value, DEFAULT_LIMITS.brackets, exact=True)
    return write_payload(holder[""])


def _step(owner: Any, name: str) -> str | int:
    return int(name) if isinstance(owner, list) and name.isdecimal() else name
