"""Laws of Avro's verdicts, over random schemas, random edits and random values.

`test_verdicts_hold` looks for as long as `fuzzing` lets it, and prints what it counted. A failure names its seed.
"""

import json
from random import Random
from typing import Any

import fastavro
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moorings_compat import Finding, Format, Schema, SchemaError, Severity, Verdict, can_read, parse
from moorings_compat.avro import fastavro_schema, parsing_canonical_form, rabin_fingerprint, resolved_text
from moorings_compat.avro.codec import decode, encode
from moorings_compat.avro.model import model_of, type_name
from moorings_compat.avro.smallest_values import smallest_values_of
from moorings_compat.findings import verdict_of
from tests.compat.avro import apache
from tests.compat.avro.edits import applied
from tests.laws.avro_worlds import Editor, SchemaMaker, ValueMaker, respelled
from tests.laws.fuzzing import SECONDS, Tally, require_held, seeds
from tests.laws.replaying import assert_replayed

SEEDS = 1_500
VALUES = 4

DECODERS_DIFFER = {
    "AVRO_UNION_BRANCHES_ALIKE": "Apache compares full names; one branch fits, and fastavro takes the other",
    "AVRO_UNION_BRANCH_MISTAKEN": "fastavro alone takes a type of another kind for the written one",
    "AVRO_FIELD_ALIAS_COLLISION": "Apache's decoder for Python ignores aliases; its checker does not see them collide",
    "AVRO_TYPE_ALIAS_COLLISION": "Apache's decoder for Python ignores aliases; its checker does not see them collide",
    "AVRO_LOGICAL_TYPE_CHANGED": "resolution does not look at logical types, and Apache's library goes by the reader's",
    "AVRO_LOGICAL_TYPE_NARROWED": "resolution does not look at logical types",
    "AVRO_DECIMAL_SCALE_CHANGED": "the specification has equal scales, and no decoder looks",
    "AVRO_DECIMAL_PRECISION_NARROWED": "the specification has equal precisions, and no decoder looks",
}
"""Breaks that Apache's library for Python need not show: the reason why."""

ALIASES = {"AVRO_ALIAS_RELIED_ON", "AVRO_FIELD_ALIAS_RELIED_ON"}
"""Apache's decoder ignores aliases, and so may read, by a default, what a reader with aliases refuses."""


def schema(value: Any) -> Schema:
    return parse(json.dumps(value), Format.AVRO)


def drawn(random: Random) -> Schema:
    """Draw schemas until one is valid: a branch that a union drops may take a definition with it."""
    while True:
        try:
            return schema(SchemaMaker(random).schema())
        except SchemaError:
            continue


def world(random: Random) -> tuple[Schema, Schema] | None:
    """Make a reader and a writer; None where an edit left no valid schema."""
    made = SchemaMaker(random).schema()
    edited = Editor(random).edited(made, random.randrange(1, 4))
    try:
        pair = schema(made), schema(edited)
    except SchemaError:
        return None
    return pair if random.random() < 0.5 else pair[::-1]


