"""Writers and readers that run the rules of a contract; its handle wraps the codec in them where there are any.

On produce rules run first, and the codec checks the event that they return. On consume the codec runs first, and rules
see the event in the reader's revision.
"""

from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any

from moorings.api.responses import Version
from moorings.codecs.failures import SLOW_PATH, Invalid, MakeInvalid, MakeUnreadable, Mismatch
from moorings.codecs.formats import MessageReader, Reader, Writer, make_reader, make_writer
from moorings.rules.book import RuleBook
from moorings.rules.errors import InvalidForDeadLetters, UnreadableForDeadLetters
from moorings.rules.interfaces import Scope
from moorings.rules.rule_set import Mode, encoding_rules_for, rules_for
from moorings.rules.running import Evaluation, PreparedRules
from moorings.rules.tagged_fields import tagged_model_of
from moorings.rules.violations import rule_violation
from moorings.violations import Violation
from moorings_compat import Schema


def ruled_writer(
    inner: Writer, version: Version, schema: Schema, event: str, book: RuleBook | None, refused: MakeInvalid
) -> Writer:
    """Return a writer that runs the rules of *version* first; *inner* itself where none runs on produce.

    *event* is the event's name, by which Protobuf finds its message.

    Raises:
        ExtraMissing: a rule is written in CEL, and the extra for CEL is not installed.
    """
    unrun = encoding_rules_for(version.rule_set, Mode.WRITE)
    if unrun:
        return RefusingWriter(unrun, refused)
    rules = _rules(version, schema, event, Mode.WRITE, book)
    return RuledWriter(inner, rules, refused) if rules is not None else inner


def ruled_reader(
    inner: Reader, version: Version, schema: Schema, event: str, book: RuleBook | None, unreadable: MakeUnreadable
) -> Reader:
    """Return a reader that runs the rules of *version*, the reader's, afterwards; *inner* itself where none does.

    Raises:
        ExtraMissing: a rule is written in CEL, and the extra for CEL is not installed.
        Mismatch: it has rules about the bytes of events, which this client does not run.
    """
    unrun = encoding_rules_for(version.rule_set, Mode.READ)
    if unrun:
        raise Mismatch("", _not_run(unrun))
    rules = _rules(version, schema, event, Mode.READ, book)
    if rules is None:
        return inner
    if isinstance(inner, MessageReader):
        return RuledMessageReader(inner, rules, unreadable, schema, event)
    return RuledReader(inner, rules, unreadable)


def refuse_migration(version: Version, written_as: str) -> None:
    """Refuse what another major wrote where the contract has migration rules for it: this client does not run those.

    Read without them, such an event would not mean what its owner says.

    Raises:
        Mismatch: naming the rules.
    """
    major = written_as.partition(".")[0]
    if not major.isdigit() or int(major) == version.major:
        return
    mode = Mode.UPGRADE if int(major) < version.major else Mode.DOWNGRADE
    names = ", ".join(rule.name for rule in rules_for(version.rule_set, mode))
    if names:
        raise Mismatch(
            "", f"the contract's migration rules ({names}) would have to run, and this client does not run any"
        )


def _rules(version: Version, schema: Schema, event: str, mode: Mode, book: RuleBook | None) -> PreparedRules | None:
    found = rules_for(version.rule_set, mode)
    if not found:
        return None
    model = tagged_model_of(schema, event, version.metadata)
    return PreparedRules(found, Scope(version.subject, mode, model, version.metadata or {}), book or RuleBook())


def _not_run(names: Sequence[str]) -> str:
    return f"the contract's encoding rules ({', '.join(names)}) would have to run, and this client does not run any"


class RefusingWriter:
    """Writes nothing: the contract has rules about the bytes of events, which this client does not run."""

    def __init__(self, names: Sequence[str], refused: MakeInvalid) -> None:
        self._found = tuple(rule_violation("", one, "", "", _not_run([one])) for one in names)
        self._refused = refused

    def at_once(self, _value: Any) -> bytes:
        raise self._refused(self._found)

    encode = at_once

    def violations(self, _value: Any) -> Sequence[Violation]:
        return self._found


