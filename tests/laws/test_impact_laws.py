"""Laws of impacts, over random schemas, random edits, and consumers of random fields, in every format.

What is called unaffected reads the same of every generated event, whichever of the two schemas it was written with; and
what is called broken comes with a payload that shows it.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator
from copy import deepcopy
from random import Random
from typing import Any

import pytest

from moorings_compat import Format, JsonFields, Policy, Schema, SchemaError, SchemaInvalid, parse
from moorings_compat.avro.codec import ENCODING_FAILS, ENGINE, decode, encode, is_value_of
from moorings_compat.avro.model import model_of as avro_model_of
from moorings_compat.avro.resolved import fastavro_form
from moorings_compat.avro.smallest_values import smallest_values_of
from moorings_compat.fields import Path, field_paths, field_tree, find, project
from moorings_compat.impact import Change, Evidence, EvidenceKind, FieldUse, ImpactStatus, Reads, Use
from moorings_compat.json_schema.model import validator
from moorings_compat.json_schema.projection import projection
from moorings_compat.protobuf import message_class, message_of_event
from tests.compat.protobuf.worlds import World, fill
from tests.laws import test_json_schema_laws as any_json
from tests.laws.avro_worlds import FIELD_NAMES, Editor, SchemaMaker, ValueMaker
from tests.laws.fuzzing import SECONDS, seeds, tell
from tests.laws.json_schema_values import guided
from tests.laws.test_json_declared_laws import evolved

EVENT = "Law"
EVENTS = 12
POLICY = Policy(json_fields=JsonFields.DECLARED)
MISSING = "missing"
"""In place of a field that an event does not have."""
SHOWN_BY_CODEC = (EvidenceKind.CANNOT_READ, EvidenceKind.CANNOT_REPLAY)


def reads_of(rng: Random, schema: Schema) -> Reads | None:
    """A consumer of some fields; None where there are none."""
    known = field_paths(schema, EVENT)
    if not known:
        return None
    chosen = rng.sample(known, min(len(known), rng.randint(1, 3)))
    return Reads(tuple(FieldUse(path, rng.choice(list(Use))) for path in chosen))


def values_at(value: Any, path: Path, fields: Collection[str] = ()) -> Any:
    """What reading *path* returns: a value, or a list for what is in a collection; *fields* are not keys of maps."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if step == "*" and isinstance(value, list):
        return [values_at(one, rest, fields) for one in value]
    if step == "*" and isinstance(value, dict):
        found = {name: values_at(one, rest, fields) for name, one in value.items() if name not in fields}
        return {name: one for name, one in found.items() if one != MISSING}
    if isinstance(value, dict) and step in value:
        return values_at(value[step], rest, fields)
    return MISSING


class AvroLaw:
    name = "Avro"
    fields = FIELD_NAMES
    seeds = 600

    def pair(self, rng: Random) -> tuple[Schema, Schema] | None:
        made = SchemaMaker(rng).schema()
        edited = Editor(rng).edited(deepcopy(made), rng.randrange(1, 3))
        try:
            return parse(json.dumps(made), Format.AVRO), parse(json.dumps(edited), Format.AVRO)
        except SchemaError:
            return None

    def events(self, rng: Random, writer: Schema) -> Iterator[bytes]:
        model = avro_model_of(writer)
        if not smallest_values_of(model).exists(model.root):
            return
        maker = ValueMaker(model, rng)
        for _ in range(EVENTS):
            try:
                yield encode(fastavro_form(model, logical_types=False), maker.value())
            except ENCODING_FAILS:
                continue

    def read(self, data: bytes, writer: Schema, reader: Schema) -> Any:
        forms = (fastavro_form(avro_model_of(one), logical_types=False) for one in (writer, reader))
        found = decode(data, *forms)
        return found.error or found.value

    def payload(self, evidence: Evidence) -> bytes:
        return bytes.fromhex(evidence.encoded)

    def is_laxer(self, evidence: Evidence, read: Any, reader: Schema) -> bool:
        """Whether fastavro reads what the specification refuses, or what other decoders read as something else."""
        form = fastavro_form(avro_model_of(reader), logical_types=False)
        return evidence.engine != ENGINE or not is_value_of(form, read)


class JsonLaw:
    name = "JSON Schema"
    fields = ()
    seeds = 400

    def pair(self, rng: Random) -> tuple[Schema, Schema] | None:
        _, one, other = evolved(rng) if rng.random() < 0.7 else any_json.pair(rng)
        old, new = any_json.read(one), any_json.read(other)
        return None if old is None or new is None else (old, new)

    def events(self, rng: Random, writer: Schema) -> Iterator[Any]:
        content, leave_out = json.loads(writer.text), projection(writer)
        for _ in range(EVENTS):
            value = json.loads(json.dumps(guided(rng, content, content), default=float))
            if leave_out is not None:
                leave_out(value)
            if validator(writer).is_valid(value):
                yield value

    def read(self, data: Any, writer: Schema, reader: Schema) -> Any:
        value, leave_out = deepcopy(data), projection(reader)
        if leave_out is not None:
            leave_out(value)
        return value if validator(reader).is_valid(value) else "refused"

    def payload(self, evidence: Evidence) -> Any:
        return json.loads(evidence.payload)

    def is_laxer(self, evidence: Evidence, read: Any, reader: Schema) -> bool:
        return False