@pytest.mark.timeout(SECONDS + 400)
def test_verdicts_agree_with_what_codecs_read(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("Avro")
    for seed in seeds(SEEDS):
        random = Random(seed)
        pair = world(random)
        if pair is None:
            tally.counts["invalid edits"] += 1
            continue
        with tally.pair():
            verdict_holds(*pair, random, f"seed {seed}\nwriter {pair[1].text}\nreader {pair[0].text}", tally)
    require_held(tally, capsys)


def verdict_holds(reader: Schema, writer: Schema, random: Random, where: str, tally: Tally) -> None:
    findings = can_read(reader, writer)
    verdict = verdict_of(findings)
    tally.counts[str(verdict)] += 1
    if verdict is Verdict.COMPATIBLE:
        tally.counts["values read"] += every_value_is_read(reader, writer, random, where)
    else:
        tally.counts["witnesses"] += every_break_is_shown(reader, writer, findings, where)
    tally.counts["checker agrees"] += apache_checker_agrees(reader, writer, findings, where)


def every_value_is_read(reader: Schema, writer: Schema, random: Random, where: str) -> int:
    """A compatible reader reads, with fastavro, whatever the writer can write."""
    if not smallest_values_of(model_of(writer)).exists(model_of(writer).root):
        return 0
    written, read = (fastavro_schema(one, logical_types=False) for one in (writer, reader))
    maker = ValueMaker(model_of(writer), random)
    for _ in range(VALUES):
        value = maker.value()
        outcome = decode(encode(written, value), written, read)
        assert not outcome.error, f"unsound: {outcome.error} for {value}\n{where}"
    return VALUES


def every_break_is_shown(reader: Schema, writer: Schema, findings: tuple[Finding, ...], where: str) -> int:
    """Every break has a witness, and Apache's decoder refuses it too."""
    codes = {finding.rule for finding in findings}
    shown = 0
    for finding in findings:
        if finding.witness is not None:
            assert_replayed(finding.witness, reader, writer)
        if finding.severity is Severity.BREAK:
            assert finding.witness is not None, f"{finding.rule} without a witness\n{where}"
            shown += 1
            differs = codes & (DECODERS_DIFFER.keys() | ALIASES) or lacks_values(writer)
            if not differs and apache_understands(reader, writer):
                data = bytes.fromhex(finding.witness.encoded)
                assert apache.refuses(reader, writer, data), f"{finding.rule}: {finding.witness.payload}\n{where}"
    return shown


def apache_checker_agrees(reader: Schema, writer: Schema, findings: tuple[Finding, ...], where: str) -> int:
    """Apache's checker says the same, but for the differences that are named here."""
    if not apache_understands(reader, writer):
        return 0
    breaks = verdict_of(findings) is Verdict.BREAKING
    if apache.compatible(reader, writer) is not breaks:
        return 1
    codes = {finding.rule for finding in findings}
    if breaks:
        # It takes an alias as it is spelled, where the specification takes it relative to the type's namespace.
        # It is content with any branch of a union, where decoders commit to one of several with the same short name.
        relative = codes & {"AVRO_NAME_MISMATCH"} and '"aliases"' in reader.text
        allowed = codes & DECODERS_DIFFER.keys() or relative or has_names_alike(reader)
    else:
        # It does not see that nobody can write an endless record, nor that an alias is relative to its namespace.
        allowed = has_endless_types(writer) or codes & ALIASES
    assert allowed, f"Apache's checker disagrees with {sorted(codes)}\n{where}"
    return 0


def lacks_values(writer: Schema) -> bool:
    """Whether some record of *writer* has no value: only empty arrays of it are written, and Apache looks at items."""
    model = model_of(writer)
    values = smallest_values_of(model)
    return not all(values.exists(type_name(full)) for full in model.types)


def apache_understands(*schemas: Schema) -> bool:
    """Apache's parser for Python does not know the empty namespace within another."""
    return not any(model_of(one).mixes_namespaces for one in schemas)


def has_names_alike(one: Schema) -> bool:
    names = [full.rpartition(".")[2] for full in model_of(one).reachable]
    return len(set(names)) < len(names) or '"aliases"' in one.text


def has_endless_types(one: Schema) -> bool:
    return bool(model_of(one).reachable - smallest_values_of(model_of(one)).sizes.keys())


worlds = settings(max_examples=60, derandomize=not SECONDS, deadline=None, suppress_health_check=list(HealthCheck))
"""Hypothesis' settings: few examples, the same each time unless fuzzed; `test_verdicts_hold` has the numbers."""

randoms = st.randoms(use_true_random=False)


@worlds
@given(randoms)
def test_every_schema_reads_itself_however_it_is_spelled(random: Random) -> None:
    made = drawn(random)
    again = schema(respelled(json.loads(made.text), random))
    assert again.canonical == made.canonical
    assert can_read(made, again) == ()
    assert can_read(again, made) == ()


@worlds
@given(randoms)
def test_identity_ignores_only_the_order_of_keys(random: Random) -> None:
    made = drawn(random)
    turned = schema(json.loads(made.text, object_pairs_hook=lambda pairs: dict(reversed(pairs))))
    assert turned.identity == made.identity
    assert turned == made


@worlds
@given(randoms)
def test_parsing_canonical_form_and_fingerprints_equal_those_of_fastavro_and_apache(random: Random) -> None:
    made = drawn(random)
    form = parsing_canonical_form(made)
    assert form == fastavro.schema.to_parsing_canonical_form(json.loads(resolved_text(made)))
    # Apache's library leaves a type with a logical type an object, and writes a fixed out each time it is used.
    if apache_understands(made) and "logicalType" not in made.text and '"fixed"' not in made.text:
        theirs = apache.parsed(resolved_text(made))
        assert json.loads(form) == json.loads(theirs.canonical_form)
    assert rabin_fingerprint(made).hex() == fastavro.schema.fingerprint(form, "CRC-64-AVRO")


@worlds
@given(randoms)
def test_a_suggestion_that_is_applied_removes_its_finding(random: Random) -> None:
    pair = world(random)
    if pair is None:
        return
    reader, writer = pair
    for finding in can_read(reader, writer):
        if finding.suggestion is not None:
            mended = schema(applied(json.loads(reader.text), finding.suggestion))
            left = {(one.rule, one.reader_path, one.writer_path) for one in can_read(mended, writer)}
            assert (finding.rule, finding.reader_path, finding.writer_path) not in left, finding


@worlds
@given(randoms)
def test_the_same_pair_gets_the_same_findings(random: Random) -> None:
    pair = world(random)
    if pair is not None:
        reader, writer = (parse(one.text, Format.AVRO) for one in pair)
        assert can_read(*pair) == can_read(reader, writer)
