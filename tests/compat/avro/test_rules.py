"""The rules of Avro's schema resolution: what is found between a writer and a reader, and the payload that shows it."""

import json
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import pytest

from moorings_compat import DEFAULT_POLICY, Budget, Finding, Severity, Verdict, can_read
from moorings_compat.avro import RULES
from moorings_compat.avro.witness import MEANING_ENGINE, REFERENCE_ENGINE
from moorings_compat.findings import verdict_of
from tests.compat.avro import apache
from tests.compat.avro.edits import applied
from tests.compat.avro.samples import array, decimal, enum, field, fixed, logical, mapping, record, schema


@dataclass(frozen=True)
class Case:
    shows: str
    writer: Any
    reader: Any
    finds: tuple[str, ...] = ()
    """The codes, less their ``AVRO_``, in their order."""
    at: str = ""
    """Where the last of them is, in the reader's text."""


X_INT = field("x", "int")
Y_INT = field("y", "int")

CASES = [
    Case("what is the same is read", record("a"), record("a")),
    Case("a field with a default may be new", record("a"), record("a", field("n", "int", default=0))),
    Case("one without may not", record("a"), record("a", "n"), ("FIELD_MISSING_DEFAULT",), "/fields/1"),
    Case("each such field is found", record(), record("m", "n"), ("FIELD_MISSING_DEFAULT",) * 2, "/fields/1"),
    Case("a dropped field is skipped", record("a", "b"), record("b")),
    Case("order does not matter", record("a", "b"), record("b", "a")),
    Case(
        "a default of a later branch is for newer libraries",
        record(),
        record(field("n", ["int", "null"], default=None)),
        ("DEFAULT_OF_LATER_BRANCH",),
        "/fields/0/default",
    ),
    Case(
        "a renamed field is read by its alias",
        record("a"),
        record(field("b", "int", aliases=["a"])),
        ("FIELD_ALIAS_RELIED_ON",),
        "/fields/0",
    ),
    Case(
        "an alias of the writer's counts for nothing",
        record(field("b", "int", aliases=["a"])),
        record("a"),
        ("FIELD_MISSING_DEFAULT",),
        "/fields/0",
    ),
    Case(
        "an alias that meets two written fields",
        record("a", "b"),
        record(field("b", "int", aliases=["a"])),
        ("FIELD_ALIAS_COLLISION",),
        "/fields/0",
    ),
    Case(
        "an alias that is the name of another field",
        record("a"),
        record(field("a", "int", default=1), field("b", "int", aliases=["a"], default=2)),
        ("FIELD_ALIAS_COLLISION",),
        "/fields/1",
    ),
    Case(
        "an alias of two fields leaves one of them empty",
        record("a"),
        record(field("b", "int", aliases=["a"]), field("c", "int", aliases=["a"])),
        ("FIELD_MISSING_DEFAULT", "FIELD_ALIAS_RELIED_ON"),
        "/fields/1",
    ),
    Case("int widens to long", "int", "long"),
    Case("and to double", "int", "double"),
    Case("float widens to double", "float", "double"),
    Case("int is rounded in a float", "int", "float", ("PROMOTION_LOSES_PRECISION",)),
    Case("long is rounded in a float", "long", "float", ("PROMOTION_LOSES_PRECISION",)),
    Case("long is rounded in a double", "long", "double", ("PROMOTION_LOSES_PRECISION",)),
    Case("long does not narrow", "long", "int", ("TYPE_NARROWED",)),
    Case("nor does double", "double", "float", ("TYPE_NARROWED",)),
    Case("a union without a branch for it", "string", ["null", "int"], ("UNION_NO_BRANCH",)),
    Case(
        "a union of which no branch is it",
        ["null", "int"],
        "string",
        ("UNION_BRANCH_UNREADABLE", "UNION_BRANCH_UNREADABLE"),
    ),
    Case("nor to a whole number", "double", "long", ("TYPE_NARROWED",)),
    Case(
        "milliseconds are not microseconds",
        logical("long", "timestamp-millis"),
        logical("long", "timestamp-micros"),
        ("LOGICAL_TYPE_CHANGED",),
    ),
    Case("string is read as bytes", "string", "bytes"),
    Case("bytes are read as string, if they are UTF-8", "bytes", "string", ("BYTES_READ_AS_STRING",)),
    Case("int is not a string", "int", "string", ("TYPE_MISMATCH",)),
    Case("bytes are not a fixed", "bytes", fixed(2), ("TYPE_MISMATCH",)),
    Case("a fixed is not bytes", fixed(2), "bytes", ("TYPE_MISMATCH",)),
    Case("a fixed is not an enum, although fastavro reads it", fixed(2), enum("A", name="F"), ("TYPE_MISMATCH",)),
    Case("an array's items are looked at", array("int"), array("string"), ("TYPE_MISMATCH",), "/items"),
    Case("and a map's values", mapping("long"), mapping("int"), ("TYPE_NARROWED",), "/values"),
    Case("a map is not an array", mapping("int"), array("int"), ("TYPE_MISMATCH",)),
    Case("a fixed keeps its size", fixed(2), fixed(3), ("FIXED_SIZE_CHANGED",), "/size"),
    Case("records match by name", record(), record(name="S"), ("NAME_MISMATCH",)),
    Case("enums match by name", enum("A"), enum("A", name="D"), ("NAME_MISMATCH",)),
    Case("fixed match by name", fixed(1), fixed(1, name="G"), ("NAME_MISMATCH",)),
    Case("or by alias", enum("A"), enum("A", name="D", aliases=["E"]), ("ALIAS_RELIED_ON",)),
    Case(
        "an alias is relative to its type's namespace",
        enum("A", namespace="x"),
        enum("A", name="x.D", aliases=["E"]),
        ("ALIAS_RELIED_ON",),
    ),
    Case("and not to any other", enum("A", namespace="y"), enum("A", name="x.D", aliases=["E"]), ("NAME_MISMATCH",)),
    Case("namespaces do not count", enum("A", namespace="x"), enum("A", namespace="y"), ("NAMESPACE_CHANGED",)),
    Case(
        "an alias may lead to one type only",
        record(field("e", enum("A", name="Old"))),
        record(field("e", enum("A", name="Old")), field("n", enum("A", name="New", aliases=["Old"]), default="A")),
        ("TYPE_ALIAS_COLLISION",),
        "/fields/0/type",
    ),
    Case("an unknown symbol", enum("A", "B"), enum("A"), ("ENUM_SYMBOL_UNKNOWN",), "/symbols"),
    Case(
        "is read as the enum's default", enum("A", "B"), enum("A", default="A"), ("ENUM_SYMBOL_DEFAULTED",), "/symbols"
    ),
    Case(
        "and not as the field's",
        record(field("e", enum("A", "B"))),
        record(field("e", enum("A"), default="A")),
        ("ENUM_SYMBOL_UNKNOWN",),
        "/fields/0/type/symbols",
    ),
    Case("more symbols, in another order, break nothing", enum("A", "B"), enum("C", "B", "A")),
    Case("a type may become optional", "string", ["null", "string"]),
    Case("and not required again", ["null", "string"], "string", ("UNION_BRANCH_UNREADABLE",)),
    Case("a union of one branch reads as that branch", ["string"], "string"),
    Case("a union may grow", ["null", "int"], ["int", "string", "null"]),
    Case("and not shrink", ["null", "int", "string"], ["null", "int"], ("UNION_NO_BRANCH",)),
    Case("a branch may be promoted to", ["null", "int"], ["null", "long"]),
    Case(
        "every branch that is not read is found", ["null", "int", "string"], "boolean", ("UNION_BRANCH_UNREADABLE",) * 3
    ),
    Case("the first branch that matches is taken", "int", ["double", "int"], ("UNION_BRANCH_ORDER",)),
    Case(
        "an array that does not match is looked into",
        ["null", array("int")],
        ["null", array("string")],
        ("TYPE_MISMATCH",),
        "/1/items",
    ),
    Case(
        "a decoder that took a branch stays there",
        record(X_INT, name="a.P"),
        [record(X_INT, Y_INT, name="a.P"), record(X_INT, name="b.P")],
        ("FIELD_MISSING_DEFAULT",),
        "/0/fields/1",
    ),
    Case(
        "the first branch of the short name is taken",
        record(X_INT, name="a.P"),
        [record(X_INT, Y_INT, name="b.P"), record(X_INT, name="a.P")],
        ("UNION_BRANCHES_ALIKE", "NAMESPACE_CHANGED", "FIELD_MISSING_DEFAULT"),
        "/0/fields/1",
    ),
    Case(
        "and by others the one of the full name",
        record(X_INT, name="a.P"),
        [record(X_INT, name="b.P"), record(X_INT, Y_INT, name="a.P")],
        ("UNION_BRANCHES_ALIKE", "NAMESPACE_CHANGED", "FIELD_MISSING_DEFAULT"),
        "/1/fields/1",
    ),
    Case(
        "a branch that holds what the reader's holds otherwise is shown with something in it",
        ["null", mapping(fixed(2))],
        mapping(fixed(3)),
        ("UNION_BRANCH_UNREADABLE", "FIXED_SIZE_CHANGED"),
        "/values/size",
    ),
    Case(
        "so is an alias of another kind, whatever the namespace of what is written",
        record(X_INT, name="b.P"),
        [enum("A", name="Q", aliases=["P"]), record(X_INT, name="b.P")],
        ("UNION_BRANCH_MISTAKEN",),
    ),
    Case(
        "an alias that leads to a type of the same short name does no harm",
        record(field("c", fixed(2, name="y.C"))),
        record(field("c", fixed(2, name="y.C")), field("d", fixed(1, name="x.C", aliases=["y.C"]), default="\u0001")),
    ),
    Case(
        "a name of another kind is taken as well",
        record(X_INT, name="b.P"),
        [enum("A", name="a.P"), record(X_INT, name="b.P")],
        ("UNION_BRANCH_MISTAKEN",),
    ),
    Case(
        "a recursive record is compared once",
        record("v", field("n", ["null", "R"])),
        record("v", field("n", ["null", "R"]), "z"),
        ("FIELD_MISSING_DEFAULT",),
        "/fields/2",
    ),
    Case("what nobody can write is read", record(field("r", "R")), record(field("r", "R"), "z")),
    Case(
        "an array of it can be written, empty",
        array(record(field("r", "R"))),
        array("string"),
        ("TYPE_MISMATCH",),
        "/items",
    ),
    Case("and is read where the types match", array(record(field("r", "R"))), array(record(field("r", "R"), "z"))),
    Case(
        "a definition may move",
        record(field("a", fixed(1)), field("b", "F")),
        record(field("b", fixed(1)), field("a", "F")),
    ),
    Case("a decimal keeps its scale", decimal(9, 2), decimal(9, 3), ("DECIMAL_SCALE_CHANGED",)),
    Case("in both directions", decimal(9, 3), decimal(9, 2), ("DECIMAL_SCALE_CHANGED",)),
    Case("another precision does not excuse another scale", decimal(9, 2), decimal(12, 4), ("DECIMAL_SCALE_CHANGED",)),
    Case("more digits hold every amount", decimal(9, 2), decimal(12, 2), ("DECIMAL_PRECISION_CHANGED",)),
    Case("fewer digits do not", decimal(12, 2), decimal(9, 2), ("DECIMAL_PRECISION_NARROWED",)),
    Case(
        "a date is not a timestamp",
        logical("int", "date"),
        logical("long", "timestamp-millis"),
        ("LOGICAL_TYPE_CHANGED",),
    ),
    Case("a number may be meant as a time", "long", logical("long", "timestamp-millis"), ("LOGICAL_TYPE_ADDED",)),
    Case("a time may be read as a number", logical("long", "timestamp-millis"), "long", ("LOGICAL_TYPE_REMOVED",)),
    Case("a text need not be a UUID", "string", logical("string", "uuid"), ("LOGICAL_TYPE_NARROWED",)),
    Case("a UUID may be read as a text", logical("string", "uuid"), "string", ("LOGICAL_TYPE_REMOVED",)),
    Case("bytes may hold more digits", "bytes", decimal(9, 2), ("LOGICAL_TYPE_NARROWED",)),
    Case("a number may be negative", "int", logical("int", "time-millis"), ("LOGICAL_TYPE_NARROWED",)),
    Case("every number is a date", "int", logical("int", "date"), ("LOGICAL_TYPE_ADDED",)),
    Case(
        "16 bytes are a UUID",
        fixed(16),
        fixed(16, logicalType="uuid"),
        ("LOGICAL_TYPE_ADDED",),
    ),
    Case("an unknown logical type is ignored", "long", logical("long", "shoe-size")),
    Case("documentation does not count", record("a", doc="old"), record("a", doc="new")),
]


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_a_pair_of_schemas_has_the_findings_of_its_case(case: Case) -> None:
    findings = found(case)
    assert tuple(finding.rule.removeprefix("AVRO_") for finding in findings) == case.finds
    if findings:
        assert findings[-1].reader_path == case.at


