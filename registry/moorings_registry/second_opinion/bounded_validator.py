"""`jsonschema` within bounds: each keyword is paid for in steps before it runs, and nothing is fetched.

The engine has no limits of its own: it follows recursive references, compares each item with each other one, writes
payload and schema into every message, and matches patterns with `re`. Steps are counted and not timed, so that
the same witness gets the same answer on every machine.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import referencing
from jsonschema import (
    Draft4Validator,
    Draft6Validator,
    Draft7Validator,
    Draft201909Validator,
    Draft202012Validator,
    FormatChecker,
)
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from moorings_compat.json_schema.documents.drafts import Draft, draft_named
from moorings_compat.json_schema.nodes.compiling import FORMATS
from moorings_registry.second_opinion.pattern_cost import PatternNotBounded, search_steps
from moorings_registry.second_opinion.steps import NotRun, Steps

_VALIDATORS: dict[Draft, type[Validator]] = {
    Draft.DRAFT_4: Draft4Validator,
    Draft.DRAFT_6: Draft6Validator,
    Draft.DRAFT_7: Draft7Validator,
    Draft.DRAFT_2019_09: Draft201909Validator,
    Draft.DRAFT_2020_12: Draft202012Validator,
}
_CHECKED_FORMATS = ("date", "email", "idn-email", "ipv4", "ipv6", "regex", "uuid")
"""The formats that it checks by itself: the others need packages, and no answer may depend on what is installed."""
_COUNTED_DEEP = frozenset(["enum", "const", "dependentRequired", "dependencies"])
"""Keywords that look at everything in their value."""
_WRITES_SCHEMAS = frozenset(["oneOf", "not"])
"""Keywords whose messages hold schemas."""
_REFERENCES = frozenset(["$ref", "$dynamicRef", "$recursiveRef"])
_PATTERN_STEPS = 200
"""Steps of a search that weigh as much as one step here."""

_Keyword = Callable[[Validator, Any, Any, Any], Iterator[Any] | None]


class BoundedValidator:
    """One schema as `jsonschema` reads it."""

    def __init__(self, bundled: Any, draft: Draft, *, formats: bool, steps: Steps) -> None:
        """*bundled* is the self-contained document, decoded.

        Raises:
            NotRun: a part of the document is of another draft.
        """
        self._steps = steps
        self._schema = _plain(_without_dialects(bundled, draft))
        self._nodes = _nodes(self._schema)
        self._patterns = tuple(_property_patterns(self._schema))
        self._draft = draft
        self._deep: dict[int, int] = {}
        self._payload_nodes = 0
        self.unchecked: set[str] = set()
        """The formats of strings that the last answer took for correct, since the engine does not check them."""
        base = _VALIDATORS[draft]
        paid = {name: self._paid(name, check) for name, check in base.VALIDATORS.items()}
        kind: type[Validator] = extend(base, paid)  # type: ignore[no-untyped-call]
        known = set(_CHECKED_FORMATS) & base.FORMAT_CHECKER.checkers.keys()
        self._checker = FormatChecker(formats=known) if formats else None
        # An empty registry: the engine's own one would fetch what it does not know.
        self._validator = kind(self._schema, registry=referencing.Registry(), format_checker=self._checker)

    def accepts(self, payload: Any) -> bool:
        """Say whether the engine accepts *payload*.

        Raises:
            NotRun: the steps do not suffice, or a pattern may take too long.
        """
        self.unchecked.clear()
        self._payload_nodes = _nodes(payload)
        return bool(self._validator.is_valid(payload))

    def _paid(self, name: str, check: _Keyword) -> _Keyword:
        def paid(validator: Validator, value: Any, instance: Any, schema: Any) -> Iterator[Any]:
            self._pay(name, value, instance, schema)
            for error in check(validator, value, instance, schema) or ():
                # Its message holds the instance, and for some keywords schemas.
                self._steps.spend(1 + (self._payload_nodes + (self._nodes if name in _WRITES_SCHEMAS else 0)) // 16)
                yield error

        return paid

    def _pay(self, name: str, value: Any, instance: Any, schema: Any) -> None:
        steps = 2 + _length(value) // 8 + _length(instance) // 8
        if name in _COUNTED_DEEP:
            steps += self._deep_size(value) // 8
        elif name == "uniqueItems" and isinstance(instance, list):
            steps += len(instance) * _nodes(instance) // 8
        elif name in _REFERENCES:
            # Other than a pointer, a name is looked for in the whole document.
            steps += 6 if str(value).startswith("#/") else self._nodes
        elif name == "format":
            self._note_format(value, instance)
            steps += len(instance) // 8 if isinstance(instance, str) else 0
        self._steps.spend(steps)
        for pattern, text in self._searches(name, value, instance, schema):
            try:
                self._steps.spend(1 + search_steps(pattern, len(text)) // _PATTERN_STEPS)
            except PatternNotBounded:
                raise NotRun(f"Python's re cannot run the pattern {_short(pattern)!r}, or may take too long") from None

    def _searches(self, name: str, value: Any, instance: Any, schema: Any) -> Iterator[tuple[str, str]]:
        """Yield what a keyword searches for, and in which text."""
        if name == "pattern" and isinstance(instance, str):
            yield value, instance
        elif isinstance(instance, dict):
            patterns: Any = ()
            if name == "patternProperties":
                patterns = value
            elif name == "additionalProperties":
                patterns = schema.get("patternProperties", ())
            elif name == "unevaluatedProperties":
                patterns = self._patterns  # it follows references by itself
            yield from ((pattern, key) for pattern in patterns for key in instance)

    def _note_format(self, name: Any, instance: Any) -> None:
        since = FORMATS.get(name) if isinstance(name, str) else None
        asserted = since is not None and self._draft >= since
        unknown = self._checker is not None and name not in self._checker.checkers
        if unknown and asserted and isinstance(instance, str):
            self.unchecked.add(name)

    def _deep_size(self, value: Any) -> int:
        # The schema lives as long as this object, so that no other value takes one of its ids.
        if id(value) not in self._deep:
            self._deep[id(value)] = _nodes(value)
        return self._deep[id(value)]


def _without_dialects(bundled: Any, draft: Draft) -> Any:
    """Leave `$schema` out at the root and in embedded references.

    The engine changes to a class of its own wherever a schema names a dialect: it would run without bounds there.

    Raises:
        NotRun: a dialect is named elsewhere, or another one.
    """
    if not isinstance(bundled, dict):
        return bundled
    root = {key: value for key, value in bundled.items() if key != "$schema"}
    held = root.get(draft.definitions_keyword)
    if isinstance(held, dict):
        root[draft.definitions_keyword] = {name: _without_dialect(one, draft) for name, one in held.items()}
    if _names_dialect(root):
        raise NotRun("a schema inside the document names a dialect of its own")
    return root


def _without_dialect(schema: Any, draft: Draft) -> Any:
    if isinstance(schema, dict) and draft_named(str(schema.get("$schema", ""))) is draft:
        return {key: value for key, value in schema.items() if key != "$schema"}
    return schema


def _names_dialect(value: Any) -> bool:
    if isinstance(value, dict):
        return isinstance(value.get("$schema"), str) or any(map(_names_dialect, value.values()))
    return isinstance(value, list) and any(map(_names_dialect, value))


def _plain(value: Any) -> Any:
    """Copy *value* with floats for Decimals, as a consumer of `jsonschema` would read the text."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return float(value) if isinstance(value, Decimal) else value


def _property_patterns(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        patterns = value.get("patternProperties")
        yield from patterns if isinstance(patterns, dict) else ()
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _property_patterns(one)


def _nodes(value: Any) -> int:
    """Count the values in *value*, and long strings by their length."""
    if isinstance(value, dict):
        return 1 + sum(1 + len(key) // 32 + _nodes(one) for key, one in value.items())
    if isinstance(value, list):
        return 1 + sum(map(_nodes, value))
    return 1 + len(value) // 32 if isinstance(value, str) else 1


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list | dict) else 0


def _short(pattern: str) -> str:
    return pattern if len(pattern) <= 60 else pattern[:60] + "…"
