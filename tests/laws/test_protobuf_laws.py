"""Laws of Protobuf's verdicts, over random files, random edits and random messages.

`test_verdicts_hold` runs for as long as `fuzzing` allows, and prints its counts. A failure names its seed. One
law that one might expect is missing, because it does not hold: reading is not transitive. A field that the middle
version dropped may come back under its number as something else, which is what reservations are for.
"""

import json
import subprocess
import sysconfig
from copy import deepcopy
from pathlib import Path
from random import Random

import pytest
from google.protobuf import json_format

from moorings_compat import (
    Finding,
    Format,
    Level,
    Policy,
    ProtobufLevel,
    Schema,
    SchemaInvalid,
    Severity,
    Verdict,
    can_read,
    check,
    parse,
)
from moorings_compat.findings import verdict_of
from moorings_compat.protobuf import descriptor_set, message_class, serialized
from moorings_compat.protobuf.compiled import compiled
from moorings_compat.protobuf.differences import Sides
from moorings_compat.protobuf.parts import parts_of
from moorings_compat.protobuf.proto_json.values import first_misread as misread_in_json
from moorings_compat.protobuf.wire.roots import Files, payloads
from moorings_compat.protobuf.witness import as_json, read_error
from tests.compat.protobuf.decoding import second_opinion
from tests.compat.protobuf.oracle import same
from tests.compat.protobuf.worlds import FileIn, World, fill
from tests.laws.fuzzing import SECONDS, Tally, few, require_held, seeds
from tests.laws.replaying import assert_replayed

SEEDS = 100
MESSAGES = 25
BUF_SEEDS = 20
RUNTIMES_DIFFER = {"PROTO_WIRE_ENTRIES_COLLAPSE"}
"""The runtime under Python sets an entry with unknown fields aside as a whole; protoc's keeps its key and value."""


def pair(seed: int) -> tuple[Schema, Schema] | None:
    """Make two versions; None if an edit makes an invalid file."""
    world = World(seed)
    file = world.file()
    try:
        return _proto(file), _proto(world.edited(file))
    except SchemaInvalid:
        return None