def found(case: Case, *, reader_is_candidate: bool = True) -> tuple[Finding, ...]:
    policy = replace(DEFAULT_POLICY, candidate_reads=reader_is_candidate)
    return can_read(schema(case.reader), schema(case.writer), policy)


APACHE_READS = {
    "an alias that meets two written fields": "Apache's decoder for Python ignores aliases",
    "an alias that is the name of another field": "Apache's decoder for Python ignores aliases",
    "an alias may lead to one type only": "Apache's decoder for Python ignores aliases",
    "the first branch of the short name is taken": "Apache takes the branch of the full name, which fits",
    "a name of another kind is taken as well": "Apache compares the kinds",
    "so is an alias of another kind, whatever the namespace of what is written": "Apache compares the kinds",
    "a decimal keeps its scale": "no decoder looks at the scale",
    "in both directions": "no decoder looks at the scale",
    "another precision does not excuse another scale": "no decoder looks at the scale",
    "fewer digits do not": "no decoder looks at the precision",
    "milliseconds are not microseconds": "no decoder compares logical types",
    "a date is not a timestamp": "no decoder compares logical types",
    "a text need not be a UUID": "it hands on what is not one",
    "bytes may hold more digits": "it hands on what has more",
    "a number may be negative": "it hands on what is negative",
}
"""Breaks that other decoders than Apache's for Python fall over: by case, the reason."""


