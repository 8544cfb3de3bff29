"""`moorings check --batch`: one question per line of standard input, one answer per line, in one process.

A question is a JSON object::

    {"format": "AVRO", "old": "...", "new": "...", "mode": "BACKWARD", "older": ["..."],
     "old_refs": [{"name": "...", "subject": "...", "version": 1, "schema": "...", "references": [...]}],
     "new_refs": {"name": "text"}, "positions": true,
     "policy": {"protobuf_level": "json", "formats_asserted": false, "lenient": true}}

`older` are still older versions, oldest first; a transitive level compares with them, too. Every line is answered:
``{"compatible": ..., "verdict": ..., "findings": [...]}``, with ``error`` if a schema is invalid or
the line is not a question. With `positions`, each finding has line and column of its places in both texts.
"""

import json
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from moorings.cli.results import findings_of
from moorings_compat import (
    DEFAULT_DIALECT,
    DEFAULT_POLICY,
    Dialect,
    Format,
    JsonFields,
    Level,
    Policy,
    Positions,
    ProtobufCompilerUnavailable,
    ProtobufLevel,
    Reference,
    ReferenceMissing,
    ResolvedReference,
    Schema,
    SchemaError,
    check,
    parse,
)

LONGEST_LINE = 64 * 1024 * 1024
_DEEPEST_REFERENCE = 50
_MODES = {level.value: level for level in Level}


class QuestionInvalid(ValueError):
    """A line that is not a question; the message says why."""


def answers(lines: Iterable[bytes]) -> Iterator[str]:
    """Answer every line that is not blank, each before the next is read."""
    for line in lines:
        if line.strip():
            yield json.dumps(answer(line), ensure_ascii=True)


def answer(line: bytes) -> dict[str, Any]:
    """Answer one question; never raises for what a line holds."""
    try:
        return _answer(_question(line))
    except (QuestionInvalid, SchemaError, ProtobufCompilerUnavailable, RecursionError) as error:
        return _invalid(_error_reason(error), getattr(error, "code", "QUESTION_INVALID"))
    except Exception:  # noqa: BLE001 - this line must not stop the next ones
        traceback.print_exc()
        return {**_invalid("internal error; see standard error", "INTERNAL"), "verdict": "undecided"}


def _answer(question: Mapping[str, Any]) -> dict[str, Any]:
    format = _choice(question, "format", {one.value: one for one in Format}, Format.AVRO)
    level = _choice(question, "mode", _MODES, Level.BACKWARD)
    dialect = _dialect(question.get("policy") or {})
    old_references = _read_references(question.get("old_refs"), format, 0)
    new_references = _read_references(question.get("new_refs"), format, 0)
    history = [
        (number, _parsed_schema(text, format, old_references, "old" if last else f"older[{number - 1}]", dialect))
        for number, (text, last) in enumerate(_older_texts(question), start=1)
    ]
    candidate = _parsed_schema(question.get("new"), format, new_references, "new", dialect)
    report = check(candidate, history, level, _policy(question.get("policy") or {}))
    labels = {number: _history_label(number, len(history)) for number, _ in history}
    found = findings_of(report, labels, _positions(question, candidate, history))
    return {
        "compatible": report.passes,
        "verdict": str(report.verdict),
        "json_fields": str(report.json_fields),
        "findings": [one.as_json() for one in found.values()],
    }


def _policy(given: Any) -> Policy:
    if not isinstance(given, dict):
        raise QuestionInvalid("'policy' is not an object")
    levels = {one.value.upper(): one for one in ProtobufLevel}
    return Policy(
        lenient=bool(given.get("lenient", DEFAULT_POLICY.lenient)),
        formats_asserted=bool(given.get("formats_asserted", DEFAULT_POLICY.formats_asserted)),
        protobuf_level=_choice(given, "protobuf_level", levels, DEFAULT_POLICY.protobuf_level),
        json_fields=_choice(
            given, "json_fields", {one.value.upper(): one for one in JsonFields}, DEFAULT_POLICY.json_fields
        ),
    )


def _positions(
    question: Mapping[str, Any], candidate: Schema, history: Sequence[tuple[int, Schema]]
) -> Positions | None:
    if not question.get("positions"):
        return None
    texts = {number: text for number, (text, _) in enumerate(_older_texts(question), start=1) if isinstance(text, str)}
    new = question.get("new")
    return Positions(candidate, dict(history), new if isinstance(new, str) else "", texts)


