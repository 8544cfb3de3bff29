"""Pairs of records: which written field fills which field of the reader, and which fields nothing fills.

A reader's field is looked up by its name, and then by its aliases. Fields that only the writer has are skipped,
whatever their type, and the order of fields does not matter.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from moorings_compat.avro.defaults import fits
from moorings_compat.avro.edits import give_default, write_field
from moorings_compat.avro.faults import Fault, NodePair, Trail, pair_of_definitions
from moorings_compat.avro.field_sources import field_sources
from moorings_compat.avro.model import Node, Record, Union
from moorings_compat.avro.schema_pair import SchemaPair
from moorings_compat.avro.type_labels import name_list
from moorings_compat.findings import Severity
from moorings_compat.rules import Rule
from moorings_compat.schema import Format

_SOURCE = "Avro 1.12, Schema Resolution, records"

FIELD_MISSING_DEFAULT = Rule(
    code="AVRO_FIELD_MISSING_DEFAULT",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="field that is not written and has no default",
    why="The writer has no such field and the reader's has no default, so there is no value to give it.",
    fix="Give a new field a default; keep writing a field that readers need.",
    source=_SOURCE,
    mirror="none: a field that only the writer has is skipped",
    example='writer: {"type":"record","name":"R","fields":[]}'
    '  reader: {"type":"record","name":"R","fields":[{"name":"n","type":"int"}]}',
)
FIELD_ALIAS_COLLISION = Rule(
    code="AVRO_FIELD_ALIAS_COLLISION",
    format=Format.AVRO,
    severity=Severity.BREAK,
    title="field alias that meets two fields",
    why="Two written fields lead to one of the reader's, or one leads to two. Decoders fail on it or disagree about "
    "which field gets the value.",
    fix="Use an alias for only one field, and never the name of a field that still exists.",
    source="Avro 1.12, Aliases: aliases are subject to the same uniqueness constraints as names",
    mirror="none: aliases of the writer do not count",
    example='writer: {"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}'
    '  reader: {"type":"record","name":"R","fields":[{"name":"b","aliases":["a"],"type":"int"}]}',
)
FIELD_ALIAS_RELIED_ON = Rule(
    code="AVRO_FIELD_ALIAS_RELIED_ON",
    format=Format.AVRO,
    severity=Severity.WARNING,
    title="field read by an alias",
    why="The specification lets a library ignore aliases, and Apache's Python library does: it then refuses the "
    "record, or fills in the default where the written value should be.",
    fix="Keep the old name where readers use such a library.",
    source="Avro 1.12, Aliases: an implementation may optionally use aliases",
    mirror="none: aliases of the writer do not count",
    example='writer: {"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}'
    '  reader: {"type":"record","name":"R","fields":[{"name":"b","aliases":["a"],"type":"int"}]}',
)
DEFAULT_OF_LATER_BRANCH = Rule(
    code="AVRO_DEFAULT_OF_LATER_BRANCH",
    format=Format.AVRO,
    severity=Severity.WARNING,
    title="default that fits a later branch of a union",
    why="Since 1.12 a default may fit any branch of a union; older libraries read it as the first branch, and fail.",
    fix="Put the branch of the default first where older libraries read.",
    source="Avro 1.12, Unions; Avro 1.11, Unions",
    mirror="none: defaults of the writer do not count",
    example='writer: {"type":"record","name":"R","fields":[]}  reader: '
    '{"type":"record","name":"R","fields":[{"name":"n","type":["int","null"],"default":null}]}',
)
RULES = (FIELD_MISSING_DEFAULT, FIELD_ALIAS_COLLISION, FIELD_ALIAS_RELIED_ON, DEFAULT_OF_LATER_BRANCH)


@dataclass(frozen=True, slots=True)
class RecordPair:
    """A record and the one that it reads: which written field, by its index, fills which field of the reader."""

    reader: Record
    writer: Record
    trail: Trail | None
    unfilled: tuple[int, ...]
    """The reader's fields that nothing fills."""
    differing: tuple[tuple[int, int], ...]
    """The reader's fields that are filled, and from what, unless the types are the same without a name in them."""
    sources: tuple[tuple[int, ...], ...] = ()
    """For a reader with aliases: the written fields that lead to each of its fields, by name first."""

    @classmethod
    def of(cls, reader: Record, writer: Record, trail: Trail | None) -> "RecordPair":
        sources = field_sources(reader, writer) if reader.has_field_aliases else ()
        filled = _filled_by_alias(reader, writer, sources) if sources else None
        places = writer.places
        unfilled, differing = [], []
        for index, field in enumerate(reader.fields):
            place = places.get(field.name) if filled is None else filled[index]
            if place is None:
                if not sources or not sources[index]:
                    unfilled.append(index)
            elif not same_type(field.type, writer.fields[place].type):
                differing.append((index, place))
        return cls(reader, writer, trail, tuple(unfilled), tuple(differing), sources)