@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_every_break_has_a_payload_that_apache_refuses_too(case: Case) -> None:
    for finding in found(case):
        if finding.severity is Severity.BREAK:
            assert finding.witness is not None
            assert finding.witness.error
            json.loads(finding.witness.payload)
            refused = apache.refuses(schema(case.reader), schema(case.writer), bytes.fromhex(finding.witness.encoded))
            assert refused is (case.shows not in APACHE_READS)


@pytest.mark.parametrize("reader_is_candidate", [True, False])
@pytest.mark.parametrize("case", CASES, ids=attrgetter("shows"))
def test_a_suggestion_removes_its_finding(case: Case, reader_is_candidate: bool) -> None:
    for finding in found(case, reader_is_candidate=reader_is_candidate):
        if finding.suggestion is not None:
            side = "reader" if reader_is_candidate else "writer"
            mended = replace(case, **{side: applied(getattr(case, side), finding.suggestion)})
            assert (finding.rule, finding.reader_path) not in {(one.rule, one.reader_path) for one in found(mended)}


def test_every_avro_rule_fires_in_some_case() -> None:
    seen = {f"AVRO_{code}" for case in CASES for code in case.finds}
    bounds = {"AVRO_BUDGET_SPENT", "AVRO_MORE_FINDINGS"}  # below
    assert {rule.code for rule in RULES} == seen | bounds


