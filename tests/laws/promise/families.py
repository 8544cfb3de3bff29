"""Schemas and conditions of which it is known by hand which revisions break each other.

Each format has the same family of one event. Its members bear the same names in every format, and the table `BREAKS`
says of each pair what is wrong, so that a history is judged by what everybody can see and not by the registry's word.
All of them are breaks, or none, wherever a policy has a choice: whether undeclared properties of JSON Schema count
makes no difference, and neither do names in Protobuf. The members of `WEIGHED` are those that a policy decides about.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from moorings_compat import (
    Format,
    Level,
    Policy,
    ProtobufLevel,
    Reference,
    ResolvedReference,
    Schema,
    Verdict,
    check,
    parse,
)

PLAIN = "plain"
DESCRIBED = "described"
NARROWER = "narrower"
WIDER = "wider"
OTHER = "other"
PRICED = "priced"
"""Refers to the schema of a price, which the other members hold themselves."""
WEIGHED = "weighed"
"""Differs from `PLAIN` in what a domain's policy counts or does not count: a JSON format, a name in Protobuf."""
REUSED = "reused"
"""Uses for something else what `DESCRIBED` has and `PLAIN` dropped: it breaks the one, and not what came between."""
TITLED = "titled"
"""Another one that gets on with `PLAIN` and with `DESCRIBED`."""
MEMBERS = (PLAIN, DESCRIBED, TITLED, NARROWER, WIDER, OTHER, PRICED, REUSED)

BREAKS: Mapping[tuple[str, str], str] = {
    **{(NARROWER, one): "demands what was not there, or takes less of it" for one in MEMBERS if one != NARROWER},
    **{(one, WIDER): "cannot hold what is written" for one in MEMBERS if one not in (WIDER, NARROWER)},
    **{(OTHER, one): "another type" for one in MEMBERS if one != OTHER},
    **{(one, OTHER): "another type" for one in MEMBERS if one != OTHER},
    (REUSED, DESCRIBED): "another type",
    (DESCRIBED, REUSED): "another type",
}
"""(reader, writer) to what is wrong, of those members that a format has, with the price that is a number."""


@dataclass(frozen=True, slots=True)
class Source:
    """A schema as it is sent, with the schemas that its references lead to."""

    format: Format
    text: str
    references: tuple[tuple[str, "Source"], ...] = ()
    """What the text calls each, and what that is."""


@dataclass(frozen=True, slots=True)
class Family:
    """The schemas of one format."""

    format: Format
    members: Mapping[str, str]
    prices: Mapping[str, str]
    """``number`` and ``word``: what `PRICED` refers to, the first equal to what the other members hold."""
    price_name: str
    """What `PRICED` calls the schema that it refers to."""

    @property
    def all(self) -> dict[str, str]:
        """Every text by its name."""
        return {**self.members, **{f"price in {name}s": text for name, text in self.prices.items()}}

    def source(self, member: str, price: str = "number") -> Source:
        """A member with all that it refers to."""
        references = ((self.price_name, self.price(price)),) if member == PRICED else ()
        return Source(self.format, self.members[member], references)

    def price(self, name: str) -> Source:
        return Source(self.format, self.prices[name])


@cache
def parsed(source: Source) -> Schema:
    """The schema that *source* is."""
    references = tuple(
        ResolvedReference(Reference(name, "price", 1), parsed(target)) for name, target in source.references
    )
    return parse(source.text, source.format, references)


@cache
def breaks(reader: Source, writer: Source, policy: Policy) -> bool:
    """Whether *writer* may write what *reader* refuses or misreads; what nobody could decide is not a break."""
    return check(parsed(reader), [(1, parsed(writer))], Level.BACKWARD, policy).verdict is Verdict.BREAKING


STRICTEST = Policy(formats_asserted=True, protobuf_level=ProtobufLevel.SOURCE)
GENTLEST = Policy(formats_asserted=False, protobuf_level=ProtobufLevel.WIRE)


