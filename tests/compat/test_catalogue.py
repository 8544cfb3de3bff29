"""The catalogue as a whole: every rule of every format fires, has a payload, and names its mirror."""

import json
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

import moorings_compat
from moorings_compat import (
    Finding,
    Format,
    JsonFields,
    Level,
    Policy,
    ProtobufLevel,
    Rule,
    Schema,
    SchemaError,
    Severity,
    can_read,
    catalogue,
    check,
    parse,
)
from moorings_compat.conditions.rules import RULES as CONDITION_RULES
from moorings_compat.consumer_rules import RULES as CONSUMER_RULES
from tests.compat.avro import test_rules as avro
from tests.compat.json_schema import cases as json_schema
from tests.compat.protobuf import test_declared as declared
from tests.compat.protobuf import test_json as proto_json
from tests.compat.protobuf import test_wire as wire
from tests.compat.protobuf.test_suggestions import applied

CATALOGUE = catalogue()
SOURCE = Path(moorings_compat.__file__).parent
BOUNDS = {"AVRO_BUDGET_SPENT", "AVRO_MORE_FINDINGS", "PROTO_BUDGET_SPENT", "PROTO_MORE_FINDINGS", "JSON_UNDECIDED"}
"""Rules about the comparison itself; each format's own tests make them fire."""
OF_CONDITIONS = {rule.code for rule in (*CONDITION_RULES, *CONSUMER_RULES)}
"""They compare contracts, and fire with their payloads beside those: `conditions/test_cases.py`; or they are about who
reads the event, and fire in the registry: `tests/consumers/`."""
WITHOUT_PAYLOAD = {
    "PROTO_SOURCE": "generated code has no payload",
    "FORMAT_CHANGED": "bytes of one format are not read as another at all",
}
"""Breaks that no payload shows: the beginning of their codes, and the reason."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of some table, as texts."""

    format: Format
    writer: str
    reader: str

    def findings(self, *, candidate_reads: bool = True) -> tuple[Finding, ...]:
        return _findings(self, candidate_reads=candidate_reads)

    def turned(self) -> "Change":
        return Change(self.format, self.reader, self.writer)


@cache
def _findings(change: Change, *, candidate_reads: bool) -> tuple[Finding, ...]:
    policy = Policy(protobuf_level=ProtobufLevel.SOURCE, candidate_reads=candidate_reads)
    return can_read(_parsed(change.reader, change.format), _parsed(change.writer, change.format), policy)


@cache
def _parsed(text: str, format: Format) -> Schema:
    return parse(text, format)


PROTOBUF = [
    Change(Format.PROTOBUF, case.writer, case.reader)
    for case in chain(wire.CASES, proto_json.CASES, declared.CODE, declared.HYGIENE)
]
FOREIGN, NOT_RUN = '{"$schema": "https://example.com/dialect"}', '{"pattern": "^(?i:abc)$"}'
CHANGES = [
    *(Change(Format.AVRO, json.dumps(case.writer), json.dumps(case.reader)) for case in avro.CASES),
    *(Change(Format.JSON, json.dumps(case.writer), json.dumps(case.reader)) for case in json_schema.BREAKS),
    *(Change(Format.JSON, text, text.replace("{", '{"title": "a", ', 1)) for text in (FOREIGN, NOT_RUN)),
    *PROTOBUF,
]


CLOSED = '{"properties": {"a": true}, "additionalProperties": false}'


def test_every_rule_fires_with_a_payload() -> None:
    shown: dict[str, bool] = {}
    for finding in chain.from_iterable(change.findings() for change in CHANGES):
        assert finding.severity is CATALOGUE[finding.rule].severity, finding
        shown[finding.rule] = shown.get(finding.rule, False) or finding.witness is not None
    older, candidate = parse('"int"', Format.AVRO), parse('{"type": "integer"}', Format.JSON)
    closed, wider = (parse(text, Format.JSON) for text in (CLOSED, CLOSED.replace('"a"', '"a": true, "b"')))
    for finding in can_read(closed, wider, Policy(json_fields=JsonFields.DECLARED)):
        shown[finding.rule] = finding.witness is not None
    (changed,) = check(candidate, [(1, older)], Level.BACKWARD).findings
    shown[changed.rule] = changed.witness is not None
    assert CATALOGUE.keys() - shown.keys() == BOUNDS | OF_CONDITIONS
    breaks = {code for code, rule in CATALOGUE.items() if rule.severity is Severity.BREAK} - OF_CONDITIONS
    unshown = {code for code in breaks if not shown[code]}
    assert {code for code in unshown if not code.startswith(tuple(WITHOUT_PAYLOAD))} == set()


def test_a_text_search_finds_every_rule_code_in_the_source() -> None:
    source = [path.read_text() for path in SOURCE.rglob("*.py")]
    assert {code for code in CATALOGUE if not any(f'"{code}"' in text for text in source)} == set()


@pytest.mark.parametrize("rule", CATALOGUE.values(), ids=CATALOGUE)
def test_a_rule_is_complete_and_names_its_mirror(rule: Rule) -> None:
    assert all([rule.title, rule.why, rule.fix, rule.source, rule.mirror, rule.example])
    assert rule.mirror in CATALOGUE or rule.mirror.startswith(("itself: ", "none: ", "None"))
    assert len(rule.mirror) > len("none: ")


@pytest.mark.parametrize("code", [code for code, rule in CATALOGUE.items() if rule.format is Format.PROTOBUF])
def test_a_mirror_fires_when_reader_and_writer_are_swapped(code: str) -> None:
    mirror = CATALOGUE[code].mirror
    expected = code if mirror.startswith("itself: ") else mirror
    turned = (change.turned() for change in PROTOBUF if code in {one.rule for one in change.findings()})
    opposite = {finding.rule for change in turned for finding in change.findings()}
    assert expected in opposite or mirror.startswith("none: ")


@pytest.mark.parametrize("candidate_reads", [True, False], ids=["reads", "writes"])
def test_every_suggestion_for_protobuf_removes_its_finding(candidate_reads: bool) -> None:
    tried = 0
    for change in chain.from_iterable((one, one.turned()) for one in PROTOBUF):
        for found in change.findings(candidate_reads=candidate_reads):
            if found.suggestion is None:
                continue
            tried += 1
            text = applied(found.suggestion, change.reader if candidate_reads else change.writer).text
            texts = (change.writer, text) if candidate_reads else (text, change.reader)
            left = Change(Format.PROTOBUF, *texts).findings(candidate_reads=candidate_reads)
            assert _mark(found) not in map(_mark, left), found.suggestion
    assert tried > 100


def _mark(finding: Finding) -> tuple[str, ...]:
    return finding.rule, finding.reader_path, finding.writer_path, finding.message


EXAMPLES = {code: rule.example for code, rule in CATALOGUE.items() if rule.format in (Format.AVRO, Format.JSON)}


@pytest.mark.parametrize("code", EXAMPLES)
def test_an_example_fires_its_rule(code: str) -> None:
    writer, _, reader = EXAMPLES[code].partition("  reader: ")
    format = CATALOGUE[code].format
    assert format is not None
    try:
        schemas = [parse(text, format) for text in (reader, writer.removeprefix("writer: "))]
    except SchemaError:
        return  # an example in words
    assert code in {finding.rule for finding in can_read(*schemas)}