@pytest.mark.timeout(SECONDS + 400)
def test_verdicts_hold(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally("Protobuf")
    for seed in seeds(SEEDS):
        versions = pair(seed)
        if versions is None:
            tally.counts["invalid edits"] += 1
            continue
        for reader, writer in (versions, versions[::-1]):
            with tally.pair():
                verdict_holds(reader, writer, seed, tally)
    require_held(tally, capsys)


def verdict_holds(reader: Schema, writer: Schema, seed: int, tally: Tally) -> None:
    where = f"seed {seed}\nwriter {writer.text}\nreader {reader.text}"
    findings = can_read(reader, writer)
    verdict = verdict_of(findings)
    tally.counts[str(verdict)] += 1
    if verdict is Verdict.COMPATIBLE:
        tally.counts["messages read"] += every_message_is_read(reader, writer, Random(seed), where)
    in_json = can_read(reader, writer, Policy(protobuf_level=ProtobufLevel.JSON))
    if not any(found.rule.startswith("PROTO_JSON") for found in in_json):
        tally.counts["texts read"] += every_text_is_read(reader, writer, Random(seed), where)
    tally.counts["witnesses"] += every_break_is_shown(reader, writer, findings, where)


def every_message_is_read(reader: Schema, writer: Schema, random: Random, where: str) -> int:
    """A compatible reader reads every value that the writer can write; protoc is asked about the last message."""
    count = 0
    for read_as, written_as in _payloads(reader, writer):
        for index in range(MESSAGES):
            message = message_class(writer, written_as)()
            if not fill(message, random):
                continue
            encoded = message.SerializeToString()
            assert read_error(encoded, message, compiled(reader), read_as) is None, f"unsound: {message}\n{where}"
            read = message_class(reader, read_as).FromString(encoded)
            assert same(message, read), f"unsound: {message}\n{where}"
            if index == MESSAGES - 1:
                assert second_opinion(reader, read_as, message, encoded) is None, f"unsound: {message}\n{where}"
            count += 1
    return count


def every_text_is_read(reader: Schema, writer: Schema, random: Random, where: str) -> int:
    """A reader that is compatible in ProtoJSON too reads every text that the writer prints, with the same values."""
    count = 0
    for read_as, written_as in _payloads(reader, writer):
        for _ in range(MESSAGES):
            message = message_class(writer, written_as)()
            if not fill(message, random):
                continue
            text = as_json(message)
            read = json_format.Parse(text, message_class(reader, read_as)(), descriptor_pool=compiled(reader).pool)
            assert misread_in_json(read, message) is None, f"unsound: {text}\n{where}"
            count += 1
    return count


def every_break_is_shown(reader: Schema, writer: Schema, findings: tuple[Finding, ...], where: str) -> int:
    """Each break has a witness, and protoc confirms it."""
    broken = [found for found in findings if found.severity is Severity.BREAK]
    for found in broken:
        assert found.witness is not None, f"{found.rule}\n{where}"
        assert_replayed(found.witness, reader, writer)
        name = found.witness.error.partition(":")[0]
        encoded = bytes.fromhex(found.witness.encoded)
        written = message_class(writer, name).FromString(encoded)
        if found.rule not in RUNTIMES_DIFFER:
            assert second_opinion(reader, name, written, encoded) is not None, f"{found}\n{where}"
    return len(broken)


@pytest.mark.parametrize("level", ProtobufLevel)
def test_every_break_in_protojson_has_a_payload(level: ProtobufLevel) -> None:
    for seed in few(60):
        versions = pair(seed)
        for found in can_read(*versions, Policy(protobuf_level=level)) if versions else ():
            assert found.severity is not Severity.UNDECIDED, f"seed {seed}: {found}"
            assert (found.witness is None) == (
                found.severity is not Severity.BREAK or found.rule.startswith("PROTO_SOURCE")
            )


def test_refactorings_are_compatible_both_ways() -> None:
    tried = 0
    for seed in few(60):
        file = World(seed).file()
        try:
            before, after = _proto(file), parse(_refactored(file, Random(seed)), Format.PROTOBUF)
        except SchemaInvalid:
            continue
        tried += 1
        for reader, writer in ((before, after), (after, before)):
            for candidate_reads in (True, False):
                findings = can_read(reader, writer, Policy(candidate_reads=candidate_reads))
                assert verdict_of(findings) is Verdict.COMPATIBLE, f"seed {seed}: {findings}"
    assert tried > 30


def test_a_schema_reads_every_form_of_itself() -> None:
    for seed in few(60):
        try:
            schema = _proto(World(seed).file())
        except SchemaInvalid:
            continue
        assert parse(serialized(schema), Format.PROTOBUF) == schema
        for form in (schema.identity, schema.canonical):
            again = parse(form, Format.PROTOBUF)
            assert again.canonical == schema.canonical
            for reader, writer in ((schema, again), (again, schema)):
                assert can_read(reader, writer, Policy(protobuf_level=ProtobufLevel.SOURCE)) == ()


def test_full_is_backward_and_forward_and_deterministic() -> None:
    for seed in few(40):
        versions = pair(seed)
        if versions is None:
            continue
        older, candidate = versions
        reports = {
            level: check(candidate, [(1, older)], level) for level in (Level.FULL, Level.BACKWARD, Level.FORWARD)
        }
        assert reports[Level.FULL].comparisons == (
            *reports[Level.BACKWARD].comparisons,
            *reports[Level.FORWARD].comparisons,
        )
        assert check(candidate, [(1, older)], Level.FULL) == reports[Level.FULL]


STRICTER = {  # what Buf refuses at its level WIRE and the library does not, and why
    "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED": "hygiene: the value is kept among the unknown fields",
    "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED": "hygiene, where the enum is open or the reader's has more",
    "FIELD_SAME_ONEOF": "a oneof that splits, or one field in a oneof of its own, loses nothing",
    "FIELD_SAME_DEFAULT": "no value changes that was written; reported as a change of meaning",
    "MESSAGE_SAME_REQUIRED_FIELDS": "a required field that the reader does not have is kept as unknown",
    "FIELD_WIRE_COMPATIBLE_CARDINALITY": "one value is a list of one, and presence is not a value",
    "FIELD_WIRE_COMPATIBLE_TYPE": "a string is bytes, and a message is its fields whatever its name",
    "FIELD_SAME_TYPE": "a message is its fields whatever its name",
}
LAXER = {  # what the library refuses with a payload and Buf's level WIRE accepts
    "PROTO_WIRE_NUMBER_TRUNCATED": "the language guide calls these types compatible although values are cut",
    "PROTO_WIRE_SIGN_REINTERPRETED": "likewise, although values change",
    "PROTO_WIRE_FIELD_RENUMBERED": "a deleted and an added field to Buf",
    "PROTO_WIRE_SYMBOL_RENUMBERED": "one symbol deleted and another added to Buf",
    "PROTO_WIRE_ENUM_NUMBER_UNKNOWN": "an enum that closes, or a whole number that becomes one",
    "PROTO_WIRE_REQUIRED_ADDED": "required by a feature of an edition",
    "PROTO_WIRE_REQUIRED_UNSET": "an implicit field that became required",
    "PROTO_WIRE_ZERO_READS_AS_DEFAULT": "across syntaxes",
    "PROTO_WIRE_EVENT_REMOVED": "messages may go at Buf's level WIRE",
    "PROTO_WIRE_LAST_ONE_WINS": "length-prefixed lists that become single",
    "PROTO_WIRE_FRAMING_CHANGED": "across syntaxes",
    "PROTO_WIRE_ONEOF_JOINED": "fields that were in no oneof",
}


def test_every_difference_from_buf_has_a_known_reason(tmp_path: Path) -> None:
    for seed in few(BUF_SEEDS):
        versions = pair(seed)
        if versions is None:
            continue
        reader, writer = versions
        findings = can_read(reader, writer)
        theirs = _buf(reader, writer, tmp_path)
        ours = {found.rule for found in findings if found.severity is Severity.BREAK}
        if theirs and not ours:
            assert theirs <= STRICTER.keys(), f"seed {seed}: {theirs}"
        if ours and not theirs:
            assert ours <= LAXER.keys(), f"seed {seed}: {ours}"


def _buf(reader: Schema, writer: Schema, folder: Path) -> set[str]:
    """Return the rules that Buf finds broken between two versions, the writer's being the older one."""
    images = []
    for name, schema in (("reader", reader), ("writer", writer)):
        images.append(folder / f"{name}.binpb")
        images[-1].write_bytes(descriptor_set(schema).SerializeToString())
    config = json.dumps({"version": "v2", "breaking": {"use": ["WIRE"]}})
    program = Path(sysconfig.get_path("scripts")) / "buf"
    command = [program, "breaking", images[0], "--against", images[1], "--config", config, "--error-format=json"]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)
    assert done.returncode in (0, 100), done.stderr
    return {json.loads(line)["type"] for line in done.stdout.splitlines()}