class ProtobufLaw:
    name = "Protobuf"
    fields = ()
    seeds = 60

    def pair(self, rng: Random) -> tuple[Schema, Schema] | None:
        world = World(rng.randrange(10**9))
        file = world.file()
        try:
            old = parse(file.text(), Format.PROTOBUF)
            return old, parse(world.edited(file).text(), Format.PROTOBUF)
        except SchemaInvalid:
            return None

    def events(self, rng: Random, writer: Schema) -> Iterator[bytes]:
        for _ in range(EVENTS):
            message = message_class(writer, message_of_event(writer, EVENT))()
            if fill(message, rng):
                yield message.SerializeToString()

    def read(self, data: bytes, writer: Schema, reader: Schema) -> Any:
        try:
            message = message_class(reader, message_of_event(reader, EVENT)).FromString(data)
        except Exception as error:  # noqa: BLE001 - the runtime's own
            return f"refused: {type(error).__name__}"
        return plain(message) if message.IsInitialized() else "refused: a required field is missing"

    def payload(self, evidence: Evidence) -> bytes:
        return bytes.fromhex(evidence.encoded)

    def is_laxer(self, evidence: Evidence, read: Any, reader: Schema) -> bool:
        """Whether another field or symbol of the reader has the written number, and happens to look the same."""
        return evidence.rule in ("PROTO_WIRE_FIELD_RENUMBERED", "PROTO_WIRE_SYMBOL_RENUMBERED")


def plain(message: Any) -> dict[str, Any]:
    """A message as our client gives it: fields without presence filled in, others only where they are set."""
    found: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            of = field.message_type.fields_by_name["value"]
            below = of.message_type
            found[field.name] = {str(key): plain(value[key]) if below else shown(value[key], of) for key in value}
        elif field.is_repeated:
            found[field.name] = [plain(one) if field.message_type else shown(one, field) for one in value]
        elif not field.has_presence or message.HasField(field.name):
            found[field.name] = plain(value) if field.message_type else shown(value, field)
    return found


def shown(value: Any, field: Any) -> Any:
    if field.enum_type is not None and value in field.enum_type.values_by_number:
        return field.enum_type.values_by_number[value].name
    return repr(value) if isinstance(value, float) else value


LAWS = (AvroLaw(), JsonLaw(), ProtobufLaw())


@pytest.mark.timeout(SECONDS + 400)
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_impacts_hold(law: Any) -> None:
    counted: Counter[str] = Counter()
    for seed in seeds(law.seeds):
        rng = Random(seed)
        pair = law.pair(rng)
        reads = reads_of(rng, pair[0]) if pair else None
        if pair is None or reads is None:
            counted["nothing to read"] += 1
            continue
        impact = Change(*pair, event=EVENT, policy=POLICY).impact(reads)
        counted[str(impact.status)] += 1
        said = f"seed {seed}\nold {pair[0].text}\nnew {pair[1].text}\n{reads}\n{impact}"
        if impact.status is ImpactStatus.UNAFFECTED:
            counted["events"] += nothing_changes(law, rng, pair, reads, said)
        if impact.status is ImpactStatus.BROKEN:
            counted["shown by the codec"] += breaks(law, pair, reads, impact.evidence, said)
    tell(f"Impact, {law.name}", {"pairs": counted.total(), "unsound": 0, **counted})
    print(dict(counted))
    assert counted["unaffected"]
    assert counted["events"] > 20
    assert counted["broken"]
    assert counted["shown by the codec"]


def told(value: Any) -> str:
    return json.dumps(value, default=repr, sort_keys=True)


def nothing_changes(law: Any, rng: Random, pair: tuple[Schema, Schema], reads: Reads, said: str) -> int:
    """Both schemas read the same at every path that is read, of events written with either; count the events."""
    count = 0
    for writer in pair:
        for data in law.events(rng, writer):
            count += 1
            by_old, by_new = (law.read(data, writer, reader) for reader in pair)
            for path in reads.paths:
                found = [values_at(one, path, law.fields) for one in (by_old, by_new)]
                assert found[0] == found[1], f"{said}\n{data!r}: {by_old} {by_new}"
            assert not isinstance(by_old, str) or by_old == by_new, said
    return count


def differs(old: Schema, new: Schema, path: Path) -> bool:
    return project(old, [path], EVENT).canonical != project(new, [path], EVENT).canonical


def breaks(law: Any, pair: tuple[Schema, Schema], reads: Reads, evidence: tuple[Evidence, ...], said: str) -> int:
    """Every payload shows what it is said to show; count those that the codec shows."""
    old, new = pair
    shows = [one for one in evidence if one.payload]
    assert shows, said
    count = 0
    for one in shows:
        path = next((use.path for use in reads.fields if one.path == "/" + "/".join(use.path)), None)
        if one.kind is EvidenceKind.FIELD_REMOVED:
            event = field_tree(new, EVENT)
            assert path is None or find(event, path) is None, said
            json.loads(one.payload)
        elif one.kind is EvidenceKind.SYMBOL_ADDED:
            assert path is not None, said
            assert not set(find(field_tree(new, EVENT), path).symbols) <= set(
                find(field_tree(old, EVENT), path).symbols
            )
        elif one.kind in SHOWN_BY_CODEC:
            count += 1
            writer, reader = (new, old) if one.kind is EvidenceKind.CANNOT_READ else (old, new)
            changed = [path for path in reads.paths if differs(old, new, path)]
            of_writer, of_reader = (project(schema, changed, EVENT) for schema in (writer, reader))
            data = law.payload(one)
            written, read = law.read(data, of_writer, of_writer), law.read(data, of_writer, of_reader)
            assert told(written) != told(read) or law.is_laxer(one, read, of_reader), f"{said}\n{one}\n{written} {read}"
    return count
