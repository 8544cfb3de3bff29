"""From one major to a later one: a stage for each mapping, each validated and brought into its major's own form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from moorings.codecs.failures import SLOW_PATH, Invalid, Mismatch
from moorings.codecs.formats import Reader, Writer, make_reader, make_writer
from moorings_compat import Schema
from moorings_compat.mappings.applying import StepFailed, upcast
from moorings_compat.mappings.mapping import Mapping


@dataclass(frozen=True, slots=True)
class Target:
    """What a mapping leads to: the schema of the major after, and what it is called."""

    mapping: Mapping
    label: str
    schema: Schema


class Stage:
    """One mapping, compiled: an event as one major has it in, as the next has it out."""

    def __init__(self, target: Target, event: str) -> None:
        self._mapping = target.mapping
        self._label = target.label
        self._writer: Writer = make_writer(target.schema, event, b"")
        self._reader: Reader = make_reader(target.schema, target.schema, event, 0)

    def take(self, value: Any) -> Any:
        """Return what *value* is in the next major.

        It is written and read with the next major's schema, so that it is valid, has the defaults of what is absent,
        and looks as every other event of that major does.

        Raises:
            Mismatch: a step cannot be taken, or the result is not valid; says where, never what.
        """
        try:
            mapped = upcast(self._mapping, value)
        except StepFailed as failed:
            path, reason = failed.path, str(failed)
        else:
            return self._settled(mapped)
        raise Mismatch(path, f"not to be upcast to {self._label}: {reason}")

    def _settled(self, mapped: Any) -> Any:
        try:
            data = self._written(mapped)
        except Invalid as invalid:
            violations = invalid.violations
        else:
            return self._reader.at_once(data)
        reason = f"upcast, it does not keep to {self._label}"
        raise Mismatch(violations[0].pointer if violations else "", reason, violations)

    def _written(self, mapped: Any) -> bytes:
        try:
            return self._writer.at_once(mapped)
        except SLOW_PATH:
            pass  # left first: what is raised then would carry the values of its cause
        return self._writer.encode(mapped)


class UpcastingReader:
    """Reads events of an earlier major as a later one; fills the protocol of readers."""

    def __init__(self, first: Reader, targets: Sequence[Target], event: str) -> None:
        """Read with *first*, as the earliest major has it, then go through *targets* in order."""
        self._first = first
        self._stages = [Stage(target, event) for target in targets]

    def at_once(self, data: bytes) -> Any:
        """Return the event as the last major has it; raises one of `SLOW_PATH`."""
        value = self._first.at_once(data)
        try:
            return self._through(value)
        except Mismatch:
            pass  # `mismatch` says why
        raise NotUpcast

    def mismatch(self, data: bytes, error: BaseException) -> Mismatch:
        """Say where and why `at_once` failed."""
        try:
            value = self._first.at_once(data)
        except SLOW_PATH as failure:
            return self._first.mismatch(data, failure)
        try:
            self._through(value)
        except Mismatch as mismatch:
            return mismatch
        return Mismatch("", "it could not be upcast")

    def _through(self, value: Any) -> Any:
        for stage in self._stages:
            value = stage.take(value)
        return value


@dataclass(frozen=True, slots=True)
class Way:
    """From one major to a later one, with every schema on the way."""

    first: Schema
    """Of the major where it begins: what its revisions are read as before anything is mapped."""
    targets: tuple[Target, ...]

    def reader(self, first: Reader, event: str) -> UpcastingReader:
        """Return a reader that goes this way after *first*, which reads as `Way.first`."""
        return UpcastingReader(first, self.targets, event)


class NotUpcast(ValueError):
    """An event that was read cannot be taken to the next major; `mismatch` says why. Holds nothing of the event."""
