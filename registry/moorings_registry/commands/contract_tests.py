"""Contract tests of consumers: events that a candidate must be able to read, and what is asserted of them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from typing import Any

from moorings_compat import Policy, Problem, Schema, SchemaInvalid, SchemaLimitExceeded
from moorings_compat.consumer_rules import TEST_FAILED
from moorings_compat.impact import Evidence, EvidenceKind, Impact, ImpactStatus
from moorings_compat.json_text import read_json
from moorings_registry.commands.readers import ReaderImpact


def with_tests(
    impacts: Iterable[ReaderImpact], reader: Schema, writer: Schema, event: str, policy: Policy
) -> tuple[ReaderImpact, ...]:
    """Add to *impacts* the tests that fail when *reader* reads what was published for *writer*: they break a reader."""
    return tuple(
        replace(one, impact=_with_failed(one, reader, writer, event, policy)) if one.reader.tests else one
        for one in impacts
    )


def _with_failed(one: ReaderImpact, reader: Schema, writer: Schema, event: str, policy: Policy) -> Impact:
    contract_tests: Any = import_module("moorings_compat.conditions.contract_tests")
    failed = []
    for test in one.reader.tests if reader != writer else ():
        why = contract_tests.failure(test.event, test.assertion, reader, writer, event, policy)
        if why:
            message = f"its test {test.name!r} fails: {why}"
            failed.append(Evidence(EvidenceKind.TEST_FAILED, "", message, TEST_FAILED.code))
    return Impact(ImpactStatus.BROKEN, (*failed, *one.impact.evidence)) if failed else one.impact


def fails_already(test: Mapping[str, Any], schema: Schema, event: str, policy: Policy) -> str:
    """Say why a test fails on the revision that it is published for; empty where it passes."""
    contract_tests: Any = import_module("moorings_compat.conditions.contract_tests")
    return str(contract_tests.failure(test["event"], test["assertion"], schema, schema, event, policy))


def uncompilable(where: str, event: str, assertion: str) -> Iterator[Problem]:
    """Find what keeps a test from being run at all: an event that is not JSON, an assertion that is not CEL."""
    try:
        read_json(event)
    except (SchemaInvalid, SchemaLimitExceeded) as error:
        yield Problem(f"{where}/event", f"not JSON: {error}")
    if assertion:
        compiling: Any = import_module("moorings_compat.conditions.compiling")  # the engine, for those who use it
        found = compiling.compiled(assertion)
        if isinstance(found, str):
            yield Problem(f"{where}/assertion", found)


def event_text(event: Any) -> str:
    """Write an event as the JSON text that is kept."""
    return event if isinstance(event, str) else json.dumps(event, ensure_ascii=False, sort_keys=True)