def _fired_the_other_way_round(code: str) -> set[str]:
    """Collect what fires where reader and writer of the cases for *code* change places."""
    cases = [case for case in CASES if code.removeprefix("AVRO_") in case.finds]
    turned = (replace(case, writer=case.reader, reader=case.writer) for case in cases)
    return {finding.rule for case in turned for finding in found(case)}


def test_every_avro_rule_is_complete_and_its_mirror_exists() -> None:
    codes = {rule.code for rule in RULES}
    assert len(codes) == len(RULES)
    for rule in RULES:
        assert rule.mirror in codes or rule.mirror.startswith("none: ")
        assert rule.mirror not in codes or rule.mirror in _fired_the_other_way_round(rule.code), rule.code
        assert all((rule.title, rule.why, rule.fix, rule.source, rule.example))


AMOUNTS = [
    (decimal(9, 2), decimal(9, 3), "decimal(9, 2) does not match decimal(9, 3): 0.01 would be read as 0.001"),
    (decimal(9, 2), decimal(5, 2), "decimal(9, 2) does not match decimal(5, 2): an amount of 9 digits"),
    (
        fixed(4, **decimal(9, 2) | {"type": "fixed"}),
        fixed(4, **decimal(9, 0) | {"type": "fixed"}),
        "decimal(9, 2) does not match decimal(9, 0): 0.01 would be read as 1",
    ),
]


