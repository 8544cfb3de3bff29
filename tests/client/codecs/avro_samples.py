"""Random Avro schemas, and events for them: each with the branches of its unions spelled out, for fastavro."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from moorings.codecs.avro import AvroReader, AvroWriter
from moorings_compat import Format, Schema, parse


def parsed(schema: Any) -> Schema:
    """Parse a schema that is given as its JSON value."""
    return parse(json.dumps(schema), Format.AVRO)


def avro_writer(schema: Any, prefix: bytes = b"") -> AvroWriter:
    return AvroWriter(parsed(schema), prefix)


def avro_reader(writer: Any, reader: Any, start: int = 0) -> AvroReader:
    return AvroReader(parsed(writer), parsed(reader), start)


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
INT = st.one_of(st.integers(-70, 70), st.integers(-(2**31), 2**31 - 1))
LONG = st.one_of(st.integers(-70, 70), st.integers(-20_000, 20_000), st.integers(-(2**63), 2**63 - 1))
MOMENTS = st.datetimes(datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2200-01-01"))


def _millis(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _decimal(unscaled: int) -> Decimal:
    return Decimal(unscaled).scaleb(-2)


LEAVES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    ("null", st.none()),
    ("boolean", st.booleans()),
    ("int", INT),
    ("long", LONG),
    ("float", st.floats(width=32, allow_nan=False)),
    ("double", st.floats(allow_nan=False)),
    ("bytes", st.binary(max_size=12)),
    ("string", TEXT),
    ({"type": "int", "logicalType": "date"}, st.dates(date(1, 1, 1))),
    ({"type": "int", "logicalType": "time-millis"}, st.times().map(lambda at: time(at.hour, at.minute, at.second))),
    ({"type": "long", "logicalType": "time-micros"}, st.times()),
    (
        {"type": "long", "logicalType": "timestamp-millis"},
        MOMENTS.map(lambda at: _millis(at).replace(tzinfo=UTC)),
    ),
    ({"type": "long", "logicalType": "timestamp-micros"}, MOMENTS.map(lambda at: at.replace(tzinfo=UTC))),
    ({"type": "long", "logicalType": "local-timestamp-millis"}, MOMENTS.map(_millis)),
    ({"type": "long", "logicalType": "local-timestamp-micros"}, MOMENTS),
    ({"type": "string", "logicalType": "uuid"}, st.uuids()),
    (
        {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
        st.integers(-(10**9) + 1, 10**9 - 1).map(_decimal),
    ),
]
"""Types without a name, each with its values."""
SAME_IN_PYTHON = {
    "float": "number",
    "double": "number",
    "int": "number",
    "long": "number",
    "record": "map",
    "enum": "string",
    "fixed": "bytes",
}
"""Types that share a union only where a value's Python type does not have to tell them apart."""


class Sample:
    """A schema under construction: named types get names of their own, and values are drawn for each type."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.names = 0
        self.defined: dict[str, Any] = {}

    def schema(self, depth: int) -> Any:
        kinds = (
            ["leaf", "enum", "fixed"] if depth == 0 else ["leaf", "enum", "fixed", "record", "array", "map", "union"]
        )
        kind = self.draw(st.sampled_from(kinds))
        if kind == "leaf":
            return self.draw(st.sampled_from([leaf for leaf, _ in LEAVES]))
        if kind == "array":
            return {"type": "array", "items": self.schema(depth - 1)}
        if kind == "map":
            return {"type": "map", "values": self.schema(depth - 1)}
        if kind == "union":
            return self.union(depth)
        if self.defined and self.draw(st.integers(0, 3)) == 0:
            return self.draw(st.sampled_from(sorted(self.defined)))
        return self.named(kind, depth)

    def union(self, depth: int) -> Any:
        """Draw branches that a value's Python type tells apart."""
        branches: list[Any] = []
        taken: set[str] = set()
        for _ in range(self.draw(st.integers(1, 4))):
            before = dict(self.defined)
            branch = self.schema(depth - 1)
            kind = self.kind_of(branch)
            if kind in taken or kind == "union":
                self.defined = before
            else:
                branches.append(branch)
                taken.add(kind)
        return branches or ["null"]

    def kind_of(self, schema: Any) -> str:
        if isinstance(schema, list):
            return "union"
        if isinstance(schema, str) and schema in self.defined:
            schema = self.defined[schema]
        kind = schema if isinstance(schema, str) else schema["type"]
        return SAME_IN_PYTHON.get(kind, kind)

    def named(self, kind: str, depth: int) -> Any:
        self.names += 1
        name = f"example.N{self.names}"
        schema: dict[str, Any] = {"type": kind, "name": name}
        if kind == "enum":
            schema["symbols"] = ["A", "B", "C"][: self.draw(st.integers(1, 3))]
        elif kind == "fixed":
            schema["size"] = self.draw(st.integers(0, 9))
        else:
            count = self.draw(st.integers(0, 4))
            schema["fields"] = [{"name": f"f{place}", "type": self.schema(depth - 1)} for place in range(count)]
        self.defined[name] = schema
        return schema

    def value(self, schema: Any) -> tuple[Any, Any]:
        """Draw an event of *schema*; and the same with the branch of each union named."""
        if isinstance(schema, str) and schema in self.defined:
            schema = self.defined[schema]
        if isinstance(schema, list):
            branch = self.draw(st.sampled_from(schema))
            plain, spelled = self.value(branch)
            return plain, (branch_name(branch), spelled)
        for leaf, values in LEAVES:
            if leaf == schema:
                plain = self.draw(values)
                return plain, plain
        return self.composite(schema)

    def composite(self, schema: Any) -> tuple[Any, Any]:
        kind = schema["type"]
        if kind == "enum":
            symbol = self.draw(st.sampled_from(schema["symbols"]))
            return symbol, symbol
        if kind == "fixed":
            data = self.draw(st.binary(min_size=schema["size"], max_size=schema["size"]))
            return data, data
        if kind == "record":
            fields = {field["name"]: self.value(field["type"]) for field in schema["fields"]}
            return {k: v[0] for k, v in fields.items()}, {k: v[1] for k, v in fields.items()}
        if kind == "array":
            items = [self.value(schema["items"]) for _ in range(self.draw(st.integers(0, 3)))]
            return [one[0] for one in items], [one[1] for one in items]
        entries = {key: self.value(schema["values"]) for key in self.draw(st.lists(TEXT, max_size=3))}
        return {k: v[0] for k, v in entries.items()}, {k: v[1] for k, v in entries.items()}


def branch_name(branch: Any) -> str:
    if isinstance(branch, str):
        return branch
    return str(branch.get("name", branch["type"]))


@st.composite
def samples(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    """Draw a schema, an event of it, and the event with its branches spelled out."""
    sample = Sample(draw)
    schema = sample.schema(3)
    return schema, *sample.value(schema)