class RuledWriter:
    """Runs rules, then writes. Its short path raises the errors of the contract itself, so that no rule runs twice."""

    def __init__(self, inner: Writer, rules: PreparedRules, refused: MakeInvalid) -> None:
        self._inner = inner
        self._rules = rules
        self._refused = refused

    def at_once(self, value: Any) -> bytes:
        """Return the framed event.

        Raises:
            EventInvalid: it breaks rules, or its schema; or both, and then the rules that could not be evaluated for it
                are left out. `InvalidForDeadLetters` where a rule says so.
        """
        event = _plain(value)
        evaluation = self._rules.apply(event)
        result = value if evaluation.event is event else evaluation.event
        if not evaluation.refused:
            return self._write(result)
        error = self._refused(_together(self._inner.violations(result), evaluation))
        if evaluation.dead_letters is not None:
            raise InvalidForDeadLetters(error, evaluation.dead_letters, Mode.WRITE)
        raise error

    encode = at_once

    def violations(self, value: Any) -> Sequence[Violation]:
        """Return everything that is wrong with *value*; actions are not called."""
        event = _plain(value)
        evaluation = self._rules.apply(event, acting=False)
        return _together(self._inner.violations(value if evaluation.event is event else evaluation.event), evaluation)

    def _write(self, value: Any) -> bytes:
        try:
            return self._inner.at_once(value)
        except SLOW_PATH:
            pass  # left first: an exception raised inside would carry the values of its cause
        try:
            return self._inner.encode(value)
        except Invalid as invalid:
            found = invalid.violations
        raise self._refused(tuple(found))


class RuledReader:
    """Reads, then runs rules."""

    def __init__(self, inner: Reader, rules: PreparedRules, unreadable: MakeUnreadable) -> None:
        self._inner = inner
        self._rules = rules
        self._unreadable = unreadable

    def at_once(self, data: bytes) -> Any:
        """Return the event as a dict.

        Raises:
            EventUnreadable: it breaks rules; `UnreadableForDeadLetters` where a rule says so.
        """
        return self._judged(data, self._inner.at_once(data)).event

    def mismatch(self, data: bytes, error: BaseException) -> Mismatch:
        """Say where and why `at_once` raised *error*, which rules never do."""
        return self._inner.mismatch(data, error)

    def _judged(self, data: bytes, event: Any) -> Evaluation:
        evaluation = self._rules.apply(event)
        if not evaluation.refused:
            return evaluation
        found = evaluation.violations
        error = self._unreadable(data, Mismatch(found[0].pointer, "it breaks the contract's rules", found))
        if evaluation.dead_letters is not None:
            raise UnreadableForDeadLetters(error, evaluation.dead_letters, Mode.READ)
        raise error


class RuledMessageReader(RuledReader):
    """Reads Protobuf events, as messages too."""

    def __init__(
        self, inner: MessageReader, rules: PreparedRules, unreadable: MakeUnreadable, schema: Schema, event: str
    ) -> None:
        super().__init__(inner, rules, unreadable)
        self._messages = inner
        self._writer = make_writer(schema, event, b"")
        self._reader = make_reader(schema, schema, event, 0)

    def message_at_once(self, data: bytes) -> Any:
        """Return the event as a message; raises as `at_once`."""
        message = self._messages.message_at_once(data)
        event = _plain(message)
        evaluation = self._judged(data, event)
        return message if evaluation.event is event else self._message(data, evaluation.event)

    def _message(self, data: bytes, event: Any) -> Any:
        assert isinstance(self._reader, MessageReader)
        try:
            return self._reader.message_at_once(self._writer.encode(event))
        except Invalid as invalid:
            mismatch = Mismatch("", "a rule turned it into an event that the contract refuses", invalid.violations)
        raise self._unreadable(data, mismatch)


def _together(of_the_schema: Sequence[Violation], evaluation: Evaluation) -> tuple[Violation, ...]:
    """Join both kinds; of an event that its schema refuses, rules that could not be evaluated add nothing."""
    return (*of_the_schema, *(one for one in evaluation.violations if one.worked_out or not of_the_schema))


def _plain(value: Any) -> Any:
    """Turn a Protobuf message into a dict; everything else stays as it is."""
    descriptor = getattr(value, "DESCRIPTOR", None)
    if descriptor is None:
        return value
    plans = import_module("moorings.codecs.protobuf.plans")  # installed, since there is a message
    return plans.plain(value, _plan(descriptor))


@lru_cache(maxsize=1000)
def _plan(descriptor: Any) -> Any:
    return import_module("moorings.codecs.protobuf.plans").Plans().message(descriptor)