def _avro() -> Family:
    def money(kind: str) -> dict[str, Any]:
        return {"type": "record", "name": "Price", "namespace": "shop", "fields": [{"name": "amount", "type": kind}]}

    def order(*more: Any, total: str = "int", price: Any = None) -> str:
        fields = [
            {"name": "id", "type": "string"},
            {"name": "total", "type": total},
            {"name": "price", "type": price or money("int")},
            *more,
        ]
        return json.dumps({"type": "record", "name": "OrderPlaced", "namespace": "shop", "fields": fields})

    members = {
        PLAIN: order(),
        DESCRIBED: order({"name": "note", "type": "string", "default": ""}),
        TITLED: order({"name": "title", "type": "string", "default": ""}),
        NARROWER: order({"name": "code", "type": "string"}),
        WIDER: order(total="long"),
        OTHER: order(total="string"),
        PRICED: order(price="shop.Price"),
        REUSED: order({"name": "note", "type": "int", "default": 0}),
    }
    prices = {"number": json.dumps(money("int")), "word": json.dumps(money("string"))}
    return Family(Format.AVRO, members, prices, "shop.Price")


def _json_schema() -> Family:
    def money(kind: str) -> dict[str, Any]:
        return {"type": "object", "properties": {"amount": {"type": kind}}, "required": ["amount"]}

    def order(**changed: Any) -> str:
        properties = {
            "id": {"type": "string"},
            "total": {"type": "integer"},
            "state": {"enum": ["new", "paid"]},
            "price": money("integer"),
            **changed,
        }
        return json.dumps({"type": "object", "properties": properties, "required": sorted(properties)})

    members = {
        PLAIN: order(),
        DESCRIBED: order(id={"type": "string", "description": "what support asks for"}),
        TITLED: order(id={"type": "string", "title": "number"}),
        NARROWER: order(code={"type": "string"}),
        WIDER: order(state={"enum": ["new", "paid", "sent"]}),
        OTHER: order(total={"type": "string"}),
        PRICED: order(price={"$ref": "price.json"}),
        WEIGHED: order(id={"type": "string", "format": "email"}),
    }
    prices = {"number": json.dumps(money("integer")), "word": json.dumps(money("string"))}
    return Family(Format.JSON, members, prices, "price.json")


def _protobuf() -> Family:
    def money(kind: str) -> str:
        return f"message Price {{\n  {kind} amount = 1;\n}}\n"

    head = 'syntax = "proto3";\npackage shop;\n'

    def order(*more: str, id: str = "id", total: str = "int32", size: str = "int32", own_price: bool = True) -> str:
        fields = [f"string {id} = 1;", f"{total} total = 2;", f"{size} size = 3;", "Price price = 4;", *more]
        lines = "".join(f"  {field}\n" for field in fields)
        place = money("int32") if own_price else 'import "price.proto";\n'
        return f"{head}{place}message OrderPlaced {{\n{lines}}}\n"

    members = {
        PLAIN: order(),
        DESCRIBED: order("string note = 5;"),
        TITLED: order("string title = 6;"),
        NARROWER: order(size="bool"),
        WIDER: order(size="int64"),
        OTHER: order(total="string"),
        PRICED: order(own_price=False),
        REUSED: order("int32 note = 5;"),
        WEIGHED: order(id="order_id"),
    }
    prices = {"number": head + money("int32"), "word": head + money("string")}
    return Family(Format.PROTOBUF, members, prices, "price.proto")


FAMILIES: Mapping[Format, Family] = {one.format: one for one in (_avro(), _json_schema(), _protobuf())}

TOTALS = (-1, 0, 1)
"""The totals that tell the conditions apart."""

CONDITIONS: Mapping[str, tuple[int, ...]] = {
    "message.total >= 0": (0, 1),
    "message.total > 0": (1,),
    "message.total >": (),
}
"""Expressions to those of `TOTALS` that they admit. The last one cannot be compiled, which refuses every event."""

MODES = ("WRITE", "READ", "WRITEREAD")


def condition(expr: str, mode: str = "WRITEREAD", **more: Any) -> dict[str, Any]:
    """A rule set of one condition."""
    return {"domainRules": [{"name": "total", "kind": "CONDITION", "type": "CEL", "mode": mode, "expr": expr, **more}]}


def admitted(rule_set: Mapping[str, Any] | None, *modes: str) -> frozenset[int]:
    """The totals that pass the conditions of *rule_set* that clients run in any of *modes*."""
    passing = frozenset(TOTALS)
    if (rule_set or {}).get("enableAt", "ALL") not in ("ALL", "CLIENT"):
        return passing
    for rule in (rule_set or {}).get("domainRules", ()):
        if rule["mode"] in modes and not rule.get("disabled") and rule.get("onFailure") != "NONE":
            passing &= frozenset(CONDITIONS[rule["expr"]])
    return passing