def _question(line: bytes) -> Mapping[str, Any]:
    if len(line) > LONGEST_LINE:
        raise QuestionInvalid(f"the line is longer than {LONGEST_LINE} bytes")
    try:
        question = json.loads(line.decode())
    except UnicodeDecodeError:
        raise QuestionInvalid("the line is not UTF-8") from None
    except ValueError as error:
        raise QuestionInvalid(f"the line is not JSON: {error}") from None
    if not isinstance(question, dict):
        raise QuestionInvalid("the line is not a JSON object")
    return question


def _choice(question: Mapping[str, Any], key: str, choices: Mapping[str, Any], default: Any) -> Any:
    given = question.get(key)
    if given is None:
        return default
    chosen = choices.get(given.upper()) if isinstance(given, str) else None
    if chosen is None:
        raise QuestionInvalid(f"unknown {key!r}: not one of {', '.join(choices)}")
    return chosen


def _older_texts(question: Mapping[str, Any]) -> Iterator[tuple[Any, bool]]:
    """Yield the older texts and the old one, each with whether it is the old one."""
    older = question.get("older") or []
    if not isinstance(older, list):
        raise QuestionInvalid("'older' is not a list of texts")
    for text in older:
        yield text, False
    if question.get("old") is not None:
        yield question["old"], True


def _dialect(policy: Any) -> Dialect:
    """Read the draft for dialects of other parties; a policy that is not an object is refused elsewhere."""
    choices = {one.value.upper(): one for one in Dialect}
    chosen: Dialect = _choice(policy if isinstance(policy, dict) else {}, "json_dialect", choices, DEFAULT_DIALECT)
    return chosen


def _parsed_schema(
    text: Any,
    format: Format,
    references: tuple[ResolvedReference, ...],
    name: str,
    dialect: Dialect = DEFAULT_DIALECT,
) -> Schema:
    if isinstance(text, dict | list | bool) and format is not Format.PROTOBUF:
        text = json.dumps(text)
    if not isinstance(text, str):
        raise QuestionInvalid(f"{name!r} is not the text of a schema")
    try:
        return parse(text, format, references, dialect=dialect)
    except SchemaError as error:
        error.add_note(name)
        raise


def _read_references(given: Any, format: Format, depth: int) -> tuple[ResolvedReference, ...]:
    """Read references: a mapping from name to text, or a list of objects; both may be mixed with parsed JSON."""
    if given is None:
        return ()
    if depth > _DEEPEST_REFERENCE:
        raise QuestionInvalid(f"references are nested deeper than {_DEEPEST_REFERENCE} levels")
    if isinstance(given, dict):
        given = [{"name": name, "schema": text} for name, text in given.items()]
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise QuestionInvalid("references are neither a list of objects nor an object from name to text")
    waiting = list(enumerate(given))
    resolved: list[ResolvedReference] = []
    while waiting:
        missing: list[tuple[int, Any]] = []
        failure: ReferenceMissing | None = None
        for place, one in waiting:
            try:
                resolved.append(_read_reference(one, place, format, tuple(resolved), depth))
            except ReferenceMissing as error:  # it may use a later one
                missing.append((place, one))
                failure = error
        if failure is not None and len(missing) == len(waiting):
            raise failure
        waiting = missing
    return tuple(resolved)


def _read_reference(
    one: Mapping[str, Any], place: int, format: Format, others: tuple[ResolvedReference, ...], depth: int
) -> ResolvedReference:
    """Read one reference; it uses its own references, else *others*."""
    name = one.get("name")
    if not isinstance(name, str):
        raise QuestionInvalid(f"reference {place} has no name")
    own = _choice(one, "format", {each.value: each for each in Format}, format)
    version = one.get("version")
    reference = Reference(name, str(one.get("subject") or name), version if isinstance(version, int) else 1)
    text = one.get("schema", one.get("text"))
    inner = _read_references(one.get("references") or None, own, depth + 1)
    try:
        return ResolvedReference(reference, _parsed_schema(text, own, inner, name))
    except ReferenceMissing:
        if inner or not others:
            raise
    return ResolvedReference(reference, _parsed_schema(text, own, others, name))


def _history_label(number: int, count: int) -> str:
    return "old" if number == count else f"older[{number - 1}]"


def _error_reason(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "nested too deep"
    notes = getattr(error, "__notes__", None)
    return f"{notes[0]}: {error}" if notes else str(error)


def _invalid(reason: str, code: str) -> dict[str, Any]:
    return {"compatible": False, "verdict": "invalid", "findings": [], "error": reason, "code": code}