def _payloads(reader: Schema, writer: Schema) -> list[tuple[str, str]]:
    files = Files(Sides(compiled(reader).types, compiled(writer).types), candidate_reads=True)
    inhabited = compiled(writer).types.inhabited
    return [place.root for place in payloads(files) if inhabited(place.writer.full_name)]


def _refactored(file: FileIn, random: Random) -> str:
    """Rename everything but events, reorder everything that has no order, and write comments."""
    new = deepcopy(file)
    holders: dict[str, list[str]] = {message.name: [] for message in new.messages}
    for message in new.messages:
        for one in message.fields:
            kind = one.type if isinstance(one.type, str) else one.type[1]
            holders.get(kind, []).append(message.name)
    for one in new.extensions if new.syntax != "proto3" else ():
        holders.get(str(one.type), []).append(new.messages[0].name)
    renamed = [*parts_of(holders), *(enum.name for enum in new.enums)]
    names = {name: f"New{name}" for name in renamed}
    for message in new.messages:
        random.shuffle(message.fields)
        for one in message.fields:
            one.name, one.oneof = f"new_{one.name}", one.oneof and f"new_{one.oneof}"
            if isinstance(one.type, tuple):
                one.type = one.type[0], names.get(one.type[1], one.type[1])
            else:
                one.type = names.get(one.type, one.type)
    for declared in (*new.messages, *new.enums):
        declared.name = names.get(declared.name, declared.name)
    first, *rest = new.messages  # what is extended stays first
    new.messages = [first, *random.sample(rest, len(rest))]
    return "// refactored\n" + new.text().replace("\n", " /* here */\n")


def _proto(file: FileIn) -> Schema:
    return parse(file.text(), Format.PROTOBUF)
