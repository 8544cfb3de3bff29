"""Classes generated from Avro: their text, and laws over random contracts."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from moorings.typed.conversion import compile_converter
from tests.client.typed.drawn_avro import contracts
from tests.client.typed.generated import (
    formatted_differently,
    imported,
    lint_findings,
    module_text,
    schema_of,
    through_bytes,
    typing_errors,
)

WIDTH = 88
LAW = settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


def record(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": "OrderPlaced", "namespace": "shop.orders", "fields": list(fields), **more}


def field(type: Any, name: str = "value", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, **more}


ENUM = {"type": "enum", "name": "Kind", "symbols": ["CARD", "title", "None"]}
MONEY = {"type": "record", "name": "Money", "fields": [field("long", "cents"), field("string", "currency")]}
TREE = {"type": "record", "name": "Tree", "fields": [field({"type": "array", "items": "Tree"}, "children")]}
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
FIELDS = [  # what the schema says, the line of the class
    (field("long"), "value: int"),
    (field("double", default=5), "value: float = 5.0"),
    (field(["null", "string"], default=None), "value: str | None = None"),
    (field(["null", "string"]), "value: str | None"),
    (field(["int", "null", "string"]), "value: int | str | None"),
    (field({"type": "array", "items": "string"}, default=[]), "value: list[str] = field(default_factory=list)"),
    (field({"type": "map", "values": ["null", "bytes"]}), "value: dict[str, bytes | None]"),
    (field({"type": "long", "logicalType": "timestamp-micros"}), "value: dt.datetime"),
    (field({"type": "int", "logicalType": "date"}, default=0), "value: dt.date = dt.date(1970, 1, 1)"),
    (field({"type": "string", "logicalType": "uuid"}), "value: UUID"),
    (field(["int", "long"]), "value: int"),
    (field({"type": "string", "logicalType": "uuid"}, default="not a UUID"), "value: UUID"),
    (field(DECIMAL, default="\x01\x00"), 'value: Decimal = Decimal("2.56")'),
    (field(ENUM, default="CARD"), "value: Kind = Kind.CARD"),
    (field(TREE), "value: Tree"),
    (field(MONEY), "value: Money"),
    (field("string", "class"), 'class_: str = field(metadata={"moorings": "class"})'),
]


@pytest.mark.parametrize(("written", "line"), FIELDS, ids=[line for _, line in FIELDS])
def test_an_avro_field_becomes_a_line(written: dict[str, Any], line: str) -> None:
    assert f"    {line}\n" in module_text(schema_of(record(written)))


def test_a_field_name_that_python_does_not_allow_is_mapped() -> None:
    text = module_text(
        schema_of(record(field(ENUM), field("long", "from"), field("long", "from_"), field("int", "dt")))
    )
    kept = imported(text)
    assert [one.value for one in kept.Kind] == ENUM["symbols"]
    assert {one.name for one in kept.Kind} == {"CARD", "title_", "None_"}
    converter = compile_converter(kept.OrderPlaced, "AVRO")
    event = {"value": "title", "from": 1, "from_": 2, "dt": 3}
    assert converter.out_of(converter.into(event)) == event


def test_every_object_gets_its_own_default_record() -> None:
    default = {"cents": 5, "currency": "EUR"}
    text = module_text(schema_of(record(field(MONEY, default=default), field("int", "n"))))
    kept = imported(text)
    assert kept.OrderPlaced(n=1).value == kept.Money(**default)
    assert kept.OrderPlaced(n=1).value is not kept.OrderPlaced(n=1).value


def test_objects_are_frozen_slotted_and_made_by_keyword() -> None:
    kept = imported(module_text(schema_of(record(field("int")))))
    made = kept.OrderPlaced(value=1)
    with pytest.raises(AttributeError):
        made.value = 2
    assert not hasattr(made, "__dict__")
    with pytest.raises(TypeError):
        kept.OrderPlaced(1)
    assert kept.OrderPlaced.__moorings_contract__.subject == "shop.orders.OrderPlaced"
    assert kept.OrderPlaced.__moorings_contract__.parsed() == schema_of(record(field("int")))


def test_branches_that_a_dict_does_not_distinguish_keep_their_class() -> None:
    euro, dollar = ({"type": "record", "name": name, "fields": [field("long", "cents")]} for name in ("Euro", "Dollar"))
    text = {"type": "record", "name": "Text", "fields": [field("string", "cents")]}
    schema = schema_of(record(field([euro, dollar, text])))
    kept = imported(module_text(schema))
    converter = compile_converter(kept.OrderPlaced, "AVRO")
    written = converter.out_of(kept.OrderPlaced(value=kept.Dollar(cents=1)))
    assert written == {"value": ("shop.orders.Dollar", {"cents": 1})}
    read = converter.into(through_bytes(schema, {"value": ("shop.orders.Text", {"cents": "1"})}))
    assert read == kept.OrderPlaced(value=kept.Text(cents="1"))


@given(contracts())
@LAW
def test_an_object_equals_itself_after_avro(drawn: tuple[Any, Any]) -> None:
    schema = schema_of(drawn[0])
    kept = imported(module_text(schema))
    converter = compile_converter(kept.OrderPlaced, "AVRO")
    made = converter.into(through_bytes(schema, drawn[1]))
    assert converter.into(through_bytes(schema, converter.out_of(made))) == made


@pytest.mark.parametrize(("style", "width"), [("dataclass", WIDTH), ("dataclass", 120), ("typeddict", WIDTH)])
def test_code_for_avro_is_formatted_and_passes_mypy(style: str, width: int, tmp_path: Path) -> None:
    pytest.importorskip("ruff")
    pytest.importorskip("mypy")

    @given(contracts())
    @settings(LAW, max_examples=40)
    def write(drawn: tuple[Any, Any]) -> None:
        text = module_text(schema_of(drawn[0]), style, width)
        assert text == module_text(schema_of(drawn[0]), style, width)
        (tmp_path / f"module_{len(list(tmp_path.iterdir()))}.py").write_text(text, "utf-8")

    write()
    assert formatted_differently(tmp_path, width) == ""
    assert lint_findings(tmp_path) == ""
    if width == WIDTH:  # types do not depend on it
        assert typing_errors(tmp_path, tmp_path.parent / "mypy_cache") == ""