@pytest.mark.parametrize(("writer", "reader", "says"), AMOUNTS, ids=str)
def test_an_amount_that_would_be_misread_is_shown_by_the_specification(writer: Any, reader: Any, says: str) -> None:
    (finding,) = can_read(schema(record(field("a", reader))), schema(record(field("a", writer))))
    assert finding.severity is Severity.BREAK
    assert finding.witness is not None
    assert (finding.witness.engine, finding.witness.error) == (REFERENCE_ENGINE, says)


SHIFTS = [
    ("long", "float", "written as 16777217, read as 16777216.0"),
    (enum("A", "B"), enum("A", default="A"), "written as B, read as A"),
    ("bytes", "string", "UnicodeDecodeError"),
]


@pytest.mark.parametrize(("writer", "reader", "says"), SHIFTS, ids=str)
def test_a_change_of_meaning_is_shown_with_a_written_and_a_read_value(writer: Any, reader: Any, says: str) -> None:
    (finding,) = can_read(schema(reader), schema(writer))
    assert finding.severity in (Severity.CHANGES_MEANING, Severity.WARNING)
    assert finding.witness is not None
    assert says in finding.witness.error


def test_aliases_that_swap_two_fields_are_shown_by_values_that_differ() -> None:
    writer = record(field("f", "bytes"), field("g", "bytes"))
    reader = record(field("f", "bytes", aliases=["g"]), field("g", "bytes", aliases=["f"]))
    findings = can_read(schema(reader), schema(writer))
    assert {finding.rule for finding in findings} == {"AVRO_FIELD_ALIAS_COLLISION"}
    for finding in findings:
        assert finding.witness is not None
        assert finding.witness.payload == '{"f":"\\u0001","g":""}'


MILLIS, MICROS = logical("long", "timestamp-millis"), logical("long", "timestamp-micros")
MISREAD = [
    (logical("int", "date"), MILLIS, "written as 1970-01-02, read as 1970-01-01T00:00:00.001000+00:00"),
    (MILLIS, MICROS, "written as 1970-01-01T00:00:00.001000+00:00, read as 1970-01-01T00:00:00.000001+00:00"),
    (MICROS, MILLIS, "written as 1970-01-01T00:00:00.000001+00:00, read as 1970-01-01T00:00:00.001000+00:00"),
    (MILLIS, logical("long", "local-timestamp-millis"), "00.001000+00:00, read as 1970-01-01T00:00:00.001000"),
    (logical("int", "time-millis"), logical("long", "time-micros"), "written as 00:00:00.001000, read as 00:00:00.0"),
    (MILLIS, logical("long", "timestamp-nanos"), "written as 1970-01-01T00:00:00.001000+00:00, read as 1"),
    (fixed(12, logicalType="duration"), fixed(12, **decimal(9, 2) | {"type": "fixed"}), "read as 0.01"),
    (fixed(16, logicalType="uuid"), fixed(16, **decimal(9, 2) | {"type": "fixed"}), "read as 0.01"),
    (decimal(9, 2), logical("bytes", "big-decimal"), "written as 0.01, read as 01"),
    ("string", logical("string", "uuid"), "written as zz, refused by the reader: ValueError"),
    ("bytes", decimal(4, 2), "written as 2711, read as 100.0"),
    ("int", logical("int", "time-millis"), "written as -1, read as 00:00:00.999000"),
    ("string", decimal(9, 2), "written as zzzzzzzzzzz, read as"),
    ("bytes", logical("string", "uuid"), "written as 6e6f7420612055554944, refused by the reader: ValueError"),
    ("bytes", logical("bytes", "big-decimal"), "ff written as a plain value, read as big-decimal"),
]


