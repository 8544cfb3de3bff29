"""Classes of all kinds between events and objects: the fast path never skips what a class does itself."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import Any, Generic, Literal, TypedDict, TypeVar

import pytest

from moorings.codecs.failures import Invalid
from moorings.typed.conversion import compile_converter
from moorings.typed.from_class import ClassInvalid

T = TypeVar("T")


class Kind(StrEnum):
    CARD = "CARD"


class Level(Enum):
    LOW = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Slotted:
    a: int
    b: list[Kind] = field(default_factory=list)


@dataclass
class Plain:
    a: int
    b: list[Kind] = field(default_factory=list)


@dataclass(slots=True)
class Checked:
    a: int
    b: list[Kind] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.a < 0:
            raise ValueError("a is 0 or more")


@dataclass(frozen=True, slots=True)
class Derived(Slotted):
    pass


@dataclass(slots=True, weakref_slot=True)
class Weak:
    a: int
    b: list[Kind] = field(default_factory=list)


@dataclass
class OwnInit:
    a: int
    b: list[Kind]

    def __init__(self, a: int, b: list[Kind]) -> None:
        self.a, self.b = a, [*b]


@pytest.mark.parametrize("kind", [Slotted, Plain, Checked, Derived, Weak, OwnInit])
def test_every_kind_of_dataclass_survives_a_round_trip(kind: Any) -> None:
    converter = compile_converter(kind, "AVRO")
    event = {"a": 1, "b": ["CARD"]}
    made = converter.into(event)
    assert made == kind(a=1, b=[Kind.CARD])
    assert made.__class__ is kind
    assert converter.out_of(made) == event
    if kind is not OwnInit:
        assert converter.into({"a": 1}) == kind(a=1)


def test_post_init_runs_for_objects_that_are_read() -> None:
    converter = compile_converter(Checked, "AVRO")
    with pytest.raises(ValueError, match="0 or more"):
        converter.into({"a": -1})


@dataclass(slots=True)
class Counted:
    a: int
    twice: int = field(init=False)

    def __post_init__(self) -> None:
        self.twice = 2 * self.a


def test_a_computed_field_is_written_and_not_read() -> None:
    converter = compile_converter(Counted, "AVRO")
    assert converter.out_of(Counted(2)) == {"a": 2, "twice": 4}
    assert converter.into({"a": 2, "twice": 5}) == Counted(2)


def test_every_object_gets_its_own_default() -> None:
    converter = compile_converter(Slotted, "AVRO")
    assert converter.into({"a": 1}).b is not converter.into({"a": 1}).b


@dataclass
class Odd:
    levels: dict[str, Level | None]
    when: datetime | str | list[int]
    kind: Kind | str
    either: Slotted | Plain | dict[str, int] | None = None
    literal: Literal["x", 1] | None = None


def test_a_union_chooses_by_the_type_of_the_value() -> None:
    converter = compile_converter(Odd, "PROTOBUF")
    now = datetime.now(UTC)
    event = {"levels": {"a": 1, "b": None}, "when": now, "kind": "CARD", "either": {"a": 1, "b": []}, "literal": 1}
    made = converter.into(event)
    assert made == Odd({"a": Level.LOW, "b": None}, now, Kind.CARD, Slotted(a=1), 1)
    assert isinstance(made.kind, Kind)
    assert converter.out_of(made) == event
    assert converter.into({**event, "kind": "other", "when": [1], "either": {"c": 5}}).either == {"c": 5}


def test_an_object_of_another_class_is_refused_without_showing_it() -> None:
    converter = compile_converter(Slotted, "AVRO")
    with pytest.raises(Invalid) as refused:
        converter.out_of({"a": "secret"})
    assert [one.expected for one in refused.value.violations] == ["an object of Slotted"]
    assert converter.out_of(Slotted(a=1, b=["GIFT"])) == {"a": 1, "b": ["GIFT"]}  # type: ignore[list-item]  # on purpose


class AsDict(TypedDict):
    a: int


def test_typed_dicts_are_not_converted() -> None:
    converter = compile_converter(AsDict, "AVRO")
    event = {"a": 1}
    assert converter.into(event) is event
    assert converter.out_of(event) is event


def test_pydantic_models_convert_themselves() -> None:
    pydantic = pytest.importorskip("pydantic")

    class Shipped(pydantic.BaseModel):  # type: ignore[misc,name-defined]  # imported where it is installed
        order_id: str = pydantic.Field(alias="orderId")
        at: datetime
        note: str | None = None

    event = {"orderId": "o-1", "at": "2026-01-01T00:00:00Z"}
    json, avro = compile_converter(Shipped, "JSON"), compile_converter(Shipped, "AVRO")
    assert json.out_of(json.into(event)) == event
    assert avro.out_of(json.into(event)) == {"orderId": "o-1", "at": datetime(2026, 1, 1, tzinfo=UTC), "note": None}
    with pytest.raises(Invalid):
        json.out_of(event)
    with pytest.raises(ValueError, match="orderId"):
        json.into({})


@dataclass
class Unresolved:
    a: "Nowhere"  # type: ignore[name-defined]  # noqa: F821 - on purpose


@dataclass
class Parametrised(Generic[T]):
    a: int


def test_an_unresolved_annotation_is_refused() -> None:
    with pytest.raises(ClassInvalid, match="annotation of Unresolved"):
        compile_converter(Unresolved, "AVRO")
    assert compile_converter(Parametrised, "AVRO").into({"a": 1}) == Parametrised(1)