def same_type(reader: Node, writer: Node) -> bool:
    """Tell whether two nodes are one type without names in it."""
    return reader is writer or (reader.plain and reader.shape == writer.shape)


def _filled_by_alias(reader: Record, writer: Record, sources: tuple[tuple[int, ...], ...]) -> list[int | None]:
    """Decide what fills each field of a reader with aliases; where aliases collide, only names count."""
    claims = Counter(source for found in sources for source in found)
    return [
        found[0]
        if found and (writer.fields[found[0]].name == field.name or (len(found) == 1 and claims[found[0]] == 1))
        else None
        for field, found in zip(reader.fields, sources, strict=True)
    ]


def record_faults(schemas: SchemaPair, pair: RecordPair) -> Iterator[Fault]:
    """Report fields that nothing fills, and aliases that go wrong."""
    nodes = pair_of_definitions(pair.reader, pair.writer, pair.trail)
    for index in pair.unfilled:
        yield from _unfilled(schemas, nodes, pair.reader, pair.writer, index)
    claims: dict[int, list[int]] = {}
    for index, found in enumerate(pair.sources):
        for source in found:
            claims.setdefault(source, []).append(index)
    for index, found in enumerate(pair.sources):
        if found and pair.reader.fields[index].aliases:
            yield from _aliased(nodes, pair, index, claims)


def _unfilled(schemas: SchemaPair, nodes: NodePair, reader: Record, writer: Record, index: int) -> Iterator[Fault]:
    field = reader.fields[index]
    at = f"{reader.at}/fields/{index}"
    if not field.has_default:
        yield Fault(
            rule=FIELD_MISSING_DEFAULT,
            nodes=nodes,
            reader_has=f"{field.name}: {schemas.reader_label(field.type)}, no default",
            writer_has=f"no {field.name}",
            message=f"field {field.name} has no default, and a written {writer.full} does not have it.",
            advice=f"Give {field.name} a default, or write it.",
            reader_path=at,
            writer_path=writer.at,
            reader_edit=partial(give_default, schemas, reader, index),
            writer_edit=partial(write_field, writer, field),
        )
    elif isinstance(field.type, Union) and not fits(schemas.reader, field.type.branches[0], field.default):
        yield Fault(
            rule=DEFAULT_OF_LATER_BRANCH,
            nodes=nodes,
            reader_has=f"{field.name}: {schemas.reader_label(field.type)}",
            writer_has=f"no {field.name}",
            message=f"the default of {field.name} does not fit the first branch of its union, as older libraries need.",
            advice=DEFAULT_OF_LATER_BRANCH.fix,
            reader_path=f"{at}/default",
            writer_path=writer.at,
        )


def _aliased(nodes: NodePair, pair: RecordPair, index: int, claims: Mapping[int, list[int]]) -> Iterator[Fault]:
    field, sources = pair.reader.fields[index], pair.sources[index]
    names = [pair.writer.fields[source].name for source in sources]
    rivals = [pair.reader.fields[one].name for source in sources for one in claims[source] if one != index]
    if len(names) > 1:
        rule, message = FIELD_ALIAS_COLLISION, f"{name_list(names)} are written, and all of them lead to {field.name}."
    elif rivals:
        rule, message = (
            FIELD_ALIAS_COLLISION,
            f"{names[0]} leads to two fields of the reader, {field.name} and {rivals[0]}.",
        )
    elif names[0] != field.name:
        rule, message = FIELD_ALIAS_RELIED_ON, f"{names[0]} is read as {field.name} by an alias."
    else:
        return
    yield Fault(
        rule=rule,
        nodes=nodes,
        reader_has=f"{field.name}, also called {name_list(field.aliases)}",
        writer_has=name_list(names),
        message=message,
        advice=rule.fix,
        reader_path=f"{pair.reader.at}/fields/{index}",
        writer_path=f"{pair.writer.at}/fields/{sources[-1]}",
    )