@pytest.mark.parametrize(
    "place", [lambda one: record(field("a", one)), lambda one: ["null", one]], ids=["field", "branch"]
)
@pytest.mark.parametrize(("writer", "reader", "says"), MISREAD, ids=str)
def test_a_value_that_readers_take_for_another_one_breaks(writer: Any, reader: Any, says: str, place: Any) -> None:
    findings = can_read(schema(place(reader)), schema(place(writer)))
    (finding,) = (one for one in findings if one.rule.startswith("AVRO_LOGICAL_TYPE"))
    assert finding.severity is Severity.BREAK
    assert finding.witness is not None
    assert finding.witness.engine == MEANING_ENGINE
    assert says in finding.witness.error


def test_the_payload_of_a_finding_is_the_smallest_one() -> None:
    deep = record(
        field("a", ["null", array(record(field("k", ["null", enum("X", "Y")]), "n", name="S"))]),
        field("b", mapping("int")),
    )
    reader = json.loads(json.dumps(deep).replace('["X", "Y"]', '["X"]'))
    (finding,) = can_read(schema(reader), schema(deep))
    assert finding.witness is not None
    assert finding.witness.payload == '{"a":{"array":[{"k":{"E":"Y"},"n":0}]},"b":{}}'
    assert finding.reader_path == "/fields/0/type/1/items/fields/0/type/1/symbols"


def test_a_spent_budget_is_undecided_and_comes_after_the_other_findings() -> None:
    writer, reader = record("a", field("s", record("b", name="S"))), record("a", field("s", record("b", "c", name="S")))
    findings = tuple(can_read(schema(reader), schema(writer), budget=Budget(100)))
    assert [finding.rule for finding in findings] == ["AVRO_BUDGET_SPENT"]
    assert verdict_of(findings) is Verdict.UNDECIDED


def test_findings_beyond_a_limit_are_counted_only() -> None:
    names = [f"f{index}" for index in range(700)]
    findings = can_read(schema(record(*(field(name, "string") for name in names))), schema(record(*names)))
    assert len(findings) == 501
    assert findings[-1].rule == "AVRO_MORE_FINDINGS"
    assert "200 more" in findings[-1].message
    assert findings[0].witness is not None


def test_a_payload_too_large_to_build_is_left_out() -> None:
    def doubling(leaf: str) -> Any:
        fields = [field("r0", record(field("a", leaf), name="R0"))]
        for index in range(1, 60):
            below = f"R{index - 1}"
            fields.append(field(f"r{index}", record(field("a", below), field("b", below), name=f"R{index}")))
        return record(*fields, name="Root")

    (finding,) = can_read(schema(doubling("string")), schema(doubling("int")))
    assert finding.severity is Severity.BREAK
    assert finding.witness is None


def test_a_break_between_schemas_that_differ_in_logical_types_alone_is_shown() -> None:
    """fastavro resolves nothing between equal schemas, and without their logical types these are equal."""
    mistaken = field("i", [array([fixed(2, name="x.A", aliases=["x.B"]), "bytes", "x.B"])], default=[])
    writer = record(field("h", logical("string", "uuid")), mistaken, name="x.B")
    reader = record(field("h", "string"), mistaken, name="x.B")
    broken = [one for one in can_read(schema(reader), schema(writer)) if one.severity is Severity.BREAK]
    assert broken
    assert all(one.witness is not None for one in broken)
